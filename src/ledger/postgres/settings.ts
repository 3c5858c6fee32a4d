import { GRACE_MILLISECONDS } from '../../database/silence'

const STATEMENT_MILLISECONDS = 30_000

/**
 * A batch is answered in one piece: what waited for the lock as long as a statement may is not silent if it then waits
 * for a row of an attachment.
 */
export const WRITER_SILENCE_MILLISECONDS = 2 * STATEMENT_MILLISECONDS + GRACE_MILLISECONDS

/** Server settings of the connection that writes the ledger. */
export const WRITER_SETTINGS: Readonly<Record<string, string>> = {
  // The shapes of the statements never change with the data: index lookups, driven by the arrays.
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
  statement_timeout: String(STATEMENT_MILLISECONDS),
  // A writer that stopped in the middle of a batch (a frozen process, a cut network) loses its lock.
  idle_in_transaction_session_timeout: '5000'
}
