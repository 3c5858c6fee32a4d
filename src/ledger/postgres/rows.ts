/** Rows as pg returns them (64-bit integers and numerics as text), and what they mean. */
import type { OpenAccount } from '../book'
import { KIND_NUMBERS, LIMIT_NUMBERS } from '../chain'
import type { Account, AccountLimit, RecordKind, Totals, TransferRecord } from '../types'

export interface TotalsRow {
  debits_posted: string
  debits_pending: string
  credits_posted: string
  credits_pending: string
}

export interface AccountRow extends TotalsRow {
  id: string
  batch: string
  owner: string
  ledger: number
  code: number
  limit_kind: number
  closed: boolean
}

export interface TransferRow {
  sequence: string
  id: string
  kind: number
  debit_account_id: string
  credit_account_id: string
  amount: string
  code: number
  hold_id: string | null
  expires_us: string | null
  reference: string | null
}

export interface HeadRow {
  sequence: string
  next_transfer: string
  recorded_us: string
  hash: string
  next_expiry_us: string | null
}

const KINDS = invert(KIND_NUMBERS)
const LIMITS = invert(LIMIT_NUMBERS)

export function kindOf(number: number): RecordKind {
  return known(KINDS.get(number), 'kind of transfer', number)
}

export function limitOf(number: number): AccountLimit {
  return known(LIMITS.get(number), 'limit of account', number)
}

export function totalsOf(row: TotalsRow): Totals {
  return {
    debitsPosted: BigInt(row.debits_posted),
    debitsPending: BigInt(row.debits_pending),
    creditsPosted: BigInt(row.credits_posted),
    creditsPending: BigInt(row.credits_pending)
  }
}

export function accountOf(row: AccountRow): Account {
  return { ...identityOf(row), owner: row.owner, code: row.code, ...totalsOf(row) }
}

export function openAccountOf(row: AccountRow): OpenAccount {
  return { ...identityOf(row), batch: BigInt(row.batch), ...totalsOf(row) }
}

function identityOf(row: AccountRow): { id: bigint; ledger: number; limit: AccountLimit; closed: boolean } {
  return { id: BigInt(row.id), ledger: row.ledger, limit: limitOf(row.limit_kind), closed: row.closed }
}

export function transferOf(row: TransferRow): TransferRecord {
  return {
    sequence: BigInt(row.sequence),
    id: row.id,
    kind: kindOf(row.kind),
    debitAccountId: BigInt(row.debit_account_id),
    creditAccountId: BigInt(row.credit_account_id),
    amount: BigInt(row.amount),
    code: row.code,
    holdId: row.hold_id,
    expiresMicroseconds: row.expires_us === null ? null : BigInt(row.expires_us),
    reference: row.reference
  }
}

function invert<Name extends string>(numbers: Record<Name, number>): Map<number, Name> {
  return new Map((Object.entries(numbers) as [Name, number][]).map(([name, number]) => [number, name]))
}

function known<Value>(value: Value | undefined, what: string, number: number): Value {
  if (value === undefined) throw new Error(`the ledger holds an unknown ${what}: ${number}`)
  return value
}
