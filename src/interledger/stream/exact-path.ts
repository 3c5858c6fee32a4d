import { ratioOf, type Ratio } from '../../services/rates/ratio'
import type { StreamPath } from './sender'

/** How finely a probe of the largest amount tells rates apart. */
const PRECISION = 1_000_000_000_000n
const PACKET_AMOUNT_MAX = 2n ** 63n - 1n

/** A path that nothing limits, at a rate that is known. */
export function exactPath(rate: Ratio): StreamPath {
  const { numerator, denominator } = rate
  const high = ratioOf(numerator * PRECISION + denominator, denominator * PRECISION)
  return { low: rate, high, maxPacketAmount: PACKET_AMOUNT_MAX }
}
