/**
 * What an order comes to, worked out from rates and basis points alone. USD is counted in millionths, local
 * currency in hundredths, rates in millionths of local currency a USD.
 */
import type { RampCurrency, RampDirection } from '../../../entities/ramp/order'
import { larger, smaller } from '../../extremes'
import { BASIS_POINTS, divide, localToUsd, shareOf, usdToLocal } from '../money'

/** What the customer pays and gets, and what the agent does. */
export interface Terms {
  /** The customer's rate. */
  readonly exchangeRate: bigint
  /** The agent's own. */
  readonly agentRate: bigint
  readonly amountUsd: bigint
  readonly amountLocal: bigint
  /** What the agent gives for a deposit, or gets for a withdrawal. */
  readonly agentAmountUsd: bigint
  /** What the platform keeps between the two amounts in USD. */
  readonly spread: bigint
}

/** An amount in the smallest unit of what it is stated in. */
export interface Stated {
  readonly currency: RampCurrency
  readonly amount: bigint
}

export interface Fees {
  /** What the order costs the merchant. */
  readonly fee: bigint
  /** The part of it that is the agent's. */
  readonly agentCut: bigint
}

/** The agent's rate with the platform's surcharge against the customer. */
export function customerRate(direction: RampDirection, agentRate: bigint, surchargeBasisPoints: number): bigint {
  const surcharge = BigInt(surchargeBasisPoints)
  const factor = direction === 'deposit' ? BASIS_POINTS + surcharge : BASIS_POINTS - surcharge
  return divide(agentRate * factor, BASIS_POINTS, 'half_even')
}

/** Whether the one rate is no worse for the customer than the other. */
export function isNoWorse(direction: RampDirection, rate: bigint, other: bigint): boolean {
  return direction === 'deposit' ? rate <= other : rate >= other
}

/**
 * The terms of an amount at two rates. Rounding never costs the agent: a customer who states local currency gets
 * USD rounded down and gives USD rounded up.
 */
export function termsOf(
  direction: RampDirection,
  { currency, amount }: Stated,
  rates: { readonly exchangeRate: bigint; readonly agentRate: bigint; readonly hasSurcharge: boolean }
): Terms {
  const { exchangeRate, agentRate, hasSurcharge } = rates
  const isUsd = currency === 'usd'
  const amountUsd = isUsd ? amount : localToUsd(amount, exchangeRate, direction === 'deposit' ? 'down' : 'up')
  const amountLocal = isUsd ? usdToLocal(amount, exchangeRate, 'half_up') : amount
  const agentAmountUsd = hasSurcharge
    ? agentAmount(direction, amountUsd, localToUsd(amountLocal, agentRate, 'half_even'))
    : amountUsd
  const spread = direction === 'deposit' ? agentAmountUsd - amountUsd : amountUsd - agentAmountUsd
  return { exchangeRate, agentRate, amountUsd, amountLocal, agentAmountUsd, spread }
}

/** What the agent's own rate makes of it, unless rounding would leave the platform to pay for that. */
function agentAmount(direction: RampDirection, amountUsd: bigint, atAgentRate: bigint): bigint {
  return direction === 'withdrawal' ? smaller(atAgentRate, amountUsd) : larger(atAgentRate, amountUsd)
}

export function feesOf(amountUsd: bigint, feeBasisPoints: number, agentShareBasisPoints: number): Fees {
  const fee = shareOf(amountUsd, feeBasisPoints, 'half_up')
  return { fee, agentCut: shareOf(fee, agentShareBasisPoints, 'down') }
}
