/** Reads of the ledger. None sums history, and none waits for a writer. */
import type { Loader, Reader } from '../../database/reader'
import { totalsAfter, ZERO, type MutableTotals } from '../effects'
import type { AccountSums, AsOf, Expiration, ExpirationPage, HistoryPage } from '../engine'
import { isTransferId } from '../rules'
import type { Account, AccountId, HistoryEntry, HoldState, Totals, TransferCode, TransferRecord } from '../types'
import { accountOf, kindOf, totalsOf, transferOf, type AccountRow, type TotalsRow, type TransferRow } from './rows'
import {
  accountSums,
  batchAtSequence,
  batchAtTime,
  CURRENT_ACCOUNTS,
  currentAccountsOf,
  dueHolds,
  dueHoldsOfAccount,
  expiredHoldCount,
  expiredHolds,
  totalsAtBatch,
  transfersById,
  transfersOfAccount
} from './statements'

interface BatchRow {
  sequence: string
  first_transfer: string
  transfer_count: number
  recorded_us: string
}

interface SumsRow extends TotalsRow {
  ledger: number
  code: number
  accounts: string
  beyond_limit: string[]
}

interface HistoryRow extends TransferRow {
  recorded_us: string
  held: string | null
}

const HISTORY_LIMIT_MAX = 1_000

export class Reads {
  private readonly currentAccounts: Loader<string, AccountRow>

  constructor(
    private readonly reader: Reader,
    private readonly now: () => bigint
  ) {
    this.currentAccounts = reader.loader<string, AccountRow>(
      'ledger_current_accounts',
      CURRENT_ACCOUNTS,
      (row) => row.id,
      () => [String(now())]
    )
  }

  accounts(ids: readonly AccountId[]): Promise<(Account | undefined)[]> {
    return Promise.all(
      ids.map(async (id) => {
        const row = await this.currentAccounts.load(String(id))
        return row && accountOf(row)
      })
    )
  }

  async sums(ledgers: readonly number[]): Promise<AccountSums[]> {
    const rows = await this.reader.rows<SumsRow>(accountSums(ledgers))
    return rows.map((row) => ({
      ledger: row.ledger,
      code: row.code,
      accounts: Number(row.accounts),
      beyondLimit: row.beyond_limit.map(BigInt),
      ...totalsOf(row)
    }))
  }

  async accountsOf(owner: string): Promise<Account[]> {
    const rows = await this.reader.rows<AccountRow>(currentAccountsOf(owner, this.now()))
    return rows.map(accountOf)
  }

  async hasExpiredHolds(): Promise<boolean> {
    const rows = await this.reader.rows(dueHolds(this.now()))
    return rows.length > 0
  }

  async transfer(id: string): Promise<(TransferRecord & { state?: HoldState }) | undefined> {
    if (!isTransferId(id)) return undefined
    const [transfer] = await this.transfers([id])
    return transfer
  }

  async transfers(ids: readonly string[]): Promise<(TransferRecord & { state?: HoldState })[]> {
    const rows = await this.reader.rows<TransferRow & { resolution: number | null }>(transfersById(ids))
    return rows.map((row) => {
      const record = transferOf(row)
      return record.kind === 'hold' ? { ...record, state: this.stateOf(record, row.resolution) } : record
    })
  }

  async totalsAsOf(id: AccountId, at: AsOf): Promise<Totals | undefined> {
    return 'sequence' in at ? this.totalsAtSequence(id, at.sequence) : this.totalsAtTime(id, at.microseconds)
  }

  async history(id: AccountId, { after, limit }: HistoryPage): Promise<HistoryEntry[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > HISTORY_LIMIT_MAX) {
      throw new RangeError(`a page of history has 1 to ${HISTORY_LIMIT_MAX} entries`)
    }
    const [start] = after === undefined ? [] : await this.reader.rows<BatchRow>(batchAtSequence(after))
    const fromBatch = start ? BigInt(start.sequence) : 0n
    const skipped = start && after !== undefined ? Number(after - BigInt(start.first_transfer)) + 1 : 0
    const [before, rows] = await Promise.all([
      this.totalsAtBatch(id, fromBatch - 1n),
      this.reader.rows<HistoryRow>(transfersOfAccount(id, fromBatch, limit + skipped))
    ])
    return entriesOf(id, before ?? ZERO, rows)
      .filter(({ transfer }) => after === undefined || transfer.sequence > after)
      .slice(0, limit)
  }

  async expirations(code: TransferCode, { before, limit }: ExpirationPage): Promise<Expiration[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > HISTORY_LIMIT_MAX) {
      throw new RangeError(`a page of expirations has 1 to ${HISTORY_LIMIT_MAX} entries`)
    }
    const rows = await this.reader.rows<TransferRow & { recorded_us: string }>(expiredHolds(code, before, limit))
    return rows.map((row) => ({ transfer: transferOf(row), recordedMicroseconds: BigInt(row.recorded_us) }))
  }

  async expirationCount(code: TransferCode): Promise<number> {
    const [row] = await this.reader.rows<{ count: string }>(expiredHoldCount(code))
    return Number(row!.count)
  }

  private async totalsAtTime(id: AccountId, microseconds: bigint): Promise<Totals | undefined> {
    const now = this.now()
    const time = microseconds < now ? microseconds : now
    const [batch] = await this.reader.rows<BatchRow>(batchAtTime(time))
    if (!batch) return undefined
    const [totals, due] = await Promise.all([
      this.totalsAtBatch(id, BigInt(batch.sequence)),
      this.reader.rows<{ debit_account_id: string; amount: string }>(
        dueHoldsOfAccount(id, BigInt(batch.recorded_us), time)
      )
    ])
    if (!totals) return undefined
    const after: MutableTotals = { ...totals }
    for (const hold of due) {
      if (BigInt(hold.debit_account_id) === id) after.debitsPending -= BigInt(hold.amount)
      else after.creditsPending -= BigInt(hold.amount)
    }
    return after
  }

  private async totalsAtSequence(id: AccountId, sequence: bigint): Promise<Totals | undefined> {
    const [batch] = await this.reader.rows<BatchRow>(batchAtSequence(sequence))
    if (!batch) return undefined
    const last = BigInt(batch.first_transfer) + BigInt(batch.transfer_count) - 1n
    if (sequence >= last) return this.totalsAtBatch(id, BigInt(batch.sequence))
    const [before, rows] = await Promise.all([
      this.totalsAtBatch(id, BigInt(batch.sequence) - 1n),
      this.reader.rows<HistoryRow>(transfersOfAccount(id, BigInt(batch.sequence), batch.transfer_count))
    ])
    const within = entriesOf(id, before ?? ZERO, rows).filter(({ transfer }) => transfer.sequence <= sequence)
    return within.at(-1)?.totals ?? before
  }

  private async totalsAtBatch(id: AccountId, batch: bigint): Promise<Totals | undefined> {
    const [row] = await this.reader.rows<TotalsRow>(totalsAtBatch(id, batch))
    return row && totalsOf(row)
  }

  private stateOf(hold: TransferRecord, resolution: number | null): HoldState {
    const kind = resolution === null ? undefined : kindOf(resolution)
    if (kind === 'post') return 'posted'
    if (kind === 'void') return 'voided'
    const due = hold.expiresMicroseconds !== null && hold.expiresMicroseconds <= this.now()
    return kind === 'expire' || due ? 'expired' : 'pending'
  }
}

function entriesOf(id: AccountId, before: Totals, rows: readonly HistoryRow[]): HistoryEntry[] {
  let totals = before
  return rows.map((row) => {
    const transfer = transferOf(row)
    totals = totalsAfter(totals, id, transfer, BigInt(row.held ?? 0))
    return { transfer, recordedMicroseconds: BigInt(row.recorded_us), totals }
  })
}
