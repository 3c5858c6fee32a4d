/**
 * What each failure of a use case is called in this API: one table a use case, complete by its type. Labels
 * are for people; clients branch on `code` and `error`.
 */
import type { AssetFailure } from '../../services/assets/asset-service'
import { BASIS_POINTS_MAX, type FeeFailure } from '../../services/fees/fee-service'
import type { LiquidityFailure } from '../../services/liquidity/liquidity-failures'
import type { PaymentPointerKeyFailure } from '../../services/payment-pointers/payment-pointer-key-service'
import type { PaymentPointerFailure } from '../../services/payment-pointers/payment-pointer-service'
import type { PeerFailure } from '../../services/peers/peer-inputs'
import type { LiquidityError } from './liquidity-types'

export interface FailureLabel {
  readonly code: string
  readonly message: string
}

export interface LiquidityFailureLabel extends FailureLabel {
  readonly error: LiquidityError | null
}

/** The failure has no name in this API: the operation's catch-all answers it. */
const CATCH_ALL = 'catch_all'

export const ASSET_FAILURES: Readonly<Record<AssetFailure, FailureLabel>> = {
  invalid_code: { code: '400', message: 'Invalid asset code' },
  duplicate_asset: { code: '409', message: 'Asset already exists' },
  too_many_assets: { code: '409', message: 'Too many assets' },
  unknown_asset: { code: '404', message: 'Unknown asset' }
}

export const FEE_FAILURES: Readonly<Record<FeeFailure, FailureLabel>> = {
  invalid_basis_points: { code: '400', message: `Basis points must be between 0 and ${BASIS_POINTS_MAX}` },
  unknown_asset: { code: '404', message: 'unknown asset' }
}

export const PEER_FAILURES: Readonly<Record<PeerFailure, FailureLabel>> = {
  invalid_ilp_address: { code: '400', message: 'invalid ILP address' },
  ilp_address_required: { code: '500', message: 'Error trying to update peer' },
  invalid_endpoint: { code: '400', message: 'invalid HTTP endpoint' },
  invalid_name: { code: '400', message: 'invalid name' },
  invalid_auth_token: { code: '400', message: 'invalid outgoing token' },
  invalid_incoming_token: { code: '400', message: 'invalid incoming token' },
  unknown_asset: { code: '400', message: 'unknown asset' },
  duplicate_ilp_address: { code: '409', message: 'duplicate ILP address' },
  duplicate_incoming_token: { code: '409', message: 'duplicate incoming token' },
  unknown_peer: { code: '404', message: 'unknown peer' },
  peer_not_empty: { code: '409', message: 'peer has liquidity' },
  peer_in_use: { code: '409', message: 'peer has outgoing payments' }
}

export const PAYMENT_POINTER_FAILURES: Readonly<Record<PaymentPointerFailure, FailureLabel>> = {
  invalid_url: { code: '400', message: 'invalid url' },
  invalid_public_name: { code: '400', message: 'invalid public name' },
  unknown_asset: { code: '400', message: 'unknown asset' },
  duplicate_url: { code: '409', message: 'duplicate url' },
  unknown_payment_pointer: { code: '404', message: 'unknown payment pointer' }
}

export const KEY_FAILURES: Readonly<Record<PaymentPointerKeyFailure, FailureLabel>> = {
  unknown_payment_pointer: { code: '404', message: 'unknown payment pointer' },
  invalid_kid: { code: '400', message: 'invalid kid' },
  invalid_public_key: { code: '400', message: 'invalid public key' },
  duplicate_kid: { code: '409', message: 'duplicate kid' },
  unknown_key: { code: '404', message: 'Payment pointer key not found' }
}

export const LIQUIDITY_FAILURES: Readonly<Record<LiquidityFailure, LiquidityFailureLabel | typeof CATCH_ALL>> = {
  amount_zero: { code: '400', message: 'Amount is zero', error: 'AmountZero' },
  unknown_asset: { code: '404', message: 'Unknown asset', error: 'UnknownAsset' },
  unknown_peer: { code: '404', message: 'Unknown peer', error: 'UnknownPeer' },
  unknown_payment_pointer: { code: '404', message: 'Unknown payment pointer', error: 'UnknownPaymentPointer' },
  no_account: CATCH_ALL,
  invalid_id: { code: '400', message: 'Invalid id', error: 'InvalidId' },
  transfer_exists: { code: '409', message: 'Transfer exists', error: 'TransferExists' },
  insufficient_balance: { code: '403', message: 'Insufficient balance', error: 'InsufficientBalance' },
  total_overflow: CATCH_ALL,
  unknown_withdrawal: { code: '404', message: 'Unknown withdrawal', error: 'UnknownTransfer' },
  already_posted: { code: '409', message: 'Withdrawal already posted', error: 'AlreadyPosted' },
  already_voided: { code: '409', message: 'Withdrawal already voided', error: 'AlreadyVoided' },
  withdrawal_expired: { code: '409', message: 'Withdrawal expired', error: null }
}
