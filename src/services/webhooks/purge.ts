/**
 * Removes events that arrived long ago, with their deliveries and attempts. What still waits or was given up stays,
 * and so does an event that asks for money until that money has moved: its id is what one asks with.
 */
import type { UnitOfWork } from '../../database/unit-of-work'
import type { WebhookTables } from './ask-again'

/** Deliveries looked at in one transaction. */
const STEP = 1_000

const ASKS_FOR_NOTHING: Readonly<Record<WebhookTables, string>> = {
  webhook: `(event.withdrawal_amount IS NULL OR EXISTS (SELECT FROM ledger_transfer WHERE id = event.id))
    AND CASE event.type WHEN 'outgoing_payment.created' THEN NOT EXISTS (
      SELECT FROM outgoing_payment WHERE id = event.resource_id::uuid AND state = 'FUNDING') ELSE true END`,
  ramp_webhook: 'true'
}

/** Begins behind the delivery ($2, $3), as what stays is not to be looked at with every step. */
function stepText(name: WebhookTables): string {
  return `
    WITH looked AS MATERIALIZED (
      SELECT id, event_id, created_at FROM ${name}_delivery
      WHERE status = 'delivered' AND NOT is_replayed AND created_at < $1 AND settled_at < $1
        AND (created_at, id) > ($2::timestamptz, $3::uuid)
      ORDER BY created_at, id LIMIT ${STEP}
    ), event AS MATERIALIZED (
      SELECT event.id FROM ${name}_event AS event
      WHERE event.id = ANY(ARRAY(SELECT event_id FROM looked)) AND ${ASKS_FOR_NOTHING[name]}
        AND NOT EXISTS (
          SELECT FROM ${name}_delivery AS open WHERE open.event_id = event.id
            AND (open.status = 'pending' OR open.settled_at >= $1 OR open.status = 'dead' AND NOT open.is_replayed))
      FOR UPDATE OF event SKIP LOCKED
    ), delivery AS MATERIALIZED (
      SELECT id FROM ${name}_delivery WHERE event_id = ANY(ARRAY(SELECT id FROM event))
    ), without_attempts AS (
      DELETE FROM ${name}_attempt WHERE delivery_id = ANY(ARRAY(SELECT id FROM delivery))
    ), without_deliveries AS (
      DELETE FROM ${name}_delivery WHERE id = ANY(ARRAY(SELECT id FROM delivery))
    ), without_events AS (
      DELETE FROM ${name}_event WHERE id = ANY(ARRAY(SELECT id FROM event))
    )
    SELECT (SELECT count(*)::int FROM event) AS removed, (SELECT count(*)::int FROM looked) AS looked_at,
      created_at::text, id
    FROM looked ORDER BY looked.created_at DESC, looked.id DESC LIMIT 1`
}

interface StepRow {
  readonly removed: number
  readonly looked_at: number
  /** Of the last delivery that was looked at, in full precision. */
  readonly created_at: string
  readonly id: string
}

export class WebhookPurge {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Removes what was settled before that. Safe to run in several processes at once. Returns how many events went. */
  async purge(name: WebhookTables, before: Date): Promise<number> {
    const text = stepText(name)
    let total = 0
    let last: readonly string[] = ['-infinity', '00000000-0000-0000-0000-000000000000']
    for (;;) {
      const values = [before, ...last]
      const [row] = await this.unitOfWork.run((manager) => manager.query<StepRow[]>(text, values))
      if (!row) return total
      total += row.removed
      if (row.looked_at < STEP) return total
      last = [row.created_at, row.id]
    }
  }
}
