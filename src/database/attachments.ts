/** Sends what several callers write in one transaction. */
import type { Sender } from './pipeline'
import { constraintOf, Culprit, isLockTimeout, isRefusal } from './refusals'
import { AttachmentRefused, RowLocked } from './write-errors'
import { columnsOf, type Attachment, type MergedRow, type Statement } from './statement'

/** An attachment and the member of the group, by index, that brought it. */
export interface Owned {
  readonly owner: number
  readonly attachment: Attachment
}

/** Who has waited once for a row in vain does not hold the others up a second time. */
const HURRY: Statement = { name: 'hurry', text: `SELECT set_config('lock_timeout', '100', true)`, values: [] }

/**
 * Single statements in the order of the group, then one execution for all rows of each mergeable statement. All
 * are on the wire when this returns. A refused statement rejects with the `Culprit`, refused rows with
 * `AttachmentRefused`; likewise `RowLocked` for what waits too long, which is not long when the group is hurried.
 */
export function sendAttachments(sender: Sender, owned: readonly Owned[], isHurried: boolean): Promise<unknown>[] {
  const groups = new Map<string, MergedRow[]>()
  const writes: Promise<unknown>[] = isHurried ? [sender.send(HURRY)] : []
  for (const { owner, attachment } of owned) {
    if (!('row' in attachment)) writes.push(sendStatement(sender, owner, attachment))
    else {
      const rows = groups.get(attachment.name)
      if (rows) rows.push(attachment)
      else groups.set(attachment.name, [attachment])
    }
  }
  for (const rows of groups.values()) writes.push(sendMerged(sender, rows))
  return writes
}

async function sendStatement(sender: Sender, owner: number, statement: Statement): Promise<void> {
  const { rowsExpected } = statement
  try {
    await sender.send(rowsExpected === undefined ? statement : expecting(statement, rowsExpected))
  } catch (error) {
    const reason = reasonOf(statement.name, error)
    throw reason ? new Culprit(owner, reason) : error
  }
}

async function sendMerged(sender: Sender, rows: readonly MergedRow[]): Promise<void> {
  const { name, text, isUncounted } = rows[0]!
  const values = columnsOf(rows.map(({ row }) => row))
  const statement: Statement = { name, text, values }
  try {
    await sender.send(isUncounted ? statement : expecting(statement, rows.length))
  } catch (error) {
    throw reasonOf(name, error) ?? error
  }
}

/** Why the statement cannot be stored, if that is its own affair. */
function reasonOf(statement: string, error: unknown): AttachmentRefused | RowLocked | undefined {
  if (isRefusal(error)) return new AttachmentRefused(statement, constraintOf(error), error)
  return isLockTimeout(error) ? new RowLocked(statement, error) : undefined
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
