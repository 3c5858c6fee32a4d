/**
 * The second half of a batch: everything it stores and the commit, sent in one go.
 */
import { sendAttachments, type Owned } from '../../database/attachments'
import type { Session } from '../../database/pipeline'
import { constraintOf, firstFailure, isRefusal, NotCommitted } from '../../database/refusals'
import type { OpenAccount } from '../book'
import { accountLine, closeLine, LIMIT_NUMBERS, linkOf, transferLine, type BatchHeader, type Link } from '../chain'
import { AttachmentRefused, type NewAccount, type TransferRecord } from '../types'
import { isOvertaken, StaleLedger } from './failures'
import type { Head } from './reading'
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
 * Sends the entry, the attachments and the commit. The transfers go first, so that the server works on them
 * while the rest is still being put into words. `done` resolves when all is durable. `begun`: what was sent before.
 */
export function write(
  session: Session,
  entry: Entry,
  attachments: readonly Owned[],
  isHurried: boolean,
  begun: readonly Promise<unknown>[] = []
): Writing {
  const pending = [...begun]
  const sealed = isEmpty(entry) ? undefined : writeEntry(session, entry, pending)
  pending.push(...sendAttachments(session, attachments, isHurried))
  return { sealed, done: commit(session, pending) }
}

/** Takes the place after `head` with a batch of nothing, under the writer lock, and commits. */
export function takePlace(session: Session, head: Head): Promise<void> {
  const { recordedMicroseconds } = head
  const pending: Promise<unknown>[] = []
  writeEntry(session, { head, recordedMicroseconds, records: [], newAccounts: [], touched: [], closedIds: [] }, pending)
  return commit(session, pending)
}

async function commit(session: Session, written: readonly Promise<unknown>[]): Promise<void> {
  const committed = session.send(COMMIT).then((result) => {
    if (result.command !== 'COMMIT') throw new NotCommitted()
  })
  const failure = firstFailure(await Promise.allSettled([...written, committed]))
  if (failure !== undefined) throw failure
}

function writeEntry(session: Session, entry: Entry, pending: Promise<unknown>[]): Head {
  const lines = entry.records.map(transferLine)
  const text = Buffer.from(lines.length ? `${lines.join('\n')}\n` : '')
  if (lines.length) pending.push(inTurn(session.copy(COPY_TRANSFERS, text)))
  const header = headerOf(entry)
  const batch = String(header.sequence)
  const created = new Set(entry.newAccounts.map((account) => account.id))
  const changed = created.size ? entry.touched.filter((account) => !created.has(account.id)) : entry.touched
  if (created.size) pending.push(insertAccounts(session, batch, entry))
  if (changed.length) pending.push(updateAccounts(session, batch, changed))
  const accountLines = [...sortedById(entry.newAccounts).map(accountLine), ...entry.closedIds.map(closeLine)]
  const link = linkOf(entry.head.hash, header, accountLines, lines, text)
  pending.push(insertBatch(session, header, entry.head.hash, link))
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

async function insertAccounts(session: Session, batch: string, entry: Entry): Promise<void> {
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
    await session.send({ name: 'ledger_insert_accounts', text: INSERT_ACCOUNTS, values })
  } catch (error) {
    throw isRefusal(error) ? new AttachmentRefused('ledger_account', constraintOf(error), error) : error
  }
}

function updateAccounts(session: Session, batch: string, accounts: readonly OpenAccount[]): Promise<void> {
  const previous = arrayOf(accounts.map((account) => account.batch))
  const values = [batch, accounts.length, ...stateColumns(accounts), previous]
  return inTurn(session.send({ name: 'ledger_update_accounts', text: UPDATE_ACCOUNTS, values }))
}

function insertBatch(session: Session, header: BatchHeader, previousHash: string, link: Link): Promise<void> {
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
  return inTurn(session.send({ name: 'ledger_insert_batch', text: INSERT_BATCH, values }))
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
