/**
 * Where what agents and merchants are told is written: in the transaction of what it tells of, together with
 * its first delivery. The commit wakes the workers that deliver.
 *
 * An event is written only if its receiver has a webhook URL at that moment. Where it then goes, and with which
 * token, is read from the receiver's current key with each attempt.
 */
import type { EntityManager } from 'typeorm'
import { columnsOf, type Attachment } from '../../../database/statement'
import type { RampBearerKind } from '../../../entities/ramp/bearer-kind'
import type { RampEventType } from '../../../entities/ramp/webhook-event'
import type { Identifiers } from '../../identifiers'

export interface NewRampEvent {
  /** A UUID of version 4 in canonical form; the receiver sees it with each attempt. */
  readonly id: string
  readonly bearerKind: RampBearerKind
  readonly bearerId: string
  readonly type: RampEventType
  /**
   * What it happened to, at most 64 bytes. What one receiver is told of one order is sent in the order in which
   * it was written, as long as first attempts succeed.
   */
  readonly orderId: string
  /** What is sent. Plain JSON: amounts are text, or numbers where the receiver was promised numbers. */
  readonly data: Record<string, unknown>
  readonly createdAt: Date
}

/** The key that a receiver's webhooks go by, for a row that has `bearer_kind` and `bearer_id`. */
export function receiverOf(row: string): string {
  return `SELECT webhook_url AS url, webhook_token AS token FROM ramp_api_key AS key
    WHERE key.bearer_kind = ${row}.bearer_kind AND key.bearer_id = ${row}.bearer_id AND key.is_secret
      AND key.revoked_at IS NULL AND key.webhook_url IS NOT NULL
    ORDER BY key.created_at DESC, key.id DESC LIMIT 1`
}

/**
 * One statement, as an event and its delivery are both left out for a receiver without a URL. All that is told in
 * one transaction shares it, in the order in which it was submitted.
 */
const TELL = {
  name: 'ramp_webhook_tell',
  text: `
    WITH happened AS MATERIALIZED (
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::json[],
          $8::timestamptz[]) WITH ORDINALITY
        AS happened (id, delivery_id, bearer_kind, bearer_id, type, order_id, data, created_at, position)
      WHERE EXISTS (${receiverOf('happened')})
    ), event AS (
      INSERT INTO ramp_webhook_event (id, bearer_kind, bearer_id, type, order_id, data, created_at)
      SELECT id, bearer_kind, bearer_id, type, order_id, data, created_at FROM happened
    )
    INSERT INTO ramp_webhook_delivery (id, event_id, bearer_id, resource_id, created_at)
    SELECT delivery_id, id, bearer_id, bearer_id || ':' || order_id, created_at FROM happened ORDER BY position`
} as const

export class RampOutbox {
  constructor(private readonly identifiers: Identifiers) {}

  /** What travels with a submission to the ledger or to the group writer. */
  attachments(events: readonly NewRampEvent[]): Attachment[] {
    return events.map((event) => ({ ...TELL, row: this.rowOf(event), isUncounted: true }))
  }

  /** The same rows in a transaction of its own. */
  async write(manager: EntityManager, events: readonly NewRampEvent[]): Promise<void> {
    if (events.length === 0) return
    await manager.query(TELL.text, columnsOf(events.map((event) => this.rowOf(event))))
  }

  private rowOf({ id, bearerKind, bearerId, type, orderId, data, createdAt }: NewRampEvent): unknown[] {
    return [id, this.identifiers.next(), bearerKind, bearerId, type, orderId, JSON.stringify(data), createdAt]
  }
}
