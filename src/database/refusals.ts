/**
 * What the database's answers mean to those who write in groups: whose statement was refused, whether to try
 * again, and what is a mere consequence of something else.
 */

/** One member of a group, named by its index, cannot be stored. Nothing was. */
export class Culprit extends Error {
  constructor(
    readonly index: number,
    readonly refusal: Error
  ) {
    super(`submission ${index} was refused`, { cause: refusal })
    this.name = 'Culprit'
  }
}

/** COMMIT was answered with a rollback although no statement failed. */
export class NotCommitted extends Error {
  constructor() {
    super('the database rolled the batch back')
    this.name = 'NotCommitted'
  }
}

/** Serialization failure, deadlock. */
const TRANSIENT = new Set(['40001', '40P01'])
const LOCK_NOT_AVAILABLE = '55P03'
const IN_FAILED_TRANSACTION = '25P02'
const READ_ONLY = '25006'

/** Not looked at, because a statement before it in the same sequence failed. */
export class SkippedStatement extends Error {
  readonly code = IN_FAILED_TRANSACTION

  constructor() {
    super('a statement before this one failed')
    this.name = 'SkippedStatement'
  }
}

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

/** A statement waited too long for a row that somebody else has locked. */
export function isLockTimeout(error: unknown): boolean {
  return codeOf(error) === LOCK_NOT_AVAILABLE
}

/** What the caller brought does not fit the data: a constraint (class 23), a value (22) or a row count. */
export function isRefusal(error: unknown): boolean {
  return isUnexpectedCount(error) || /^2[23]/.test(codeOf(error) ?? '')
}

/** The server takes no writes, as a standby after a failover. It said so, and thereby that nothing was stored. */
export function isReadOnly(error: unknown): boolean {
  return codeOf(error) === READ_ONLY
}

/** The same again may well succeed. */
export function isConflict(error: unknown): boolean {
  return error instanceof NotCommitted || TRANSIENT.has(codeOf(error) ?? '')
}
