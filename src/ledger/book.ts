/**
 * What a batch knows of the ledger while it is judged: the accounts it touches, the ids in use and the holds
 * it resolves. Changes are journalled, so that a failed chain leaves no trace.
 */
import type { AccountId, AccountLimit, RecordKind, TransferRecord } from './types'

/** An account under judgement. Totals change in place; `Book` remembers what they were. */
export interface OpenAccount {
  readonly id: AccountId
  readonly ledger: number
  readonly limit: AccountLimit
  debitsPosted: bigint
  debitsPending: bigint
  creditsPosted: bigint
  creditsPending: bigint
  closed: boolean
  /** The batch that last touched the account, as stored. Set anew once the judged batch is durable. */
  batch: bigint
}

/** A transfer named by a post, a void or an expiry, with what resolved it. */
export interface KnownTransfer {
  readonly record: TransferRecord
  readonly resolution: RecordKind | undefined
}

interface Before {
  readonly account: OpenAccount
  readonly debitsPosted: bigint
  readonly debitsPending: bigint
  readonly creditsPosted: bigint
  readonly creditsPending: bigint
  readonly closed: boolean
}

export interface Mark {
  readonly journal: number
  readonly records: number
}

export class Book {
  /** New lines of the ledger, in order. */
  readonly records: TransferRecord[] = []
  private readonly journal: Before[] = []
  private readonly recordIds = new Set<string>()
  private readonly newHolds = new Map<string, TransferRecord>()
  private readonly resolved = new Map<string, RecordKind>()

  constructor(
    private readonly accounts: ReadonlyMap<AccountId, OpenAccount>,
    /** Ids that stored transfers have, as far as they were looked up. */
    private readonly usedIds: ReadonlySet<string>,
    private readonly knownTransfers: ReadonlyMap<string, KnownTransfer>,
    private readonly firstSequence: bigint,
    readonly nowMicroseconds: bigint
  ) {}

  account(id: AccountId): OpenAccount | undefined {
    return this.accounts.get(id)
  }

  isUsed(id: string): boolean {
    return this.recordIds.has(id) || this.usedIds.has(id)
  }

  transfer(id: string): KnownTransfer | undefined {
    const record = this.newHolds.get(id)
    const known = record ? { record, resolution: undefined } : this.knownTransfers.get(id)
    if (!known) return undefined
    return { record: known.record, resolution: this.resolved.get(id) ?? known.resolution }
  }

  nextSequence(): bigint {
    return this.firstSequence + BigInt(this.records.length)
  }

  /** Must be called before an account is changed. */
  remember(account: OpenAccount): void {
    const { debitsPosted, debitsPending, creditsPosted, creditsPending, closed } = account
    this.journal.push({ account, debitsPosted, debitsPending, creditsPosted, creditsPending, closed })
  }

  add(record: TransferRecord): void {
    this.records.push(record)
    this.recordIds.add(record.id)
    if (record.holdId) this.resolved.set(record.holdId, record.kind)
    else this.newHolds.set(record.id, record)
  }

  mark(): Mark {
    return { journal: this.journal.length, records: this.records.length }
  }

  /** Undoes everything since the mark. */
  revert(mark: Mark): void {
    while (this.journal.length > mark.journal) {
      const { account, ...before } = this.journal.pop()!
      Object.assign(account, before)
    }
    while (this.records.length > mark.records) {
      const record = this.records.pop()!
      this.recordIds.delete(record.id)
      if (record.holdId) this.resolved.delete(record.holdId)
      else this.newHolds.delete(record.id)
    }
  }

  /** Accounts that changed. */
  touched(): OpenAccount[] {
    return [...new Set(this.journal.map((before) => before.account))]
  }

  /** Accounts that were closed, in id order. */
  closed(): OpenAccount[] {
    return this.touched()
      .filter((account) => account.closed)
      .sort((left, right) => (left.id < right.id ? -1 : 1))
  }
}
