import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql'
import type { PaymentPointer } from '../../entities'
import type { PaymentPointerStatus } from '../../services/payment-pointers/payment-pointer-service'
import { connectionType } from '../shared/pagination'
import { IDEMPOTENCY_KEY } from './descriptions'
import { Model, MutationResponse } from './interfaces'

export const PaymentPointerStatusEnum: Readonly<Record<PaymentPointerStatus, PaymentPointerStatus>> = {
  ACTIVE: 'ACTIVE',
  INACTIVE: 'INACTIVE'
}
registerEnumType(PaymentPointerStatusEnum, {
  name: 'PaymentPointerStatus',
  description: 'Whether a payment pointer takes part in new payments.',
  valuesConfig: {
    ACTIVE: { description: 'The payment pointer sends and receives.' },
    INACTIVE: { description: 'The payment pointer takes part in no new payments; those under way go on.' }
  }
})

@ObjectType('PaymentPointer', { implements: Model, description: 'An account of a customer, reachable at a URL.' })
export class PaymentPointerNode extends Model {
  @Field(() => String, { nullable: true, description: 'Name shown to whoever looks the payment pointer up.' })
  publicName!: string | null

  @Field(() => String, { description: 'URL of the payment pointer, in its normal form.' })
  url!: string

  /** Not shown. */
  assetId!: string

  /** Shown as the status. */
  deactivatedAt!: Date | null
}

export function paymentPointerNode(pointer: PaymentPointer): PaymentPointerNode {
  const { id, url, publicName, assetId, deactivatedAt, createdAt } = pointer
  return { id, url, publicName, assetId, deactivatedAt, createdAt: createdAt.toISOString() }
}

@InputType('CreatePaymentPointerInput', { description: 'A new payment pointer.' })
export class CreatePaymentPointerInput {
  @Field(() => String, { description: "Identifier of the asset of the payment pointer's payments; never changes." })
  assetId!: string

  @Field(() => String, {
    description:
      'An https URL with a path, without query and fragment, used by no other payment pointer. The case of the host and slashes at the end do not count.'
  })
  url!: string

  @Field(() => String, { nullable: true, description: 'Name shown to whoever looks the payment pointer up.' })
  publicName?: string | null

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
}

@InputType('UpdatePaymentPointerInput', { description: 'Changes to a payment pointer. What is absent stays as it is.' })
export class UpdatePaymentPointerInput {
  @Field(() => ID, { description: 'Identifier of the payment pointer to be changed.' })
  id!: string

  @Field(() => String, { nullable: true, description: 'New public name; null removes it. Absent: it stays.' })
  publicName?: string | null

  @Field(() => PaymentPointerStatusEnum, { nullable: true, description: 'New status; absent: it stays.' })
  status?: PaymentPointerStatus | null

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
}

@ObjectType('CreatePaymentPointerMutationResponse', {
  implements: MutationResponse,
  description: 'What `createPaymentPointer` answers.'
})
export class CreatePaymentPointerMutationResponse extends MutationResponse {
  @Field(() => PaymentPointerNode, { nullable: true, description: 'The new payment pointer; null on failure.' })
  paymentPointer!: PaymentPointerNode | null
}

@ObjectType('UpdatePaymentPointerMutationResponse', {
  implements: MutationResponse,
  description: 'What `updatePaymentPointer` answers.'
})
export class UpdatePaymentPointerMutationResponse extends MutationResponse {
  @Field(() => PaymentPointerNode, {
    nullable: true,
    description: 'The payment pointer as it is now; null on failure.'
  })
  paymentPointer!: PaymentPointerNode | null
}

export const PaymentPointersConnection = connectionType(PaymentPointerNode, {
  connection: 'PaymentPointersConnection',
  edge: 'PaymentPointerEdge',
  what: 'payment pointers'
})
