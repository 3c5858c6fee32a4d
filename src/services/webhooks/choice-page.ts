/**
 * Pages of the rows that have one of several values in a column. Each value contributes its own next rows
 * from an index on (column, created_at, id), so a rare value among many rows costs no more than a frequent one.
 */
import type { PageRequest } from '../../database/keyset'
import type { Statement } from '../../database/statement'

export interface ChoiceSource {
  readonly table: string
  /** Select list over the alias `entry`. */
  readonly select: string
  /** A text column. */
  readonly column: string
}

/** Its rows go to `pageOf`. */
export function choicePageStatement(
  { table, select, column }: ChoiceSource,
  request: PageRequest,
  values: readonly string[]
): Statement {
  const forward = request.direction === 'forward'
  const [ahead, behind, order] = forward ? ['>', '<', 'ASC'] : ['<', '>', 'DESC']
  const fromCursor = `(entry.created_at, entry.id) ${ahead} ((SELECT created_at FROM ${table} WHERE id = $2), $2::uuid)`
  const where = request.cursor === undefined ? '$2::uuid IS NULL' : fromCursor
  const sorted = `ORDER BY created_at ${order}, id ${order}`
  return {
    name: `${table}_choice_${column}_${request.direction}_${request.cursor === undefined ? 'edge' : 'cursor'}`,
    text: `WITH page AS MATERIALIZED (
        SELECT entry.* FROM unnest($3::text[]) AS wanted (value) CROSS JOIN LATERAL (
          SELECT ${select} FROM ${table} AS entry WHERE entry.${column} = wanted.value AND ${where}
          ORDER BY entry.created_at ${order}, entry.id ${order} LIMIT $1::int) AS entry
        ${sorted} LIMIT $1::int)
      SELECT page.*, EXISTS (
        SELECT FROM unnest($3::text[]) AS wanted (value) CROSS JOIN LATERAL (
          SELECT FROM ${table} AS entry WHERE entry.${column} = wanted.value
          AND (entry.created_at, entry.id) ${behind} (SELECT created_at, id FROM page ${sorted} LIMIT 1)
          LIMIT 1) AS near) AS beyond
      FROM page ${sorted}`,
    values: [request.limit + 1, request.cursor ?? null, [...new Set(values)]]
  }
}
