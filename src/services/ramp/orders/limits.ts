/** Whether an amount may be ordered at all. */
import type { RampCurrency, RampDirection } from '../../../entities/ramp/order'
import { AMOUNT_MAX } from '../../../ledger/types'
import { done, refused } from '../../answer'
import type { RampAnswer } from '../failures'
import type { RampLimits } from '../limits'
import { LOCAL_SCALE, parseDecimal, USD_SCALE } from '../money'
import type { Stated, Terms } from './amounts'

/** A plain decimal in the smallest unit of what it is stated in. */
export function parseStated(amount: string, currency: RampCurrency): RampAnswer<Stated> {
  const value = parseDecimal(amount, currency === 'usd' ? USD_SCALE : LOCAL_SCALE)
  if (value === undefined || value <= 0n) return refused('INVALID_AMOUNT')
  return value > AMOUNT_MAX ? refused('ABOVE_MAXIMUM') : done({ currency, amount: value })
}

/** In millionths of a USD. */
export function checkAmount(limits: RampLimits, direction: RampDirection, amountUsd: bigint): RampAnswer<true> {
  const { minimumDepositUsd, maximumDepositUsd, minimumWithdrawalUsd, maximumWithdrawalUsd } = limits
  const [minimum, maximum] =
    direction === 'deposit' ? [minimumDepositUsd, maximumDepositUsd] : [minimumWithdrawalUsd, maximumWithdrawalUsd]
  if (amountUsd < minimum) return refused('BELOW_MINIMUM')
  return amountUsd > maximum ? refused('ABOVE_MAXIMUM') : done(true)
}

/** At some rates an amount comes to nothing, or to more than the ledger counts. */
export function checkTerms(limits: RampLimits, direction: RampDirection, terms: Terms): RampAnswer<true> {
  const checked = checkAmount(limits, direction, terms.amountUsd)
  if (!checked.done) return checked
  const isCountable = terms.amountLocal > 0n && terms.agentAmountUsd > 0n && terms.amountLocal <= AMOUNT_MAX
  return isCountable && terms.agentAmountUsd <= AMOUNT_MAX ? checked : refused('INVALID_AMOUNT')
}
