/**
 * Replays the whole ledger and checks that it is what the engine wrote: the hash chain, every total after
 * every batch, limits, holds and their resolutions. Stops at the first bad record and names it.
 *
 * That every ledger is balanced follows: each record adds the same amount to both sides, a debit and a credit of two
 * accounts of one ledger, and the stored totals are those sums.
 */
import { accountLine, checksumsOf, closeLine, GENESIS, linkOf, transferLine, type BatchHeader } from './chain'
import { changeOf, type MutableTotals } from './effects'
import type { AccountId, NewAccount, Totals, TransferRecord } from './types'

export interface StoredBatch extends BatchHeader {
  readonly hash: string
  readonly checksums: Buffer
}

export interface StoredAccount extends NewAccount {
  readonly createdBatch: bigint
  readonly closedBatch: bigint | null
  /** The batch that last touched it. */
  readonly batch: bigint
  readonly totals: Totals
}

export interface StoredBalance {
  readonly accountId: AccountId
  readonly batch: bigint
  readonly totals: Totals
}

/** Rows of one kind in ledger order, read ahead in pieces. */
export interface OrderedRows<Row> {
  peek(): Promise<Row | undefined>
  takeWhile(wanted: (row: Row) => boolean): Promise<Row[]>
}

/** One consistent picture of a stored ledger. */
export interface LedgerSnapshot {
  /** By sequence. */
  readonly batches: OrderedRows<StoredBatch>
  /** By created batch, then id. */
  readonly accounts: OrderedRows<StoredAccount>
  /** By sequence. */
  readonly transfers: OrderedRows<TransferRecord>
  /** By batch, then account. */
  readonly balances: OrderedRows<StoredBalance>
}

export interface BadRecord {
  readonly kind: 'batch' | 'account' | 'transfer' | 'balance'
  /** Sequence of a batch, id of an account or transfer, `account/batch` of a balance. */
  readonly key: string
  readonly problem: string
}

export interface Verdict {
  readonly firstBad: BadRecord | undefined
  readonly batches: bigint
  readonly accounts: number
  readonly transfers: bigint
  readonly openHolds: number
  /** The last link of the chain: keep it elsewhere, and a later verification can be held against it. */
  readonly head: string
}

interface ReplayedAccount {
  readonly stored: StoredAccount
  readonly totals: MutableTotals
  lastBatch: bigint
}

class Bad extends Error {
  constructor(readonly record: BadRecord) {
    super(record.problem)
  }
}

function bad(kind: BadRecord['kind'], key: string | bigint, problem: string): never {
  throw new Bad({ kind, key: String(key), problem })
}

/** How often progress is told, in transfers. */
const PROGRESS_TRANSFERS = 100_000n

export interface VerifyOptions {
  readonly onProgress?: (transfers: bigint, batches: bigint) => void
  /** A link noted earlier: the chain must still have it. */
  readonly expected?: { readonly sequence: bigint; readonly hash: string }
}

export async function verifyLedger(snapshot: LedgerSnapshot, options: VerifyOptions = {}): Promise<Verdict> {
  const replay = new Replay(snapshot, options)
  let firstBad: BadRecord | undefined
  try {
    await replay.run()
  } catch (error) {
    if (!(error instanceof Bad)) throw error
    firstBad = error.record
  }
  return replay.verdict(firstBad)
}

class Replay {
  private readonly accounts = new Map<AccountId, ReplayedAccount>()
  private readonly closes = new Map<bigint, AccountId[]>()
  private readonly openHolds = new Map<string, TransferRecord>()
  private sequence = 0n
  private nextTransfer = 1n
  private recordedMicroseconds = 0n
  private hash = GENESIS

  constructor(
    private readonly snapshot: LedgerSnapshot,
    private readonly options: VerifyOptions
  ) {}

  async run(): Promise<void> {
    let told = 0n
    // The link of an empty ledger, which is before the first batch, can be noted like any other.
    this.checkExpected()
    for (;;) {
      const [batch] = await takeOne(this.snapshot.batches)
      if (!batch) break
      await this.replayBatch(batch)
      if (this.nextTransfer - told > PROGRESS_TRANSFERS) {
        told = this.nextTransfer
        this.options.onProgress?.(this.nextTransfer - 1n, this.sequence)
      }
    }
    await this.checkNothingIsLeft()
    this.checkAccounts()
    this.checkHolds()
    this.options.onProgress?.(this.nextTransfer - 1n, this.sequence)
  }

  verdict(firstBad: BadRecord | undefined): Verdict {
    return {
      firstBad,
      batches: this.sequence,
      accounts: this.accounts.size,
      transfers: this.nextTransfer - 1n,
      openHolds: this.openHolds.size,
      head: this.hash
    }
  }

  private async replayBatch(batch: StoredBatch): Promise<void> {
    if (batch.sequence !== this.sequence + 1n) bad('batch', this.sequence + 1n, 'is missing')
    if (batch.firstTransfer !== this.nextTransfer) {
      bad('batch', batch.sequence, `begins at transfer ${batch.firstTransfer} instead of ${this.nextTransfer}`)
    }
    if (batch.recordedMicroseconds < this.recordedMicroseconds) bad('batch', batch.sequence, 'goes back in time')
    const created = await this.snapshot.accounts.takeWhile((account) => account.createdBatch <= batch.sequence)
    const end = batch.firstTransfer + BigInt(batch.transferCount)
    const records = await this.snapshot.transfers.takeWhile((record) => record.sequence < end)
    for (const account of created) this.open(account, batch)
    this.checkLink(batch, created, this.closes.get(batch.sequence) ?? [], records)

    const touched = new Set<AccountId>(created.map((account) => account.id))
    for (const record of records) this.apply(record, batch, touched)
    for (const id of this.closes.get(batch.sequence) ?? []) this.close(id, touched)
    await this.checkBalances(batch, touched)

    this.sequence = batch.sequence
    this.nextTransfer = end
    this.recordedMicroseconds = batch.recordedMicroseconds
    this.hash = batch.hash
    this.checkExpected()
  }

  private checkExpected(): void {
    const { expected } = this.options
    if (expected?.sequence === this.sequence && expected.hash !== this.hash) {
      bad('batch', this.sequence, `has link ${this.hash} instead of the expected ${expected.hash}`)
    }
  }

  private open(account: StoredAccount, batch: StoredBatch): void {
    if (account.createdBatch !== batch.sequence)
      bad('account', account.id, `claims to come from batch ${account.createdBatch}`)
    if (this.accounts.has(account.id)) bad('account', account.id, 'is there twice')
    const totals = { debitsPosted: 0n, debitsPending: 0n, creditsPosted: 0n, creditsPending: 0n }
    this.accounts.set(account.id, { stored: account, totals, lastBatch: batch.sequence })
    if (account.closedBatch !== null) {
      const ids = [...(this.closes.get(account.closedBatch) ?? []), account.id]
      this.closes.set(
        account.closedBatch,
        ids.sort((left, right) => (left < right ? -1 : 1))
      )
    }
  }

  /** The link proves that something differs; the line checksums say what, unless the batch itself is at fault. */
  private checkLink(
    batch: StoredBatch,
    created: readonly StoredAccount[],
    closed: readonly AccountId[],
    records: readonly TransferRecord[]
  ): void {
    const accountLines = [...created.map(accountLine), ...closed.map(closeLine)]
    const transferLines = records.map(transferLine)
    const text = transferLines.length ? `${transferLines.join('\n')}\n` : ''
    const link = linkOf(this.hash, batch, accountLines, transferLines, text)
    if (link.hash === batch.hash) {
      if (!link.checksums.equals(batch.checksums)) bad('batch', batch.sequence, 'has other checksums than its records')
      return
    }
    this.checkRecords(batch, records)
    this.checkCreated(batch, created, closed)
    bad('batch', batch.sequence, 'does not match its link in the chain')
  }

  private checkRecords(batch: StoredBatch, records: readonly TransferRecord[]): void {
    const offset = (batch.accountCount + batch.closeCount) * 4
    for (let index = 0; index < batch.transferCount; index++) {
      const record = records[index]
      const sequence = batch.firstTransfer + BigInt(index)
      if (!record || record.sequence > sequence)
        bad('transfer', sequence, `is missing (position ${sequence} of the ledger)`)
      const checksum = checksumsOf([transferLine(record)])
      if (!checksum.equals(batch.checksums.subarray(offset + index * 4, offset + index * 4 + 4))) {
        bad('transfer', record.id, `was changed (position ${sequence} of the ledger)`)
      }
    }
    const extra = records[batch.transferCount]
    if (extra) bad('transfer', extra.id, 'does not belong to its batch')
  }

  private checkCreated(batch: StoredBatch, created: readonly StoredAccount[], closed: readonly AccountId[]): void {
    const checksums = checksumsOf([...created.map(accountLine), ...closed.map(closeLine)])
    for (const [index, account] of created.entries()) {
      const stored = batch.checksums.subarray(index * 4, index * 4 + 4)
      if (checksums.subarray(index * 4, index * 4 + 4).equals(stored)) continue
      const isOther = created.length !== batch.accountCount
      bad('account', account.id, isOther ? 'or a neighbour in its batch is missing or was added' : 'was changed')
    }
    if (created.length < batch.accountCount) bad('account', `of batch ${batch.sequence}`, 'is missing')
    if (closed.length !== batch.closeCount)
      bad('account', `closed in batch ${batch.sequence}`, 'was opened or closed by hand')
  }

  private apply(record: TransferRecord, batch: StoredBatch, touched: Set<AccountId>): void {
    const debit = this.accounts.get(record.debitAccountId)
    const credit = this.accounts.get(record.creditAccountId)
    if (!debit) bad('account', record.debitAccountId, `is missing, transfer ${record.id} debits it`)
    if (!credit) bad('account', record.creditAccountId, `is missing, transfer ${record.id} credits it`)
    if (debit.stored.ledger !== credit.stored.ledger) bad('transfer', record.id, 'crosses ledgers')
    const held = record.holdId === null ? 0n : this.resolveHold(record, batch)
    if (record.kind === 'hold') this.openHolds.set(record.id, record)
    const { posted, pending } = changeOf(record.kind, record.amount, held)
    debit.totals.debitsPosted += posted
    debit.totals.debitsPending += pending
    credit.totals.creditsPosted += posted
    credit.totals.creditsPending += pending
    if (exceeds(debit) || exceeds(credit)) bad('transfer', record.id, 'takes an account past its limit')
    for (const account of [debit, credit]) {
      account.lastBatch = batch.sequence
      touched.add(account.stored.id)
    }
  }

  /** The amount that the hold reserved. */
  private resolveHold(record: TransferRecord, batch: StoredBatch): bigint {
    const hold = this.openHolds.get(record.holdId!)
    if (!hold) bad('transfer', record.id, `resolves ${record.holdId}, which is no open hold`)
    const due = hold.expiresMicroseconds !== null && hold.expiresMicroseconds <= batch.recordedMicroseconds
    if (due !== (record.kind === 'expire'))
      bad('transfer', record.id, due ? 'resolves an expired hold' : 'expires a hold early')
    const same = hold.debitAccountId === record.debitAccountId && hold.creditAccountId === record.creditAccountId
    if (!same || record.amount > hold.amount) bad('transfer', record.id, 'does not match its hold')
    this.openHolds.delete(hold.id)
    return hold.amount
  }

  private close(id: AccountId, touched: Set<AccountId>): void {
    const account = this.accounts.get(id)!
    const { debitsPosted, debitsPending, creditsPosted, creditsPending } = account.totals
    if (debitsPosted !== creditsPosted || debitsPending + creditsPending !== 0n)
      bad('account', id, 'was closed while not empty')
    account.lastBatch = account.stored.closedBatch!
    touched.add(id)
  }

  private async checkBalances(batch: StoredBatch, touched: ReadonlySet<AccountId>): Promise<void> {
    const balances = await this.snapshot.balances.takeWhile((balance) => balance.batch <= batch.sequence)
    const seen = new Set<AccountId>()
    for (const balance of balances) {
      const key = `${balance.accountId}/${balance.batch}`
      if (balance.batch !== batch.sequence || !touched.has(balance.accountId))
        bad('balance', key, 'has no transfer behind it')
      if (!sameTotals(balance.totals, this.accounts.get(balance.accountId)!.totals))
        bad('balance', key, 'is not the sum of its transfers')
      seen.add(balance.accountId)
    }
    for (const id of touched) if (!seen.has(id)) bad('balance', `${id}/${batch.sequence}`, 'is missing')
  }

  private async checkNothingIsLeft(): Promise<void> {
    const transfer = await this.snapshot.transfers.peek()
    const account = await this.snapshot.accounts.peek()
    const balance = await this.snapshot.balances.peek()
    const { expected } = this.options
    const missing = expected && expected.sequence > this.sequence
    if (transfer || account || balance || missing) bad('batch', this.sequence + 1n, 'is missing')
  }

  private checkAccounts(): void {
    for (const { stored, totals, lastBatch } of this.accounts.values()) {
      if (!sameTotals(stored.totals, totals)) bad('account', stored.id, 'has other totals than its transfers')
      if (stored.batch !== lastBatch)
        bad('account', stored.id, `was last touched by batch ${lastBatch}, not ${stored.batch}`)
    }
  }

  private checkHolds(): void {
    for (const hold of this.openHolds.values()) {
      if (hold.expiresMicroseconds !== null && hold.expiresMicroseconds <= this.recordedMicroseconds) {
        bad('transfer', hold.id, 'is a hold that was due and not released')
      }
    }
  }
}

async function takeOne<Row>(rows: OrderedRows<Row>): Promise<Row[]> {
  let taken = false
  return rows.takeWhile(() => !taken && (taken = true))
}

function exceeds({ stored, totals }: ReplayedAccount): boolean {
  if (stored.limit === 'debits_must_not_exceed_credits') {
    return totals.debitsPosted + totals.debitsPending > totals.creditsPosted
  }
  if (stored.limit === 'credits_must_not_exceed_debits') {
    return totals.creditsPosted + totals.creditsPending > totals.debitsPosted
  }
  return false
}

function sameTotals(left: Totals, right: Totals): boolean {
  return (
    left.debitsPosted === right.debitsPosted &&
    left.debitsPending === right.debitsPending &&
    left.creditsPosted === right.creditsPosted &&
    left.creditsPending === right.creditsPending
  )
}
