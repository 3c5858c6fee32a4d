/**
 * Bounds what one address asks of pages, and how often one order is commanded. Counted in this process: with
 * several instances the bounds are as many times higher.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Exchange } from '../exchange'

export interface HostedLimits {
  /** Requests a minute from one address. */
  readonly requestsPerAddress: number
  /** Commands a minute on one order. */
  readonly commandsPerOrder: number
}

const MINUTE_SECONDS = 60

export class HostedLimiter {
  private readonly addresses: RateLimiterMemory
  private readonly orders: RateLimiterMemory

  constructor({ requestsPerAddress, commandsPerOrder }: HostedLimits) {
    this.addresses = new RateLimiterMemory({ points: requestsPerAddress, duration: MINUTE_SECONDS })
    this.orders = new RateLimiterMemory({ points: commandsPerOrder, duration: MINUTE_SECONDS })
  }

  /** Seconds to wait, if the address has used its budget up. */
  request(exchange: Exchange): Promise<number | undefined> {
    return consume(this.addresses, addressOf(exchange))
  }

  /** Seconds to wait, if the order has used its budget up. */
  command(orderId: string): Promise<number | undefined> {
    return consume(this.orders, orderId)
  }
}

/**
 * Whoever ends TLS in front of the service adds at the end from whom it came. Without that, the address of the
 * connection is the only one that is known.
 */
function addressOf({ request }: Exchange): string {
  const forwarded = request.headers['x-forwarded-for']
  const last = (Array.isArray(forwarded) ? forwarded.join(',') : forwarded)?.split(',').at(-1)?.trim()
  return last || (request.socket.remoteAddress ?? 'unknown')
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<number | undefined> {
  try {
    await limiter.consume(key)
    return undefined
  } catch (error) {
    if (error instanceof RateLimiterRes) return Math.max(1, Math.ceil(error.msBeforeNext / 1_000))
    throw error
  }
}
