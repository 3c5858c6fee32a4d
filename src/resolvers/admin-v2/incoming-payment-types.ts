import { Field, InputType, ObjectType, registerEnumType } from 'type-graphql'
import type { IncomingPayment } from '../../entities'
import type { IncomingPaymentState } from '../../entities/incoming-payment'
import { connectionType } from '../shared/pagination'
import { JSONObject } from '../shared/scalars'
import { IDEMPOTENCY_KEY } from './descriptions'
import { Model } from './interfaces'
import { PaymentResponse } from './payment-response'
import { AmountInput, BasePayment } from './payment-types'

export const IncomingPaymentStateEnum: Readonly<Record<IncomingPaymentState, IncomingPaymentState>> = {
  PENDING: 'PENDING',
  PROCESSING: 'PROCESSING',
  COMPLETED: 'COMPLETED',
  EXPIRED: 'EXPIRED'
}
registerEnumType(IncomingPaymentStateEnum, {
  name: 'IncomingPaymentState',
  description: 'How far an incoming payment is.',
  valuesConfig: {
    PENDING: { description: 'The payment received nothing yet.' },
    PROCESSING: { description: 'The payment received something, and more may come.' },
    COMPLETED: { description: 'The payment received all that it expected, or its receiver wants no more. Final.' },
    EXPIRED: { description: 'The time of the payment ran out after it received something. Final.' }
  }
})

@ObjectType('IncomingPayment', {
  implements: [BasePayment, Model],
  description: 'Money expected by a payment pointer.'
})
export class IncomingPaymentNode implements BasePayment {
  id!: string
  paymentPointerId!: string
  metadata!: Record<string, unknown> | null
  createdAt!: string

  @Field(() => IncomingPaymentStateEnum, { description: 'How far the payment is.' })
  state!: IncomingPaymentState

  @Field(() => String, { description: 'From this time on nothing is received. ISO 8601 in UTC with milliseconds.' })
  expiresAt!: string

  /** Shown as an amount. */
  incomingValue!: bigint | null

  /** Shown as an amount. */
  receivedValue!: bigint

  /** Shown as the unit of the amounts. */
  assetId!: string
}

export function incomingPaymentNode(payment: IncomingPayment): IncomingPaymentNode {
  const { id, paymentPointerId, metadata, state, assetId, createdAt, expiresAt } = payment
  return {
    id,
    paymentPointerId,
    metadata,
    state,
    assetId,
    incomingValue: payment.incomingAmount,
    receivedValue: payment.receivedAmount,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString()
  }
}

@InputType('CreateIncomingPaymentInput', { description: 'A new incoming payment.' })
export class CreateIncomingPaymentInput {
  @Field(() => String, { description: 'Identifier of the payment pointer that expects the money.' })
  paymentPointerId!: string

  @Field(() => AmountInput, {
    nullable: true,
    description: "What the payment expects, in the payment pointer's asset. Absent: any amount is welcome."
  })
  incomingAmount?: AmountInput | null

  @Field(() => String, {
    nullable: true,
    description:
      'When the payment expires, ISO 8601; UTC where no offset is given. Absent or empty: as late as is allowed.'
  })
  expiresAt?: string | null

  @Field(() => JSONObject, { nullable: true, description: 'Kept with the payment and told with every event of it.' })
  metadata?: Record<string, unknown> | null

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
}

@ObjectType('IncomingPaymentResponse', { description: 'What `createIncomingPayment` answers.' })
export class IncomingPaymentResponse extends PaymentResponse {
  @Field(() => IncomingPaymentNode, { nullable: true, description: 'The new payment; null on failure.' })
  payment!: IncomingPaymentNode | null
}

export const IncomingPaymentConnection = connectionType(IncomingPaymentNode, {
  connection: 'IncomingPaymentConnection',
  edge: 'IncomingPaymentEdge',
  what: 'incoming payments'
})
