/** How far a payment has come, and what is left of it. */
import type { OutgoingPayment, Quote } from '../../../entities'
import { smaller } from '../../extremes'
import { ceilingOf, divideUp } from '../../rates/ratio'
import type { Receiver } from '../methods/payment-method'
import { rateOf } from '../quotes/quote-rates'

/**
 * What has arrived at least of a payment that has cost `sent` in all. Of what was sent since the payment was
 * stored, by an attempt that could not tell, no less has arrived than the quote demands of each part; the part
 * that ends an attempt may lose one unit to rounding, and nobody knows whether it was among them.
 */
export function deliveredOf(
  payment: Pick<OutgoingPayment, 'sentAmount' | 'deliveredAmount'>,
  quote: Pick<Quote, 'rateNumerator' | 'rateDenominator'>,
  sent: bigint
): bigint {
  const since = sent - payment.sentAmount
  if (since <= 0n) return payment.deliveredAmount
  const { numerator, denominator } = rateOf(quote)
  return payment.deliveredAmount + ceilingOf((since - 1n) * numerator, denominator)
}

/** What is still to arrive, as far as the receiver takes it, and what that may cost. */
export function leftOf(
  payment: OutgoingPayment,
  quote: Quote,
  { remaining }: Receiver
): { receiveAmount: bigint; principal: bigint } {
  const receiveAmount = quote.receiveAmount - payment.deliveredAmount
  const principal = quote.principal - payment.sentAmount
  if (remaining === undefined || remaining >= receiveAmount) return { receiveAmount, principal }
  const cost = divideUp(remaining, rateOf(quote))
  return { receiveAmount: remaining, principal: smaller(cost, principal) }
}
