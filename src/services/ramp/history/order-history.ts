/** What was ever assigned to an agent, a numbered page at a time. */
import type { Reader } from '../../../database/reader'
import type { Statement } from '../../../database/statement'
import type { RampPayment } from '../../../entities'
import { done, refused } from '../../answer'
import type { RampAnswer } from '../failures'
import { FROM_PAYMENTS, type Payments } from '../payments'

export interface HistoryFilter {
  readonly orderId?: string | null
  readonly status?: RampPayment['status'] | null
  /** Days in UTC as `YYYY-MM-DD`, both included. */
  readonly dateFrom?: string | null
  readonly dateTo?: string | null
  /** Identifier of a rail, or its part before the country. */
  readonly paymentMethod?: string | null
}

export interface HistoryRequest {
  /** From 1. */
  readonly page: number
  /** From 1; absent: the default. More than the most is taken for the most. */
  readonly perPage?: number | null
  readonly filter?: HistoryFilter | null
  /** Whether all rows are to be counted, which costs as much as there are unless the page is the last; absent: no. */
  readonly isCounted?: boolean
}

export interface HistoryPage {
  /** Newest first. */
  readonly payments: readonly RampPayment[]
  readonly page: number
  readonly perPage: number
  /** Of all pages together; null unless counted. */
  readonly total: number | null
}

const PER_PAGE_DEFAULT = 10
const PER_PAGE_MAX = 100

/** What a filter adds to the statement, with `%` for the part that it is about and `?` for its value. */
interface Condition {
  /** Tells statements with it from those without. */
  readonly letter: string
  /** The only part that has it; absent: both do. */
  readonly of?: 'payment' | 'terms'
  readonly text: string
  readonly value: string
}

export class OrderHistory {
  constructor(
    private readonly payments: Payments,
    private readonly reader: Reader
  ) {}

  async page(
    agentId: string,
    { page, perPage, filter, isCounted = false }: HistoryRequest
  ): Promise<RampAnswer<HistoryPage>> {
    const rows = perPage ?? PER_PAGE_DEFAULT
    if (page < 1 || rows < 1) return refused('INVALID_PAGINATION')
    const { dateFrom, dateTo } = filter ?? {}
    if (dateFrom != null && dateTo != null && dateFrom > dateTo) return refused('INVALID_DATE_RANGE')
    const limit = Math.min(rows, PER_PAGE_MAX)
    const offset = (page - 1) * limit
    const found = await this.reader.rows<Record<string, unknown> & { total: string | null; id: string | null }>(
      this.statement(agentId, conditionsOf(filter ?? {}), { limit, offset, isCounted })
    )
    const payments = found.flatMap((row) => (row.id === null ? [] : [this.payments.columns.entityOf(row)]))
    return done({ payments, page, perPage: limit, total: isCounted ? Number(found[0]?.total ?? 0) : null })
  }

  /** One statement, so that the page and the total are of the same moment; one row without an id past the end. */
  private statement(
    agentId: string,
    conditions: readonly Condition[],
    { limit, offset, isCounted }: { limit: number; offset: number; isCounted: boolean }
  ): Statement {
    // Each part has an index of what is looked for first, in the order of the page.
    const first = conditions.some(({ of }) => of === 'payment') ? 'payment' : 'terms'
    const isOfBoth = first === 'payment' && conditions.some(({ of }) => of === 'terms')
    const tables = isOfBoth ? FROM_PAYMENTS : `FROM ${TABLES[first]} AS ${first}`
    const where = conditions.map(({ of = first, text }, index) => text.replace('%', of).replace('?', `$${index + 4}`))
    const from = `${tables} WHERE ${[`${first}.agent_id = $3`, ...where].join(' AND ')}`
    const total = isCounted ? TOTAL.replace('%', `(SELECT count(*) ${from})`) : 'SELECT NULL AS total'
    return {
      name: [`ramp_order_history${isCounted ? '_counted' : ''}`, ...conditions.map(({ letter }) => letter)].join('_'),
      text: `WITH page AS MATERIALIZED (SELECT ${first}.id, ${first}.created_at ${from}
          ORDER BY ${first}.created_at DESC, ${first}.id DESC LIMIT $1::int OFFSET $2::bigint)
        SELECT total.total, ${this.payments.columns.select('payment')} FROM (${total}) AS total
        LEFT JOIN (page JOIN ramp_payment AS payment ON payment.id = page.id
          JOIN ramp_payment_terms AS terms ON terms.id = page.id) ON true
        ORDER BY page.created_at DESC, page.id DESC`,
      values: [limit, offset, agentId, ...conditions.map(({ value }) => value)]
    }
  }
}

const TABLES = { payment: 'ramp_payment', terms: 'ramp_payment_terms' } as const

/** A page that is not full is the last one, and says how many there are; past the end they have to be counted. */
const TOTAL = `SELECT CASE WHEN length < $1 AND (length > 0 OR $2 = 0) THEN $2 + length ELSE % END AS total
  FROM (SELECT count(*) AS length FROM page) AS page`

function conditionsOf({ orderId, status, dateFrom, dateTo, paymentMethod }: HistoryFilter): Condition[] {
  const all: (Omit<Condition, 'value'> & { readonly value: string | null | undefined })[] = [
    {
      letter: 'o',
      of: 'terms',
      text: '%.request_id = (SELECT request.id FROM ramp_request AS request WHERE request.order_id = ?)',
      value: orderId
    },
    { letter: 's', of: 'payment', text: '%.status = ?', value: status },
    { letter: 'f', text: `%.created_at >= ?::date::timestamp AT TIME ZONE 'UTC'`, value: dateFrom },
    { letter: 't', text: `%.created_at < (?::date + 1)::timestamp AT TIME ZONE 'UTC'`, value: dateTo },
    {
      letter: 'm',
      of: 'terms',
      text: `%.rail_id IN (SELECT rail.id FROM ramp_rail AS rail
        JOIN ramp_country AS country ON country.id = rail.country_id, (SELECT ?::text) AS wanted (identifier)
        WHERE rail.identifier IN (wanted.identifier, wanted.identifier || '_' || lower(country.code)))`,
      value: paymentMethod
    }
  ]
  return all.filter((condition): condition is Condition => condition.value != null)
}
