import { Field, Float, ID, InputType, ObjectType } from 'type-graphql'
import type { Quote } from '../../entities'
import { estimatesOf, rateOf } from '../../services/payments/quotes/quote-rates'
import { toNumber } from '../../services/rates/ratio'
import { connectionType } from '../shared/pagination'
import { UInt64 } from '../shared/scalars'
import { IDEMPOTENCY_KEY } from './descriptions'
import { PaymentResponse } from './payment-response'
import { Amount, AmountInput, amountOf } from './payment-types'

@ObjectType('Quote', { description: 'What a payment would cost and deliver, promised for a while.' })
export class QuoteNode {
  @Field(() => ID, { description: 'Unique identifier, a UUID; a payment made of the quote has it too.' })
  id!: string

  @Field(() => ID, { description: 'Identifier of the payment pointer that would send.' })
  paymentPointerId!: string

  @Field(() => String, { description: 'URL of the incoming payment or connection that would be paid.' })
  receiver!: string

  @Field(() => Amount, { description: "All that the payment costs, fees among it, in the payment pointer's asset." })
  sendAmount!: Amount

  @Field(() => Amount, {
    nullable: true,
    description: 'The fees in the send amount: they are not sent, and are withdrawn once the payment has completed.'
  })
  fee!: Amount | null

  @Field(() => Amount, { description: "What arrives, in the receiver's asset." })
  receiveAmount!: Amount

  @Field(() => UInt64, {
    description:
      'Largest packet that gets to the receiver, in the smallest unit of the sending asset; 9223372036854775807 where there is no limit.'
  })
  maxPacketAmount!: bigint

  @Field(() => Float, {
    description: "What one smallest unit sent delivers at least, in the receiver's smallest unit. Rounded."
  })
  minExchangeRate!: number

  @Field(() => Float, {
    description:
      "What one smallest unit sent delivers, in the receiver's smallest unit, lowest estimate from probing the path. Rounded."
  })
  lowEstimatedExchangeRate!: number

  @Field(() => Float, {
    description:
      "What one smallest unit sent delivers, in the receiver's smallest unit, highest estimate from probing the path. Rounded."
  })
  highEstimatedExchangeRate!: number

  @Field(() => String, { description: 'Date and time of creation, ISO 8601 in UTC with milliseconds.' })
  createdAt!: string

  @Field(() => String, {
    description: 'From this time on no payment is made of the quote or funded. ISO 8601 in UTC with milliseconds.'
  })
  expiresAt!: string
}

export function quoteNode(quote: Quote): QuoteNode {
  const { low, high, maxPacketAmount } = estimatesOf(quote)
  return {
    id: quote.id,
    paymentPointerId: quote.paymentPointerId,
    receiver: quote.receiver,
    sendAmount: sendAmountOf(quote, quote.sendAmount),
    fee: sendAmountOf(quote, quote.sendAmount - quote.principal),
    receiveAmount: receiveAmountOf(quote),
    maxPacketAmount,
    minExchangeRate: toNumber(rateOf(quote)),
    lowEstimatedExchangeRate: toNumber(low),
    highEstimatedExchangeRate: toNumber(high),
    createdAt: quote.createdAt.toISOString(),
    expiresAt: quote.expiresAt.toISOString()
  }
}

/** An amount in the unit that is sent. */
export function sendAmountOf({ sendAssetCode: code, sendAssetScale: scale }: Quote, value: bigint): Amount {
  return amountOf(value, { code, scale })
}

export function receiveAmountOf({ receiveAmount, receiveAssetCode: code, receiveAssetScale: scale }: Quote): Amount {
  return amountOf(receiveAmount, { code, scale })
}

@InputType('CreateQuoteInput', {
  description: 'A wish to pay. At most one of `sendAmount` and `receiveAmount` is given.'
})
export class CreateQuoteInput {
  @Field(() => String, { description: 'Identifier of the payment pointer that would send.' })
  paymentPointerId!: string

  @Field(() => AmountInput, {
    nullable: true,
    description: "All that the payment may cost, in the payment pointer's asset. Not together with `receiveAmount`."
  })
  sendAmount?: AmountInput | null

  @Field(() => AmountInput, {
    nullable: true,
    description:
      "What is to arrive, in the receiver's asset. Not together with `sendAmount`; without either: what the receiver still asks for."
  })
  receiveAmount?: AmountInput | null

  @Field(() => String, { description: 'URL of the incoming payment or connection that would be paid.' })
  receiver!: string

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
}

@ObjectType('QuoteResponse', { description: 'What `createQuote` answers.' })
export class QuoteResponse extends PaymentResponse {
  @Field(() => QuoteNode, { nullable: true, description: 'The new quote; null on failure.' })
  quote!: QuoteNode | null
}

export const QuoteConnection = connectionType(QuoteNode, {
  connection: 'QuoteConnection',
  edge: 'QuoteEdge',
  what: 'quotes'
})
