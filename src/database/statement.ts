/**
 * One SQL statement with bound parameters, sent under a stable name so that the server plans it once.
 * The same name always carries the same text.
 */
export interface Statement {
  readonly name: string
  readonly text: string
  readonly values: readonly unknown[]
  /** How many rows the statement must touch. Another count refuses the whole submission it belongs to. */
  readonly rowsExpected?: number
}

/**
 * One row of a set-based statement. Rows of the same name that travel in one transaction are merged into a
 * single execution whose parameters are arrays, a column each: `INSERT … SELECT * FROM unnest($1::text[], …)`.
 * Each row must affect exactly one row of the database, unless it says otherwise; fewer refuses the submission that
 * brought it.
 */
export interface MergedRow {
  readonly name: string
  readonly text: string
  /** One value a column: text, number, bigint, boolean, Date, Buffer or null. */
  readonly row: readonly unknown[]
  /** The statement may leave rows out, or put several into one: nobody counts what it touches. */
  readonly isUncounted?: true
}

/** What a caller adds to a transaction that it shares with others: single statements and mergeable rows. */
export type Attachment = Statement | MergedRow

/** Rows as the parameters of a set-based statement: an array for each column. There is at least one row. */
export function columnsOf(rows: readonly (readonly unknown[])[]): unknown[][] {
  // Rows that travel together were mostly made in the same few milliseconds.
  const words: Words = new Map()
  return rows[0]!.map((_, column) => rows.map((row) => storedValue(row[column], words)))
}

/** What times are put into, by their milliseconds. */
type Words = Map<number, string | Date>

function storedValue(value: unknown, words: Words): unknown {
  if (!(value instanceof Date)) return value
  const milliseconds = value.getTime()
  let put = words.get(milliseconds)
  if (put === undefined) words.set(milliseconds, (put = wordsOfTime(value)))
  return put
}

/** Years of four digits: what others look like in ISO 8601 the database does not read. */
const COMMON_TIME = '2026-01-01T00:00:00.000Z'.length

/** A time is put into words here: the driver's words are in this machine's zone, and take longer. */
function wordsOfTime(time: Date): string | Date {
  const text = time.toISOString()
  return text.length === COMMON_TIME ? text : time
}
