/**
 * What a failed batch means: try again, ask what became of it, or find the submission that caused it.
 */
import { isNativeError } from 'node:util/types'
import { codeOf, constraintOf, Culprit, isConflict, NotCommitted } from '../../database/refusals'
import { AttachmentRefused } from '../../database/write-errors'

/** The totals in memory were not those in the database. Nothing was stored. */
export class StaleAccounts extends Error {
  constructor() {
    super('accounts changed behind the ledger')
    this.name = 'StaleAccounts'
  }
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
  return error instanceof StaleAccounts || isConflict(error)
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
