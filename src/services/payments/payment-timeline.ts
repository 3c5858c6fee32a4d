/**
 * Incoming and outgoing payments as one list, in ascending order of creation.
 *
 * Each kind, and with a filter each payment pointer, contributes at most a page from its own index; the page
 * is cut from these. So the work is bounded whatever the tables hold.
 */
import { pageOf, type Page, type PageRequest, type PageRow } from '../../database/keyset'
import type { Reader } from '../../database/reader'
import type { Statement } from '../../database/statement'

export const PAYMENT_TYPES = ['INCOMING', 'OUTGOING'] as const
export type PaymentType = (typeof PAYMENT_TYPES)[number]

/** Most payment pointers in one filter. */
export const FILTERED_POINTERS_MAX = 100

/** What both kinds have in common. */
export interface Payment {
  readonly id: string
  readonly type: PaymentType
  readonly paymentPointerId: string
  readonly state: string
  readonly metadata: Record<string, unknown> | null
  readonly createdAt: Date
}

export interface PaymentFilter {
  /** Absent: all types. */
  readonly types?: readonly PaymentType[]
  /** UUIDs in canonical form, at most FILTERED_POINTERS_MAX. Absent: all payment pointers. */
  readonly paymentPointerIds?: readonly string[]
}

interface PaymentRow extends PageRow {
  readonly id: string
  readonly type: PaymentType
  readonly payment_pointer_id: string
  readonly state: string
  readonly metadata: Record<string, unknown> | null
  readonly created_at: Date
}

const TABLES: Readonly<Record<PaymentType, { readonly table: string; readonly shown: string }>> = {
  INCOMING: { table: 'incoming_payment', shown: 'removed_at IS NULL' },
  OUTGOING: { table: 'outgoing_payment', shown: 'true' }
}

export class PaymentTimeline {
  constructor(private readonly reader: Reader) {}

  async page(request: PageRequest, filter: PaymentFilter = {}): Promise<Page<Payment>> {
    const types = PAYMENT_TYPES.filter((type) => filter.types?.includes(type) ?? true)
    if (types.length === 0) return { nodes: [], hasPreviousPage: false, hasNextPage: false }
    const rows = await this.reader.rows<PaymentRow>(pageStatement(request, types, filter.paymentPointerIds))
    return pageOf(rows, request, paymentOf)
  }
}

/** $1 limit, $2 cursor, $3 payment pointers if filtered by them. */
function pageStatement(
  request: PageRequest,
  types: readonly PaymentType[],
  pointerIds: readonly string[] | undefined
): Statement {
  const forward = request.direction === 'forward'
  const [ahead, behind, order] = forward ? ['>', '<', 'ASC'] : ['<', '>', 'DESC']
  const ordered = `ORDER BY created_at ${order}, id ${order}`
  const fromCursor = `(created_at, id) ${ahead} ((${CURSOR_CREATED}), $2::uuid)`
  const where = request.cursor === undefined ? '$2::uuid IS NULL' : fromCursor
  const near = `(created_at, id) ${behind} (SELECT created_at, id FROM page LIMIT 1)`
  const filtered = pointerIds !== undefined
  const parts = types.map((type) => `(${partOf(type, where, `${ordered} LIMIT $1::int`, filtered)})`)
  const beyond = types.map((type) => `EXISTS (${partOf(type, near, 'LIMIT 1', filtered)})`)
  return {
    name: ['payments', ...types, filtered ? 'filtered' : 'all', request.direction, request.cursor ? 'cursor' : 'edge']
      .join('_')
      .toLowerCase(),
    text: `WITH page AS MATERIALIZED (
        SELECT * FROM (${parts.join(' UNION ALL ')}) AS payment ${ordered} LIMIT $1::int)
      SELECT page.*, ${beyond.join(' OR ')} AS beyond FROM page ${ordered}`,
    values: [request.limit + 1, request.cursor ?? null, ...(filtered ? [[...new Set(pointerIds)]] : [])]
  }
}

/** The cursor's payment need not be among those that are listed. */
const CURSOR_CREATED = PAYMENT_TYPES.map((type) => `SELECT created_at FROM ${TABLES[type].table} WHERE id = $2`).join(
  ' UNION ALL '
)

function partOf(type: PaymentType, condition: string, tail: string, filtered: boolean): string {
  const { table, shown } = TABLES[type]
  const select = `SELECT '${type}' AS type, id, payment_pointer_id, state, metadata, created_at FROM ${table}`
  if (!filtered) return `${select} WHERE ${shown} AND ${condition} ${tail}`
  return `SELECT part.* FROM unnest($3::uuid[]) AS wanted (pointer_id) CROSS JOIN LATERAL (
    ${select} WHERE payment_pointer_id = wanted.pointer_id AND ${shown} AND ${condition} ${tail}) AS part ${tail}`
}

function paymentOf(row: PaymentRow): Payment {
  const { id, type, payment_pointer_id: paymentPointerId, state, metadata, created_at: createdAt } = row
  return { id, type, paymentPointerId, state, metadata, createdAt }
}
