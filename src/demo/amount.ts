/**
 * Amounts as people write them, and the exact whole numbers that the service takes.
 */
import { AMOUNT_MAX } from '../ledger/types'

/** An asset as far as its amounts go: `scale` decimal places make one unit. */
export interface AssetUnit {
  readonly code: string
  /** 0 … 255. */
  readonly scale: number
}

const UNITS = /^(\d+)(?:\.(\d+))?\s+(\S+)$/
const SMALLEST = /^\d+$/

/** Digits of an amount that a file may hold: more is a mistake, whatever the scale. */
const DIGITS_MAX = 300

/**
 * The amount in the smallest unit. Takes `12.50 USD` (units, converted exactly) or a whole number of the
 * smallest unit. Throws `RangeError` with the reason.
 */
export function parseAmount(text: string, asset: AssetUnit): bigint {
  if (text.length > DIGITS_MAX) throw new RangeError('is far too long for an amount')
  const value = SMALLEST.test(text) ? BigInt(text) : parseUnits(text, asset)
  if (value > AMOUNT_MAX)
    throw new RangeError(`${text} is more than the largest amount, ${formatAmount(AMOUNT_MAX, asset)}`)
  return value
}

function parseUnits(text: string, asset: AssetUnit): bigint {
  const [, whole, fraction = '', code] = UNITS.exec(text) ?? []
  if (whole === undefined) {
    throw new RangeError(
      `"${text}" is no amount: write units with the code (12.50 ${asset.code}) or a whole number of the smallest unit`
    )
  }
  if (code !== asset.code) throw new RangeError(`${text} is not in ${asset.code}, the asset of this step`)
  if (fraction.length > asset.scale) {
    throw new RangeError(`${text} has ${fraction.length} decimal places, ${asset.code} has ${asset.scale}`)
  }
  return BigInt(whole + fraction.padEnd(asset.scale, '0'))
}

/** `1250` of a scale of 2 is `12.50 USD`. */
export function formatAmount(value: bigint, asset: AssetUnit): string {
  const digits = value.toString().padStart(asset.scale + 1, '0')
  const point = digits.length - asset.scale
  return `${digits.slice(0, point)}${asset.scale > 0 ? `.${digits.slice(point)}` : ''} ${asset.code}`
}
