/**
 * How often something may happen within a minute, for each of those who do it. Counted in this process: with
 * several instances the bound is as many times higher.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

const MINUTE_SECONDS = 60

export class MinuteBudget {
  private readonly limiter: RateLimiterMemory

  /** At least 1. */
  constructor(perMinute: number) {
    this.limiter = new RateLimiterMemory({ points: perMinute, duration: MINUTE_SECONDS })
  }

  /** Takes one. If nothing is left: the seconds to wait, 1 … 60. */
  async take(key: string): Promise<number | undefined> {
    try {
      await this.limiter.consume(key)
      return undefined
    } catch (error) {
      if (error instanceof RateLimiterRes) return Math.max(1, Math.ceil(error.msBeforeNext / 1_000))
      throw error
    }
  }

  async giveBack(key: string): Promise<void> {
    await this.limiter.reward(key, 1)
  }
}
