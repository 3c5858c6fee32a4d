/**
 * The port between the ledger and what stores it. An engine judges and stores batches; the committer above
 * it decides what a batch is. Every engine passes the conformance suite in `test/ledger/conformance.ts`.
 */
import type { AccountId, Account, HistoryEntry, HoldState, Outcome, Submission, Totals, TransferRecord } from './types'

/** A submission's fate inside a batch: its outcome, or the reason why it was refused as a whole. */
export type BatchOutcome = Outcome | { readonly refused: Error }

export interface LedgerEngine {
  /** Reserves ids for accounts to be created. */
  allocateAccountIds(count: number): Promise<AccountId[]>
  /** Judges the submissions in order and stores what they made, all in one durable commit. */
  execute(batch: readonly Submission[]): Promise<BatchOutcome[]>
  /** Current accounts in the order asked; undefined where there is none. Expired holds reserve nothing. */
  accounts(ids: readonly AccountId[]): Promise<(Account | undefined)[]>
  accountsOf(owner: string): Promise<Account[]>
  /** Totals after the last batch at or before a time or position; undefined before the account's first. */
  totalsAsOf(id: AccountId, at: AsOf): Promise<Totals | undefined>
  /** The account's transfers in ledger order, after a position. */
  history(id: AccountId, page: HistoryPage): Promise<HistoryEntry[]>
  transfer(id: string): Promise<(TransferRecord & { state?: HoldState }) | undefined>
  /** Whether expired holds wait to be released. */
  hasExpiredHolds(): Promise<boolean>
  close(): Promise<void>
}

export type AsOf = { readonly microseconds: bigint } | { readonly sequence: bigint }

export interface HistoryPage {
  readonly after?: bigint
  /** 1 … 1000. */
  readonly limit: number
}
