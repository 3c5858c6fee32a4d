/**
 * The workers that move incoming payments on with time, and announce what payment pointers received themselves.
 *
 * A step is one short transaction that takes what nobody else has in hand, so the claim does all the work and
 * there is nothing to lease. A credit may make something due a while later, so the loops need not be woken.
 */
import type { Logger } from '../services/context'
import type { PaymentPointerEvents } from '../services/payment-pointers/events'
import { STEP as DEADLINE_STEP, type IncomingPaymentDeadlines } from '../services/payments/incoming/deadlines'
import type { IncomingPaymentProcessor } from '../services/payments/incoming/processor'
import { Worker } from './worker'

export interface IncomingWorkersOptions {
  /** Loops of each kind; none of a kind leaves it to other instances, or to requests. */
  readonly incomingPaymentWorkers: number
  readonly incomingPaymentWorkerIdleMilliseconds: number
  readonly paymentPointerWorkers: number
  readonly paymentPointerWorkerIdleMilliseconds: number
  readonly logger: Logger
  readonly now: () => Date
}

/** Most rows of one transaction. */
const STEP = 50

type Step = (now: Date, limit: number) => Promise<readonly string[]>

export class IncomingWorkers {
  private readonly workers: readonly Worker<string>[]

  constructor(
    payments: IncomingPaymentProcessor,
    deadlines: IncomingPaymentDeadlines,
    pointers: PaymentPointerEvents,
    private readonly options: IncomingWorkersOptions
  ) {
    const { incomingPaymentWorkers, paymentPointerWorkers } = options
    const paymentIdle = options.incomingPaymentWorkerIdleMilliseconds
    const pointerIdle = options.paymentPointerWorkerIdleMilliseconds
    this.workers = [
      ...this.loops('incoming payments', incomingPaymentWorkers, paymentIdle, (now, limit) =>
        payments.processDue(now, limit)
      ),
      ...this.loops(
        'deadlines of incoming payments',
        Math.min(incomingPaymentWorkers, 1),
        paymentIdle,
        (now, limit) => deadlines.shorten(now, limit),
        DEADLINE_STEP
      ),
      ...this.loops('payment pointers', paymentPointerWorkers, pointerIdle, (now, limit) =>
        pointers.processDue(now, limit)
      )
    ]
  }

  start(): void {
    this.workers.forEach((worker) => worker.start())
  }

  /** Resolves when the steps under way are done. */
  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()))
  }

  private loops(name: string, count: number, idleMilliseconds: number, step: Step, size = STEP): Worker<string>[] {
    const { logger, now } = this.options
    const claim = (limit: number): Promise<readonly string[]> => step(now(), limit)
    const work = (): Promise<void> => Promise.resolve()
    return Array.from(
      { length: count },
      () => new Worker({ name, concurrency: size, idleMilliseconds, claim, work, logger })
    )
  }
}
