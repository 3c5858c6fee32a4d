/**
 * Exact rational numbers, for rates: a decimal text goes in, amounts come out, and nothing is rounded on the
 * way. Who converts says which way the last fraction of a unit goes.
 */

/** A positive rational number in lowest terms. */
export interface Ratio {
  readonly numerator: bigint
  readonly denominator: bigint
}

export const ONE: Ratio = { numerator: 1n, denominator: 1n }

/** Longest text that is read as a decimal number. */
const DECIMAL_LENGTH_MAX = 100
/** Largest exponent, either way, of a decimal number. */
const EXPONENT_MAX = 100

const DECIMAL = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** @throws RangeError unless both are positive */
export function ratioOf(numerator: bigint, denominator: bigint): Ratio {
  if (numerator <= 0n || denominator <= 0n) throw new RangeError('a ratio is positive')
  const divisor = greatestCommonDivisor(numerator, denominator)
  return { numerator: numerator / divisor, denominator: denominator / divisor }
}

/** The number that a decimal text such as `1.16` or `2.5e-7` is; undefined unless it is positive and of sane length. */
export function parseRatio(text: string): Ratio | undefined {
  const match = text.length <= DECIMAL_LENGTH_MAX ? DECIMAL.exec(text) : null
  if (!match) return undefined
  const [, whole = '', fraction = '', exponent = '0'] = match
  if (Math.abs(Number(exponent)) > EXPONENT_MAX) return undefined
  const digits = BigInt(whole + fraction)
  if (digits === 0n) return undefined
  return times({ numerator: digits, denominator: 1n }, powerOfTen(Number(exponent) - fraction.length))
}

/** 10^exponent, for whole exponents of either sign. */
export function powerOfTen(exponent: number): Ratio {
  const power = 10n ** BigInt(Math.abs(exponent))
  return exponent < 0 ? { numerator: 1n, denominator: power } : { numerator: power, denominator: 1n }
}

export function times(left: Ratio, right: Ratio): Ratio {
  return ratioOf(left.numerator * right.numerator, left.denominator * right.denominator)
}

export function dividedBy(left: Ratio, right: Ratio): Ratio {
  return ratioOf(left.numerator * right.denominator, left.denominator * right.numerator)
}

export function isAtLeast(left: Ratio, right: Ratio): boolean {
  return left.numerator * right.denominator >= right.numerator * left.denominator
}

/** ⌊amount × ratio⌋: what an amount buys. The fraction of a unit stays with the service. */
export function multiplyDown(amount: bigint, ratio: Ratio): bigint {
  return (amount * ratio.numerator) / ratio.denominator
}

/** ⌈amount ÷ ratio⌉: the least that buys an amount. */
export function divideUp(amount: bigint, ratio: Ratio): bigint {
  return ceilingOf(amount * ratio.denominator, ratio.numerator)
}

/** ⌈numerator ÷ denominator⌉, neither of them negative. */
export function ceilingOf(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator
}

const SHOWN_DIGITS = 20

/** The nearest number that a reader can be shown. No amount is ever computed from it. */
export function toNumber({ numerator, denominator }: Ratio): number {
  const shift = SHOWN_DIGITS + String(denominator).length - String(numerator).length
  const digits =
    shift >= 0 ? (numerator * 10n ** BigInt(shift)) / denominator : numerator / (denominator * 10n ** BigInt(-shift))
  return Number(`${digits}e${-shift}`)
}

function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  while (right !== 0n) [left, right] = [right, left % right]
  return left
}

/** What is kept once a part is taken off: one less a decimal number, which is 0 or more and less than 1. */
export function oneLess(part: string): Ratio {
  const [, fraction = ''] = part.split('.')
  const whole = 10n ** BigInt(fraction.length)
  return ratioOf(whole - BigInt(fraction || '0'), whole)
}
