/**
 * Accounts as of a batch, kept between batches so that a busy ledger need not read what it has just written.
 *
 * Never the truth: the cache counts only while the batch it was filled at is still the last one in the
 * database, which is checked under the writer lock, and every update names the batch it was computed from.
 */
import type { OpenAccount } from '../book'
import type { AccountId } from '../types'

/** About 300 bytes each. */
const CACHED_ACCOUNTS_MAX = 100_000

export class AccountCache {
  private readonly accounts = new Map<AccountId, OpenAccount>()
  private batch: bigint | undefined

  has(id: AccountId): boolean {
    return this.accounts.has(id)
  }

  /** What is known; live, so that accounts read later appear in it. */
  content(): ReadonlyMap<AccountId, OpenAccount> {
    return this.accounts
  }

  /** Drops everything unless it is as of this batch. True if the content counts. */
  validate(headBatch: bigint): boolean {
    if (this.batch === headBatch) return true
    this.clear()
    this.batch = headBatch
    return false
  }

  add(accounts: readonly OpenAccount[]): void {
    for (const account of accounts) this.accounts.set(account.id, account)
  }

  /** The batch just committed is the new head; `touched` are as it left them. */
  advance(batch: bigint, touched: readonly OpenAccount[]): void {
    if (this.accounts.size > CACHED_ACCOUNTS_MAX) this.accounts.clear()
    this.batch = batch
    for (const account of touched) {
      account.batch = batch
      this.accounts.set(account.id, account)
    }
  }

  clear(): void {
    this.accounts.clear()
    this.batch = undefined
  }
}
