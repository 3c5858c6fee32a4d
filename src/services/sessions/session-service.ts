import type { UnitOfWork } from '../../database/unit-of-work'
import type { Loader, Reader } from '../../database/reader'
import { done, refused, type Answer } from '../answer'
import type { RequestContext } from '../context'
import type { Secrets } from '../secrets'

/** A session as its holder sees it, once: the token cannot be had again. */
export interface OpenSession {
  readonly token: string
  readonly expiresAt: Date
}

interface SessionRow {
  readonly token_hash: string
  readonly payment_pointer_id: string
  readonly expires_at: Date
}

const MINUTE_MILLISECONDS = 60_000

/** Opens a session if the key is one of the payment pointer's: one indexed read and one write. */
const OPEN = `INSERT INTO session (token_hash, payment_pointer_id, expires_at)
  SELECT $1, payment_pointer_id, $2 FROM api_key WHERE hash = $3 AND payment_pointer_id = $4 RETURNING 1`
const REFRESH = `UPDATE session SET expires_at = $2 WHERE token_hash = $1 AND expires_at > $3 RETURNING 1`
const REVOKE = `DELETE FROM session WHERE token_hash = $1 RETURNING 1`
/** Chosen once: as a plain subquery some plans would run it again for each row and remove more than its limit. */
const PURGE = `DELETE FROM session AS gone USING (
    WITH due AS MATERIALIZED (
      SELECT token_hash FROM session WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    SELECT token_hash FROM due) AS due
  WHERE gone.token_hash = due.token_hash RETURNING 1`
const FIND = `SELECT encode(token_hash, 'hex') AS token_hash, payment_pointer_id, expires_at
  FROM session WHERE token_hash = ANY(SELECT decode(hash, 'hex') FROM unnest($1::text[]) AS hash)`

export class SessionService {
  private readonly byHash: Loader<string, SessionRow>

  constructor(
    reader: Reader,
    private readonly unitOfWork: UnitOfWork,
    private readonly secrets: Secrets,
    private readonly lifetimeMinutes: number
  ) {
    this.byHash = reader.loader<string, SessionRow>('session_find', FIND, (row) => row.token_hash)
  }

  /** Undefined when the payment pointer has no API key of this hash. */
  async open(context: RequestContext, paymentPointerId: string, apiKeyHash: Buffer): Promise<OpenSession | undefined> {
    const token = this.secrets.create()
    const expiresAt = this.expiry(context)
    const hash = await this.secrets.hash('session', token)
    const opened = await this.write(OPEN, [hash, expiresAt, apiKeyHash, paymentPointerId])
    return opened === 1 ? { token, expiresAt } : undefined
  }

  /** The session that a token stands for, if it is alive. */
  async find(
    context: RequestContext,
    token: string
  ): Promise<{ paymentPointerId: string; expiresAt: Date } | undefined> {
    const row = await this.byHash.load((await this.secrets.hash('session', token)).toString('hex'))
    if (!row || row.expires_at <= context.now()) return undefined
    return { paymentPointerId: row.payment_pointer_id, expiresAt: row.expires_at }
  }

  /** A whole lifetime from now, for a session that is still alive. */
  async refresh(context: RequestContext, token: string): Promise<Answer<OpenSession, 'unknown_session'>> {
    const expiresAt = this.expiry(context)
    const refreshed = await this.write(REFRESH, [await this.secrets.hash('session', token), expiresAt, context.now()])
    return refreshed === 1 ? done({ token, expiresAt }) : refused('unknown_session')
  }

  /** Ends a session; nothing happens if there is none. */
  async revoke(_context: RequestContext, token: string): Promise<void> {
    await this.write(REVOKE, [await this.secrets.hash('session', token)])
  }

  /** Removes at most `limit` expired sessions; returns how many. */
  purge(now: Date, limit: number): Promise<number> {
    return this.write(PURGE, [now, limit])
  }

  private expiry(context: RequestContext): Date {
    return new Date(context.now().getTime() + this.lifetimeMinutes * MINUTE_MILLISECONDS)
  }

  /** How many rows a statement touched. */
  private write(text: string, values: readonly unknown[]): Promise<number> {
    return this.unitOfWork.run(async (manager) => {
      const counting = `WITH written AS (${text}) SELECT count(*)::int AS rows FROM written`
      const [row] = await manager.query<{ rows: number }[]>(counting, [...values])
      return row?.rows ?? 0
    })
  }
}
