import type { Result } from '../../ledger/types'

export type LiquidityFailure =
  | 'amount_zero'
  | 'unknown_asset'
  | 'unknown_peer'
  | 'unknown_payment_pointer'
  /** The payment pointer never received anything, so it has no account. */
  | 'no_account'
  /** The transfer's id is not a UUID of version 4. */
  | 'invalid_id'
  /** The id was used before, by any transfer. */
  | 'transfer_exists'
  | 'insufficient_balance'
  /** An account's total would pass 2^128 − 1. */
  | 'total_overflow'
  /** No deposit or withdrawal has the id. */
  | 'unknown_withdrawal'
  | 'already_posted'
  | 'already_voided'
  /** The withdrawal was held for its whole hold time; its money is back where it came from. */
  | 'withdrawal_expired'

export type OwnerKind = 'asset' | 'peer' | 'payment_pointer'
type UnknownOwner = `unknown_${OwnerKind}`

/** What a failed transfer means to its caller. `owner`: the account it was about is gone. `never`: a defect. */
const TRANSFER_FAILURES: Readonly<Record<Exclude<Result, 'ok'>, LiquidityFailure | 'owner' | 'never'>> = {
  linked_failed: 'never',
  linked_chain_open: 'never',
  invalid_id: 'invalid_id',
  invalid_amount: 'never',
  invalid_timeout: 'never',
  same_accounts: 'never',
  unknown_debit_account: 'never',
  unknown_credit_account: 'never',
  different_ledgers: 'never',
  account_closed: 'owner',
  exists: 'transfer_exists',
  unknown_hold: 'unknown_withdrawal',
  already_voided: 'already_voided',
  already_posted: 'already_posted',
  expired: 'withdrawal_expired',
  exceeds_hold: 'never',
  total_overflow: 'total_overflow',
  exceeds_debits: 'insufficient_balance',
  exceeds_credits: 'insufficient_balance',
  account_not_empty: 'never'
}

/** The failure that a result of the ledger is, or undefined for none. @throws for results that are a defect here */
export function failureOf(result: Result | undefined, owner?: OwnerKind): LiquidityFailure | undefined {
  if (result === 'ok') return undefined
  const failure = result === undefined ? 'never' : TRANSFER_FAILURES[result]
  if (failure === 'owner' && owner) return `unknown_${owner}` satisfies UnknownOwner
  if (failure === 'owner' || failure === 'never') throw new Error(`the ledger answered ${result} where it cannot`)
  return failure
}
