/** What a quote says of the rate and of the path to the receiver. */
import type { Quote } from '../../../entities'
import { smaller } from '../../extremes'
import { ratioOf, type Ratio } from '../../rates/ratio'
import type { Path } from '../methods/payment-method'

/** What is stored of a limit that is higher, or of none. */
export const PACKET_AMOUNT_MAX = 2n ** 63n - 1n

type PathColumns = Pick<
  Quote,
  'lowRateNumerator' | 'lowRateDenominator' | 'highRateNumerator' | 'highRateDenominator' | 'maxPacketAmount'
>

/** Smallest units delivered for one smallest unit sent, at least. */
export function rateOf(quote: Pick<Quote, 'rateNumerator' | 'rateDenominator'>): Ratio {
  return ratioOf(quote.rateNumerator, quote.rateDenominator)
}

/** The path to the receiver; undefined for receivers on this instance. */
export function pathOf(quote: PathColumns): Path | undefined {
  const { lowRateNumerator, lowRateDenominator, highRateNumerator, highRateDenominator, maxPacketAmount } = quote
  if (lowRateNumerator === null || lowRateDenominator === null) return undefined
  if (highRateNumerator === null || highRateDenominator === null || maxPacketAmount === null) return undefined
  return {
    low: ratioOf(lowRateNumerator, lowRateDenominator),
    high: ratioOf(highRateNumerator, highRateDenominator),
    maxPacketAmount
  }
}

export function pathColumns(path: Path | undefined): PathColumns {
  const limit = path && smaller(path.maxPacketAmount, PACKET_AMOUNT_MAX)
  return {
    lowRateNumerator: path?.low.numerator ?? null,
    lowRateDenominator: path?.low.denominator ?? null,
    highRateNumerator: path?.high.numerator ?? null,
    highRateDenominator: path?.high.denominator ?? null,
    maxPacketAmount: limit ?? null
  }
}

/** What a quote shows: for a receiver on this instance the exact rate, and no limit. */
export function estimatesOf(quote: Quote): Path {
  const rate = rateOf(quote)
  return pathOf(quote) ?? { low: rate, high: rate, maxPacketAmount: PACKET_AMOUNT_MAX }
}
