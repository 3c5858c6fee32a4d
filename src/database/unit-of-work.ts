/**
 * The way to write what does not touch the ledger: one transaction a use case, all or nothing.
 *
 * No transaction waits long for a lock, runs long, or stays open while its process is frozen. What the
 * database refuses comes out as an error of this module, so that nobody else looks at SQLSTATEs.
 */
import { QueryFailedError, type DataSource, type EntityManager } from 'typeorm'

export interface UnitOfWorkOptions {
  /** Longest wait for another transaction's lock. */
  readonly lockTimeoutMilliseconds: number
  /** Longest time of one statement, waiting included. */
  readonly statementTimeoutMilliseconds: number
  /** How long the transaction may wait for its own process between two statements. */
  readonly idleTimeoutMilliseconds: number
}

/** A constraint refused what was written. Nothing was stored. */
export class ConstraintViolated extends Error {
  constructor(
    readonly constraint: string,
    cause: unknown
  ) {
    super(`refused by ${constraint}`, { cause })
    this.name = 'ConstraintViolated'
  }
}

/** Another transaction held a lock for too long. Nothing was stored. */
export class LockTimedOut extends Error {
  constructor(cause: unknown) {
    super('another transaction held a lock for too long', { cause })
    this.name = 'LockTimedOut'
  }
}

const ATTEMPTS_MAX = 4
const DEADLOCK = '40P01'
const SERIALIZATION_FAILURE = '40001'
const LOCK_NOT_AVAILABLE = '55P03'
/** Class 23: integrity constraint violation. */
const INTEGRITY_CLASS = '23'

export class UnitOfWork {
  constructor(
    private readonly dataSource: DataSource,
    private readonly options: UnitOfWorkOptions
  ) {}

  /**
   * Runs `work` in a transaction at READ COMMITTED. `work` runs again when the transaction fell victim to a
   * deadlock, so it has no effects but those in the database.
   *
   * @throws ConstraintViolated
   * @throws LockTimedOut
   */
  async run<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.dataSource.transaction('READ COMMITTED', async (manager) => {
          await this.limit(manager)
          return work(manager)
        })
      } catch (error) {
        if (isVictim(error) && attempt < ATTEMPTS_MAX) continue
        throw storageError(error)
      }
    }
  }

  private async limit(manager: EntityManager): Promise<void> {
    const { lockTimeoutMilliseconds, statementTimeoutMilliseconds, idleTimeoutMilliseconds } = this.options
    await manager.query(
      `SELECT set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true),
        set_config('idle_in_transaction_session_timeout', $3, true)`,
      [lockTimeoutMilliseconds, statementTimeoutMilliseconds, idleTimeoutMilliseconds].map(String)
    )
  }
}

function isVictim(error: unknown): boolean {
  const code = databaseErrorOf(error)?.code
  return code === DEADLOCK || code === SERIALIZATION_FAILURE
}

function storageError(error: unknown): unknown {
  const { code, constraint } = databaseErrorOf(error) ?? {}
  if (code === LOCK_NOT_AVAILABLE) return new LockTimedOut(error)
  if (code?.startsWith(INTEGRITY_CLASS) && constraint) return new ConstraintViolated(constraint, error)
  return error
}

function databaseErrorOf(error: unknown): { code?: string; constraint?: string } | undefined {
  return error instanceof QueryFailedError ? (error.driverError as { code?: string; constraint?: string }) : undefined
}
