/** How large orders may be, in millionths of a USD. */
import { USD } from './money'

export interface RampLimits {
  readonly minimumDepositUsd: bigint
  readonly maximumDepositUsd: bigint
  readonly minimumWithdrawalUsd: bigint
  readonly maximumWithdrawalUsd: bigint
  /** Of one customer's orders within a day in UTC, both directions together. */
  readonly dailyLimitUsd: bigint
}

export const RAMP_LIMITS: RampLimits = {
  minimumDepositUsd: 2n * USD,
  maximumDepositUsd: 5_000n * USD,
  minimumWithdrawalUsd: 2n * USD,
  maximumWithdrawalUsd: 5_000n * USD,
  dailyLimitUsd: 10_000n * USD
}
