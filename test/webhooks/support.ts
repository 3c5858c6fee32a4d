/** Webhooks on a database of the test's own. */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { Reader } from '../../src/database/reader'
import { UnitOfWork } from '../../src/database/unit-of-work'
import { ENTITIES } from '../../src/entities'
import { Identifiers } from '../../src/services/identifiers'
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
