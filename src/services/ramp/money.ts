/**
 * Amounts and rates of the ramp: whole numbers of the smallest unit, and the decimal text that clients write.
 *
 * USD is counted in millionths, local currency in hundredths. A rate is local currency for one USD, in millionths
 * of a unit of local currency.
 */

/** Decimal places of USD. */
export const USD_SCALE = 6
/** Decimal places of every local currency. */
export const LOCAL_SCALE = 2
/** Decimal places of rates and margins. */
export const RATE_SCALE = 6

/** One USD, in its smallest unit. */
export const USD = 10n ** BigInt(USD_SCALE)
/** One hundred per cent. */
export const BASIS_POINTS = 10_000n

/** Sign, digits and fraction, without an exponent. */
const PLAIN_DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/
/** More characters than any amount or rate needs. */
const LENGTH_MAX = 64

/**
 * The value of a plain decimal in units of its last place. Undefined for what is no plain decimal, and for more
 * digits behind the point than the scale has, also when they are zeros.
 */
export function parseDecimal(text: string, scale: number): bigint | undefined {
  const match = text.length <= LENGTH_MAX ? PLAIN_DECIMAL.exec(text) : null
  if (!match) return undefined
  const [, sign, whole, fraction = ''] = match
  if (fraction.length > scale) return undefined
  const magnitude = BigInt(`${whole}${fraction.padEnd(scale, '0')}`)
  return sign === '-' ? -magnitude : magnitude
}

/** Plain notation with at least one digit behind the point and no zeros that say nothing: `159.0`, `7.95`. */
export function formatDecimal(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const point = digits.length - scale
  const fraction = digits.slice(point).replace(/0+$/, '')
  return `${value < 0n ? '-' : ''}${digits.slice(0, point)}.${fraction === '' ? '0' : fraction}`
}

/** Which whole number a quotient becomes that lies between two. */
export type Rounding = 'down' | 'up' | 'half_up' | 'half_even'

/** The quotient of what is not negative by what is positive, exact but for the one rounding. */
export function divide(dividend: bigint, divisor: bigint, rounding: Rounding): bigint {
  if (dividend < 0n || divisor <= 0n) throw new RangeError('only what is not negative is divided, by what is positive')
  const quotient = dividend / divisor
  const remainder = dividend % divisor
  return isRoundedUp(quotient, 2n * remainder - divisor, remainder, rounding) ? quotient + 1n : quotient
}

/** `pastHalf` is above zero when the remainder is more than half of the divisor. */
function isRoundedUp(quotient: bigint, pastHalf: bigint, remainder: bigint, rounding: Rounding): boolean {
  switch (rounding) {
    case 'down':
      return false
    case 'up':
      return remainder > 0n
    case 'half_up':
      return pastHalf >= 0n
    case 'half_even':
      return pastHalf > 0n || (pastHalf === 0n && quotient % 2n === 1n)
  }
}

/** What so many USD are in local currency at a rate. */
export function usdToLocal(usd: bigint, rate: bigint, rounding: Rounding): bigint {
  return divide(usd * rate, 10n ** BigInt(USD_SCALE + RATE_SCALE - LOCAL_SCALE), rounding)
}

/** What so much local currency is in USD at a rate. */
export function localToUsd(local: bigint, rate: bigint, rounding: Rounding): bigint {
  return divide(local * 10n ** BigInt(USD_SCALE + RATE_SCALE - LOCAL_SCALE), rate, rounding)
}

/** So many hundredths of a per cent of an amount. */
export function shareOf(amount: bigint, basisPoints: number, rounding: Rounding): bigint {
  return divide(amount * BigInt(basisPoints), BASIS_POINTS, rounding)
}
