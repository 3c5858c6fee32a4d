/**
 * Keyset pages: rows in the order of (created_at, id), from a cursor on, in one indexed query.
 *
 * The cursor is a row's id. The database compares with that row's own timestamp, in full precision, so rows
 * that differ by a microsecond are neither skipped nor repeated. A row that is there before the first page is
 * read keeps its place and appears on exactly one page, whatever is inserted meanwhile.
 */
import type { Statement } from './statement'

/** Most rows of one page. */
export const PAGE_LIMIT_MAX = 100

export interface PageRequest {
  /** Forward: rows after the cursor, or from the start. Backward: rows before the cursor, or from the end. */
  readonly direction: 'forward' | 'backward'
  /** UUID of a row. A cursor that no row has gives an empty page. */
  readonly cursor?: string
  /** 1 … PAGE_LIMIT_MAX. */
  readonly limit: number
}

export interface Page<Node> {
  /** Ascending by (created_at, id), in either direction. */
  readonly nodes: Node[]
  /** There is a row before the first node. False on an empty page. */
  readonly hasPreviousPage: boolean
  /** There is a row after the last node. False on an empty page. */
  readonly hasNextPage: boolean
}

/** Which rows of the table a connection is about. The cursor's row need not be among them. */
export interface Scope {
  /** Tells this condition from others on the same table. */
  readonly name: string
  /** SQL over the table's columns; parameters from $3 on. */
  readonly condition: string
  readonly values: readonly unknown[]
}

/** The select list must contain created_at and id. */
export interface PageSource {
  readonly table: string
  readonly select: string
  readonly scope?: Scope
}

/** `beyond` says whether there is a row on the near side of the page, the one that the cursor is on. */
export interface PageRow {
  readonly beyond: boolean
}

export function pageStatement(source: PageSource, request: PageRequest): Statement {
  const { table, select, scope } = source
  const forward = request.direction === 'forward'
  const [ahead, behind, order] = forward ? ['>', '<', 'ASC'] : ['<', '>', 'DESC']
  const conditions = scope ? [`(${scope.condition})`] : []
  const fromCursor = `(created_at, id) ${ahead} ((SELECT created_at FROM ${table} WHERE id = $2), $2::uuid)`
  const where = [...conditions, request.cursor === undefined ? '$2::uuid IS NULL' : fromCursor].join(' AND ')
  const edge = `(SELECT created_at, id FROM page ORDER BY created_at ${order}, id ${order} LIMIT 1)`
  const near = [...conditions, `(created_at, id) ${behind} ${edge}`].join(' AND ')
  const reverse = forward ? 'DESC' : 'ASC'
  return {
    name: [table, scope?.name ?? 'all', request.direction, request.cursor === undefined ? 'edge' : 'cursor'].join('_'),
    text: `WITH page AS MATERIALIZED (
        SELECT ${select} FROM ${table} WHERE ${where} ORDER BY created_at ${order}, id ${order} LIMIT $1::int)
      SELECT page.*, coalesce(
        (SELECT true FROM ${table} WHERE ${near} ORDER BY created_at ${reverse}, id ${reverse} LIMIT 1), false) AS beyond
      FROM page ORDER BY created_at ${order}, id ${order}`,
    values: [request.limit + 1, request.cursor ?? null, ...(scope?.values ?? [])]
  }
}

/** Cuts off the row that was read beyond the limit and puts the others into ascending order. */
export function pageOf<Row extends PageRow, Node>(
  rows: readonly Row[],
  request: PageRequest,
  nodeOf: (row: Row) => Node
): Page<Node> {
  const more = rows.length > request.limit
  const nodes = rows.slice(0, request.limit).map(nodeOf)
  const beyond = rows[0]?.beyond ?? false
  return request.direction === 'forward'
    ? { nodes, hasPreviousPage: beyond, hasNextPage: more }
    : { nodes: nodes.reverse(), hasPreviousPage: more, hasNextPage: beyond }
}
