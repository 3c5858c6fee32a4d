import { Field, InputType, Int, ObjectType } from 'type-graphql'
import type { PaymentPointer } from '../../entities'
import { AssetInput } from './asset-types'
import { Model, MutationResponse } from './interfaces'

@ObjectType('PaymentPointer', { implements: Model, description: 'An account of a customer, reachable at a URL.' })
export class PaymentPointerNode extends Model {
  @Field(() => String, { nullable: true, description: 'Name shown to whoever looks the payment pointer up.' })
  publicName!: string | null

  @Field(() => String, { description: 'URL of the payment pointer, in its normal form.' })
  url!: string

  /** Not shown. */
  assetId!: string
}

export function paymentPointerNode(pointer: PaymentPointer): PaymentPointerNode {
  const { id, url, publicName, assetId, createdAt } = pointer
  return { id, url, publicName, assetId, createdAt: createdAt.toISOString() }
}

@InputType('CreatePaymentPointerInput', { description: 'A new payment pointer.' })
export class CreatePaymentPointerInput {
  @Field(() => AssetInput, {
    description: "The asset of the payment pointer's payments; never changes. Created if there is none."
  })
  asset!: AssetInput

  @Field(() => String, {
    description:
      'An https URL with a path, without query and fragment, used by no other payment pointer. The case of the host and slashes at the end do not count.'
  })
  url!: string

  @Field(() => String, { nullable: true, description: 'Name shown to whoever looks the payment pointer up.' })
  publicName?: string | null
}

@ObjectType('CreatePaymentPointerMutationResponse', {
  implements: MutationResponse,
  description: 'What `createPaymentPointer` answers.'
})
export class CreatePaymentPointerMutationResponse extends MutationResponse {
  @Field(() => PaymentPointerNode, { nullable: true, description: 'The new payment pointer; null on failure.' })
  paymentPointer!: PaymentPointerNode | null
}

@ObjectType('TriggerPaymentPointerEventsMutationResponse', {
  implements: MutationResponse,
  description: 'What `triggerPaymentPointerEvents` answers.'
})
export class TriggerPaymentPointerEventsMutationResponse extends MutationResponse {
  @Field(() => Int, {
    nullable: true,
    description: 'How many payment pointers were processed, those with nothing new among them; null on failure.'
  })
  count!: number | null
}
