/**
 * The first half of a batch: open the transaction, take the writer lock and read what the rules need to know.
 * One round trip, or two when accounts turn up that were not known to be needed.
 */
import type { Sender, Session } from '../../database/pipeline'
import type { KnownTransfer, OpenAccount } from '../book'
import { GENESIS } from '../chain'
import { isTransferId } from '../rules'
import type { AccountId, Command, Submission, TransferRecord } from '../types'
import type { AccountCache } from './account-cache'
import { firstFailure } from '../../database/refusals'
import { kindOf, openAccountOf, transferOf, type AccountRow, type HeadRow, type TransferRow } from './rows'
import { accountsById, BEGIN, DUE_HOLDS_MAX, dueHolds, headAt, LOCK, transfersById, usedIds } from './statements'

/** The last batch. */
export interface Head {
  readonly sequence: bigint
  readonly nextTransfer: bigint
  readonly recordedMicroseconds: bigint
  readonly hash: string
  /** Before this no hold expires; undefined: none ever does. */
  readonly nextExpiryMicroseconds: bigint | undefined
}

export interface Reading {
  readonly head: Head
  /** The time that `due` was read for. The batch must not be recorded at a later one. */
  readonly nowMicroseconds: bigint
  readonly accounts: ReadonlyMap<AccountId, OpenAccount>
  readonly transfers: ReadonlyMap<string, KnownTransfer>
  readonly usedIds: ReadonlySet<string>
  /** Expired holds to release first, by expiry. */
  readonly due: readonly TransferRecord[]
  /** There are more expired holds than one batch releases. */
  readonly moreDue: boolean
}

export interface Wanted {
  readonly accountIds: Set<AccountId>
  readonly holdIds: Set<string>
  readonly newIds: string[]
}

export function wantedBy(batch: readonly Submission[]): Wanted {
  const wanted: Wanted = { accountIds: new Set(), holdIds: new Set(), newIds: [] }
  for (const { commands } of batch) for (const command of commands) want(command, wanted)
  return wanted
}

function want(command: Command, { accountIds, holdIds, newIds }: Wanted): void {
  switch (command.type) {
    case 'transfer':
      accountIds.add(command.debitAccountId)
      accountIds.add(command.creditAccountId)
      newIds.push(command.id)
      break
    case 'post':
    case 'void':
      if (isTransferId(command.holdId)) holdIds.add(command.holdId)
      newIds.push(command.id)
      break
    case 'close':
      accountIds.add(command.accountId)
  }
}

/** Opens a transaction and takes the writer lock in it. */
export function begin(sender: Sender): [Promise<unknown>, Promise<unknown>] {
  return [sender.send(BEGIN), sender.send(LOCK)]
}

/**
 * What `read` finds, without asking the database, if the last batch is known here and so is everything the rules need of
 * it. Whether it was the last one, the database decides when the batch is written. Which ids are taken is not known.
 */
export function recall(cache: AccountCache, wanted: Wanted, nowMicroseconds: bigint): Reading | undefined {
  const { head } = cache
  if (!head || wanted.holdIds.size > 0) return undefined
  const { nextExpiryMicroseconds: next } = head
  if (next !== undefined && next <= nowMicroseconds) return undefined
  for (const id of wanted.accountIds) if (!cache.has(id)) return undefined
  return {
    head,
    nowMicroseconds,
    accounts: cache.content(),
    transfers: new Map(),
    usedIds: new Set(),
    due: [],
    moreDue: false
  }
}

/** `lookUpIds`: also ask which of the new ids are taken, instead of leaving that to the unique index. */
export async function read(
  session: Session,
  cache: AccountCache,
  wanted: Wanted,
  nowMicroseconds: bigint,
  lookUpIds: boolean
): Promise<Reading> {
  const guessed = [...wanted.accountIds].filter((id) => !cache.has(id))
  const [, , headRows, dueRows, transferRows, usedRows, accountRows] = await all([
    ...begin(session),
    session.query<HeadRow>(headAt(nowMicroseconds)),
    session.query<TransferRow>(dueHolds(nowMicroseconds)),
    wanted.holdIds.size ? readTransfers(session, [...wanted.holdIds]) : new Map<string, KnownTransfer>(),
    lookUpIds ? readUsedIds(session, wanted.newIds) : new Set<string>(),
    guessed.length ? session.query<AccountRow>(accountsById(guessed)) : []
  ])
  const due = dueRows.map(transferOf)
  const moreDue = due.length >= DUE_HOLDS_MAX
  // What is due already and not released in this batch is past its time at once.
  const head = { ...headOf(headRows[0]), ...(moreDue && { nextExpiryMicroseconds: 0n }) }
  cache.validate(head)
  cache.add(accountRows.map(openAccountOf))
  await readMissing(session, cache, accountIdsOf(wanted, [...transferRows.values()], due))
  return {
    head,
    nowMicroseconds,
    accounts: cache.content(),
    transfers: transferRows,
    usedIds: usedRows,
    due,
    moreDue
  }
}

export async function readUsedIds(session: Session, ids: readonly string[]): Promise<Set<string>> {
  const rows = await session.query<{ id: string }>(usedIds(ids.filter(isTransferId)))
  return new Set(rows.map((row) => row.id))
}

export async function readTransfers(session: Session, ids: readonly string[]): Promise<Map<string, KnownTransfer>> {
  const rows = await session.query<TransferRow & { resolution: number | null }>(transfersById(ids))
  return new Map(
    rows.map((row) => [
      row.id,
      { record: transferOf(row), resolution: row.resolution === null ? undefined : kindOf(row.resolution) }
    ])
  )
}

async function readMissing(session: Session, cache: AccountCache, ids: Set<AccountId>): Promise<void> {
  const missing = [...ids].filter((id) => !cache.has(id))
  if (missing.length === 0) return
  const rows = await session.query<AccountRow>(accountsById(missing))
  cache.add(rows.map(openAccountOf))
}

function accountIdsOf(
  wanted: Wanted,
  transfers: readonly KnownTransfer[],
  due: readonly TransferRecord[]
): Set<AccountId> {
  const ids = new Set(wanted.accountIds)
  for (const record of [...due, ...transfers.map((transfer) => transfer.record)]) {
    ids.add(record.debitAccountId)
    ids.add(record.creditAccountId)
  }
  return ids
}

const FIRST: Head = {
  sequence: 0n,
  nextTransfer: 1n,
  recordedMicroseconds: 0n,
  hash: GENESIS,
  nextExpiryMicroseconds: undefined
}

export function headOf(row: HeadRow | undefined): Head {
  if (!row) return FIRST
  return {
    sequence: BigInt(row.sequence),
    nextTransfer: BigInt(row.next_transfer),
    recordedMicroseconds: BigInt(row.recorded_us),
    hash: row.hash,
    nextExpiryMicroseconds: row.next_expiry_us === null ? undefined : BigInt(row.next_expiry_us)
  }
}

/** Like Promise.all, but waits for every answer and throws the cause rather than a consequence. */
async function all<const Promises extends readonly unknown[]>(
  promises: Promises
): Promise<{ -readonly [Index in keyof Promises]: Awaited<Promises[Index]> }> {
  const failure = firstFailure(await Promise.allSettled(promises))
  if (failure !== undefined) throw failure
  return Promise.all(promises)
}
