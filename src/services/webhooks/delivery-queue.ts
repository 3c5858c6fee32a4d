/**
 * What is to be delivered, and what became of it.
 *
 * Deliveries of a line go out in order: only the head of a line is ever taken in hand, while nothing that
 * happens in one line holds up another. A delivery found behind another one is put off until that one is due
 * again, so that a long line behind a dead head is not looked at over and over; when the head is out of the way
 * the next in line becomes due at once.
 *
 * A delivery in hand is leased: it counts as due again when the lease ends. All times are the database's, so
 * that several instances agree on them. Which tables hold the deliveries, and how those that are due are found
 * and shared out, is the queue's shape.
 */
import type { Pipeline } from '../../database/pipeline'
import type { Statement } from '../../database/statement'
import type { WebhookDeliveryStatus } from '../../entities/webhook-delivery'
import type { Attempt } from './webhook-client'

/** Those that were never sent, or those that were. */
export type DeliveryTurn = 'first' | 'again'

export interface ClaimedDelivery {
  readonly id: string
  readonly eventId: string
  /** Its line. */
  readonly resourceId: string
  readonly lease: string
  /** Earlier attempts. */
  readonly attempts: number
  readonly type: string
  /** JSON as it was written. */
  readonly data: string
}

/** What a shape adds to a claimed delivery. */
type Added<Claimed extends ClaimedDelivery> = Omit<Claimed, keyof ClaimedDelivery>

/** Deliveries in tables `{name}_event`, `{name}_delivery` and `{name}_attempt`. */
export interface DeliveryShape<Claimed extends ClaimedDelivery = ClaimedDelivery> {
  readonly name: string
  /** When a delivery lets the next of its line go: when nothing more is done about it, or once it was sent. */
  readonly letsGo: 'settled' | 'sent'
  /**
   * Common table expressions, the last of which is `due`: columns `id, resource_id, due_at, sequence` of at most $1
   * deliveries that fulfil the condition and are due, locked.
   */
  readonly due: (condition: string) => string
  /** Selects `id` of at most $2 of `due` that are not in `behind`. */
  readonly free: string
  /** Select list and joins, over `claimed` and `event`, for what else a claim tells. */
  readonly columns: string
  readonly joins: string
  readonly added: (row: Readonly<Record<string, unknown>>) => Added<Claimed>
  /** Counts what else than followers became free in the lines `wanted (resource_id)`; 0 where nothing can. */
  readonly waiting: string
  /** The turns in which something may be due once a delivery is out of the way. */
  readonly frees: readonly DeliveryTurn[]
}

export interface DeliveryOutcome<Claimed extends ClaimedDelivery = ClaimedDelivery> {
  readonly delivery: Claimed
  readonly attempt: Attempt<string>
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
  readonly type: string
  readonly data: string
  readonly [added: string]: unknown
}

/** Deliveries looked at beyond those wanted, as some may stand behind others of their line. */
const EXTRA = 32
/** How often one claim looks before it leaves the rest to the next. */
const ROUNDS_MAX = 8

export class DeliveryQueue<Claimed extends ClaimedDelivery = ClaimedDelivery> {
  private readonly statements: Readonly<Record<DeliveryTurn | 'settle' | 'promote', { name: string; text: string }>>

  constructor(
    private readonly shape: DeliveryShape<Claimed>,
    private readonly claims: Pipeline,
    private readonly settlements: Pipeline,
    private readonly options: { readonly leaseMilliseconds: number; readonly newLease: () => string }
  ) {
    const { name } = shape
    this.statements = {
      first: { name: `${name}_claim_first`, text: claimText(shape, 'attempts = 0') },
      again: { name: `${name}_claim_again`, text: claimText(shape, 'attempts > 0') },
      settle: { name: `${name}_settle`, text: settleText(shape) },
      promote: { name: `${name}_promote`, text: promoteText(shape) }
    }
  }

  /** Takes at most `limit` due deliveries in hand, of as many lines. */
  async claim(turn: DeliveryTurn, limit: number): Promise<Claimed[]> {
    const claimed: Claimed[] = []
    for (let round = 0; round < ROUNDS_MAX && claimed.length < limit; round++) {
      const wanted = limit - claimed.length
      const lease = this.options.newLease()
      const values = [wanted + EXTRA, wanted, lease, this.options.leaseMilliseconds]
      const rows = await this.claims.query<ClaimRow>({ ...this.statements[turn], values })
      claimed.push(...rows.flatMap((row) => this.claimedOf(row, lease)))
      if ((rows[0]?.looked_at ?? 0) < wanted + EXTRA) break
    }
    return claimed
  }

  /**
   * Records attempts and what follows from them. A delivery whose lease went to somebody else is left to them.
   * Says whether others stood behind those that are out of the way now.
   */
  async settle(outcomes: readonly DeliveryOutcome<Claimed>[]): Promise<{ readonly hasFollowers: boolean }> {
    await this.settlements.query({ ...this.statements.settle, values: settledColumns(outcomes) })
    const { letsGo } = this.shape
    const passed = outcomes.filter(({ status }) => letsGo === 'sent' || status !== 'pending')
    if (passed.length === 0) return { hasFollowers: false }
    // Sent when the settlement is durable: a statement that began before it could not see a follower that
    // was put off while the settlement waited.
    const values = [[...new Set(passed.map(({ delivery }) => delivery.resourceId))]]
    const [row] = await this.settlements.query<{ followers: number }>({ ...this.statements.promote, values })
    return { hasFollowers: (row?.followers ?? 0) > 0 }
  }

  private claimedOf(row: ClaimRow, lease: string): Claimed[] {
    const { id, event_id: eventId, resource_id: resourceId, attempts, type, data } = row
    if (id === null) return []
    const claimed: ClaimedDelivery = { id, eventId, resourceId, lease, attempts, type, data }
    return [{ ...claimed, ...this.shape.added(row) } as Claimed]
  }
}

/** Which deliveries the others of their line stand behind. */
function isHead({ letsGo }: Pick<DeliveryShape, 'letsGo'>, row: string): string {
  return `${row}.status = 'pending'${letsGo === 'sent' ? ` AND ${row}.attempts = 0` : ''}`
}

/**
 * $1 how many to look at, $2 how many to take, $3 the lease, $4 its length in milliseconds.
 *
 * Heads are locked while those behind them are put off: a head that is being settled is left out, as its
 * follower is free a moment later.
 */
function claimText<Claimed extends ClaimedDelivery>(shape: DeliveryShape<Claimed>, condition: string): string {
  const { name, columns, joins } = shape
  return `
    WITH ${shape.due(condition)}, behind AS MATERIALIZED (
      SELECT due.id, head.id AS head_id FROM due CROSS JOIN LATERAL (
        SELECT earlier.id FROM ${name}_delivery AS earlier
        WHERE ${isHead(shape, 'earlier')} AND earlier.resource_id = due.resource_id AND earlier.sequence < due.sequence
        ORDER BY earlier.sequence LIMIT 1) AS head
    ), head AS MATERIALIZED (
      SELECT id, due_at FROM ${name}_delivery
      WHERE status = 'pending' AND id = ANY(ARRAY(SELECT head_id FROM behind)) FOR UPDATE SKIP LOCKED
    ), put_off AS (
      UPDATE ${name}_delivery AS delivery
      SET due_at = greatest(head.due_at, statement_timestamp() + $4::int * interval '1 millisecond')
      FROM behind JOIN head ON head.id = behind.head_id WHERE delivery.id = behind.id
    ), free AS MATERIALIZED (
      ${shape.free}
    ), claimed AS (
      UPDATE ${name}_delivery AS delivery
      SET lease = $3::uuid, due_at = statement_timestamp() + $4::int * interval '1 millisecond'
      FROM free WHERE delivery.id = free.id
      RETURNING delivery.id, delivery.event_id, delivery.resource_id, delivery.attempts, delivery.sequence
    )
    SELECT (SELECT count(*)::int FROM due) AS looked_at, claimed.id, claimed.event_id, claimed.resource_id,
      claimed.attempts, event.type, event.data::text AS data${columns}
    FROM (SELECT) AS one
      LEFT JOIN (claimed JOIN ${name}_event AS event ON event.id = claimed.event_id${joins}) ON true
    ORDER BY claimed.sequence`
}

function settleText({ name }: Pick<DeliveryShape, 'name'>): string {
  return `
    WITH outcome AS MATERIALIZED (
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::timestamptz[], $6::int[], $7::smallint[],
        $8::text[]) AS outcome (id, lease, status, pause, started_at, duration, http_status, error)
    ), settled AS (
      UPDATE ${name}_delivery AS delivery SET status = outcome.status, attempts = delivery.attempts + 1,
        last_status = outcome.http_status, lease = NULL,
        due_at = statement_timestamp() + outcome.pause * interval '1 millisecond',
        settled_at = CASE WHEN outcome.status <> 'pending' THEN statement_timestamp() END
      FROM outcome WHERE delivery.id = outcome.id AND delivery.lease = outcome.lease
      RETURNING delivery.id, delivery.attempts
    )
    INSERT INTO ${name}_attempt (delivery_id, number, started_at, duration_milliseconds, status, error)
    SELECT settled.id, settled.attempts, outcome.started_at, outcome.duration, outcome.http_status, outcome.error
    FROM settled JOIN outcome ON outcome.id = settled.id`
}

function settledColumns(outcomes: readonly DeliveryOutcome[]): Statement['values'] {
  const column = (value: (outcome: DeliveryOutcome) => unknown): unknown[] => outcomes.map(value)
  return [
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

/** Makes the next in line of each of the lines $1 due at once, if it was put off. */
function promoteText(shape: Pick<DeliveryShape, 'name' | 'letsGo' | 'waiting'>): string {
  const { name, waiting } = shape
  return `
    WITH wanted AS MATERIALIZED (
      SELECT * FROM unnest($1::text[]) AS wanted (resource_id)
    ), next AS MATERIALIZED (
      SELECT head.id FROM wanted CROSS JOIN LATERAL (
        SELECT id FROM ${name}_delivery AS delivery
        WHERE ${isHead(shape, 'delivery')} AND delivery.resource_id = wanted.resource_id
        ORDER BY delivery.sequence LIMIT 1) AS head
    ), promoted AS (
      UPDATE ${name}_delivery AS delivery SET due_at = statement_timestamp() FROM next
      WHERE delivery.id = next.id AND delivery.status = 'pending' AND delivery.attempts = 0
        AND delivery.lease IS NULL AND delivery.due_at > statement_timestamp()
    )
    SELECT (SELECT count(*)::int FROM next) + ${waiting} AS followers`
}

/** The operator's webhooks: one receiver, and a line is a resource. */
export const OPERATOR_DELIVERIES: DeliveryShape = {
  name: 'webhook',
  letsGo: 'settled',
  due: (condition) => `due AS MATERIALIZED (
      SELECT id, resource_id, due_at, sequence FROM webhook_delivery
      WHERE status = 'pending' AND ${condition} AND due_at <= statement_timestamp()
      ORDER BY due_at, sequence LIMIT $1::int FOR UPDATE SKIP LOCKED
    )`,
  free: `SELECT id FROM due WHERE id <> ALL(ARRAY(SELECT id FROM behind)) ORDER BY due_at, sequence LIMIT $2::int`,
  columns: '',
  joins: '',
  added: () => ({}),
  waiting: '0',
  frees: ['first']
}
