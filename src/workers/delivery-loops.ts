/**
 * The loops that deliver what waits in a queue. Events that were never sent have a loop of their own, so that
 * receivers that fail on some events, however many, do not hold up the others.
 */
import { randomUUID } from 'node:crypto'
import { HOT_READ_SETTINGS } from '../database/reader'
import { Pipeline } from '../database/pipeline'
import type { Logger } from '../services/context'
import { Delivery, type DeliveryOptions } from '../services/webhooks/delivery'
import {
  DeliveryQueue,
  type ClaimedDelivery,
  type DeliveryShape,
  type DeliveryTurn
} from '../services/webhooks/delivery-queue'
import type { Notifications } from './notification-listener'
import { Worker } from './worker'

export interface DeliveryLoopsOptions<Claimed extends ClaimedDelivery> extends DeliveryOptions<Claimed> {
  /** Names the loops in the log, and their connections. */
  readonly name: string
  readonly shape: DeliveryShape<Claimed>
  readonly databaseUrl: string
  /** Most requests under way at a time, for first attempts and for further ones each. */
  readonly concurrency: number
  readonly idleMilliseconds: number
  /** How long a delivery stays in hand before others may take it: longer than an attempt. */
  readonly leaseMilliseconds: number
  /** Notifications here tell of new deliveries. */
  readonly wakeChannel: string
  readonly notifications: Notifications
  readonly logger: Logger
}

export class DeliveryLoops<Claimed extends ClaimedDelivery> {
  private readonly workers: Worker<Claimed>[]
  private readonly pipelines: Pipeline[]

  constructor(private readonly options: DeliveryLoopsOptions<Claimed>) {
    const { name, shape, leaseMilliseconds, logger } = options
    // A claim that is lost with the database costs nothing: what it claimed is due again.
    const claims = this.pipeline(`hazina ${name} claims`, { synchronous_commit: 'off' })
    const settlements = this.pipeline(`hazina ${name} outcomes`)
    this.pipelines = [claims, settlements]
    const queue = new DeliveryQueue(shape, claims, settlements, { leaseMilliseconds, newLease: randomUUID })
    const delivery = new Delivery(queue, logger, options)
    const workers = { first: this.worker('first', delivery), again: this.worker('again', delivery) }
    this.workers = Object.values(workers)
    delivery.onFollowers = () => shape.frees.forEach((turn) => workers[turn].wake())
  }

  start(): void {
    this.workers.forEach((worker) => worker.start())
  }

  /** Sends nothing more, and records what was under way. */
  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()))
    await Promise.all(this.pipelines.map((pipeline) => pipeline.close()))
  }

  private worker(turn: DeliveryTurn, delivery: Delivery<Claimed>): Worker<Claimed> {
    const { name, concurrency, idleMilliseconds, wakeChannel, notifications, logger } = this.options
    return new Worker({
      name: `${name} ${turn}`,
      concurrency,
      idleMilliseconds,
      claim: (limit) => delivery.claim(turn, limit),
      work: (claimed) => delivery.deliver(claimed),
      wakeChannel: turn === 'first' ? wakeChannel : undefined,
      notifications,
      logger
    })
  }

  private pipeline(name: string, settings: Readonly<Record<string, string>> = {}): Pipeline {
    const onError = (error: Error): void => this.options.logger.warn({ error }, `${name}: the connection was lost`)
    return new Pipeline({
      url: this.options.databaseUrl,
      name,
      settings: { ...HOT_READ_SETTINGS, ...settings },
      onError
    })
  }
}
