import { Field, ID, ObjectType } from 'type-graphql'
import type { RampPayment, RampRequest } from '../../entities'
import { globalId } from '../../services/ramp/global-ids'
import type { HostedLinks } from '../../services/ramp/hosted/hosted-links'
import { formatDecimal, LOCAL_SCALE, RATE_SCALE, USD_SCALE } from '../../services/ramp/money'
import { Decimal, ISO8601DateTime, JSON as JsonScalar } from '../ramp/scalars'
import { P2PPaymentTypeType } from '../ramp/types'
import { MerchantPaymentRequestStatus, P2PPaymentCurrency } from './enums'
import { Node } from './node'

@ObjectType('MerchantP2PPayment', { description: 'What an agent was assigned of an order.' })
export class MerchantP2PPayment {
  @Field(() => ID, { description: 'Global id.' })
  id!: string

  @Field(() => String, { description: '`pending`, `accepted`, `paid`, `completed` or `canceled`.' })
  status!: string

  @Field(() => Decimal, { description: 'Local currency for a USD, locked.' })
  exchangeRate!: string

  @Field(() => Decimal, { description: 'In local currency.' })
  amount!: string

  @Field(() => Decimal, { description: 'In USD, before the fee.' })
  amountUsd!: string

  @Field(() => Decimal, { description: 'What the order costs the merchant, in USD.' })
  fee!: string
}

@ObjectType('MerchantPaymentRequest', { implements: Node, description: 'An order, as its merchant sees it.' })
export class MerchantPaymentRequest extends Node {
  @Field(() => P2PPaymentTypeType, { description: 'Which way it goes.' })
  paymentType!: P2PPaymentTypeType

  @Field(() => String, {
    nullable: true,
    description: 'Page for the customer; null where the order was placed without one.'
  })
  hostedLink!: string | null

  @Field(() => Decimal, { description: 'As it was asked for, in `currency`.' })
  amount!: string

  @Field(() => P2PPaymentCurrency, { description: 'What `amount` is stated in.' })
  currency!: P2PPaymentCurrency

  @Field(() => String, { description: "The merchant's own name of the order, or one that was made for it." })
  reference!: string

  @Field(() => JsonScalar, { nullable: true, description: 'What the merchant noted, as it was sent.' })
  metadata!: unknown

  @Field(() => MerchantPaymentRequestStatus, { description: 'How far it is.' })
  status!: MerchantPaymentRequestStatus

  @Field(() => String, { nullable: true, description: 'Where the page sends the customer in the end.' })
  redirectUrl!: string | null

  @Field(() => String, { nullable: true, description: 'Wallet that the deposit is delivered to.' })
  onchainAddress!: string | null

  @Field(() => String, { nullable: true, description: 'What is delivered there.' })
  onchainCryptocurrency!: string | null

  @Field(() => String, { nullable: true, description: 'On which network.' })
  onchainNetwork!: string | null

  @Field(() => Decimal, { nullable: true, description: 'What the network costs, in USD.' })
  onchainFee!: string | null

  @Field(() => Decimal, {
    nullable: true,
    description: 'What the order costs the merchant, in USD; null until an agent has it.'
  })
  rampProcessingFee!: string | null

  @Field(() => ISO8601DateTime, { description: 'When it was placed.' })
  createdAt!: Date

  /** Where the rest is looked up. */
  requestId!: string
  customerId!: string
  paymentId!: string | null
}

export function requestNode(request: RampRequest, links: HostedLinks): MerchantPaymentRequest {
  const { id, paymentType, amount, currency, reference, metadata, status, redirectUrl, createdAt, customerId } = request
  const { onchainAddress, onchainCryptocurrency, onchainNetwork, onchainFee, fee, paymentId } = request
  return Object.assign(new MerchantPaymentRequest(), {
    id: globalId('Types::Cashramp::API::MerchantPaymentRequest', id),
    paymentType,
    hostedLink: links.of(request),
    amount: formatDecimal(amount, currency === 'usd' ? USD_SCALE : LOCAL_SCALE),
    currency,
    reference,
    metadata,
    status,
    redirectUrl,
    onchainAddress,
    onchainCryptocurrency,
    onchainNetwork,
    onchainFee: usdOrNull(onchainFee),
    rampProcessingFee: usdOrNull(fee),
    createdAt,
    requestId: id,
    customerId,
    paymentId
  })
}

export function merchantPaymentNode(payment: RampPayment): MerchantP2PPayment {
  const { id, status, exchangeRate, amountLocal, amountUsd, fee } = payment
  return {
    id: globalId('P2PPayment', id),
    status,
    exchangeRate: formatDecimal(exchangeRate, RATE_SCALE),
    amount: formatDecimal(amountLocal, LOCAL_SCALE),
    amountUsd: formatDecimal(amountUsd, USD_SCALE),
    fee: formatDecimal(fee, USD_SCALE)
  }
}

function usdOrNull(amount: bigint | null): string | null {
  return amount === null ? null : formatDecimal(amount, USD_SCALE)
}
