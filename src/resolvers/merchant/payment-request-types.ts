import { Field, ID, ObjectType } from 'type-graphql'
import type { RampPayment, RampRequest } from '../../entities'
import { globalId } from '../../services/ramp/global-ids'
import type { HostedLinks } from '../../services/ramp/hosted/hosted-links'
import { formatDecimal, LOCAL_SCALE, RATE_SCALE, USD_SCALE } from '../../services/ramp/money'
import { Decimal, ISO8601DateTime, JSON as JsonScalar } from '../ramp/scalars'
import { P2PPaymentTypeType } from '../ramp/types'
import { MerchantPaymentRequestStatus, P2PPaymentCurrency } from './enums'
import { Node } from './node'

@ObjectType('MerchantP2PPayment', { description: 'An order as it was assigned to an agent, as the merchant sees it.' })
export class MerchantP2PPayment {
  @Field(() => ID, { description: 'Global id of the assignment.' })
  id!: string

  @Field(() => String, {
    description: 'How far the agent has come: `pending`, `accepted`, `paid`, `completed` or `canceled`.'
  })
  status!: string

  @Field(() => Decimal, { description: 'Local currency that the customer pays or gets for a USD; locked.' })
  exchangeRate!: string

  @Field(() => Decimal, { description: 'What the customer pays or gets, in local currency.' })
  amount!: string

  @Field(() => Decimal, { description: 'What the order is worth in USD, before the fee.' })
  amountUsd!: string

  @Field(() => Decimal, { description: 'What the order costs the merchant, in USD.' })
  fee!: string
}

@ObjectType('MerchantPaymentRequest', { implements: Node, description: 'An order, as its merchant sees it.' })
export class MerchantPaymentRequest extends Node {
  @Field(() => P2PPaymentTypeType, { description: 'Which way the order goes.' })
  paymentType!: P2PPaymentTypeType

  @Field(() => String, {
    nullable: true,
    description: 'URL of the page for the customer; null where the order was placed without one.'
  })
  hostedLink!: string | null

  @Field(() => Decimal, {
    description: 'Amount of the order as it was asked for, in USD or local currency as `currency` says.'
  })
  amount!: string

  @Field(() => P2PPaymentCurrency, { description: 'Whether `amount` is in USD or in local currency.' })
  currency!: P2PPaymentCurrency

  @Field(() => String, { description: "The merchant's own name of the order, or one that was made for it." })
  reference!: string

  @Field(() => JsonScalar, {
    nullable: true,
    description: 'What the merchant noted on the order, as it was sent; null if nothing.'
  })
  metadata!: unknown

  @Field(() => MerchantPaymentRequestStatus, { description: 'How far the order is.' })
  status!: MerchantPaymentRequestStatus

  @Field(() => String, {
    nullable: true,
    description: 'URL to which the page sends the customer in the end; null if there is none.'
  })
  redirectUrl!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Address of the wallet that a deposit is delivered to; null where the balance is credited.'
  })
  onchainAddress!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'What a deposit is delivered in, such as `USDC`; null where the balance is credited.'
  })
  onchainCryptocurrency!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Network that a deposit is delivered on; null where the balance is credited.'
  })
  onchainNetwork!: string | null

  @Field(() => Decimal, {
    nullable: true,
    description:
      'What the network costs for a deposit that is delivered on chain, in USD; null where the balance is credited.'
  })
  onchainFee!: string | null

  @Field(() => Decimal, {
    nullable: true,
    description: 'What the order costs the merchant, in USD; null until an agent has it.'
  })
  rampProcessingFee!: string | null

  @Field(() => ISO8601DateTime, { description: 'When the order was placed.' })
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
