import type { RampPayment } from '../../entities'
import { globalId } from '../../services/ramp/global-ids'
import { formatDecimal, LOCAL_SCALE, RATE_SCALE, USD_SCALE } from '../../services/ramp/money'
import type { P2PPayment } from './order-types'

/** An assignment as its agent sees it at a moment. */
export function paymentNode(payment: RampPayment, now: Date): P2PPayment {
  const usd = (amount: bigint): string => formatDecimal(amount, USD_SCALE)
  const { id, orderId, status, paymentType, source, instant, currency, receipt, cancelReason } = payment
  return {
    id: globalId('P2PPayment', id),
    orderId,
    status,
    paymentType,
    exchangeRate: formatDecimal(payment.exchangeRate, RATE_SCALE),
    exchangeRateMinusSurcharge: formatDecimal(payment.agentRate, RATE_SCALE),
    source,
    instant,
    createdAt: payment.createdAt,
    expiresAt: payment.expiresAt,
    expiresAtSecs: secondsUntil(payment.expiresAt, now),
    reassignAfter: payment.reassignAfter,
    reassignAfterSecs: secondsUntil(payment.reassignAfter, now),
    agentCutOfFees: usd(payment.agentCutOfFees),
    fxSpreadRevenue: usd(payment.fxSpreadRevenue),
    amountUsd: usd(payment.amountUsd),
    amountLocal: formatDecimal(payment.amountLocal, LOCAL_SCALE),
    agentAmountUsd: usd(payment.agentAmountUsd),
    currency,
    payerPhoneNumber: payment.payerPhoneNumber,
    payerBankAccountNumber: payment.payerBankAccountNumber,
    receipt,
    acceptedAt: payment.acceptedAt,
    paidAt: payment.paidAt,
    completedAt: payment.completedAt,
    canceledAt: payment.canceledAt,
    cancelReason,
    paymentId: id,
    requestId: payment.requestId,
    customerId: payment.customerId,
    customerPaymentMethodId: payment.customerPaymentMethodId,
    agentPaymentMethodId: payment.agentPaymentMethodId
  }
}

const SECOND_MILLISECONDS = 1_000

/** Whole seconds left, 0 when it is past. */
function secondsUntil(moment: Date | null, now: Date): number | null {
  if (moment === null) return null
  return Math.max(0, Math.floor((moment.getTime() - now.getTime()) / SECOND_MILLISECONDS))
}
