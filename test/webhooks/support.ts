/** Webhooks on a database of the test's own. */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { Reader } from '../../src/database/reader'
import { UnitOfWork } from '../../src/database/unit-of-work'
import { ENTITIES } from '../../src/entities'
import { Identifiers } from '../../src/services/identifiers'
import { NotificationListener } from '../../src/workers/notification-listener'
import { WebhookWorkers, type WebhookWorkersOptions } from '../../src/workers/webhook-workers'
import { recordingLogger, type LogLine } from '../workers/support'
import { WebhookOutbox, type NewWebhookEvent } from '../../src/services/webhooks/outbox'

export interface TestWebhooks {
  readonly dataSource: DataSource
  readonly reader: Reader
  readonly unitOfWork: UnitOfWork
  readonly outbox: WebhookOutbox
  write(events: readonly NewWebhookEvent[]): Promise<void>
  close(): Promise<void>
}

export async function openWebhooks(url: string): Promise<TestWebhooks> {
  const dataSource = new DataSource({ type: 'postgres', url, entities: ENTITIES })
  await dataSource.initialize()
  const reader = new Reader({ url, onError: () => undefined })
  const unitOfWork = new UnitOfWork(dataSource, {
    lockTimeoutMilliseconds: 2_000,
    statementTimeoutMilliseconds: 10_000,
    idleTimeoutMilliseconds: 5_000
  })
  const outbox = new WebhookOutbox(new Identifiers())
  return {
    dataSource,
    reader,
    unitOfWork,
    outbox,
    write: (events) => unitOfWork.run((manager) => outbox.write(manager, events)),
    close: async () => {
      await reader.close()
      await dataSource.destroy()
    }
  }
}

export function newEvent(event: Partial<NewWebhookEvent> = {}): NewWebhookEvent {
  const id = randomUUID()
  return { id, type: 'outgoing_payment.created', data: { id }, resourceId: id, createdAt: new Date(), ...event }
}

/** Long enough never to pass in a test. */
export const NEVER = 2 ** 30

export interface TestWorkers {
  readonly lines: LogLine[]
  stop(): Promise<void>
}

/** The workers of one instance, which sleep until they are notified and try again at once. */
export function startWorkers(url: string, options: Partial<WebhookWorkersOptions> & { url: string }): TestWorkers {
  const { logger, lines } = recordingLogger()
  const notifications = new NotificationListener({ url, logger })
  const workers = new WebhookWorkers({
    databaseUrl: url,
    timeoutMilliseconds: 5_000,
    concurrency: 8,
    idleMilliseconds: 20,
    attemptsMax: 100,
    retryMillisecondsMin: 1,
    retryMillisecondsMax: 5,
    now: () => new Date(),
    notifications,
    logger,
    ...options
  })
  workers.start()
  return {
    lines,
    stop: async () => {
      await workers.stop()
      await notifications.close()
    }
  }
}

export interface DeliveryRow {
  readonly id: string
  readonly event_id: string
  readonly status: string
  readonly attempts: number
  readonly last_status: number | null
  readonly due_at: Date
  readonly settled_at: Date | null
  readonly lease: string | null
}

export interface AttemptRow {
  readonly number: number
  readonly status: number | null
  readonly error: string | null
  readonly started_at: Date
  readonly duration_milliseconds: number
}

/** Looks at deliveries in SQL. */
export class Deliveries {
  constructor(private readonly dataSource: DataSource) {}

  of(eventId: string): Promise<DeliveryRow[]> {
    return this.dataSource.query('SELECT * FROM webhook_delivery WHERE event_id = $1 ORDER BY sequence', [eventId])
  }

  attempts(eventId: string): Promise<AttemptRow[]> {
    return this.dataSource.query(
      `SELECT webhook_attempt.* FROM webhook_attempt JOIN webhook_delivery ON delivery_id = id
      WHERE event_id = $1 ORDER BY sequence, number`,
      [eventId]
    )
  }

  async until(eventId: string, isTrue: (row: DeliveryRow) => boolean): Promise<DeliveryRow> {
    for (;;) {
      const row = (await this.of(eventId)).at(-1)
      if (row && isTrue(row)) return row
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }

  settled(eventId: string): Promise<DeliveryRow> {
    return this.until(eventId, ({ status }) => status !== 'pending')
  }
}
