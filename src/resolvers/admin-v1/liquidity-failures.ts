/** What failures to move money are called in this API. */
import type { EventLiquidityFailure } from '../../services/liquidity/event-liquidity-failures'
import type { LiquidityFailure } from '../../services/liquidity/liquidity-failures'
import { CATCH_ALL, type FailureLabel, type FailureTable } from './failures'
import type { LiquidityError } from './liquidity-types'

export interface LiquidityFailureLabel extends FailureLabel {
  /** Null where the failure has no name. */
  readonly error: LiquidityError | null
}

const INVALID_ID: LiquidityFailureLabel = { code: '400', message: 'Invalid id', error: 'InvalidId' }
const TRANSFER_EXISTS: LiquidityFailureLabel = { code: '409', message: 'Transfer exists', error: 'TransferExists' }
const INSUFFICIENT_BALANCE: LiquidityFailureLabel = {
  code: '403',
  message: 'Insufficient balance',
  error: 'InsufficientBalance'
}

export const LIQUIDITY_FAILURES: FailureTable<LiquidityFailure, LiquidityFailureLabel> = {
  amount_zero: { code: '400', message: 'Amount is zero', error: 'AmountZero' },
  unknown_asset: { code: '404', message: 'Unknown asset', error: 'UnknownAsset' },
  unknown_peer: { code: '404', message: 'Unknown peer', error: 'UnknownPeer' },
  unknown_payment_pointer: { code: '404', message: 'Unknown payment pointer', error: 'UnknownPaymentPointer' },
  no_account: CATCH_ALL,
  invalid_id: INVALID_ID,
  transfer_exists: TRANSFER_EXISTS,
  insufficient_balance: INSUFFICIENT_BALANCE,
  total_overflow: CATCH_ALL,
  unknown_withdrawal: { code: '404', message: 'Unknown withdrawal', error: 'UnknownTransfer' },
  already_posted: { code: '409', message: 'Withdrawal already finalized', error: 'AlreadyCommitted' },
  already_voided: { code: '409', message: 'Withdrawal already rolled back', error: 'AlreadyRolledBack' },
  withdrawal_expired: CATCH_ALL
}

export const EVENT_LIQUIDITY_FAILURES: FailureTable<EventLiquidityFailure, LiquidityFailureLabel> = {
  invalid_id: INVALID_ID,
  no_amount: CATCH_ALL,
  unknown_payment: { code: '404', message: 'Unknown outgoing payment', error: 'UnknownPayment' },
  wrong_state: CATCH_ALL,
  amount_changed: CATCH_ALL,
  quote_expired: CATCH_ALL,
  transfer_exists: TRANSFER_EXISTS,
  insufficient_balance: INSUFFICIENT_BALANCE,
  total_overflow: CATCH_ALL
}
