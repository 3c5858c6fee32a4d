import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { OutgoingPaymentState } from '../../entities/outgoing-payment'
import type { QuotedPayment } from '../../services/payments/outgoing/outgoing-payment-service'
import { connectionType } from '../shared/pagination'
import { JSONObject } from '../shared/scalars'
import { IDEMPOTENCY_KEY } from './descriptions'
import { Model } from './interfaces'
import { PaymentResponse } from './payment-response'
import { Amount, BasePayment } from './payment-types'
import { quoteNode, QuoteNode, sendAmountOf } from './quote-types'

export const OutgoingPaymentStateEnum: Readonly<Record<OutgoingPaymentState, OutgoingPaymentState>> = {
  FUNDING: 'FUNDING',
  SENDING: 'SENDING',
  COMPLETED: 'COMPLETED',
  FAILED: 'FAILED'
}
registerEnumType(OutgoingPaymentStateEnum, {
  name: 'OutgoingPaymentState',
  description: 'How far an outgoing payment is.',
  valuesConfig: {
    FUNDING: { description: 'The payment waits for `depositEventLiquidity` of its `outgoing_payment.created` event.' },
    SENDING: { description: 'The payment is funded, and is being sent or will be tried again.' },
    COMPLETED: { description: 'All that the receiver takes was delivered. Final.' },
    FAILED: { description: 'The payment could not be delivered; what was not sent can be withdrawn. Final.' }
  }
})

@ObjectType('OutgoingPayment', {
  implements: [BasePayment, Model],
  description: 'Money sent by a payment pointer.'
})
export class OutgoingPaymentNode implements BasePayment {
  id!: string
  paymentPointerId!: string
  metadata!: Record<string, unknown> | null
  createdAt!: string

  @Field(() => OutgoingPaymentStateEnum, { description: 'How far the payment is.' })
  state!: OutgoingPaymentState

  @Field(() => String, {
    nullable: true,
    description: 'Name of the error with which the payment failed; null unless it did.'
  })
  error!: string | null

  @Field(() => Int, { description: 'How often the payment was tried in vain in its present state.' })
  stateAttempts!: number

  @Field(() => String, { description: 'URL of the incoming payment or connection that is paid.' })
  receiver!: string

  @Field(() => Amount, { description: 'All that the payment may cost, fees among it: what it is funded with.' })
  sendAmount!: Amount

  @Field(() => Amount, { description: "What is to arrive, in the receiver's asset." })
  receiveAmount!: Amount

  @Field(() => Amount, {
    description: 'What the deliveries of the payment have cost so far. Withdrawals do not count.'
  })
  sentAmount!: Amount

  @Field(() => QuoteNode, { nullable: true, description: 'The quote that the payment was made of.' })
  quote!: QuoteNode | null
}

export function outgoingPaymentNode({ payment, quote }: QuotedPayment): OutgoingPaymentNode {
  const { id, paymentPointerId, metadata, state, error, stateAttempts, sentAmount, createdAt } = payment
  const shownQuote = quoteNode(quote)
  const { receiver, sendAmount, receiveAmount } = shownQuote
  return {
    id,
    paymentPointerId,
    metadata,
    state,
    error,
    stateAttempts,
    receiver,
    sendAmount,
    receiveAmount,
    sentAmount: sendAmountOf(quote, sentAmount),
    quote: shownQuote,
    createdAt: createdAt.toISOString()
  }
}

@InputType('CreateOutgoingPaymentInput', { description: 'A new outgoing payment.' })
export class CreateOutgoingPaymentInput {
  @Field(() => String, { description: 'Identifier of the payment pointer that sends.' })
  paymentPointerId!: string

  @Field(() => String, {
    description: 'Identifier of a quote of the same payment pointer that is not used and has not expired.'
  })
  quoteId!: string

  @Field(() => JSONObject, { nullable: true, description: 'Kept with the payment and told with every event of it.' })
  metadata?: Record<string, unknown> | null

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
}

@ObjectType('OutgoingPaymentResponse', { description: 'What `createOutgoingPayment` answers.' })
export class OutgoingPaymentResponse extends PaymentResponse {
  @Field(() => OutgoingPaymentNode, { nullable: true, description: 'The new payment; null on failure.' })
  payment!: OutgoingPaymentNode | null
}

export const OutgoingPaymentConnection = connectionType(OutgoingPaymentNode, {
  connection: 'OutgoingPaymentConnection',
  edge: 'OutgoingPaymentEdge',
  what: 'outgoing payments'
})
