/** A stored ledger as of one moment, read in order through cursors, a piece at a time. */
import { Pipeline, type Session } from '../../database/pipeline'
import type { LedgerSnapshot, OrderedRows, StoredAccount, StoredBalance, StoredBatch } from '../verify'
import { limitOf, totalsOf, transferOf, type AccountRow, type TotalsRow } from './rows'

const PIECE_ROWS = 5_000

const BATCHES = `SELECT sequence, first_transfer, recorded_us, transfer_count, account_count, close_count,
  encode(hash, 'hex') AS hash, checksums FROM ledger_batch ORDER BY sequence`
const ACCOUNTS = `SELECT id, batch, created_batch, closed_batch, owner, ledger, code, limit_kind,
  debits_posted, debits_pending, credits_posted, credits_pending FROM ledger_account ORDER BY created_batch, id`
const TRANSFERS = `SELECT sequence, id, kind, debit_account_id, credit_account_id, amount, code, hold_id, expires_us, reference
  FROM ledger_transfer ORDER BY sequence, id`
const BALANCES = `SELECT account_id, batch, debits_posted, debits_pending, credits_posted, credits_pending
  FROM ledger_balance ORDER BY batch, account_id`

interface BatchRow {
  sequence: string
  first_transfer: string
  recorded_us: string
  transfer_count: number
  account_count: number
  close_count: number
  hash: string
  checksums: Buffer
}

interface StoredAccountRow extends AccountRow {
  created_batch: string
  closed_batch: string | null
}

interface BalanceRow extends TotalsRow {
  account_id: string
  batch: string
}

/** Hands one consistent snapshot of the ledger at `url` to `use`. Writers are not held up. */
export async function withSnapshot<Result>(
  url: string,
  use: (snapshot: LedgerSnapshot) => Promise<Result>
): Promise<Result> {
  const pipeline = new Pipeline({ url, name: 'hazina verify', settings: { work_mem: '64MB', jit: 'off' } })
  try {
    const session = await pipeline.session()
    await session.send({ name: 'begin', text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', values: [] })
    return await use({
      batches: new Cursor(session, 'batches', BATCHES, batchOf),
      accounts: new Cursor(session, 'accounts', ACCOUNTS, storedAccountOf),
      transfers: new Cursor(session, 'transfers', TRANSFERS, transferOf),
      balances: new Cursor(session, 'balances', BALANCES, balanceOf)
    })
  } finally {
    await pipeline.close()
  }
}

class Cursor<Stored extends object, Row> implements OrderedRows<Row> {
  private piece: Row[] = []
  private position = 0
  private next: Promise<Row[]> | undefined
  private ended = false

  constructor(
    private readonly session: Session,
    private readonly name: string,
    private readonly query: string,
    private readonly rowOf: (stored: Stored) => Row
  ) {}

  async peek(): Promise<Row | undefined> {
    if (this.position >= this.piece.length && !this.ended) await this.advance()
    return this.piece[this.position]
  }

  async takeWhile(wanted: (row: Row) => boolean): Promise<Row[]> {
    const taken: Row[] = []
    for (;;) {
      const row = this.position < this.piece.length ? this.piece[this.position] : await this.peek()
      if (row === undefined || !wanted(row)) return taken
      taken.push(row)
      this.position++
    }
  }

  /** Takes over the piece that was asked for last time and asks for the one after it. */
  private async advance(): Promise<void> {
    this.next ??= this.declare()
    this.piece = await this.next
    this.position = 0
    this.ended = this.piece.length === 0
    if (!this.ended) this.next = this.fetch()
  }

  private async declare(): Promise<Row[]> {
    const { name } = this
    await this.session.send({
      name: `declare_${name}`,
      text: `DECLARE ${name} NO SCROLL CURSOR FOR ${this.query}`,
      values: []
    })
    return this.fetch()
  }

  private async fetch(): Promise<Row[]> {
    const text = `FETCH ${PIECE_ROWS} FROM ${this.name}`
    const rows = await this.session.query<Stored>({ name: `fetch_${this.name}`, text, values: [] })
    return rows.map(this.rowOf)
  }
}

function batchOf(row: BatchRow): StoredBatch {
  return {
    sequence: BigInt(row.sequence),
    firstTransfer: BigInt(row.first_transfer),
    recordedMicroseconds: BigInt(row.recorded_us),
    transferCount: row.transfer_count,
    accountCount: row.account_count,
    closeCount: row.close_count,
    hash: row.hash,
    checksums: row.checksums
  }
}

function storedAccountOf(row: StoredAccountRow): StoredAccount {
  return {
    id: BigInt(row.id),
    owner: row.owner,
    ledger: row.ledger,
    code: row.code,
    limit: limitOf(row.limit_kind),
    createdBatch: BigInt(row.created_batch),
    closedBatch: row.closed_batch === null ? null : BigInt(row.closed_batch),
    batch: BigInt(row.batch),
    totals: totalsOf(row)
  }
}

function balanceOf(row: BalanceRow): StoredBalance {
  return { accountId: BigInt(row.account_id), batch: BigInt(row.batch), totals: totalsOf(row) }
}
