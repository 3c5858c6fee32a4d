import { JsonNumber, parseExactJson } from './exact-json'
import { parseRatio, type Ratio } from './ratio'

/** Rates from one asset code: units of each currency for one unit of `base`, whatever their scales. */
export interface RateTable {
  readonly base: string
  /** Only codes with a positive rate are in it. */
  readonly rates: ReadonlyMap<string, Ratio>
  /** Codes of whose market both sides are known. They say nothing about conversions. */
  readonly sides?: ReadonlyMap<string, RateSides>
}

/** A market: what one unit of the base costs who buys it, and what it brings who sells it. */
export interface RateSides {
  readonly buy: Ratio
  readonly sell: Ratio
}

/** Why rates could not be had. Nothing is remembered of it. */
export class RatesUnavailable extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'RatesUnavailable'
  }
}

/**
 * Reads `{ "base": "USD", "rates": { "EUR": 1.16, … } }`. Rates are numbers, or strings of decimal digits. A
 * rate that is zero, negative or too long leaves its code out; anything else that is not as described makes
 * the whole text unusable. Markets may stand beside them: `"sides": { "NGN": { "buy": 1540, "sell": 1535 } }`.
 *
 * @throws RatesUnavailable
 */
export function parseRateTable(text: string): RateTable {
  const { base, rates, sides } = objectOf(parsed(text), 'the answer')
  if (typeof base !== 'string' || base === '') throw new RatesUnavailable('the rates name no base')
  const entries = Object.entries(objectOf(rates, '`rates`')).flatMap(([code, rate]): [string, Ratio][] => {
    const ratio = parseRatio(decimalOf(code, rate))
    return ratio ? [[code, ratio]] : []
  })
  return { base, rates: new Map(entries), ...(sides === undefined ? {} : { sides: parseSides(sides) }) }
}

function parseSides(value: unknown): Map<string, RateSides> {
  const entries = Object.entries(objectOf(value, '`sides`')).flatMap(([code, market]): [string, RateSides][] => {
    const { buy, sell } = objectOf(market, `the market of ${code.slice(0, 20)}`)
    const [bought, sold] = [parseRatio(decimalOf(code, buy)), parseRatio(decimalOf(code, sell))]
    return bought && sold ? [[code, { buy: bought, sell: sold }]] : []
  })
  return new Map(entries)
}

function parsed(text: string): unknown {
  try {
    return parseExactJson(text)
  } catch (error) {
    throw new RatesUnavailable('the rates are not JSON', error)
  }
}

function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)) {
    return value as Record<string, unknown>
  }
  throw new RatesUnavailable(`${what} is not an object`)
}

function decimalOf(code: string, rate: unknown): string {
  if (rate instanceof JsonNumber) return rate.text
  if (typeof rate === 'string') return rate
  throw new RatesUnavailable(`the rate of ${code.slice(0, 20)} is not a number`)
}
