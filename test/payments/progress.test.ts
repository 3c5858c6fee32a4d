/**
 * Goal: of a payment whose attempt could not tell what it delivered, no more is taken for delivered than has
 * arrived, and no more than a unit of sending is taken for lost.
 * Method: amounts in packets, each delivering the least that a sender accepts: of the last one that is what is
 * due for one unit less.
 */
import { deliveredOf } from '../../src/services/payments/outgoing/progress'
import { ceilingOf, multiplyDown, ratioOf, type Ratio } from '../../src/services/rates/ratio'

const RATES = [ratioOf(1n, 1n), ratioOf(99n, 100n), ratioOf(297n, 100n), ratioOf(1n, 3n), ratioOf(904_563n, 1_000_000n)]
const SPLITS = [[1n], [100n], [34n], [10n, 10n, 7n], [1n, 1n, 1n], [999n, 1n], [3n, 1_000_003n]]

const quoteOf = ({ numerator, denominator }: Ratio) => ({ rateNumerator: numerator, rateDenominator: denominator })

function least(packets: readonly bigint[], { numerator, denominator }: Ratio, endsAttempt: boolean): bigint {
  const dues = packets.map((size, index) =>
    ceilingOf((endsAttempt && index === packets.length - 1 ? size - 1n : size) * numerator, denominator)
  )
  return dues.reduce((total, due) => total + due, 0n)
}

const CASES = RATES.flatMap((rate) => SPLITS.map((packets) => [rate, packets] as const))

test.each(CASES)('at %p, of packets %p no more than has arrived', (rate, packets) => {
  const stored = { sentAmount: 20n, deliveredAmount: 19n }
  const sent = packets.reduce((total, size) => total + size, stored.sentAmount)
  const delivered = deliveredOf(stored, quoteOf(rate), sent) - stored.deliveredAmount
  for (const endsAttempt of [true, false]) expect(delivered).toBeLessThanOrEqual(least(packets, rate, endsAttempt))
  expect(delivered).toBeGreaterThanOrEqual(multiplyDown(sent - stored.sentAmount - 1n, rate))
})

test('a last packet that lost a unit to rounding does not complete what is short', () => {
  const rate = ratioOf(297n, 100n)
  expect(least([34n], rate, true)).toBe(99n)
  expect(deliveredOf({ sentAmount: 0n, deliveredAmount: 0n }, quoteOf(rate), 34n)).toBe(99n)
})

test('what was stored with all that was sent stays as it is', () => {
  expect(deliveredOf({ sentAmount: 34n, deliveredAmount: 102n }, quoteOf(ratioOf(297n, 100n)), 34n)).toBe(102n)
})
