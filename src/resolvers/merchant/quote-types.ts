import { Field, ID, InputType, ObjectType } from 'type-graphql'
import type { RampPayment, RampQuote as RampQuoteRow } from '../../entities'
import { globalId } from '../../services/ramp/global-ids'
import { formatDecimal, LOCAL_SCALE, RATE_SCALE, USD_SCALE } from '../../services/ramp/money'
import type { PlacedOrder } from '../../services/ramp/orders/inputs'
import { Decimal, ISO8601DateTime } from '../ramp/scalars'
import { PaymentTypeType } from './enums'

@ObjectType('RampQuote', { description: 'A rate for an order that is promised for a while. It reserves nothing.' })
export class RampQuote {
  @Field(() => ID, { description: 'Global id of the quote; the same after a refresh.' })
  id!: string

  @Field(() => Decimal, { description: 'Local currency that the customer pays or gets for a USD.' })
  exchangeRate!: string

  @Field(() => PaymentTypeType, { description: 'Which way the order goes.' })
  paymentType!: PaymentTypeType

  @Field(() => ISO8601DateTime, { description: 'From this moment on the quote has to be refreshed before it is used.' })
  expiresAt!: Date
}

@InputType('OnchainTransferInfo', { description: 'A wallet that a deposit is delivered to.' })
export class OnchainTransferInfo {
  @Field(() => String, { description: 'Address of the wallet, in the form of its network.' })
  address!: string

  @Field(() => String, {
    description: 'What the deposit is delivered in: `usd_coin`, `usd_tether`, or a symbol such as `USDC`.'
  })
  cryptocurrency!: string

  @Field(() => String, {
    description: 'Network of the wallet, such as `celo`, `polygon` or `base`; upper and lower case are the same.'
  })
  network!: string
}

@ObjectType('DirectRamp', { description: 'An order that was placed without a page of the service.' })
export class DirectRamp {
  @Field(() => ID, { description: 'Global id of the order.' })
  id!: string

  @Field(() => String, {
    description:
      'How far the order is: `pending` (a deposit: the customer is to pay), `accepted` (a withdrawal: an agent is to pay), `paid`, `completed` or `canceled`.'
  })
  status!: string

  @Field(() => String, { description: 'Name of the agent who has the order.' })
  agent!: string

  @Field(() => String, {
    description: 'Where the fiat goes: the account of the agent for a deposit, of the customer for a withdrawal.'
  })
  paymentDetails!: string

  @Field(() => Decimal, { description: 'Local currency that the customer pays or gets for a USD; locked.' })
  exchangeRate!: string

  @Field(() => Decimal, { description: 'What the customer pays or gets, in local currency.' })
  amountLocal!: string

  @Field(() => Decimal, { description: 'What the order is worth in USD, before the fee.' })
  amountUsd!: string

  @Field(() => ISO8601DateTime, {
    nullable: true,
    description:
      'Until when the customer is to pay a deposit; null for a withdrawal, and once the deposit is paid or void.'
  })
  expiresAt!: Date | null
}

export function quoteNode({ id, exchangeRate, paymentType, expiresAt }: RampQuoteRow): RampQuote {
  return {
    id: globalId('Types::Cashramp::API::RampQuote', id),
    exchangeRate: formatDecimal(exchangeRate, RATE_SCALE),
    paymentType,
    expiresAt
  }
}

export function directNode({ request, payment, agent, paymentDetails }: PlacedOrder): DirectRamp {
  const isPayable = payment.paymentType === 'deposit' && payment.status === 'pending'
  return {
    id: globalId('Types::Cashramp::API::MerchantPaymentRequest', request.id),
    status: directStatus(payment),
    agent,
    paymentDetails,
    exchangeRate: formatDecimal(payment.exchangeRate, RATE_SCALE),
    amountLocal: formatDecimal(payment.amountLocal, LOCAL_SCALE),
    amountUsd: formatDecimal(payment.amountUsd, USD_SCALE),
    expiresAt: isPayable ? payment.expiresAt : null
  }
}

/** To a merchant, a withdrawal is accepted as soon as it is placed. */
function directStatus({ paymentType, status }: RampPayment): string {
  return paymentType === 'withdrawal' && status === 'pending' ? 'accepted' : status
}
