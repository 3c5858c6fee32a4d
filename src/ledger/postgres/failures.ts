/**
 * What a failed batch means: try again, ask what became of it, or find the submission that caused it.
 */
import { isNativeError } from 'node:util/types'
import { AttachmentRefused } from '../types'

/** The totals in memory were not those in the database. Nothing was stored. */
export class StaleAccounts extends Error {
  constructor() {
    super('accounts changed behind the ledger')
    this.name = 'StaleAccounts'
  }
}

/** COMMIT was answered with a rollback although no statement failed. */
export class NotCommitted extends Error {
  constructor() {
    super('the database rolled the batch back')
    this.name = 'NotCommitted'
  }
}

/** One submission of a batch, named by its index, cannot be stored. Nothing was. */
export class Culprit extends Error {
  constructor(
    readonly index: number,
    readonly refusal: Error
  ) {
    super(`submission ${index} was refused`, { cause: refusal })
    this.name = 'Culprit'
  }
}

/** Serialization failure, deadlock. */
const TRANSIENT = new Set(['40001', '40P01'])
const LOCK_NOT_AVAILABLE = '55P03'
const QUERY_CANCELED = '57014'
const IN_FAILED_TRANSACTION = '25P02'

interface DatabaseError extends Error {
  code?: string
  constraint?: string
  /** Only errors of the operating system have it. */
  syscall?: string
}

/** The SQLSTATE. EPIPE, of the operating system, has the same shape and is none. */
export function codeOf(error: unknown): string | undefined {
  const { code, syscall } = (error ?? {}) as DatabaseError
  if (syscall !== undefined) return undefined
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

export function constraintOf(error: unknown): string | undefined {
  return (error as DatabaseError | undefined)?.constraint
}

/** The first failure that is not a mere consequence of an earlier one. */
export function firstFailure(settled: readonly PromiseSettledResult<unknown>[]): unknown {
  const failures = settled.filter((result) => result.status === 'rejected').map((result): unknown => result.reason)
  return failures.find((reason) => codeOf(reason) !== IN_FAILED_TRANSACTION) ?? failures[0]
}

/** Raised by `ledger_expect`: a statement touched another number of rows than it had to. */
export function isUnexpectedCount(error: unknown): boolean {
  return codeOf(error) === 'HZ001'
}

/** An attachment waited for a row that somebody else has locked. The wait for the writer lock has no such limit. */
export function isLockTimeout(error: unknown): boolean {
  return codeOf(error) === LOCK_NOT_AVAILABLE
}

/** The ledger as a whole is held up, whatever the batch: looking for a culprit would only add to it. */
export function isHeldUp(error: unknown): boolean {
  return codeOf(error) === QUERY_CANCELED || isTransient(error)
}

/** What the caller brought does not fit the data: a constraint (class 23), a value (22) or a row count. */
export function isRefusal(error: unknown): boolean {
  return isUnexpectedCount(error) || /^2[23]/.test(codeOf(error) ?? '')
}

export function isDuplicateId(error: unknown): boolean {
  return codeOf(error) === '23505' && constraintOf(error) === 'ledger_transfer_pkey'
}

export function isTransient(error: unknown): boolean {
  return error instanceof StaleAccounts || error instanceof NotCommitted || TRANSIENT.has(codeOf(error) ?? '')
}

/** No answer of the database, or the news that it is shutting down (class 57P) or unreachable (class 08). */
export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof StaleAccounts || error instanceof NotCommitted || error instanceof Culprit) return false
  if (error instanceof AttachmentRefused || !isNativeError(error)) return false
  const code = codeOf(error)
  if (code) return code.startsWith('57P') || code.startsWith('08')
  const text = `${error.message} ${(error as NodeJS.ErrnoException).code ?? ''}`
  return /connection|terminated|timeout|ECONN|EPIPE|ENOENT|not queryable|closed/i.test(text)
}
