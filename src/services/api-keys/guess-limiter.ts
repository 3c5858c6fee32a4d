/**
 * Bounds how often credentials can be guessed, for each thing guessed at and for each address that guesses.
 * Counted in this process: with several instances the bound is as many times higher, and still far below what
 * would help against 122 random bits; it is there against load.
 */
import { MinuteBudget } from '../minute-budget'

export interface GuessLimits {
  /** Failed guesses a minute for one target. */
  readonly perTarget: number
  /** Failed guesses a minute from one address. */
  readonly perAddress: number
}

export class GuessLimiter {
  private readonly targets: MinuteBudget
  private readonly addresses: MinuteBudget

  constructor(limits: GuessLimits) {
    this.targets = new MinuteBudget(limits.perTarget)
    this.addresses = new MinuteBudget(limits.perAddress)
  }

  /** Takes a guess from both budgets. False: one of them is used up, and the guess must not be looked at. */
  async take(target: string, address: string | undefined): Promise<boolean> {
    const waits = await Promise.all([
      this.targets.take(target),
      address === undefined ? undefined : this.addresses.take(address)
    ])
    return waits.every((seconds) => seconds === undefined)
  }

  /** Gives a guess back that turned out to be no guess. */
  async giveBack(target: string, address: string | undefined): Promise<void> {
    await this.targets.giveBack(target)
    if (address !== undefined) await this.addresses.giveBack(address)
  }
}
