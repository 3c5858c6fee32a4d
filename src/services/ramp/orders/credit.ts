/** How an agent's credit line is drawn and refilled. Amounts are in millionths of a USD. */
import { availableOf, type Totals } from '../../../ledger/types'
import { larger, smaller } from '../../extremes'

/** What of an amount concerns the agent's own balance, and what its credit line. */
export interface Split {
  readonly balance: bigint
  readonly credit: bigint
}

/** What is reserved for a deposit: the agent's own money first. Undefined if both together do not cover it. */
export function holdSplit(amount: bigint, balance: Totals, credit: Totals): Split | undefined {
  const own = smaller(larger(availableOf(balance), 0n), amount)
  const shortfall = amount - own
  return shortfall <= larger(availableOf(credit), 0n) ? { balance: own, credit: shortfall } : undefined
}

/**
 * Where money for an agent goes: it first refills what is drawn of the line for good. What is only reserved is not
 * refilled, as it may come back. `drawn` is what the same submission draws for good.
 */
export function creditSplit(amount: bigint, creditLine: bigint, credit: Totals, drawn: bigint): Split {
  const used = larger(creditLine - (credit.creditsPosted - credit.debitsPosted) + drawn, 0n)
  const refill = smaller(used, amount)
  return { balance: amount - refill, credit: refill }
}
