/**
 * The second half of a batch: everything it stores and the commit, sent in one go.
 */
import type { Session } from '../../database/pipeline'
import type { Attachment, MergedRow, Statement } from '../../database/statement'
import type { OpenAccount } from '../book'
import { accountLine, closeLine, LIMIT_NUMBERS, linkOf, transferLine, type BatchHeader, type Link } from '../chain'
import { AttachmentRefused, type NewAccount, type TransferRecord } from '../types'
import {
  constraintOf,
  Culprit,
  firstFailure,
  isLockTimeout,
  isRefusal,
  isUnexpectedCount,
  NotCommitted,
  StaleAccounts
} from './failures'
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

/** An attachment and the submission, by index, that brought it. */
export interface Owned {
  readonly owner: number
  readonly attachment: Attachment
}

/** A batch's place in the chain. */
export interface Sealed {
  readonly sequence: bigint
  readonly hash: string
}

export interface Writing {
  /** Undefined when nothing was added to the ledger itself. */
  readonly sealed: Sealed | undefined
  readonly done: Promise<void>
}

function isEmpty(entry: Entry): boolean {
  return entry.records.length === 0 && entry.newAccounts.length === 0 && entry.closedIds.length === 0
}

/**
 * Sends the entry, the attachments and the commit. The transfers go first, so that the server works on them
 * while the rest is still being put into words. `done` resolves when all is durable.
 */
export function write(session: Session, entry: Entry, attachments: readonly Owned[]): Writing {
  const pending: Promise<unknown>[] = []
  const sealed = isEmpty(entry) ? undefined : writeEntry(session, entry, pending)
  pending.push(...attachmentWrites(session, attachments))
  pending.push(
    session.send(COMMIT).then((result) => {
      if (result.command !== 'COMMIT') throw new NotCommitted()
    })
  )
  return { sealed, done: settle(pending) }
}

async function settle(pending: readonly Promise<unknown>[]): Promise<void> {
  const failure = firstFailure(await Promise.allSettled(pending))
  if (failure !== undefined) throw failure
}

function writeEntry(session: Session, entry: Entry, pending: Promise<unknown>[]): Sealed {
  const lines = entry.records.map(transferLine)
  const text = Buffer.from(lines.length ? `${lines.join('\n')}\n` : '')
  if (lines.length) pending.push(session.copy(COPY_TRANSFERS, text))
  const header = headerOf(entry)
  const batch = String(header.sequence)
  const created = new Set(entry.newAccounts.map((account) => account.id))
  const changed = created.size ? entry.touched.filter((account) => !created.has(account.id)) : entry.touched
  if (created.size) pending.push(insertAccounts(session, batch, entry))
  if (changed.length) pending.push(updateAccounts(session, batch, changed))
  const accountLines = [...sortedById(entry.newAccounts).map(accountLine), ...entry.closedIds.map(closeLine)]
  const link = linkOf(entry.head.hash, header, accountLines, lines, text)
  pending.push(insertBatch(session, header, link))
  return { sequence: header.sequence, hash: link.hash }
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

async function updateAccounts(session: Session, batch: string, accounts: readonly OpenAccount[]): Promise<void> {
  const previous = arrayOf(accounts.map((account) => account.batch))
  const values = [batch, accounts.length, ...stateColumns(accounts), previous]
  try {
    await session.send({ name: 'ledger_update_accounts', text: UPDATE_ACCOUNTS, values })
  } catch (error) {
    throw isUnexpectedCount(error) ? new StaleAccounts() : error
  }
}

async function insertBatch(session: Session, header: BatchHeader, link: Link): Promise<void> {
  const values = [
    String(header.sequence),
    String(header.firstTransfer),
    String(header.recordedMicroseconds),
    header.transferCount,
    header.accountCount,
    header.closeCount,
    Buffer.from(link.hash, 'hex'),
    link.checksums
  ]
  await session.send({ name: 'ledger_insert_batch', text: INSERT_BATCH, values })
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

/** Single statements in submission order, then one execution for all rows of each mergeable statement. */
function attachmentWrites(session: Session, owned: readonly Owned[]): Promise<void>[] {
  const groups = new Map<string, MergedRow[]>()
  const writes: Promise<void>[] = []
  for (const { owner, attachment } of owned) {
    if ('row' in attachment) groups.set(attachment.name, [...(groups.get(attachment.name) ?? []), attachment])
    else writes.push(writeStatement(session, owner, attachment))
  }
  for (const rows of groups.values()) writes.push(writeMerged(session, rows))
  return writes
}

async function writeStatement(session: Session, owner: number, statement: Statement): Promise<void> {
  const { rowsExpected } = statement
  try {
    await session.send(rowsExpected === undefined ? statement : expecting(statement, rowsExpected))
  } catch (error) {
    if (isRefusal(error)) throw new Culprit(owner, new AttachmentRefused(statement.name, constraintOf(error), error))
    throw isLockTimeout(error) ? new Culprit(owner, error as Error) : error
  }
}

async function writeMerged(session: Session, rows: readonly MergedRow[]): Promise<void> {
  const { name, text, row } = rows[0]!
  const columns = row.map((_, column) => rows.map((other) => other.row[column]))
  try {
    await session.send(expecting({ name, text, values: columns }, rows.length))
  } catch (error) {
    throw isRefusal(error) ? new AttachmentRefused(name, constraintOf(error), error) : error
  }
}

/**
 * The same statement, failing on the server unless it touches exactly so many rows. The commit is sent along
 * with the statements, so a count that only the client compared would come too late.
 */
function expecting({ name, text, values }: Statement, rows: number): Statement {
  return {
    name: `${name}_expecting`,
    text: `WITH written AS (${text} RETURNING 1) SELECT ledger_expect(count(*), $${values.length + 1}) FROM written`,
    values: [...values, rows]
  }
}
