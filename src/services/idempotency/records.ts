/** The table of answers by key. */
import { QueryFailedError, type EntityManager } from 'typeorm'
import type { Loader, Reader } from '../../database/reader'
import type { MergedRow } from '../../database/statement'
import type { UnitOfWork } from '../../database/unit-of-work'
import { RowLocked } from '../../database/write-errors'
import { AttachmentRefused } from '../../ledger/types'
import { IdempotencyRefused } from './failures'
import { decodeSnapshot, encodeSnapshot } from './snapshot'

/** A request under its key. */
export interface KeyedRequest {
  readonly key: string
  readonly operation: string
  readonly argumentsHash: Buffer
}

/** A live record: the key's first request and what it was answered. */
export interface EarlierRequest {
  readonly operation: string
  readonly argumentsHash: Buffer
  readonly answer: unknown
}

interface RecordRow {
  readonly key: string
  readonly operation: string
  readonly arguments_hash: Buffer
  readonly answer: unknown
  readonly expires_at: Date
}

const FIND = `SELECT key, operation, arguments_hash, answer, expires_at FROM idempotency_record WHERE key = ANY($1::text[])`

/** Writes a new record, or one in the place of an expired one; touches no row while the key's record lives. */
const RECORD = {
  name: 'idempotency_record',
  text: `INSERT INTO idempotency_record AS earlier (key, operation, arguments_hash, answer, recorded_at, expires_at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::json[], $5::timestamptz[], $6::timestamptz[])
    ON CONFLICT (key) DO UPDATE SET operation = excluded.operation, arguments_hash = excluded.arguments_hash,
      answer = excluded.answer, recorded_at = excluded.recorded_at, expires_at = excluded.expires_at
    WHERE earlier.expires_at <= excluded.recorded_at`
} as const

/** The rows are chosen once, whatever plan the server takes: a subquery with a limit may be run again for each row. */
const PURGE = `WITH due AS MATERIALIZED (
    SELECT key FROM idempotency_record WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
  DELETE FROM idempotency_record AS record USING due WHERE record.key = due.key`

const LOCK_NOT_AVAILABLE = '55P03'

/** The key's record was written by somebody else meanwhile. */
export class KeyTaken extends Error {
  constructor() {
    super('another request recorded its answer under the key')
    this.name = 'KeyTaken'
  }
}

export class IdempotencyRecords {
  private readonly byKey: Loader<string, RecordRow>

  constructor(
    reader: Reader,
    private readonly unitOfWork: UnitOfWork,
    private readonly lifetimeMilliseconds: number
  ) {
    this.byKey = reader.loader<string, RecordRow>('idempotency_find', FIND, (row) => row.key)
  }

  async find(key: string, now: Date): Promise<EarlierRequest | undefined> {
    const row = await this.byKey.load(key)
    if (!row || row.expires_at <= now) return undefined
    return { operation: row.operation, argumentsHash: row.arguments_hash, answer: decodeSnapshot(row.answer) }
  }

  /** The record as a row that travels with a submission to the ledger. See `isKeyTaken`. */
  attachment(request: KeyedRequest, answer: unknown, now: Date): MergedRow {
    return { ...RECORD, row: this.rowOf(request, answer, now) }
  }

  /** The record as the last write of a transaction. @throws KeyTaken, IdempotencyRefused */
  async write(manager: EntityManager, request: KeyedRequest, answer: unknown, now: Date): Promise<void> {
    const columns = this.rowOf(request, answer, now).map((value) => [value])
    try {
      const written = await manager.query<unknown[]>(`${RECORD.text} RETURNING 1`, columns)
      if (written.length !== 1) throw new KeyTaken()
    } catch (error) {
      if (!isLockTimeout(error)) throw error
      throw new IdempotencyRefused('key_in_use', request.key, { cause: error })
    }
  }

  async writeAlone(request: KeyedRequest, answer: unknown, now: Date): Promise<void> {
    await this.unitOfWork.run((manager) => this.write(manager, request, answer, now))
  }

  /** Removes at most `limit` expired records; returns how many. */
  async purge(now: Date, limit: number): Promise<number> {
    return this.unitOfWork.run(async (manager) => {
      const [, count] = await manager.query<[unknown, number]>(PURGE, [now, limit])
      return count
    })
  }

  private rowOf({ key, operation, argumentsHash }: KeyedRequest, answer: unknown, now: Date): unknown[] {
    const [recorded, expires] = [now, new Date(now.getTime() + this.lifetimeMilliseconds)].map((at) => at.toISOString())
    return [key, operation, argumentsHash, JSON.stringify(encodeSnapshot(answer)), recorded, expires]
  }
}

/** Whether a write failed because the key's record was there already. */
export function isKeyTaken(error: unknown): boolean {
  return error instanceof KeyTaken || (error instanceof AttachmentRefused && error.statement === RECORD.name)
}

/** Whether a write waited too long for somebody else who is writing the key's record. */
export function isKeyHeld(error: unknown): boolean {
  return error instanceof RowLocked && error.statement === RECORD.name
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof QueryFailedError && (error.driverError as { code?: string }).code === LOCK_NOT_AVAILABLE
}
