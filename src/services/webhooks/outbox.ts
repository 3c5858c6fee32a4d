/**
 * Where events are written: in the transaction of what they tell of, together with their first delivery. The
 * commit wakes the workers that deliver.
 */
import type { EntityManager } from 'typeorm'
import { columnsOf, type Attachment, type MergedRow } from '../../database/statement'
import type { WebhookEventType } from '../../entities/webhook-event'
import type { Identifiers } from '../identifiers'
import { eventsFor, type WebhookPayload } from './payload'

export interface NewWebhookEvent {
  /** A UUID of version 4 in canonical form: it becomes the id of the transfer that the event asks for. */
  readonly id: string
  readonly type: WebhookEventType
  /** What is sent. Plain JSON: amounts are text by now. */
  readonly data: Record<string, unknown>
  /**
   * What it happened to: an id, or a URL of at most 2048 bytes. Events of one resource are delivered in the
   * order in which they were written; their writers hold the resource's row, so that there is such an order.
   */
  readonly resourceId: string
  readonly createdAt: Date
  /** What the operator may withdraw on this event; the amount is more than 0. */
  readonly withdrawal?: {
    readonly accountId: bigint
    readonly assetId: string
    /** In the asset's smallest unit. */
    readonly amount: bigint
  }
}

const EVENT = {
  name: 'webhook_event',
  text: `INSERT INTO webhook_event
      (id, type, resource_id, data, withdrawal_account_id, withdrawal_asset_id, withdrawal_amount, created_at)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::json[], $5::bigint[], $6::uuid[], $7::numeric[],
      $8::timestamptz[])`
} as const

const DELIVERY = {
  name: 'webhook_delivery',
  text: `INSERT INTO webhook_delivery (id, event_id, resource_id, created_at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[])`
} as const

export class WebhookOutbox {
  constructor(
    private readonly identifiers: Identifiers,
    private readonly payload: WebhookPayload = 'v2'
  ) {}

  /** Rows that travel with a submission to the ledger. */
  attachments(happened: readonly NewWebhookEvent[]): Attachment[] {
    return eventsFor(this.payload, happened).flatMap((event): MergedRow[] => [
      { ...EVENT, row: eventRow(event) },
      { ...DELIVERY, row: this.deliveryRow(event) }
    ])
  }

  /** The same rows in a transaction of its own. */
  async write(manager: EntityManager, happened: readonly NewWebhookEvent[]): Promise<void> {
    const events = eventsFor(this.payload, happened)
    if (events.length === 0) return
    await manager.query(EVENT.text, columnsOf(events.map(eventRow)))
    await manager.query(DELIVERY.text, columnsOf(events.map((event) => this.deliveryRow(event))))
  }

  private deliveryRow({ id, resourceId, createdAt }: NewWebhookEvent): unknown[] {
    return [this.identifiers.next(), id, resourceId, createdAt]
  }
}

function eventRow({ id, type, resourceId, data, withdrawal, createdAt }: NewWebhookEvent): unknown[] {
  const { accountId = null, assetId = null, amount = null } = withdrawal ?? {}
  return [id, type, resourceId, JSON.stringify(data), accountId, assetId, amount, createdAt]
}
