/**
 * Remembers request signatures, so that each works once, on whichever instance it arrives.
 *
 * The database is the only memory. Signatures that arrive while one statement is under way share the next.
 */
import type { Pipeline } from '../database/pipeline'
import type { Statement } from '../database/statement'
import { Failure } from './failure'

export interface SignatureRegistry {
  /**
   * Uses a signature up: true the first time, false ever after. It may be forgotten once it expires, as it is
   * refused for its age by then. Rejects with a `Failure` when there is no telling.
   */
  claim(signature: Buffer, expiresAt: Date): Promise<boolean>
}

interface Claim {
  readonly signature: Buffer
  readonly expiresAt: Date
  readonly resolve: (isFirst: boolean) => void
  readonly reject: (error: unknown) => void
}

/** Claims that wait for a statement; more are refused. */
const CLAIMS_WAITING_MAX = 4_096
/** Claims in one statement. */
const CLAIMS_MERGED_MAX = 512
/** Expired signatures deleted at a time. */
const PURGE_ROWS = 1_000
const PURGE_INTERVAL_MILLISECONDS = 60_000

/**
 * Sorted, so that two instances which claim the same signatures wait for each other instead of deadlocking.
 * The answer names what was new.
 */
const CLAIM_TEXT = `
  INSERT INTO used_signature (signature, expires_at)
  SELECT DISTINCT ON (signature) signature, expires_at
  FROM unnest($1::bytea[], $2::timestamptz[]) AS claim (signature, expires_at)
  ORDER BY signature
  ON CONFLICT (signature) DO NOTHING
  RETURNING signature`

// Chosen once: as a plain subquery some plans would run it again for each row and remove more than its limit.
const PURGE_TEXT = `
  WITH due AS MATERIALIZED (
    SELECT signature FROM used_signature WHERE expires_at < $1 ORDER BY expires_at LIMIT ${PURGE_ROWS}
    FOR UPDATE SKIP LOCKED
  )
  DELETE FROM used_signature AS used USING due WHERE used.signature = due.signature`

export class PostgresSignatureRegistry implements SignatureRegistry {
  private waiting: Claim[] = []
  private isWriting = false

  private purgedAt = 0

  constructor(
    private readonly pipeline: Pick<Pipeline, 'execute'>,
    private readonly now: () => Date,
    private readonly onPurgeError: (error: unknown) => void
  ) {}

  claim(signature: Buffer, expiresAt: Date): Promise<boolean> {
    if (this.waiting.length >= CLAIMS_WAITING_MAX) {
      return Promise.reject(new Failure('OVERLOADED', 'Too many requests at once; try again'))
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ signature, expiresAt, resolve, reject })
      if (!this.isWriting) void this.write()
    })
  }

  /** Forgets signatures that expired before a time. */
  async purge(before: Date): Promise<void> {
    const statement = { name: 'used_signature_purge', text: PURGE_TEXT, values: [before.toISOString()] }
    let deleted: number
    do deleted = (await this.pipeline.execute(statement)).rowCount ?? 0
    while (deleted >= PURGE_ROWS)
  }

  private async write(): Promise<void> {
    this.isWriting = true
    while (this.waiting.length > 0) await this.record(this.waiting.splice(0, CLAIMS_MERGED_MAX))
    this.isWriting = false
    this.purgeWhenDue()
  }

  /** Whoever writes also tidies up, now and then; nobody waits for it. */
  private purgeWhenDue(): void {
    const now = this.now()
    if (now.getTime() - this.purgedAt < PURGE_INTERVAL_MILLISECONDS) return
    this.purgedAt = now.getTime()
    this.purge(now).catch(this.onPurgeError)
  }

  private async record(claims: readonly Claim[]): Promise<void> {
    try {
      const { rows } = await this.pipeline.execute<{ signature: Buffer }>(claimStatement(claims))
      const fresh = new Set(rows.map(({ signature }) => signature.toString('hex')))
      // Of equal claims in one statement the first wins: taking the name off the list leaves none for the others.
      for (const { signature, resolve } of claims) resolve(fresh.delete(signature.toString('hex')))
    } catch (error) {
      const failure = new Failure('SERVICE_UNAVAILABLE', 'Try again later', { cause: error })
      for (const { reject } of claims) reject(failure)
    }
  }
}

function claimStatement(claims: readonly Claim[]): Statement {
  return {
    name: 'used_signature_claim',
    text: CLAIM_TEXT,
    values: [claims.map(({ signature }) => signature), claims.map(({ expiresAt }) => expiresAt.toISOString())]
  }
}
