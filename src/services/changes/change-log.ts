/**
 * What changed, in one order that never changes again.
 *
 * The writers' transactions only add rows. A row gets its position later, from whoever wants to read on: one
 * at a time, under the lock of the head that is held until the commit. So positions become visible in their
 * order, and who has read up to one has missed nothing before it. Changes of one thing keep their order, as
 * their writers waited for each other.
 */
import type { Pipeline } from '../../database/pipeline'
import type { Reader } from '../../database/reader'

export const CHANGE_SUBJECTS = ['webhook_event', 'webhook_delivery', 'incoming_payment', 'outgoing_payment'] as const
export type ChangeSubject = (typeof CHANGE_SUBJECTS)[number]

export interface Change {
  /** Ascending; there may be gaps. */
  readonly position: bigint
  readonly subject: ChangeSubject
  readonly subjectId: string
  /** The state that was entered; for an event its type. */
  readonly state: string
  readonly recordedAt: Date
}

export interface ChangeHead {
  /** The last position that was given. */
  readonly position: bigint
  /** Changes up to this one are no longer kept. */
  readonly purgedPosition: bigint
}

interface ChangeRow {
  readonly position: string
  readonly subject: ChangeSubject
  readonly subject_id: string
  readonly state: string
  readonly recorded_at: Date
}

/** Changes that get their positions in one transaction. */
const STEP = 1_000
/** Steps of one purge; what remains waits for the next. */
const PURGE_STEPS_MAX = 100

const BEGIN = { name: 'change_begin', text: 'BEGIN', values: [] }
const COMMIT = { name: 'change_commit', text: 'COMMIT', values: [] }
/** A statement of its own: the next one begins when the lock is held, and sees what the last holder did. */
const LOCK_HEAD = { name: 'change_lock_head', text: 'SELECT FROM change_head FOR UPDATE', values: [] }

const NUMBER = {
  name: 'change_number',
  text: `
    WITH fresh AS MATERIALIZED (
      SELECT id, row_number() OVER (ORDER BY id) AS place
      FROM (SELECT id FROM change WHERE position IS NULL ORDER BY id LIMIT $1::int) AS unnumbered
    ), numbered AS (
      UPDATE change SET position = change_head.position + fresh.place FROM fresh, change_head WHERE change.id = fresh.id
    )
    UPDATE change_head SET position = position + (SELECT count(*) FROM fresh)
    RETURNING (SELECT count(*)::int FROM fresh) AS count`,
  values: [STEP]
}

/** Only whole beginnings are removed, so the last purged position says what is gone. */
const PURGE = {
  name: 'change_purge',
  text: `
    WITH oldest AS MATERIALIZED (
      SELECT id, position, recorded_at FROM change WHERE position IS NOT NULL ORDER BY position LIMIT $1::int
    ), kept AS (
      SELECT min(position) AS first FROM oldest WHERE recorded_at >= $2
    ), gone AS (
      DELETE FROM change USING oldest, kept
      WHERE change.id = oldest.id AND (kept.first IS NULL OR oldest.position < kept.first) RETURNING change.position
    )
    UPDATE change_head SET purged_position = greatest(purged_position, (SELECT max(position) FROM gone))
    RETURNING (SELECT count(*)::int FROM gone) AS count`
}

const HEAD = `SELECT position, purged_position FROM change_head`

const READ = `SELECT position, subject, subject_id, state, recorded_at FROM change
  WHERE position > $1 ORDER BY position LIMIT $2::int`

export class ChangeLog {
  private numbering: Promise<void> | undefined

  constructor(
    private readonly reader: Reader,
    private readonly writer: Pipeline
  ) {}

  /**
   * Gives positions to what was committed before the call. Calls that come together share the work, except
   * with a round that is under way, which may have looked too early.
   */
  async number(): Promise<void> {
    const underWay = this.numbering
    if (underWay) await underWay.catch(() => undefined)
    this.numbering ??= this.numberAll().finally(() => (this.numbering = undefined))
    await this.numbering
  }

  async head(): Promise<ChangeHead> {
    const [row] = await this.reader.rows<{ position: string; purged_position: string }>({
      name: 'change_read_head',
      text: HEAD,
      values: []
    })
    if (!row) throw new Error('the head of the changes is gone')
    return { position: BigInt(row.position), purgedPosition: BigInt(row.purged_position) }
  }

  /** The next changes after a position. */
  async read(after: bigint, limit: number): Promise<Change[]> {
    const rows = await this.reader.rows<ChangeRow>({ name: 'change_read', text: READ, values: [after, limit] })
    return rows.map(({ position, subject, subject_id: subjectId, state, recorded_at: recordedAt }) => ({
      position: BigInt(position),
      subject,
      subjectId,
      state,
      recordedAt
    }))
  }

  /** Numbers what waits, and removes what was recorded before `before`. Returns how many went. */
  async tidy(before: Date): Promise<number> {
    await this.number()
    let total = 0
    for (let step = 0; step < PURGE_STEPS_MAX; step++) {
      const count = await this.underLock({ ...PURGE, values: [STEP, before] })
      total += count
      if (count < STEP) break
    }
    return total
  }

  private async numberAll(): Promise<void> {
    while ((await this.underLock(NUMBER)) === STEP);
  }

  private async underLock(statement: { name: string; text: string; values: readonly unknown[] }): Promise<number> {
    const session = await this.writer.session()
    const [, , result, commit] = await Promise.all([
      session.send(BEGIN),
      session.send(LOCK_HEAD),
      session.send<{ count: number }>(statement),
      session.send(COMMIT)
    ])
    if (commit.command !== 'COMMIT') throw new Error('the changes could not be numbered')
    return result.rows[0]?.count ?? 0
  }
}
