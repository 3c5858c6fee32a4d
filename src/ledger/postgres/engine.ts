/**
 * The ledger on PostgreSQL.
 *
 * A batch costs two round trips at most and one durable commit, however many transfers it has:
 *   1. BEGIN, writer lock, last batch, expired holds, and the accounts and holds that are not known;
 *   2. COPY of the transfers, one UPDATE of the touched accounts, one INSERT of their balances, the batch's
 *      link, the attachments, COMMIT; all of it answered in one piece.
 * All writers of a ledger, in whatever process, take the same lock first, so batches are strictly ordered. A batch
 * that follows one of this process and needs nothing that is not known from it goes out in one piece. If somebody
 * else has written meanwhile it is refused as a whole and made again with what is read.
 */
import { isNativeError } from 'node:util/types'
import type { Owned } from '../../database/attachments'
import type { Pipeline, Session } from '../../database/pipeline'
import type { Reader } from '../../database/reader'
import { Culprit, isReadOnly } from '../../database/refusals'
import { RowLocked } from '../../database/write-errors'
import { Book, type OpenAccount } from '../book'
import type { AccountSums, AsOf, BatchOutcome, Expiration, ExpirationPage, HistoryPage, LedgerEngine } from '../engine'
import { expire, judge } from '../rules'
import {
  LedgerBusy,
  LedgerOutcomeUnknown,
  RESULTS,
  type Account,
  type AccountId,
  type HistoryEntry,
  type HoldState,
  type NewAccount,
  type Outcome,
  type Result,
  type Submission,
  type Totals,
  type TransferCode,
  type TransferRecord
} from '../types'
import { AccountCache } from './account-cache'
import { Confidence } from './confidence'
import { InDoubt, wasCommitted } from './doubt'
import { isConnectionLoss, isDuplicateId, isHeldUp, isTransient, StaleLedger } from './failures'
import { Patience, pauseAfter } from './patience'
import { Reads } from './reads'
import { read, readUsedIds, recall, wantedBy, type Reading, type Wanted } from './reading'
import { allocateAccountIds, ROLLBACK } from './statements'
import { isEmpty, write, type Entry } from './writing'

export interface PostgresLedgerOptions {
  /** The only connection that writes; nobody else may use it. */
  readonly writer: Pipeline
  readonly reader: Reader
  /** Microseconds since the Unix epoch. */
  readonly now: () => bigint
  /** Ids of the records that release expired holds. */
  readonly newId: () => string
  /** How long a batch waits for a lost database before it is given up. */
  readonly recoveryMilliseconds?: number
  /** Told of failures that were overcome. */
  readonly onRetry?: (error: unknown) => void
}

/** Batches up to this size ask which ids are taken; larger ones leave it to the index, until it says no once. */
const LOOK_UP_IDS_MAX = 256
/** How many batches look ids up after the index refused one. */
const WARY_BATCHES = 64
const ATTEMPTS_MAX = 5
const RECOVERY_MILLISECONDS = 15_000
const ACCOUNT_IDS_BLOCK = 32
/**
 * Results that a used id does not change: the unique index answers for `ok`. Not `linked_failed`: a used id earlier in the
 * chain would be what failed.
 */
const BEFORE_ID_CHECK = new Set<Result>(['ok', ...RESULTS.slice(0, RESULTS.indexOf('exists') + 1)])
BEFORE_ID_CHECK.delete('linked_failed')

/** A batch judged: what each submission gets and what is to be stored. */
interface Judgement {
  readonly outcomes: Outcome[]
  readonly entry: Entry
}

export class PostgresLedgerEngine implements LedgerEngine {
  private readonly cache = new AccountCache()
  private readonly reads: Reads
  private readonly spareIds: AccountId[] = []
  private readonly confidence = new Confidence()
  private wary = 0

  constructor(private readonly options: PostgresLedgerOptions) {
    this.reads = new Reads(options.reader, options.now)
  }

  async allocateAccountIds(count: number): Promise<AccountId[]> {
    while (this.spareIds.length < count) {
      const block = Math.max(ACCOUNT_IDS_BLOCK, count - this.spareIds.length)
      const rows = await this.options.reader.rows<{ id: string }>(allocateAccountIds(block))
      this.spareIds.push(...rows.map((row) => BigInt(row.id)))
    }
    return this.spareIds.splice(0, count)
  }

  /** Stores what can be stored; a submission that cannot is found and refused alone. */
  execute(batch: readonly Submission[]): Promise<BatchOutcome[]> {
    return this.storeAll(batch, new Patience(this.options.recoveryMilliseconds ?? RECOVERY_MILLISECONDS))
  }

  accounts(ids: readonly AccountId[]): Promise<(Account | undefined)[]> {
    return this.reads.accounts(ids)
  }

  accountsOf(owner: string): Promise<Account[]> {
    return this.reads.accountsOf(owner)
  }

  totalsAsOf(id: AccountId, at: AsOf): Promise<Totals | undefined> {
    return this.reads.totalsAsOf(id, at)
  }

  history(id: AccountId, page: HistoryPage): Promise<HistoryEntry[]> {
    return this.reads.history(id, page)
  }

  transfer(id: string): Promise<(TransferRecord & { state?: HoldState }) | undefined> {
    return this.reads.transfer(id)
  }

  transfers(ids: readonly string[]): Promise<(TransferRecord & { state?: HoldState })[]> {
    return this.reads.transfers(ids)
  }

  expirations(code: TransferCode, page: ExpirationPage): Promise<Expiration[]> {
    return this.reads.expirations(code, page)
  }

  expirationCount(code: TransferCode): Promise<number> {
    return this.reads.expirationCount(code)
  }

  sums(ledgers: readonly number[]): Promise<AccountSums[]> {
    return this.reads.sums(ledgers)
  }

  hasExpiredHolds(): Promise<boolean> {
    return this.reads.hasExpiredHolds()
  }

  async close(): Promise<void> {
    await this.options.writer.close()
  }

  private async storeAll(batch: readonly Submission[], patience: Patience): Promise<BatchOutcome[]> {
    try {
      return await this.attemptUntilStored(batch, patience)
    } catch (error) {
      if (isHeldUp(error)) throw new LedgerBusy(error)
      if (error instanceof LedgerOutcomeUnknown || isConnectionLoss(error)) throw error
      const refusal = error instanceof Culprit ? error.refusal : asError(error)
      if (batch.length === 1) return [{ refused: refusal }]
      if (refusal instanceof RowLocked) patience.isHurried = true
      if (error instanceof Culprit) return this.storeWithout(batch, error, patience)
      const half = Math.ceil(batch.length / 2)
      const [first, second] = [batch.slice(0, half), batch.slice(half)]
      return [...(await this.storePart(first, patience)), ...(await this.storePart(second, patience))]
    }
  }

  private async storeWithout(
    batch: readonly Submission[],
    culprit: Culprit,
    patience: Patience
  ): Promise<BatchOutcome[]> {
    const others = batch.filter((_, index) => index !== culprit.index)
    const outcomes = await this.storePart(others, patience)
    return [...outcomes.slice(0, culprit.index), { refused: culprit.refusal }, ...outcomes.slice(culprit.index)]
  }

  /** What befalls a part is the answer to its own members: those of another part may be stored already. */
  private async storePart(part: readonly Submission[], patience: Patience): Promise<BatchOutcome[]> {
    try {
      return await this.storeAll(part, patience)
    } catch (error) {
      return part.map(() => ({ refused: asError(error) }))
    }
  }

  private async attemptUntilStored(batch: readonly Submission[], patience: Patience): Promise<Outcome[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        const outcomes = await this.attempt(batch, patience.isHurried)
        patience.renew()
        if (outcomes) return outcomes
      } catch (error) {
        this.cache.clear()
        if (error instanceof StaleLedger) this.confidence.wasWrong()
        if (error instanceof InDoubt) {
          if (await wasCommitted(this.options.writer, error, patience)) {
            patience.renew()
            return error.outcomes
          }
          if (patience.isOver()) throw error.cause
        } else if (isDuplicateId(error)) {
          this.wary = WARY_BATCHES
        } else if (isConnectionLoss(error)) {
          if (patience.isOver()) throw error
          await pauseAfter(attempt)
        } else if (!isTransient(error) || attempt >= ATTEMPTS_MAX) {
          throw error
        }
        this.options.onRetry?.(error)
      }
    }
  }

  /** Undefined: only expired holds were released, and there are more before the batch's turn. */
  private async attempt(batch: readonly Submission[], isHurried: boolean): Promise<Outcome[] | undefined> {
    const wanted = wantedBy(batch)
    const nowMicroseconds = this.options.now()
    const isWary = this.wary > 0
    if (isWary) this.wary--
    const session = await this.options.writer.session()
    try {
      const isKnown = this.confidence.isGiven() && !isWary
      const ahead = isKnown ? this.judgeAhead(batch, wanted, nowMicroseconds) : undefined
      if (ahead) {
        const attachments = attachmentsOf(batch, ahead.outcomes)
        await this.store(session, ahead, attachments, isHurried, false)
        this.confidence.wasRight()
        return ahead.outcomes
      }
      const lookUpIds = isWary || wanted.newIds.length <= LOOK_UP_IDS_MAX
      const known = this.cache.head
      const reading = await read(session, this.cache, wanted, nowMicroseconds, lookUpIds)
      this.confidence.found(known?.hash === reading.head.hash)
      const judgement = await this.judge(session, reading.moreDue ? [] : batch, reading, wanted, lookUpIds)
      const attachments = reading.moreDue ? [] : attachmentsOf(batch, judgement.outcomes)
      await this.store(session, judgement, attachments, isHurried, true)
      return reading.moreDue ? undefined : judgement.outcomes
    } catch (error) {
      await this.abandon(session, error)
      throw error
    }
  }

  private async store(
    session: Session,
    { entry, outcomes }: Judgement,
    attachments: readonly Owned[],
    isHurried: boolean,
    isBegun: boolean
  ): Promise<void> {
    const { sealed, done } = write(session, entry, attachments, isHurried, isBegun)
    try {
      await done
    } catch (error) {
      const isInDoubt = isConnectionLoss(error) && !isReadOnly(error)
      throw isInDoubt ? new InDoubt(sealed, outcomes, error) : error
    }
    if (sealed) this.cache.advance(sealed, entry.touched)
  }

  /** Leaves the connection clean for the next batch, or gives it up. */
  private async abandon(session: Session, error: unknown): Promise<void> {
    if (error instanceof InDoubt || isConnectionLoss(error)) return this.options.writer.discard()
    await session.send(ROLLBACK).catch(() => this.options.writer.discard())
  }

  /**
   * Judges the batch by what is known already. Undefined if that is not enough: where a used id could be the answer, and
   * where the batch writes no link, which is what makes the database compare.
   */
  private judgeAhead(batch: readonly Submission[], wanted: Wanted, nowMicroseconds: bigint): Judgement | undefined {
    const reading = recall(this.cache, wanted, nowMicroseconds)
    if (!reading) return undefined
    const judgement = this.judgeWith(batch, reading, reading.usedIds)
    const finished = isDecided(judgement.outcomes) ? judgement.finish() : undefined
    if (finished && !isEmpty(finished.entry)) return finished
    judgement.undo()
    return undefined
  }

  /**
   * Judges the batch. An id that was not looked up counts as new until a command fails for a reason that a
   * used id takes precedence over: then the ids are looked up and the batch is judged again.
   */
  private async judge(
    session: Session,
    batch: readonly Submission[],
    reading: Reading,
    wanted: Wanted,
    idsKnown: boolean
  ): Promise<Judgement> {
    const judgement = this.judgeWith(batch, reading, reading.usedIds)
    if (idsKnown || isDecided(judgement.outcomes)) return judgement.finish()
    judgement.undo()
    return this.judgeWith(batch, reading, await readUsedIds(session, wanted.newIds)).finish()
  }

  private judgeWith(
    batch: readonly Submission[],
    reading: Reading,
    usedIds: ReadonlySet<string>
  ): { outcomes: Outcome[]; undo: () => void; finish: () => Judgement } {
    const { head } = reading
    const recordedMicroseconds = reading.moreDue
      ? reading.due.at(-1)!.expiresMicroseconds!
      : latest(reading.nowMicroseconds, head.recordedMicroseconds)
    const newAccounts = batch.flatMap((submission) => submission.accounts ?? [])
    const opened = newAccounts.map((account) => openNew(account, head.sequence + 1n))
    this.cache.add(opened)
    const book = new Book(reading.accounts, usedIds, reading.transfers, head.nextTransfer, recordedMicroseconds)
    const start = book.mark()
    for (const hold of reading.due) expire(hold, this.options.newId(), book)
    const outcomes = batch.map(({ commands }) => ({ results: judge(commands, book), recordedMicroseconds }))
    const finish = (): Judgement => {
      const touched = [...new Set([...book.touched(), ...opened])].sort(byId)
      const closedIds = book.closed().map((account) => account.id)
      const entry = { head, recordedMicroseconds, records: book.records, newAccounts, touched, closedIds }
      return { outcomes, entry }
    }
    return { outcomes, undo: () => book.revert(start), finish }
  }
}

/** No used id would change any of it. */
function isDecided(outcomes: readonly Outcome[]): boolean {
  return outcomes.every(({ results }) => results.every((result) => BEFORE_ID_CHECK.has(result)))
}

function attachmentsOf(batch: readonly Submission[], outcomes: readonly Outcome[]): Owned[] {
  return batch.flatMap(({ attach }, owner) => {
    if (!attach) return []
    try {
      return attach(outcomes[owner]!).map((attachment) => ({ owner, attachment }))
    } catch (error) {
      throw new Culprit(owner, asError(error))
    }
  })
}

function openNew(account: NewAccount, batch: bigint): OpenAccount {
  const { id, ledger, limit } = account
  return {
    id,
    ledger,
    limit,
    batch,
    closed: false,
    debitsPosted: 0n,
    debitsPending: 0n,
    creditsPosted: 0n,
    creditsPending: 0n
  }
}

function byId(left: OpenAccount, right: OpenAccount): number {
  return left.id < right.id ? -1 : left.id > right.id ? 1 : 0
}

function latest(...times: bigint[]): bigint {
  return times.reduce((latest, time) => (time > latest ? time : latest))
}

function asError(error: unknown): Error {
  return isNativeError(error) ? error : new Error(String(error))
}
