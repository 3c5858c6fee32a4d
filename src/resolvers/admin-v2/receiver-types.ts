import { Field, InputType, ObjectType } from 'type-graphql'
import type { Receiver } from '../../services/payments/receivers/receiver'
import { JSONObject } from '../shared/scalars'
import { IDEMPOTENCY_KEY } from './descriptions'
import { PaymentResponse } from './payment-response'
import { Amount, AmountInput, amountOf } from './payment-types'

@ObjectType('Receiver', {
  description: 'Something that can be paid: an incoming payment, on this instance or elsewhere.'
})
export class ReceiverNode {
  @Field(() => String, { description: 'URL of the incoming payment; `createQuote` takes it as the receiver.' })
  id!: string

  @Field(() => String, { description: 'URL of the payment pointer that receives.' })
  paymentPointerUrl!: string

  @Field(() => Boolean, {
    description: 'Whether the incoming payment got all that it asked for, or was ended by its receiver.'
  })
  completed!: boolean

  @Field(() => Amount, {
    nullable: true,
    description: 'What the incoming payment expects to receive; null: any amount is welcome.'
  })
  incomingAmount!: Amount | null

  @Field(() => Amount, { description: 'What the incoming payment received so far.' })
  receivedAmount!: Amount

  @Field(() => String, {
    nullable: true,
    description: 'From this time on nothing is received, ISO 8601 in UTC; null: there is no such time.'
  })
  expiresAt!: string | null

  @Field(() => JSONObject, {
    nullable: true,
    description: 'What the creator of the incoming payment wrote on it; null if nothing.'
  })
  metadata!: Record<string, unknown> | null

  @Field(() => String, { description: 'Date and time of creation, ISO 8601 in UTC with milliseconds.' })
  createdAt!: string

  @Field(() => String, { description: 'Date and time of the last change, ISO 8601 in UTC with milliseconds.' })
  updatedAt!: string
}

export function receiverNode(receiver: Receiver): ReceiverNode {
  const { url: id, paymentPointerUrl, completed, incomingAmount, metadata } = receiver
  const unit = { code: receiver.assetCode, scale: receiver.assetScale }
  return {
    id,
    paymentPointerUrl,
    completed,
    incomingAmount: incomingAmount === null ? null : amountOf(incomingAmount, unit),
    receivedAmount: amountOf(receiver.receivedAmount, unit),
    expiresAt: receiver.expiresAt?.toISOString() ?? null,
    metadata,
    createdAt: receiver.createdAt.toISOString(),
    updatedAt: receiver.updatedAt.toISOString()
  }
}

@InputType('CreateReceiverInput', {
  description: 'A new receiver: an incoming payment at a payment pointer known by its URL.'
})
export class CreateReceiverInput {
  @Field(() => String, { description: 'URL of the payment pointer that expects the money.' })
  paymentPointerUrl!: string

  @Field(() => AmountInput, {
    nullable: true,
    description: "What the incoming payment expects, in the payment pointer's asset. Absent: any amount is welcome."
  })
  incomingAmount?: AmountInput | null

  @Field(() => String, {
    nullable: true,
    description:
      'When the incoming payment expires, ISO 8601; UTC where no offset is given. Absent or empty: as late as is allowed.'
  })
  expiresAt?: string | null

  @Field(() => JSONObject, { nullable: true, description: 'Kept with the incoming payment.' })
  metadata?: Record<string, unknown> | null

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
}

@ObjectType('CreateReceiverResponse', { description: 'What `createReceiver` answers.' })
export class CreateReceiverResponse extends PaymentResponse {
  @Field(() => ReceiverNode, { nullable: true, description: 'The new receiver; null on failure.' })
  receiver!: ReceiverNode | null
}
