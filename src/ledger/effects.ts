/** What a recorded transfer does to the totals of the accounts it names. */
import type { AccountId, RecordKind, Totals, TransferRecord } from './types'

export type MutableTotals = { -readonly [Name in keyof Totals]: Totals[Name] }

export const ZERO: Totals = { debitsPosted: 0n, debitsPending: 0n, creditsPosted: 0n, creditsPending: 0n }

/** The change of posted and pending totals on either side. `held` is the amount of the hold being resolved. */
export function changeOf(kind: RecordKind, amount: bigint, held: bigint): { posted: bigint; pending: bigint } {
  switch (kind) {
    case 'transfer':
      return { posted: amount, pending: 0n }
    case 'hold':
      return { posted: 0n, pending: amount }
    case 'post':
      return { posted: amount, pending: -held }
    case 'void':
    case 'expire':
      return { posted: 0n, pending: -held }
  }
}

/** An account's totals after a record. Records that do not name the account leave them alone. */
export function totalsAfter(totals: Totals, account: AccountId, record: TransferRecord, held: bigint): Totals {
  const { posted, pending } = changeOf(record.kind, record.amount, held)
  const after: MutableTotals = { ...totals }
  if (record.debitAccountId === account) {
    after.debitsPosted += posted
    after.debitsPending += pending
  }
  if (record.creditAccountId === account) {
    after.creditsPosted += posted
    after.creditsPending += pending
  }
  return after
}
