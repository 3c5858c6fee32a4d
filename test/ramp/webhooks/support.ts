/** Webhooks to agents and merchants, on a database of the test's own. */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { UnitOfWork } from '../../../src/database/unit-of-work'
import { ENTITIES } from '../../../src/entities'
import { Identifiers } from '../../../src/services/identifiers'
import { RampOutbox, type NewRampEvent } from '../../../src/services/ramp/webhooks/outbox'
import { NotificationListener } from '../../../src/workers/notification-listener'
import {
  RampWebhookWorkers,
  type RampWebhookWorkersOptions,
  type RampWebhookWorkersSettings
} from '../../../src/workers/ramp-webhook-workers'
import { createTestDatabase } from '../../support/database'
import { recordingLogger, type LogLine } from '../../workers/support'

export interface Bearer {
  readonly bearerKind: 'agent' | 'merchant'
  readonly bearerId: string
}

export interface DeliveryRow {
  readonly id: string
  readonly event_id: string
  readonly status: string
  readonly attempts: number
  readonly last_status: number | null
  readonly lease: string | null
}

export interface AttemptRow {
  readonly number: number
  readonly status: number | null
  readonly error: string | null
}

/** The database of one test file, seen from the outbox and in SQL. */
export class RampWebhooks {
  private constructor(
    readonly url: string,
    readonly dataSource: DataSource,
    readonly unitOfWork: UnitOfWork,
    private readonly drop: () => Promise<void>
  ) {}

  readonly outbox = new RampOutbox(new Identifiers())

  static async open(): Promise<RampWebhooks> {
    const database = await createTestDatabase()
    const dataSource = new DataSource({ type: 'postgres', url: database.url, entities: ENTITIES })
    await dataSource.initialize()
    const unitOfWork = new UnitOfWork(dataSource, {
      lockTimeoutMilliseconds: 2_000,
      statementTimeoutMilliseconds: 10_000,
      idleTimeoutMilliseconds: 5_000
    })
    return new RampWebhooks(database.url, dataSource, unitOfWork, () => database.drop())
  }

  async close(): Promise<void> {
    await this.dataSource.destroy()
    await this.drop()
  }

  async clear(): Promise<void> {
    await this.dataSource.query(
      'TRUNCATE ramp_webhook_event, ramp_webhook_delivery, ramp_webhook_attempt, ramp_api_key CASCADE'
    )
  }

  /** Somebody with a secret key. */
  async addBearer(
    url: string | null,
    token: string | null = 'tok',
    kind: Bearer['bearerKind'] = 'agent'
  ): Promise<Bearer> {
    const bearer: Bearer = { bearerKind: kind, bearerId: randomUUID() }
    await this.addKey(bearer, url, token)
    return bearer
  }

  /** The newest secret key of its bearer; those before it are revoked. */
  async addKey({ bearerKind, bearerId }: Bearer, url: string | null, token: string | null): Promise<void> {
    await this.revokeKeys({ bearerKind, bearerId })
    await this.dataSource.query(
      `INSERT INTO ramp_api_key (id, bearer_kind, bearer_id, is_secret, hash, masked, webhook_url, webhook_token, created_at)
      VALUES (gen_random_uuid(), $1, $2, true, sha256(gen_random_uuid()::text::bytea), 'CSHRMP-SECK_abcd…wxyz', $3, $4, now())`,
      [bearerKind, bearerId, url, token]
    )
  }

  async revokeKeys({ bearerId }: Bearer): Promise<void> {
    await this.dataSource.query('UPDATE ramp_api_key SET revoked_at = now() WHERE bearer_id = $1', [bearerId])
  }

  tell(events: readonly NewRampEvent[]): Promise<void> {
    return this.unitOfWork.run((manager) => this.outbox.write(manager, events))
  }

  of(eventId: string): Promise<DeliveryRow[]> {
    return this.dataSource.query('SELECT * FROM ramp_webhook_delivery WHERE event_id = $1 ORDER BY sequence', [eventId])
  }

  attempts(eventId: string): Promise<AttemptRow[]> {
    return this.dataSource.query(
      `SELECT ramp_webhook_attempt.* FROM ramp_webhook_attempt JOIN ramp_webhook_delivery ON delivery_id = id
      WHERE event_id = $1 ORDER BY sequence, number`,
      [eventId]
    )
  }

  async count(condition: string): Promise<number> {
    const rows = await this.dataSource.query<{ count: number }[]>(
      `SELECT count(*)::int FROM ramp_webhook_delivery WHERE ${condition}`
    )
    return rows[0]!.count
  }

  async untilNone(condition: string): Promise<void> {
    while ((await this.count(condition)) > 0) await new Promise((resolve) => setTimeout(resolve, 5))
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

export function rampEvent(bearer: Bearer, event: Partial<NewRampEvent> = {}): NewRampEvent {
  const id = randomUUID()
  return {
    id,
    ...bearer,
    type: 'payment.assigned',
    orderId: id,
    data: { id, order_id: 'K7Q2M9X4TB', amount: '30600.0', customer: { name: 'Zoë "Z" Ünal\u2028' } },
    createdAt: new Date(),
    ...event
  }
}

/** Long enough never to pass in a test. */
export const NEVER = 2 ** 30

export interface TestWorkers {
  readonly lines: LogLine[]
  stop(): Promise<void>
}

/** The workers of one instance in test mode, which try again at once. */
export function startRampWorkers(
  url: string,
  settings: Partial<RampWebhookWorkersSettings> = {},
  options: Partial<RampWebhookWorkersOptions> = {}
): TestWorkers {
  const { logger, lines } = recordingLogger()
  const notifications = new NotificationListener({ url, logger })
  const workers = new RampWebhookWorkers(
    {
      rampTestMode: true,
      rampWebhookTimeoutMilliseconds: 5_000,
      rampWebhookScheduleSeconds: [0, 0, 0, 0, 0, 0, 0],
      rampWebhookConcurrency: 32,
      rampWebhookWorkerIdleMilliseconds: 20,
      ...settings
    },
    { databaseUrl: url, notifications, logger, now: () => new Date(), ...options }
  )
  workers.start()
  return {
    lines,
    stop: async () => {
      await workers.stop()
      await notifications.close()
    }
  }
}
