/**
 * The second half of a batch: everything it stores and the commit, sent in one go.
 */
import { sendAttachments, type Owned } from '../../database/attachments'
import type { Session } from '../../database/pipeline'
import { constraintOf, firstFailure, isRefusal, isUnexpectedCount, NotCommitted } from '../../database/refusals'
import type { OpenAccount } from '../book'
import { accountLine, closeLine, LIMIT_NUMBERS, linkOf, transferLine, type BatchHeader, type Link } from '../chain'
import { AttachmentRefused, type NewAccount, type TransferRecord } from '../types'
import { StaleAccounts } from './failures'
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
export function write(session: Session, entry: Entry, attachments: readonly Owned[], isHurried: boolean): Writing {
  const pending: Promise<unknown>[] = []
  const sealed = isEmpty(entry) ? undefined : writeEntry(session, entry, pending)
  pending.push(...sendAttachments(session, attachments, isHurried))
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
