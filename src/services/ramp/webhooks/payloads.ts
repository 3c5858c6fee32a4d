/** What merchants and agents are told of an order. Amounts and rates are decimals as text. */
import type { RampPaymentStatus } from '../../../entities/ramp/payment'
import type { RampPayment, RampRequest } from '../../../entities'
import { globalId } from '../global-ids'
import { formatDecimal, LOCAL_SCALE, RATE_SCALE, USD_SCALE } from '../money'
import { receivingMethod, type Assignment, type OrderCustomer } from '../orders/order'

/** What a merchant is told about; without a payment no agent was ever assigned. */
export interface MerchantPayment {
  readonly request: RampRequest
  readonly customer: OrderCustomer
  readonly payment: RampPayment | null
  /** The customer's page; null where there is none. */
  readonly link: string | null
  /** On chain, once it is known. */
  readonly transactionHash?: string | null
}

const usd = (amount: bigint): string => formatDecimal(amount, USD_SCALE)
const local = (amount: bigint): string => formatDecimal(amount, LOCAL_SCALE)
const rate = (value: bigint): string => formatDecimal(value, RATE_SCALE)
const instant = (date: Date | null): string | null => date && date.toISOString()

export function merchantPaymentData(told: MerchantPayment): Record<string, unknown> {
  const { request, customer, payment, link, transactionHash } = told
  return {
    id: globalId('Types::Cashramp::API::MerchantPaymentRequest', request.id),
    reference: request.reference,
    status: request.status,
    customer: {
      id: globalId('MerchantCustomer', customer.id),
      email: customer.email,
      country: customer.countryCode,
      currency: customer.currencyCode
    },
    p2p_payment: payment && {
      id: globalId('P2PPayment', payment.id),
      exchange_rate: rate(payment.exchangeRate),
      amount: local(payment.amountLocal),
      amount_usd: usd(payment.amountUsd),
      fee: usd(payment.fee)
    },
    created_at: request.createdAt.toISOString(),
    payment_link: link,
    metadata: request.metadata ?? {},
    payment_type: request.paymentType,
    onchain_address: request.onchainAddress,
    onchain_cryptocurrency: request.onchainCryptocurrency,
    onchain_txhash: transactionHash ?? null
  }
}

/** `previousStatus` is null for what was just assigned. */
export function agentPaymentData(
  assignment: Assignment,
  previousStatus: RampPaymentStatus | null
): Record<string, unknown> {
  const { payment, customer, place, rail } = assignment
  const method = receivingMethod(assignment)
  return {
    id: globalId('P2PPayment', payment.id),
    order_id: payment.orderId,
    status: payment.status,
    previous_status: previousStatus,
    payment_type: payment.paymentType,
    exchange_rate: rate(payment.exchangeRate),
    exchange_rate_minus_surcharge: rate(payment.agentRate),
    amount: local(payment.amountLocal),
    amount_usd: usd(payment.amountUsd),
    agent_amount_usd: usd(payment.agentAmountUsd),
    currency: payment.currency,
    country: place.countryCode,
    agent_cut_of_fees: usd(payment.agentCutOfFees),
    fx_spread_revenue: usd(payment.fxSpreadRevenue),
    source: payment.source,
    instant: payment.instant,
    customer: {
      name: customer.name,
      phone_number: payment.payerPhoneNumber,
      bank_account_number: payment.payerBankAccountNumber
    },
    payment_method: {
      id: globalId('P2PPaymentMethod', method.id),
      type: rail.identifier,
      value: method.value,
      fields: method.fields.map(({ identifier, value }) => ({ identifier, value }))
    },
    receipt: payment.receipt,
    cancel_reason: payment.cancelReason,
    created_at: payment.createdAt.toISOString(),
    expires_at: instant(payment.expiresAt),
    reassign_after: instant(payment.reassignAfter)
  }
}
