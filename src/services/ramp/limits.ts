/** How large orders may be, in millionths of a USD. */
export interface RampLimits {
  readonly minimumDepositUsd: bigint
  readonly maximumDepositUsd: bigint
  readonly minimumWithdrawalUsd: bigint
  readonly maximumWithdrawalUsd: bigint
  /** Of one customer's orders within a day in UTC, both directions together. */
  readonly dailyLimitUsd: bigint
}

/** What an operator can set of them. */
export interface LimitSettings {
  readonly rampDepositMinimumUsd: bigint
  readonly rampDepositMaximumUsd: bigint
  readonly rampWithdrawalMinimumUsd: bigint
  readonly rampWithdrawalMaximumUsd: bigint
  readonly rampDailyLimitUsd: bigint
}

/** The limits of this service: a class, so that whoever shows them can ask for them. */
export class OrderLimits implements RampLimits {
  readonly minimumDepositUsd: bigint
  readonly maximumDepositUsd: bigint
  readonly minimumWithdrawalUsd: bigint
  readonly maximumWithdrawalUsd: bigint
  readonly dailyLimitUsd: bigint

  constructor(settings: LimitSettings) {
    this.minimumDepositUsd = settings.rampDepositMinimumUsd
    this.maximumDepositUsd = settings.rampDepositMaximumUsd
    this.minimumWithdrawalUsd = settings.rampWithdrawalMinimumUsd
    this.maximumWithdrawalUsd = settings.rampWithdrawalMaximumUsd
    this.dailyLimitUsd = settings.rampDailyLimitUsd
  }
}
