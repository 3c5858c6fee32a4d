/**
 * The second half of a batch: everything it stores and the commit, sent in one go.
 */
import { sendAttachments, type Owned } from '../../database/attachments'
import type { Session } from '../../database/pipeline'
import { constraintOf, firstFailure, isRefusal, NotCommitted } from '../../database/refusals'
import { Sequence } from '../../database/sequence'
import type { OpenAccount } from '../book'
import { accountLine, closeLine, LIMIT_NUMBERS, linkOf, transferLine, type BatchHeader, type Link } from '../chain'
import { AttachmentRefused, type NewAccount, type TransferRecord } from '../types'
import { isOvertaken, StaleLedger } from './failures'
import { begin, type Head } from './reading'
import { arrayOf, COMMIT, COPY_TRANSFERS, INSERT_ACCOUNTS, INSERT_BATCH, UPDATE_ACCOUNTS } from './statements'

/** What a judged batch adds to the ledger. */
export interface Entry {
  readonly head: Head
  readonly recordedMicroseconds: bigint
  readonly records: readonly TransferRecord[]
  readonly newAccounts: readonly NewAccount[]
  /** Every account whose totals or state changed, new ones among them, in id order. */
  readonly touched: readonly OpenAccount[]
  readonly closedIds: readonly bigint[]
}

export interface Writing {
  /** The last batch from now on; undefined when nothing was added to the ledger itself. */
  readonly sealed: Head | undefined
  readonly done: Promise<void>
}

/** Nothing to add to the ledger itself. */
export function isEmpty(entry: Entry): boolean {
  return entry.records.length === 0 && entry.newAccounts.length === 0 && entry.closedIds.length === 0
}

/**
 * Sends the entry, the attachments and the commit. The transfers go first, as what refuses them refuses the most. `done`
 * resolves when all is durable. `isBegun`: the transaction is open and has the writer lock.
 */
export function write(
  session: Session,
  entry: Entry,
  attachments: readonly Owned[],
  isHurried: boolean,
  isBegun: boolean
): Writing {
  const sequence = new Sequence()
  const pending: Promise<unknown>[] = isBegun ? [] : begin(sequence)
  const sealed = isEmpty(entry) ? undefined : writeEntry(sequence, entry, pending)
  pending.push(...sendAttachments(sequence, attachments, isHurried))
  return { sealed, done: commit(session, sequence, pending) }
}

/** Takes the place after `head` with a batch of nothing, under the writer lock, and commits. */
export function takePlace(session: Session, head: Head): Promise<void> {
  const { recordedMicroseconds } = head
  const sequence = new Sequence()
  const pending: Promise<unknown>[] = []
  const nothing = { records: [], newAccounts: [], touched: [], closedIds: [] }
  writeEntry(sequence, { head, recordedMicroseconds, ...nothing }, pending)
  return commit(session, sequence, pending)
}

async function commit(session: Session, sequence: Sequence, written: readonly Promise<unknown>[]): Promise<void> {
  const committed = sequence.send(COMMIT).then((result) => {
    if (result.command !== 'COMMIT') throw new NotCommitted()
  })
  void session.run(sequence)
  const failure = firstFailure(await Promise.allSettled([...written, committed]))
  if (failure !== undefined) throw failure
}

function writeEntry(sequence: Sequence, entry: Entry, pending: Promise<unknown>[]): Head {
  const lines = entry.records.map(transferLine)
  const text = Buffer.from(lines.length ? `${lines.join('\n')}\n` : '')
  if (lines.length) pending.push(inTurn(sequence.copy(COPY_TRANSFERS, text)))
  const header = headerOf(entry)
  const batch = String(header.sequence)
  const created = new Set(entry.newAccounts.map((account) => account.id))
  const changed = created.size ? entry.touched.filter((account) => !created.has(account.id)) : entry.touched
  if (created.size) pending.push(insertAccounts(sequence, batch, entry))
  if (changed.length) pending.push(updateAccounts(sequence, batch, changed))
  const accountLines = [...sortedById(entry.newAccounts).map(accountLine), ...entry.closedIds.map(closeLine)]
  const link = linkOf(entry.head.hash, header, accountLines, lines, text)
  pending.push(insertBatch(sequence, header, entry.head.hash, link))
  return headAfter(entry, header, link)
}

/** What belongs at one place in the chain, and is refused if that place is taken. */
async function inTurn(written: Promise<unknown>): Promise<void> {
  try {
    await written
  } catch (error) {
    throw isOvertaken(error) ? new StaleLedger(error) : error
  }
}

function headAfter({ head, records }: Entry, header: BatchHeader, { hash }: Link): Head {
  const nextTransfer = header.firstTransfer + BigInt(header.transferCount)
  let { nextExpiryMicroseconds: next } = head
  for (const { expiresMicroseconds: expiry } of records) {
    if (expiry !== null && (next === undefined || expiry < next)) next = expiry
  }
  const { sequence, recordedMicroseconds } = header
  return { sequence, nextTransfer, recordedMicroseconds, hash, nextExpiryMicroseconds: next }
}

function headerOf(entry: Entry): BatchHeader {
  return {
    sequence: entry.head.sequence + 1n,
    firstTransfer: entry.head.nextTransfer,
    transferCount: entry.records.length,
    accountCount: entry.newAccounts.length,
    closeCount: entry.closedIds.length,
    recordedMicroseconds: entry.recordedMicroseconds
  }
}

async function insertAccounts(sequence: Sequence, batch: string, entry: Entry): Promise<void> {
  const accounts = sortedById(entry.newAccounts)
  const open = new Map(entry.touched.map((account) => [account.id, account]))
  const values = [
    batch,
    accounts.length,
    ...stateColumns(accounts.map((account) => open.get(account.id)!)),
    arrayOf(accounts.map((account) => account.owner)),
    arrayOf(accounts.map((account) => account.ledger)),
    arrayOf(accounts.map((account) => account.code)),
    arrayOf(accounts.map((account) => LIMIT_NUMBERS[account.limit]))
  ]
  try {
    await sequence.send({ name: 'ledger_insert_accounts', text: INSERT_ACCOUNTS, values })
  } catch (error) {
    throw isRefusal(error) ? new AttachmentRefused('ledger_account', constraintOf(error), error) : error
  }
}

function updateAccounts(sequence: Sequence, batch: string, accounts: readonly OpenAccount[]): Promise<void> {
  const previous = arrayOf(accounts.map((account) => account.batch))
  const values = [batch, accounts.length, ...stateColumns(accounts), previous]
  return inTurn(sequence.send({ name: 'ledger_update_accounts', text: UPDATE_ACCOUNTS, values }))
}

function insertBatch(sequence: Sequence, header: BatchHeader, previousHash: string, link: Link): Promise<void> {
  const values = [
    String(header.sequence),
    String(header.firstTransfer),
    String(header.recordedMicroseconds),
    header.transferCount,
    header.accountCount,
    header.closeCount,
    Buffer.from(link.hash, 'hex'),
    link.checksums,
    previousHash
  ]
  return inTurn(sequence.send({ name: 'ledger_insert_batch', text: INSERT_BATCH, values }))
}

/** Ids, closed flags and the four totals, an array each. */
function stateColumns(accounts: readonly OpenAccount[]): string[] {
  return [
    arrayOf(accounts.map((account) => account.id)),
    arrayOf(accounts.map((account) => account.closed)),
    arrayOf(accounts.map((account) => account.debitsPosted)),
    arrayOf(accounts.map((account) => account.debitsPending)),
    arrayOf(accounts.map((account) => account.creditsPosted)),
    arrayOf(accounts.map((account) => account.creditsPending))
  ]
}

function sortedById(accounts: readonly NewAccount[]): NewAccount[] {
  return [...accounts].sort((left, right) => (left.id < right.id ? -1 : 1))
}
