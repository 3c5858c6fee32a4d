/**
 * Bounds how often credentials can be guessed, for each thing guessed at and for each address that guesses.
 * Counted in this process: with several instances the bound is as many times higher, and still far below what
 * would help against 122 random bits; it is there against load.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

export interface GuessLimits {
  /** Failed guesses a minute for one target. */
  readonly perTarget: number
  /** Failed guesses a minute from one address. */
  readonly perAddress: number
}

const MINUTE_SECONDS = 60

export class GuessLimiter {
  private readonly targets: RateLimiterMemory
  private readonly addresses: RateLimiterMemory

  constructor(limits: GuessLimits) {
    this.targets = new RateLimiterMemory({ points: limits.perTarget, duration: MINUTE_SECONDS })
    this.addresses = new RateLimiterMemory({ points: limits.perAddress, duration: MINUTE_SECONDS })
  }

  /** Takes a guess from both budgets. False: one of them is used up, and the guess must not be looked at. */
  async take(target: string, address: string | undefined): Promise<boolean> {
    const isTaken = await Promise.all([
      consume(this.targets, target),
      address === undefined ? true : consume(this.addresses, address)
    ])
    return isTaken.every(Boolean)
  }

  /** Gives a guess back that turned out to be no guess. */
  async giveBack(target: string, address: string | undefined): Promise<void> {
    await this.targets.reward(target, 1)
    if (address !== undefined) await this.addresses.reward(address, 1)
  }
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<boolean> {
  try {
    await limiter.consume(key)
    return true
  } catch (error) {
    if (error instanceof RateLimiterRes) return false
    throw error
  }
}
