/** The books as an auditor reads them: the accounts behind a thing, and every transfer of an account. */
import type { Ledger } from '../../ledger/ledger'
import type { Account, AccountId, HistoryEntry, Totals } from '../../ledger/types'
import { parseUuid } from '../identifiers'

export type { Account, HistoryEntry, RecordKind, Totals } from '../../ledger/types'

export interface StatementRequest {
  /** Position in the ledger after which to start. */
  readonly after?: bigint
  /** 1 … 100. */
  readonly limit: number
}

export interface StatementPage {
  readonly entries: readonly HistoryEntry[]
  readonly hasPreviousPage: boolean
  readonly hasNextPage: boolean
}

/** Account ids and positions of the ledger: positive 64-bit integers. */
const NUMBER = /^[1-9]\d{0,18}$/
const NUMBER_MAX = 2n ** 63n - 1n

export function parseLedgerNumber(text: string): bigint | undefined {
  if (!NUMBER.test(text)) return undefined
  const number = BigInt(text)
  return number <= NUMBER_MAX ? number : undefined
}

export class StatementService {
  constructor(private readonly ledger: Ledger) {}

  async account(id: string): Promise<Account | undefined> {
    const number = parseLedgerNumber(id)
    return number === undefined ? undefined : this.ledger.account(number)
  }

  /** By purpose; none for an owner without accounts. */
  async accountsOf(ownerId: string): Promise<Account[]> {
    const owner = parseUuid(ownerId)
    return owner === undefined ? [] : this.ledger.accountsOf(owner)
  }

  async statement(account: AccountId, { after, limit }: StatementRequest): Promise<StatementPage> {
    const page = { limit: limit + 1, ...(after === undefined ? {} : { after }) }
    const found = await this.ledger.history(account, page)
    const entries = found.slice(0, limit)
    const hasPreviousPage = after !== undefined && (await this.isNotFirst(account, entries[0]))
    return { entries, hasPreviousPage, hasNextPage: found.length > limit }
  }

  /** Totals as they were at a time; undefined before the account's first. */
  totalsAt(account: AccountId, time: Date): Promise<Totals | undefined> {
    // To the end of the millisecond, which is all that a date can say.
    return this.ledger.totalsAsOf(account, { microseconds: BigInt(time.getTime()) * 1_000n + 999n })
  }

  private async isNotFirst(account: AccountId, entry: HistoryEntry | undefined): Promise<boolean> {
    if (!entry) return false
    const [first] = await this.ledger.history(account, { limit: 1 })
    return first !== undefined && first.transfer.sequence < entry.transfer.sequence
  }
}
