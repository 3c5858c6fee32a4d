/** The worker that sends outgoing payments as soon as they are funded, and again when an attempt is due again. */
import { randomUUID } from 'node:crypto'
import type { EntityReader } from '../database/entity-reader'
import { Pipeline } from '../database/pipeline'
import { HOT_READ_SETTINGS } from '../database/reader'
import { createRequestContext, type Logger } from '../services/context'
import type { OutgoingPayment } from '../entities'
import { OUTGOING_PAYMENT_CHANNEL, OutgoingPaymentClaims } from '../services/payments/outgoing/outgoing-payment-claims'
import type { OutgoingPaymentSender } from '../services/payments/outgoing/outgoing-payment-sender'
import type { Notifications } from './notification-listener'
import { Worker } from './worker'

export interface OutgoingPaymentWorkerOptions {
  readonly databaseUrl: string
  /** Most payments under way at a time. */
  readonly concurrency: number
  readonly idleMilliseconds: number
  readonly leaseMilliseconds: number
  readonly notifications: Notifications
  readonly logger: Logger & { child(facts: Readonly<Record<string, unknown>>): Logger }
  readonly now: () => Date
}

export class OutgoingPaymentWorker {
  private readonly pipeline: Pipeline
  private readonly worker: Worker<OutgoingPayment>

  constructor(
    entities: EntityReader,
    private readonly sender: OutgoingPaymentSender,
    options: OutgoingPaymentWorkerOptions
  ) {
    const { databaseUrl, logger, now, leaseMilliseconds } = options
    // A claim is durable before anything is sent on it: one that was lost with the database would leave the payment
    // to a second worker while the first one, which saw nothing of the crash, is still sending it.
    this.pipeline = new Pipeline({
      url: databaseUrl,
      name: 'hazina payment claims',
      settings: HOT_READ_SETTINGS,
      onError: (error) => logger.warn({ error }, 'the connection for claims of payments was lost')
    })
    const claims = new OutgoingPaymentClaims(entities, this.pipeline, leaseMilliseconds)
    this.worker = new Worker({
      ...options,
      name: 'outgoing payments',
      claim: (limit) => claims.claim(now(), limit),
      work: (payment) => sender.send(createRequestContext(randomUUID(), logger, now), payment),
      wakeChannel: OUTGOING_PAYMENT_CHANNEL
    })
  }

  start(): void {
    this.worker.start()
  }

  /** Takes nothing more in hand and sends nothing more; resolves when what is under way is answered. */
  async stop(): Promise<void> {
    this.sender.interrupt()
    await this.worker.stop()
    await this.pipeline.close()
  }
}
