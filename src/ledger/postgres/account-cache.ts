/**
 * What the last batch left behind: its place in the chain and the accounts as of it. Kept between batches, so that a
 * busy ledger need not read what it has just written.
 *
 * Never the truth: it counts only while that batch is still the last one in the database, which is checked under the
 * writer lock, and every update names the batch it was computed from.
 */
import type { OpenAccount } from '../book'
import type { AccountId } from '../types'
import type { Head } from './reading'

/** About 300 bytes each. */
const CACHED_ACCOUNTS_MAX = 100_000

export class AccountCache {
  private readonly accounts = new Map<AccountId, OpenAccount>()
  private last: Head | undefined

  /** The last batch, as far as is known here. */
  get head(): Head | undefined {
    return this.last
  }

  has(id: AccountId): boolean {
    return this.accounts.has(id)
  }

  /** What is known; live, so that accounts read later appear in it. */
  content(): ReadonlyMap<AccountId, OpenAccount> {
    return this.accounts
  }

  /** Drops all accounts unless they are as of this batch. */
  validate(head: Head): void {
    if (this.last?.sequence !== head.sequence || this.last.hash !== head.hash) this.clear()
    this.last = head
  }

  add(accounts: readonly OpenAccount[]): void {
    for (const account of accounts) this.accounts.set(account.id, account)
  }

  /** The batch just committed is the new head; `touched` are as it left them. */
  advance(head: Head, touched: readonly OpenAccount[]): void {
    if (this.accounts.size > CACHED_ACCOUNTS_MAX) this.accounts.clear()
    this.last = head
    for (const account of touched) {
      account.batch = head.sequence
      this.accounts.set(account.id, account)
    }
  }

  clear(): void {
    this.accounts.clear()
    this.last = undefined
  }
}
