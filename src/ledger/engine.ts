/**
 * The port between the ledger and what stores it. An engine judges and stores batches; the committer above
 * it decides what a batch is. In `test/ledger`, `model.test.ts` holds an engine to the rules, `concurrency.test.ts` to
 * their order among many writers, `faults.test.ts` to what it owes to its callers when something fails, and
 * `tamper.test.ts` to the chain.
 */
import type {
  Account,
  AccountCode,
  AccountId,
  HistoryEntry,
  HoldState,
  Outcome,
  Submission,
  Totals,
  TransferCode,
  TransferRecord
} from './types'

/** A submission's fate inside a batch: its outcome, or what its caller gets instead. */
export type BatchOutcome = Outcome | { readonly refused: Error }

export interface LedgerEngine {
  /** Reserves ids for accounts to be created. */
  allocateAccountIds(count: number): Promise<AccountId[]>
  /**
   * Judges the submissions in order and stores what they made, all in one durable commit unless one is refused.
   * Rejects only with what befell all of them.
   */
  execute(batch: readonly Submission[]): Promise<BatchOutcome[]>
  /** Current accounts in the order asked; undefined where there is none. Expired holds reserve nothing. */
  accounts(ids: readonly AccountId[]): Promise<(Account | undefined)[]>
  accountsOf(owner: string): Promise<Account[]>
  /** Totals after the last batch at or before a time or position; undefined before the account's first. */
  totalsAsOf(id: AccountId, at: AsOf): Promise<Totals | undefined>
  /** The account's transfers in ledger order, after a position. */
  history(id: AccountId, page: HistoryPage): Promise<HistoryEntry[]>
  transfer(id: string): Promise<(TransferRecord & { state?: HoldState }) | undefined>
  /** Those of the ids that there are, in any order, all as of one moment. The ids are UUIDs in canonical form. */
  transfers(ids: readonly string[]): Promise<(TransferRecord & { state?: HoldState })[]>
  /** Holds of a purpose that ran out of time and were released, the latest first. */
  expirations(code: TransferCode, page: ExpirationPage): Promise<Expiration[]>
  expirationCount(code: TransferCode): Promise<number>
  /** What all accounts of the ledgers come to, as of one moment. For reports: it looks at every account. */
  sums(ledgers: readonly number[]): Promise<AccountSums[]>
  /** Whether expired holds wait to be released. */
  hasExpiredHolds(): Promise<boolean>
  close(): Promise<void>
}

/** Accounts of one ledger and purpose together, holds that are past their expiry included until they are released. */
export interface AccountSums extends Totals {
  readonly ledger: number
  readonly code: AccountCode
  readonly accounts: number
  /** Ids of accounts that are beyond their limit: at most ten, and none in a sound ledger. */
  readonly beyondLimit: readonly AccountId[]
}

export type AsOf = { readonly microseconds: bigint } | { readonly sequence: bigint }

export interface HistoryPage {
  readonly after?: bigint
  /** 1 … 1000. */
  readonly limit: number
}

/** The record that released a hold because its time was over. */
export interface Expiration {
  readonly transfer: TransferRecord
  readonly recordedMicroseconds: bigint
}

export interface ExpirationPage {
  /** Position in the ledger. */
  readonly before?: bigint
  /** 1 … 1000. */
  readonly limit: number
}
