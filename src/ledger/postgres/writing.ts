/**
 * The second half of a batch: everything it stores and the commit, sent in one go.
 */
import type { Pipeline } from '../../database/pipeline'
import type { Attachment, MergedRow, Statement } from '../../database/statement'
import type { OpenAccount } from '../book'
import { accountLine, closeLine, LIMIT_NUMBERS, linkOf, transferLine, type BatchHeader, type Link } from '../chain'
import { AttachmentRefused, type NewAccount, type TransferRecord } from '../types'
import { CopyQuery } from './copy-query'
import { constraintOf, Culprit, firstFailure, isRefusal, isUnexpectedCount, NotCommitted, StaleAccounts } from './failures'
import type { Head } from './reading'
import {
  arrayOf,
  COMMIT,
  COPY_TRANSFERS,
  INSERT_ACCOUNTS,
  INSERT_BALANCES,
  INSERT_BATCH,
  UPDATE_ACCOUNTS
} from './statements'

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

export interface Sealed {
  readonly entry: Entry
  readonly header: BatchHeader
  readonly link: Link
  readonly transferText: Buffer
}

export function isEmpty(entry: Entry): boolean {
  return entry.records.length === 0 && entry.newAccounts.length === 0 && entry.closedIds.length === 0
}

/** Computes the batch's place in the chain. */
export function seal(entry: Entry): Sealed {
  const lines = entry.records.map(transferLine)
  const transferText = Buffer.from(lines.length ? `${lines.join('\n')}\n` : '')
  const header: BatchHeader = {
    sequence: entry.head.sequence + 1n,
    firstTransfer: entry.head.nextTransfer,
    transferCount: entry.records.length,
    accountCount: entry.newAccounts.length,
    closeCount: entry.closedIds.length,
    recordedMicroseconds: entry.recordedMicroseconds
  }
  const accountLines = [...sortedById(entry.newAccounts).map(accountLine), ...entry.closedIds.map(closeLine)]
  return { entry, header, link: linkOf(entry.head.hash, header, accountLines, lines, transferText), transferText }
}

/** Sends the entry, the attachments and the commit; resolves when all is durable. */
export async function write(
  pipeline: Pipeline,
  sealed: Sealed | undefined,
  attachments: readonly Owned[]
): Promise<void> {
  const client = await pipeline.connect()
  client.connection.stream.cork()
  const pending = [
    ...(sealed ? ledgerWrites(pipeline, sealed) : []),
    ...attachmentWrites(pipeline, attachments),
    pipeline.execute(COMMIT).then((result) => {
      if (result.command !== 'COMMIT') throw new NotCommitted()
    })
  ]
  client.connection.stream.uncork()
  const failure = firstFailure(await Promise.allSettled(pending))
  if (failure !== undefined) throw failure
}

function ledgerWrites(pipeline: Pipeline, { entry, header, link, transferText }: Sealed): Promise<void>[] {
  const created = new Set(entry.newAccounts.map((account) => account.id))
  const batch = String(header.sequence)
  const writes: Promise<void>[] = []
  if (entry.newAccounts.length) writes.push(insertAccounts(pipeline, batch, entry))
  if (entry.records.length) writes.push(copyTransfers(pipeline, transferText))
  const changed = entry.touched.filter((account) => !created.has(account.id))
  if (changed.length) writes.push(updateAccounts(pipeline, batch, changed))
  if (entry.touched.length) writes.push(insertBalances(pipeline, batch, entry.touched))
  writes.push(insertBatch(pipeline, header, link))
  return writes
}

async function copyTransfers(pipeline: Pipeline, text: Buffer): Promise<void> {
  const client = await pipeline.connect()
  const copy = new CopyQuery(COPY_TRANSFERS, text)
  client.query(copy)
  await copy.done
}

async function insertAccounts(pipeline: Pipeline, batch: string, entry: Entry): Promise<void> {
  const accounts = sortedById(entry.newAccounts)
  const open = new Map(entry.touched.map((account) => [account.id, account]))
  const values = [
    batch,
    arrayOf(accounts.map((account) => account.id)),
    arrayOf(accounts.map((account) => account.owner)),
    arrayOf(accounts.map((account) => account.ledger)),
    arrayOf(accounts.map((account) => account.code)),
    arrayOf(accounts.map((account) => LIMIT_NUMBERS[account.limit])),
    arrayOf(accounts.map((account) => open.get(account.id)!.closed)),
    ...totalsColumns(accounts.map((account) => open.get(account.id)!))
  ]
  try {
    await pipeline.execute({ name: 'ledger_insert_accounts', text: INSERT_ACCOUNTS, values })
  } catch (error) {
    throw isRefusal(error) ? new AttachmentRefused('ledger_account', constraintOf(error), error) : error
  }
}

async function updateAccounts(pipeline: Pipeline, batch: string, accounts: readonly OpenAccount[]): Promise<void> {
  const values = [
    batch,
    arrayOf(accounts.map((account) => account.id)),
    arrayOf(accounts.map((account) => account.batch)),
    arrayOf(accounts.map((account) => account.closed)),
    ...totalsColumns(accounts)
  ]
  try {
    await pipeline.execute(expecting({ name: 'ledger_update_accounts', text: UPDATE_ACCOUNTS, values }, accounts.length))
  } catch (error) {
    throw isUnexpectedCount(error) ? new StaleAccounts() : error
  }
}

async function insertBalances(pipeline: Pipeline, batch: string, accounts: readonly OpenAccount[]): Promise<void> {
  const values = [batch, arrayOf(accounts.map((account) => account.id)), ...totalsColumns(accounts)]
  await pipeline.execute({ name: 'ledger_insert_balances', text: INSERT_BALANCES, values })
}

async function insertBatch(pipeline: Pipeline, header: BatchHeader, link: Link): Promise<void> {
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
  await pipeline.execute({ name: 'ledger_insert_batch', text: INSERT_BATCH, values })
}

function totalsColumns(accounts: readonly OpenAccount[]): string[] {
  return [
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
function attachmentWrites(pipeline: Pipeline, owned: readonly Owned[]): Promise<void>[] {
  const groups = new Map<string, MergedRow[]>()
  const writes: Promise<void>[] = []
  for (const { owner, attachment } of owned) {
    if ('row' in attachment) groups.set(attachment.name, [...(groups.get(attachment.name) ?? []), attachment])
    else writes.push(writeStatement(pipeline, owner, attachment))
  }
  for (const rows of groups.values()) writes.push(writeMerged(pipeline, rows))
  return writes
}

async function writeStatement(pipeline: Pipeline, owner: number, statement: Statement): Promise<void> {
  const { rowsExpected } = statement
  try {
    await pipeline.execute(rowsExpected === undefined ? statement : expecting(statement, rowsExpected))
  } catch (error) {
    if (!isRefusal(error)) throw error
    throw new Culprit(owner, new AttachmentRefused(statement.name, constraintOf(error), error))
  }
}

async function writeMerged(pipeline: Pipeline, rows: readonly MergedRow[]): Promise<void> {
  const { name, text, row } = rows[0]!
  const columns = row.map((_, column) => rows.map((other) => other.row[column]))
  try {
    await pipeline.execute(expecting({ name, text, values: columns }, rows.length))
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
