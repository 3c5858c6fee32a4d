/**
 * What an agent's rates become: pure functions of what it asked for and of the market. Rates and margins are
 * micro-units of local currency for one USD.
 */
import { done, refused } from '../../answer'
import { larger } from '../../extremes'
import type { RampAnswer, RampFailure } from '../failures'
import { parseDecimal, RATE_SCALE } from '../money'

/** What an agent sends, as decimal text. Null and absent are the same. */
export interface RateWishes {
  readonly depositRate?: string | null
  readonly depositMargin?: string | null
  readonly withdrawalRate?: string | null
  readonly withdrawalMargin?: string | null
}

/** What one USD costs a buyer and brings a seller on the market. */
export interface Market {
  readonly buy: bigint
  readonly sell: bigint
}

export interface SideRates {
  readonly rate: bigint
  /** Distance from the market in the agent's favour; never negative. */
  readonly margin: bigint
}

/** A side that is absent stays as it is. */
export interface DerivedRates {
  readonly deposit?: SideRates
  readonly withdrawal?: SideRates
}

/** Rates are above 0 and below this. */
export const RATE_LIMIT = 10n ** BigInt(9 + RATE_SCALE)

export function isRate(rate: bigint): boolean {
  return rate > 0n && rate < RATE_LIMIT
}

/** What one side asks for, read. `rate` decides if it is there. */
type Wish = { readonly rate: bigint } | { readonly margin: bigint }

/** Reads what was sent, then derives both sides: either all of it is right, or nothing changes. */
export function deriveRates(wishes: RateWishes, market: Market | undefined): RampAnswer<DerivedRates> {
  const { depositRate, depositMargin, withdrawalRate, withdrawalMargin } = wishes
  const deposit = wishOf(depositRate ?? undefined, depositMargin ?? undefined)
  const withdrawal = wishOf(withdrawalRate ?? undefined, withdrawalMargin ?? undefined)
  if (typeof deposit === 'string') return refused(deposit)
  if (typeof withdrawal === 'string') return refused(withdrawal)
  if (!deposit && !withdrawal) return refused('REQUIRED_ATTRIBUTES_MISSING')
  if (!market) return refused('MARKET_RATE_UNAVAILABLE')
  const derived = {
    deposit: deposit && depositSide(deposit, market.buy),
    withdrawal: withdrawal && withdrawalSide(withdrawal, market.sell)
  }
  const isSound = [derived.deposit, derived.withdrawal].every((side) => !side || isRate(side.rate))
  return isSound ? done(derived) : refused('INVALID_RATE')
}

/** A margin beside a rate is not even looked at. */
function wishOf(rate: string | undefined, margin: string | undefined): Wish | RampFailure | undefined {
  if (rate !== undefined) {
    const value = parseDecimal(rate, RATE_SCALE)
    return value !== undefined && isRate(value) ? { rate: value } : 'INVALID_RATE'
  }
  if (margin === undefined) return undefined
  const value = parseDecimal(margin, RATE_SCALE)
  return value !== undefined && value >= 0n ? { margin: value } : 'INVALID_MARGIN'
}

/** An agent earns on a deposit what it takes above the market. */
function depositSide(wish: Wish, buy: bigint): SideRates {
  if ('margin' in wish) return { rate: buy + wish.margin, margin: wish.margin }
  return { rate: wish.rate, margin: larger(wish.rate - buy, 0n) }
}

/** An agent earns on a withdrawal what it pays below the market. */
function withdrawalSide(wish: Wish, sell: bigint): SideRates {
  if ('margin' in wish) return { rate: sell - wish.margin, margin: wish.margin }
  return { rate: wish.rate, margin: larger(sell - wish.rate, 0n) }
}
