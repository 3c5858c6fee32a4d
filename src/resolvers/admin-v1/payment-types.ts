/** What payments and quotes have in common. */
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql'
import type { Answer } from '../../services/answer'
import type { RequestContext } from '../../services/context'
import { metadataOf, notesOf } from '../../services/payments/notes'
import { isStorable } from '../../services/text'
import { UInt64 } from '../shared/scalars'
import { Model } from './interfaces'
import { respond, type Operation } from './mutation'

const DESCRIPTION = 'What the creator of the payment wrote on it for people.'
const EXTERNAL_REFERENCE = "The creator's own name for the payment, such as the number of an invoice."

@ObjectType('Amount', { description: 'An amount of an asset.' })
export class Amount {
  @Field(() => UInt64, { description: "How much, in the asset's smallest unit, such as cents of `USD`." })
  value!: bigint

  @Field(() => String, { description: 'Code of the asset that the amount is in, such as `USD`.' })
  assetCode!: string

  @Field(() => Int, {
    description: "How many decimal places the asset's smallest unit has, 0 to 255: 2 for cents of `USD`."
  })
  assetScale!: number
}

/** An amount in an asset, or in whatever else has a code and a scale. */
export function amountOf(value: bigint, unit: { readonly code: string; readonly scale: number }): Amount {
  return { value, assetCode: unit.code, assetScale: unit.scale }
}

@InputType('AmountInput', { description: 'An amount of an asset.' })
export class AmountInput {
  @Field(() => UInt64, { description: "How much, in the asset's smallest unit, such as cents of `USD`." })
  value!: bigint

  @Field(() => String, { description: 'Code of the asset that the amount is in, such as `USD`.' })
  assetCode!: string

  @Field(() => Int, {
    description: "How many decimal places the asset's smallest unit has, 0 to 255: 2 for cents of `USD`."
  })
  assetScale!: number
}

/** Not a type of the schema itself. */
@ObjectType({ implements: Model })
export abstract class PaymentNode extends Model {
  @Field(() => ID, { description: 'Identifier of the payment pointer that sends or receives.' })
  paymentPointerId!: string

  @Field(() => String, { nullable: true, description: DESCRIPTION })
  description!: string | null

  @Field(() => String, { nullable: true, description: EXTERNAL_REFERENCE })
  externalRef!: string | null
}

/** The members that every payment has. */
export function paymentNode(payment: {
  readonly id: string
  readonly paymentPointerId: string
  readonly metadata: Record<string, unknown> | null
  readonly createdAt: Date
}): PaymentNode {
  const { id, paymentPointerId, metadata, createdAt } = payment
  return { id, paymentPointerId, ...notesOf(metadata), createdAt: createdAt.toISOString() }
}

/** Not a type of the schema itself. */
@InputType()
export abstract class PaymentInput {
  @Field(() => String, { nullable: true, description: `${DESCRIPTION} At most 255 characters.` })
  description?: string | null

  @Field(() => String, { nullable: true, description: `${EXTERNAL_REFERENCE} At most 255 characters.` })
  externalRef?: string | null
}

/** The input with its texts as metadata. @throws Error for a text that is too long, which nobody expects */
export function withMetadata<Input extends PaymentInput>({
  description,
  externalRef,
  ...rest
}: Input): Omit<Input, keyof PaymentInput> & { metadata?: Record<string, unknown> } {
  for (const text of [description, externalRef]) {
    if (text != null && !isStorable(text)) throw new Error('a text on a payment cannot be stored')
  }
  return { ...rest, metadata: metadataOf({ description, externalRef }) }
}

/** Not a type of the schema itself. */
@ObjectType()
export abstract class PaymentResponse {
  @Field(() => String, {
    description: 'Outcome in the manner of an HTTP status: `200` on success, `4xx` or `5xx` otherwise.'
  })
  code!: string

  @Field(() => Boolean, { description: 'Whether the mutation was done.' })
  success!: boolean

  @Field(() => String, { nullable: true, description: 'Outcome for people; null on success.' })
  message!: string | null
}

/** As `respond`, with the message of a success left out. */
export async function respondQuietly<Value, Failure extends string, Payload>(
  context: RequestContext,
  operation: Operation<Failure>,
  payloadOf: (value: Value | undefined) => Payload,
  work: () => Promise<Answer<Value, Failure>>
): Promise<PaymentResponse & Payload> {
  const response = await respond(context, operation, '', payloadOf, work)
  return { ...response, message: response.success ? null : response.message }
}
