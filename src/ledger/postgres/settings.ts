/** Server settings of the connection that writes the ledger. */
export const WRITER_SETTINGS: Readonly<Record<string, string>> = {
  // The shapes of the statements never change with the data: index lookups, driven by the arrays.
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
  statement_timeout: '30000',
  // A writer that stopped in the middle of a batch (a frozen process, a cut network) loses its lock.
  idle_in_transaction_session_timeout: '5000'
}
