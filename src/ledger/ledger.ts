/**
 * The ledger as the services see it: submit and read. Which engine runs below is decided in the container.
 */
import type { Committer } from './committer'
import type { AccountSums, AsOf, Expiration, ExpirationPage, HistoryPage, LedgerEngine } from './engine'
import type {
  Account,
  AccountId,
  HistoryEntry,
  HoldState,
  Outcome,
  Submission,
  Totals,
  TransferCode,
  TransferRecord
} from './types'

export class Ledger {
  constructor(
    private readonly engine: LedgerEngine,
    private readonly committer: Committer
  ) {}

  /** Reserves ids for accounts to be created by a later submission. Unused ids are simply never used. */
  allocateAccountIds(count: number): Promise<AccountId[]> {
    return this.engine.allocateAccountIds(count)
  }

  /**
   * Judges and stores a submission. Resolves once its effects are durable, also when every command was
   * refused. Rejects with `LedgerOutcomeUnknown` when nobody knows whether it was stored; with anything else nothing
   * was: `AttachmentRefused`, what `attach` threw, `LedgerBusy`, a `RangeError` for too many commands, or the
   * database's own error (it is lost, an attachment waited too long for a row, or it refused what nobody foresaw).
   */
  submit(submission: Submission): Promise<Outcome> {
    return this.committer.submit(submission)
  }

  account(id: AccountId): Promise<Account | undefined> {
    return this.engine.accounts([id]).then(([account]) => account)
  }

  accounts(ids: readonly AccountId[]): Promise<(Account | undefined)[]> {
    return this.engine.accounts(ids)
  }

  accountsOf(owner: string): Promise<Account[]> {
    return this.engine.accountsOf(owner)
  }

  totalsAsOf(id: AccountId, at: AsOf): Promise<Totals | undefined> {
    return this.engine.totalsAsOf(id, at)
  }

  history(id: AccountId, page: HistoryPage): Promise<HistoryEntry[]> {
    return this.engine.history(id, page)
  }

  transfer(id: string): Promise<(TransferRecord & { state?: HoldState }) | undefined> {
    return this.engine.transfer(id)
  }

  transfers(ids: readonly string[]): Promise<(TransferRecord & { state?: HoldState })[]> {
    return this.engine.transfers(ids)
  }

  /** Holds of a purpose that ran out of time and were released, the latest first. */
  expirations(code: TransferCode, page: ExpirationPage): Promise<Expiration[]> {
    return this.engine.expirations(code, page)
  }

  expirationCount(code: TransferCode): Promise<number> {
    return this.engine.expirationCount(code)
  }

  /** What all accounts of the ledgers come to, a line each ledger and code. For reports. */
  sums(ledgers: readonly number[]): Promise<AccountSums[]> {
    return this.engine.sums(ledgers)
  }

  /** Releases expired holds that nobody touched. Readers and writers never wait for it. */
  async sweep(): Promise<void> {
    if (await this.engine.hasExpiredHolds()) await this.committer.submit({ commands: [] })
  }

  /** Finishes what is queued and lets go of the database. */
  async close(): Promise<void> {
    await this.committer.drain()
    await this.engine.close()
  }
}
