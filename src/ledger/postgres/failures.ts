/**
 * What a failed batch means: try again, ask what became of it, or find the submission that caused it.
 */
import { isNativeError } from 'node:util/types'
import { codeOf, constraintOf, Culprit, isConflict, isUnexpectedCount, NotCommitted } from '../../database/refusals'
import { AttachmentRefused } from '../../database/write-errors'

/** What was known of the last batch is not what the database has. Nothing was stored. */
export class StaleLedger extends Error {
  constructor(cause: unknown) {
    super('the ledger went on behind this process', { cause })
    this.name = 'StaleLedger'
  }
}

const POSITIONS = new Set(['ledger_transfer_sequence', 'ledger_batch_pkey'])

/** Somebody else has written what was to come next: totals from an older batch, or the same place in the chain. */
export function isOvertaken(error: unknown): boolean {
  return isUnexpectedCount(error) || (codeOf(error) === '23505' && POSITIONS.has(constraintOf(error) ?? ''))
}

const QUERY_CANCELED = '57014'

/** The ledger as a whole is held up, whatever the batch: looking for a culprit would only add to it. */
export function isHeldUp(error: unknown): boolean {
  return codeOf(error) === QUERY_CANCELED || isTransient(error)
}

export function isDuplicateId(error: unknown): boolean {
  return codeOf(error) === '23505' && constraintOf(error) === 'ledger_transfer_pkey'
}

export function isTransient(error: unknown): boolean {
  return error instanceof StaleLedger || isConflict(error)
}

/**
 * Shutting down (57P), unreachable (08), no connection left (53300), given up because this process stood still in the
 * middle of a transaction (25P03), or open to a server that takes no writes (25006), where another may be found.
 */
const CONNECTION_LOST = /^(57P|08|53300|25P03|25006)/

/**
 * No answer of the database, or the news that there will be none. The driver hands the socket's own error to every
 * statement on the wire, so what the operating system reports is always one, whatever it is called. Errors of the
 * driver have nothing but words.
 */
export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof StaleLedger || error instanceof NotCommitted || error instanceof Culprit) return false
  if (error instanceof AttachmentRefused || !isNativeError(error)) return false
  const code = codeOf(error)
  if (code) return CONNECTION_LOST.test(code)
  return isOfTheSystem(error) || /connection|terminated|timeout|not queryable|closed/i.test(error.message)
}

/** An error of a system call, or those of all addresses of one host together. */
function isOfTheSystem(error: NodeJS.ErrnoException & { errors?: unknown }): boolean {
  return error.syscall !== undefined || Array.isArray(error.errors)
}
