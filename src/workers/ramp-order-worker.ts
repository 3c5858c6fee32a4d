/** The worker that does to orders of the ramp what time does. Nothing is due at once, so nothing wakes it. */
import { randomUUID } from 'node:crypto'
import { createRequestContext, type LogFacts, type Logger } from '../services/context'
import type { DueOrder, OrderClock } from '../services/ramp/orders/order-clock'
import { Worker } from './worker'

export interface RampOrderWorkerSettings {
  /** Most orders in hand at a time; 0 leaves them to other instances. */
  readonly rampOrderConcurrency: number
  readonly rampOrderWorkerIdleMilliseconds: number
}

export interface RampOrderWorkerOptions {
  readonly logger: Logger & { child(facts: LogFacts): Logger }
  /** The ramp's clock, which a test may move. */
  readonly now: () => Date
}

/** The worker that the settings ask for; undefined if this instance leaves orders to others. */
export function rampOrderWorkerOf(
  clock: OrderClock,
  settings: RampOrderWorkerSettings,
  { logger, now }: RampOrderWorkerOptions
): Worker<DueOrder> | undefined {
  if (settings.rampOrderConcurrency === 0) return undefined
  return new Worker({
    name: 'ramp orders',
    concurrency: settings.rampOrderConcurrency,
    idleMilliseconds: settings.rampOrderWorkerIdleMilliseconds,
    claim: (limit) => clock.claim(now(), limit),
    work: (due) => clock.advance(createRequestContext(randomUUID(), logger, now), due),
    logger
  })
}
