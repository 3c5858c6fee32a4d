/** Reads deliveries and their attempts. */
import DataLoader from 'dataloader'
import type { EntityReader, EntityReads } from '../../database/entity-reader'
import type { EntityTable } from '../../database/entity-table'
import { pageOf, type Page, type PageRequest, type PageRow } from '../../database/keyset'
import type { Loader, Reader } from '../../database/reader'
import type { WebhookAttempt } from '../../entities/webhook-attempt'
import { WebhookDelivery, type WebhookDeliveryStatus } from '../../entities/webhook-delivery'
import { choicePageStatement } from './choice-page'

export interface DeliveryFilter {
  /** Absent or empty: all. */
  readonly statuses?: readonly WebhookDeliveryStatus[]
  /** A UUID in canonical form. */
  readonly eventId?: string
}

type Row = Record<string, unknown>

export class WebhookDeliveries {
  private readonly reads: EntityReads<WebhookDelivery>
  private readonly latest: Loader<string, WebhookDelivery>
  private readonly attempts: DataLoader<{ deliveryId: string; limit: number }, WebhookAttempt[]>

  constructor(
    entities: EntityReader,
    attempts: EntityTable<WebhookAttempt>,
    private readonly reader: Reader
  ) {
    this.reads = entities.of(WebhookDelivery)
    this.latest = this.reads.loader(
      'webhook_delivery_latest',
      `SELECT latest.* FROM unnest($1::uuid[]) AS wanted (event_id) CROSS JOIN LATERAL (
        SELECT ${this.reads.table.select('delivery')} FROM webhook_delivery AS delivery
        WHERE delivery.event_id = wanted.event_id
        ORDER BY delivery.created_at DESC, delivery.id DESC LIMIT 1) AS latest`,
      (delivery) => delivery.eventId
    )
    this.attempts = attemptsLoader(reader, attempts)
  }

  /** `id` is a UUID in canonical form. */
  find(id: string): Promise<WebhookDelivery | undefined> {
    return this.reads.find(id)
  }

  /** The last delivery that was asked for of an event. `eventId` is an event's own id. */
  latestOf(eventId: string): Promise<WebhookDelivery | undefined> {
    return this.latest.load(eventId)
  }

  /** The last `limit` attempts of a delivery, in their order. */
  attemptsOf(deliveryId: string, limit: number): Promise<WebhookAttempt[]> {
    return this.attempts.load({ deliveryId, limit })
  }

  /** In the order of (created_at, id). */
  async page(request: PageRequest, { statuses = [], eventId }: DeliveryFilter): Promise<Page<WebhookDelivery>> {
    if (eventId !== undefined) {
      const condition = `event_id = $3 AND (cardinality($4::text[]) = 0 OR status = ANY($4::text[]))`
      return this.reads.page(request, { name: 'of_event', condition, values: [eventId, statuses] })
    }
    if (statuses.length === 0) return this.reads.page(request)
    const { table } = this.reads
    const source = { table: table.name, select: table.select('entry'), column: 'status' }
    const rows = await this.reader.rows<Row & PageRow>(choicePageStatement(source, request, statuses))
    return pageOf(rows, request, (row) => table.entityOf(row))
  }
}

/** Most deliveries whose attempts are read in one query. */
const MERGED_DELIVERIES_MAX = 200

function attemptsLoader(
  reader: Reader,
  table: EntityTable<WebhookAttempt>
): DataLoader<{ deliveryId: string; limit: number }, WebhookAttempt[]> {
  const text = `SELECT latest.* FROM unnest($1::uuid[], $2::int[]) AS wanted (delivery_id, wanted_count)
    CROSS JOIN LATERAL (
      SELECT ${table.select('attempt')} FROM webhook_attempt AS attempt
      WHERE attempt.delivery_id = wanted.delivery_id ORDER BY attempt.number DESC LIMIT wanted.wanted_count) AS latest
    ORDER BY latest.delivery_id, latest.number`
  return new DataLoader(
    async (keys) => {
      const mostOf = new Map<string, number>()
      for (const { deliveryId, limit } of keys) {
        mostOf.set(deliveryId, Math.max(limit, mostOf.get(deliveryId) ?? 0))
      }
      const values = [[...mostOf.keys()], [...mostOf.values()]]
      const rows = await reader.rows<Row>({ name: 'webhook_attempts_of', text, values })
      const attempts = new Map<string, WebhookAttempt[]>([...mostOf.keys()].map((deliveryId) => [deliveryId, []]))
      for (const row of rows) {
        const attempt = table.entityOf(row)
        attempts.get(attempt.deliveryId)?.push(attempt)
      }
      return keys.map(({ deliveryId, limit }) => (attempts.get(deliveryId) ?? []).slice(-limit))
    },
    { cache: false, maxBatchSize: MERGED_DELIVERIES_MAX, batchScheduleFn: (dispatch) => setImmediate(dispatch) }
  )
}
