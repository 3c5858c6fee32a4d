/**
 * What is to be delivered, and what became of it.
 *
 * Of a resource's pending deliveries only the first is ever taken in hand, so events of one resource go out in
 * order, while nothing that happens to one resource holds up another. A delivery found behind another one is
 * put off until that one is due again, so that a long line behind a dead head is not looked at over and over;
 * when the head is settled the next in line becomes due at once.
 *
 * A delivery in hand is leased: it counts as due again when the lease ends. All times are the database's, so
 * that several instances agree on them.
 */
import type { Pipeline } from '../../database/pipeline'
import type { Statement } from '../../database/statement'
import type { WebhookDeliveryStatus } from '../../entities/webhook-delivery'
import type { WebhookEventType } from '../../entities/webhook-event'
import type { Attempt } from './webhook-client'

/** Those that were never sent, or those that were. */
export type DeliveryTurn = 'first' | 'again'

export interface ClaimedDelivery {
  readonly id: string
  readonly eventId: string
  readonly resourceId: string
  readonly lease: string
  /** Earlier attempts. */
  readonly attempts: number
  readonly type: WebhookEventType
  /** JSON as it was written. */
  readonly data: string
}

export interface DeliveryOutcome {
  readonly delivery: ClaimedDelivery
  readonly attempt: Attempt
  readonly status: WebhookDeliveryStatus
  /** While pending: how long to wait before the next attempt. */
  readonly pauseMilliseconds: number
}

interface ClaimRow {
  readonly looked_at: number
  readonly id: string | null
  readonly event_id: string
  readonly resource_id: string
  readonly attempts: number
  readonly type: WebhookEventType
  readonly data: string
}

/** Deliveries looked at beyond those wanted, as some may stand behind others of their resource. */
const EXTRA = 32
/** How often one claim looks before it leaves the rest to the next. */
const ROUNDS_MAX = 8

export class DeliveryQueue {
  constructor(
    private readonly claims: Pipeline,
    private readonly settlements: Pipeline,
    private readonly options: { readonly leaseMilliseconds: number; readonly newLease: () => string }
  ) {}

  /** Takes at most `limit` due deliveries in hand, of as many resources. */
  async claim(turn: DeliveryTurn, limit: number): Promise<ClaimedDelivery[]> {
    const claimed: ClaimedDelivery[] = []
    for (let round = 0; round < ROUNDS_MAX && claimed.length < limit; round++) {
      const wanted = limit - claimed.length
      const lease = this.options.newLease()
      const values = [wanted + EXTRA, wanted, lease, this.options.leaseMilliseconds]
      const rows = await this.claims.query<ClaimRow>({ ...CLAIMS[turn], values })
      claimed.push(...rows.flatMap((row) => claimedOf(row, lease)))
      if ((rows[0]?.looked_at ?? 0) < wanted + EXTRA) break
    }
    return claimed
  }

  /**
   * Records attempts and what follows from them. A delivery whose lease went to somebody else is left to them.
   * Says whether others stood behind those that were settled.
   */
  async settle(outcomes: readonly DeliveryOutcome[]): Promise<{ readonly hasFollowers: boolean }> {
    await this.settlements.query(settlement(outcomes))
    const final = outcomes.filter(({ status }) => status !== 'pending')
    if (final.length === 0) return { hasFollowers: false }
    // Sent when the settlement is durable: a statement that began before it could not see a follower that
    // was put off while the settlement waited.
    const values = [[...new Set(final.map(({ delivery }) => delivery.resourceId))]]
    const [row] = await this.settlements.query<{ followers: number }>({ ...PROMOTE, values })
    return { hasFollowers: (row?.followers ?? 0) > 0 }
  }
}

function claimedOf(row: ClaimRow, lease: string): ClaimedDelivery[] {
  const { id, event_id: eventId, resource_id: resourceId, attempts, type, data } = row
  return id === null ? [] : [{ id, eventId, resourceId, lease, attempts, type, data }]
}

/**
 * $1 how many to look at, $2 how many to take, $3 the lease, $4 its length in milliseconds.
 *
 * Heads are locked while those behind them are put off: a head that is being settled is left out, as its
 * follower is free a moment later.
 */
function claimText(condition: string): string {
  return `
    WITH due AS MATERIALIZED (
      SELECT id, resource_id, due_at, sequence FROM webhook_delivery
      WHERE status = 'pending' AND ${condition} AND due_at <= statement_timestamp()
      ORDER BY due_at, sequence LIMIT $1::int FOR UPDATE SKIP LOCKED
    ), behind AS MATERIALIZED (
      SELECT due.id, head.id AS head_id FROM due CROSS JOIN LATERAL (
        SELECT earlier.id FROM webhook_delivery AS earlier
        WHERE earlier.status = 'pending' AND earlier.resource_id = due.resource_id AND earlier.sequence < due.sequence
        ORDER BY earlier.sequence LIMIT 1) AS head
    ), head AS MATERIALIZED (
      SELECT id, due_at FROM webhook_delivery
      WHERE status = 'pending' AND id = ANY(ARRAY(SELECT head_id FROM behind)) FOR UPDATE SKIP LOCKED
    ), put_off AS (
      UPDATE webhook_delivery AS delivery
      SET due_at = greatest(head.due_at, statement_timestamp() + $4::int * interval '1 millisecond')
      FROM behind JOIN head ON head.id = behind.head_id WHERE delivery.id = behind.id
    ), free AS MATERIALIZED (
      SELECT id FROM due WHERE id <> ALL(ARRAY(SELECT id FROM behind)) ORDER BY due_at, sequence LIMIT $2::int
    ), claimed AS (
      UPDATE webhook_delivery AS delivery
      SET lease = $3::uuid, due_at = statement_timestamp() + $4::int * interval '1 millisecond'
      FROM free WHERE delivery.id = free.id
      RETURNING delivery.id, delivery.event_id, delivery.resource_id, delivery.attempts, delivery.sequence
    )
    SELECT (SELECT count(*)::int FROM due) AS looked_at, claimed.id, claimed.event_id, claimed.resource_id,
      claimed.attempts, event.type, event.data::text AS data
    FROM (SELECT) AS one
      LEFT JOIN (claimed JOIN webhook_event AS event ON event.id = claimed.event_id) ON true
    ORDER BY claimed.sequence`
}

const CLAIMS: Readonly<Record<DeliveryTurn, { readonly name: string; readonly text: string }>> = {
  first: { name: 'webhook_claim_first', text: claimText('attempts = 0') },
  again: { name: 'webhook_claim_again', text: claimText('attempts > 0') }
}

const SETTLE = {
  name: 'webhook_settle',
  text: `
    WITH outcome AS MATERIALIZED (
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::timestamptz[], $6::int[], $7::smallint[],
        $8::text[]) AS outcome (id, lease, status, pause, started_at, duration, http_status, error)
    ), settled AS (
      UPDATE webhook_delivery AS delivery SET status = outcome.status, attempts = delivery.attempts + 1,
        last_status = outcome.http_status, lease = NULL,
        due_at = statement_timestamp() + outcome.pause * interval '1 millisecond',
        settled_at = CASE WHEN outcome.status <> 'pending' THEN statement_timestamp() END
      FROM outcome WHERE delivery.id = outcome.id AND delivery.lease = outcome.lease
      RETURNING delivery.id, delivery.attempts
    )
    INSERT INTO webhook_attempt (delivery_id, number, started_at, duration_milliseconds, status, error)
    SELECT settled.id, settled.attempts, outcome.started_at, outcome.duration, outcome.http_status, outcome.error
    FROM settled JOIN outcome ON outcome.id = settled.id`
} as const

function settlement(outcomes: readonly DeliveryOutcome[]): Statement {
  const column = (value: (outcome: DeliveryOutcome) => unknown): unknown[] => outcomes.map(value)
  return {
    ...SETTLE,
    values: [
      column(({ delivery }) => delivery.id),
      column(({ delivery }) => delivery.lease),
      column(({ status }) => status),
      column(({ pauseMilliseconds }) => pauseMilliseconds),
      column(({ attempt }) => attempt.startedAt),
      column(({ attempt }) => attempt.durationMilliseconds),
      column(({ attempt }) => attempt.status),
      column(({ attempt }) => attempt.error)
    ]
  }
}

/** Makes the next in line of each resource due at once, if it was put off. */
const PROMOTE = {
  name: 'webhook_promote',
  text: `
    WITH next AS MATERIALIZED (
      SELECT head.id FROM unnest($1::text[]) AS wanted (resource_id) CROSS JOIN LATERAL (
        SELECT id FROM webhook_delivery AS delivery
        WHERE delivery.status = 'pending' AND delivery.resource_id = wanted.resource_id
        ORDER BY delivery.sequence LIMIT 1) AS head
    ), promoted AS (
      UPDATE webhook_delivery AS delivery SET due_at = statement_timestamp() FROM next
      WHERE delivery.id = next.id AND delivery.status = 'pending' AND delivery.attempts = 0
        AND delivery.lease IS NULL AND delivery.due_at > statement_timestamp()
    )
    SELECT count(*)::int AS followers FROM next`
} as const
