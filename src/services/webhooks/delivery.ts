/** One delivery: sends the event, decides what follows, and records it. */
import { setTimeout } from 'node:timers/promises'
import { backoffMilliseconds } from '../backoff'
import type { Logger } from '../context'
import type { ClaimedDelivery, DeliveryOutcome, DeliveryQueue, DeliveryTurn } from './delivery-queue'
import { Merging } from './merging'
import type { Attempt } from './webhook-client'

/** What it depends on who is told, and of what. */
export interface DeliveryOptions<Claimed extends ClaimedDelivery = ClaimedDelivery> {
  /** Sends a delivery once. Must not reject. */
  readonly send: (delivery: Claimed) => Promise<Attempt<string>>
  /** Milliseconds to wait after so many failed attempts, from 1; undefined: the delivery is given up. */
  readonly pauseAfter: (attempts: number) => number | undefined
}

/** Most outcomes recorded in one statement. */
const OUTCOMES_MAX = 500
/** All in all well below the length of a lease. */
const SETTLE_ATTEMPTS_MAX = 5
const SETTLE_PAUSE_MILLISECONDS_MIN = 50
const SETTLE_PAUSE_MILLISECONDS_MAX = 1_000

export class Delivery<Claimed extends ClaimedDelivery = ClaimedDelivery> {
  /** Called when something became due that nobody is notified of. */
  onFollowers: () => void = () => undefined
  private readonly settling: Merging<DeliveryOutcome<Claimed>>

  constructor(
    private readonly queue: DeliveryQueue<Claimed>,
    private readonly logger: Logger,
    private readonly options: DeliveryOptions<Claimed>
  ) {
    this.settling = new Merging((outcomes) => this.settle(outcomes), OUTCOMES_MAX)
  }

  claim(turn: DeliveryTurn, limit: number): Promise<Claimed[]> {
    return this.queue.claim(turn, limit)
  }

  /** No transaction is open and no row is locked while the receiver is being waited for. */
  async deliver(delivery: Claimed): Promise<void> {
    const attempt = await this.options.send(delivery)
    const outcome = this.outcomeOf(delivery, attempt)
    this.tell(outcome)
    await this.settling.add(outcome)
  }

  /**
   * The receiver has the events already, so a lost connection is no reason to lose what it answered. A repeated
   * settlement finds the leases gone and changes nothing.
   */
  private async settle(outcomes: readonly DeliveryOutcome<Claimed>[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { hasFollowers } = await this.queue.settle(outcomes)
        if (hasFollowers) this.onFollowers()
        return
      } catch (error) {
        if (attempt >= SETTLE_ATTEMPTS_MAX) throw error
        this.logger.warn({ error, outcomes: outcomes.length }, 'outcomes of webhooks could not be recorded yet')
        await setTimeout(backoffMilliseconds(attempt, SETTLE_PAUSE_MILLISECONDS_MIN, SETTLE_PAUSE_MILLISECONDS_MAX))
      }
    }
  }

  private outcomeOf(delivery: Claimed, attempt: Attempt<string>): DeliveryOutcome<Claimed> {
    if (attempt.error === null) return { delivery, attempt, status: 'delivered', pauseMilliseconds: 0 }
    const pauseMilliseconds = this.options.pauseAfter(delivery.attempts + 1)
    if (pauseMilliseconds === undefined) return { delivery, attempt, status: 'dead', pauseMilliseconds: 0 }
    return { delivery, attempt, status: 'pending', pauseMilliseconds }
  }

  private tell({ delivery, attempt, status, pauseMilliseconds }: DeliveryOutcome<Claimed>): void {
    const { eventId, type } = delivery
    const { error, durationMilliseconds } = attempt
    const facts = { eventId, type, status: attempt.status, attempts: delivery.attempts + 1, durationMilliseconds }
    if (error === null) return this.logger.debug(facts, 'a webhook was delivered')
    const failure = { ...facts, failure: error, ...(attempt.cause === undefined ? {} : { error: attempt.cause }) }
    if (error === 'internal') this.logger.error(failure, 'a webhook could not be sent')
    if (status === 'dead') return this.logger.warn(failure, 'a webhook was given up')
    this.logger.info({ ...failure, pauseMilliseconds }, 'a webhook was not delivered and will be sent again')
  }
}

/** The bytes of an event on the wire: the same each time it is sent. `data` is JSON. */
export function bodyOf(id: string, type: string, data: string): string {
  return `{"id":${JSON.stringify(id)},"type":${JSON.stringify(type)},"data":${data}}`
}
