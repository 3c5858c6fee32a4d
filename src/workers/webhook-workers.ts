/**
 * The workers that deliver webhooks. Events that were never sent have a loop of their own, so that a receiver
 * that fails on some events, however many, does not hold up the others.
 */
import { randomUUID } from 'node:crypto'
import { HOT_READ_SETTINGS } from '../database/reader'
import { Pipeline } from '../database/pipeline'
import type { Logger } from '../services/context'
import { Delivery, type DeliveryOptions } from '../services/webhooks/delivery'
import { DeliveryQueue, type ClaimedDelivery, type DeliveryTurn } from '../services/webhooks/delivery-queue'
import { WebhookClient, type WebhookClientOptions } from '../services/webhooks/webhook-client'
import type { Notifications } from './notification-listener'
import { Worker } from './worker'

export interface WebhookWorkersOptions extends DeliveryOptions, Omit<WebhookClientOptions, 'connectionsMax'> {
  readonly databaseUrl: string
  /** Most requests under way at a time, for first attempts and for further ones each. */
  readonly concurrency: number
  readonly idleMilliseconds: number
  /** How long a delivery stays in hand, past the timeout, before others may take it. */
  readonly leaseMarginMilliseconds?: number
  readonly notifications: Notifications
  readonly logger: Logger
}

/** What an operator can set of delivering. */
export interface WebhookWorkersSettings {
  /** Absent: nothing is delivered. */
  readonly webhookUrl?: string
  readonly webhookTimeoutMilliseconds: number
  readonly webhookAcceptsAny2xx: boolean
  /** Loops; 0 leaves delivering to other instances. */
  readonly webhookWorkers: number
  /** Most first attempts that a loop has under way at a time, and as many further ones. */
  readonly webhookConcurrency: number
  readonly webhookWorkerIdleMilliseconds: number
  readonly webhookAttemptsMax: number
  readonly webhookRetryMillisecondsMin: number
  readonly webhookRetryMillisecondsMax: number
  /** Absent: webhooks are not signed. */
  readonly signatureSecret?: string
  readonly signatureVersion: number
}

/** The workers that the settings ask for; undefined if this instance delivers nothing. */
export function webhookWorkersOf(
  settings: WebhookWorkersSettings,
  surroundings: Pick<WebhookWorkersOptions, 'databaseUrl' | 'notifications' | 'logger' | 'now'>
): WebhookWorkers | undefined {
  const { webhookUrl, webhookWorkers, signatureSecret, signatureVersion } = settings
  if (webhookUrl === undefined || webhookWorkers === 0) return undefined
  return new WebhookWorkers({
    ...surroundings,
    url: webhookUrl,
    timeoutMilliseconds: settings.webhookTimeoutMilliseconds,
    acceptsAny2xx: settings.webhookAcceptsAny2xx,
    signature: signatureSecret === undefined ? undefined : { secret: signatureSecret, version: signatureVersion },
    // Loops of one process would only share what one loop does as well.
    concurrency: webhookWorkers * settings.webhookConcurrency,
    idleMilliseconds: settings.webhookWorkerIdleMilliseconds,
    attemptsMax: settings.webhookAttemptsMax,
    retryMillisecondsMin: settings.webhookRetryMillisecondsMin,
    retryMillisecondsMax: settings.webhookRetryMillisecondsMax
  })
}

export const WEBHOOK_CHANNEL = 'webhook_delivery'
const LEASE_MARGIN_MILLISECONDS = 5_000

export class WebhookWorkers {
  private readonly workers: Worker<ClaimedDelivery>[]
  private readonly pipelines: Pipeline[]
  private readonly client: WebhookClient

  constructor(private readonly options: WebhookWorkersOptions) {
    const { leaseMarginMilliseconds = LEASE_MARGIN_MILLISECONDS, timeoutMilliseconds, concurrency, logger } = options
    // A claim that is lost with the database costs nothing: what it claimed is due again.
    const claims = this.pipeline('hazina webhook claims', { synchronous_commit: 'off' })
    const settlements = this.pipeline('hazina webhook outcomes')
    this.pipelines = [claims, settlements]
    const queue = new DeliveryQueue(claims, settlements, {
      leaseMilliseconds: timeoutMilliseconds + leaseMarginMilliseconds,
      newLease: randomUUID
    })
    this.client = new WebhookClient({ ...options, connectionsMax: 2 * concurrency })
    const delivery = new Delivery(queue, this.client, logger, options)
    const first = this.worker('first', delivery)
    this.workers = [first, this.worker('again', delivery)]
    delivery.onFollowers = () => first.wake()
  }

  start(): void {
    this.workers.forEach((worker) => worker.start())
  }

  /** Sends nothing more, and records what was under way. */
  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()))
    this.client.close()
    await Promise.all(this.pipelines.map((pipeline) => pipeline.close()))
  }

  private worker(turn: DeliveryTurn, delivery: Delivery): Worker<ClaimedDelivery> {
    const { concurrency, idleMilliseconds, notifications, logger } = this.options
    return new Worker({
      name: `webhook ${turn}`,
      concurrency,
      idleMilliseconds,
      claim: (limit) => delivery.claim(turn, limit),
      work: (claimed) => delivery.deliver(claimed),
      wakeChannel: turn === 'first' ? WEBHOOK_CHANNEL : undefined,
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
