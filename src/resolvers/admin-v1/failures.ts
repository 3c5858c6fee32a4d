/**
 * What each failure of a use case is called in this API: one table a use case, complete by its type. Clients
 * read the texts, so they stay as they are.
 */
import type { ApiKeyFailure } from '../../services/api-keys/api-key-service'
import type { AssetFailure, UnitFailure } from '../../services/assets/asset-service'
import type { ClientFailure } from '../../services/clients/client-service'
import type { PaymentPointerFailure } from '../../services/payment-pointers/payment-pointer-service'
import type { IncomingPaymentFailure } from '../../services/payments/incoming/inputs'
import type { OutgoingPaymentFailure } from '../../services/payments/outgoing/outgoing-payment-failures'
import type { QuoteFailure } from '../../services/payments/quotes/quote-failures'
import type { PeerFailure } from '../../services/peers/peer-inputs'

export interface FailureLabel {
  readonly code: string
  readonly message: string
}

/** The failure has no name in this API: the operation's catch-all answers it. */
export const CATCH_ALL = 'catch_all'

export type FailureTable<Failure extends string, Label = FailureLabel> = Readonly<
  Record<Failure, Label | typeof CATCH_ALL>
>

const UNIT_FAILURES: FailureTable<UnitFailure> = { invalid_code: CATCH_ALL, too_many_assets: CATCH_ALL }

export const ASSET_FAILURES: FailureTable<AssetFailure> = {
  ...UNIT_FAILURES,
  duplicate_asset: { code: '409', message: 'Asset already exists' },
  unknown_asset: { code: '404', message: 'Unknown asset' }
}

export const CREATE_PEER_FAILURES: FailureTable<PeerFailure | UnitFailure> = {
  ...UNIT_FAILURES,
  invalid_ilp_address: { code: '400', message: 'Invalid ILP address' },
  ilp_address_required: CATCH_ALL,
  invalid_endpoint: { code: '400', message: 'Invalid HTTP endpoint' },
  invalid_name: CATCH_ALL,
  invalid_auth_token: CATCH_ALL,
  invalid_incoming_token: CATCH_ALL,
  unknown_asset: CATCH_ALL,
  duplicate_ilp_address: { code: '409', message: 'ILP address already exists' },
  duplicate_incoming_token: { code: '409', message: 'Incoming token already exists' },
  unknown_peer: { code: '404', message: 'Unknown peer' },
  peer_not_empty: { code: '409', message: 'Peer has liquidity' },
  peer_in_use: { code: '409', message: 'Peer has outgoing payments' }
}

/** An update says less about an address. */
export const PEER_FAILURES: FailureTable<PeerFailure> = { ...CREATE_PEER_FAILURES, invalid_ilp_address: CATCH_ALL }

export const PAYMENT_POINTER_FAILURES: FailureTable<PaymentPointerFailure | UnitFailure> = {
  ...UNIT_FAILURES,
  invalid_url: { code: '400', message: 'invalid url' },
  invalid_public_name: CATCH_ALL,
  unknown_asset: CATCH_ALL,
  duplicate_url: CATCH_ALL,
  unknown_payment_pointer: CATCH_ALL
}

const UNKNOWN_PAYMENT_POINTER: FailureLabel = { code: '404', message: 'unknown payment pointer' }
const INACTIVE_PAYMENT_POINTER: FailureLabel = { code: '400', message: 'inactive payment pointer' }
const INVALID_AMOUNT: FailureLabel = { code: '400', message: 'invalid amount' }
const INVALID_QUOTE: FailureLabel = { code: '400', message: 'invalid quote' }

export const INCOMING_PAYMENT_FAILURES: FailureTable<IncomingPaymentFailure> = {
  invalid_expiry: { code: '400', message: 'invalid expiresAt' },
  invalid_amount: INVALID_AMOUNT,
  unknown_payment_pointer: UNKNOWN_PAYMENT_POINTER,
  inactive_payment_pointer: INACTIVE_PAYMENT_POINTER
}

export const QUOTE_FAILURES: FailureTable<QuoteFailure> = {
  invalid_amount: INVALID_AMOUNT,
  unknown_payment_pointer: UNKNOWN_PAYMENT_POINTER,
  inactive_payment_pointer: INACTIVE_PAYMENT_POINTER,
  invalid_receiver: { code: '400', message: 'invalid receiver' },
  no_rate: CATCH_ALL,
  rates_unavailable: CATCH_ALL,
  no_path: CATCH_ALL,
  probe_failed: CATCH_ALL,
  rate_too_low: CATCH_ALL,
  too_many_probes: { code: '429', message: 'too many quotes at the same time' },
  quote_refused: CATCH_ALL
}

export const OUTGOING_PAYMENT_FAILURES: FailureTable<OutgoingPaymentFailure> = {
  unknown_payment_pointer: UNKNOWN_PAYMENT_POINTER,
  inactive_payment_pointer: INACTIVE_PAYMENT_POINTER,
  unknown_quote: { code: '404', message: 'unknown quote' },
  used_quote: INVALID_QUOTE,
  foreign_quote: INVALID_QUOTE,
  expired_quote: INVALID_QUOTE,
  grant_exceeded: CATCH_ALL,
  receiver_not_payable: INVALID_QUOTE
}

export const CLIENT_FAILURES: FailureTable<ClientFailure> = {
  invalid_text: CATCH_ALL,
  unknown_client: CATCH_ALL,
  invalid_key_id: CATCH_ALL,
  duplicate_key_id: CATCH_ALL,
  invalid_jwk: CATCH_ALL,
  unknown_key: CATCH_ALL
}

/** Of a use case about the API keys of one payment pointer. */
export function apiKeyFailures(paymentPointerId: string): FailureTable<ApiKeyFailure> {
  return {
    unknown_payment_pointer: CATCH_ALL,
    unknown_api_key: { code: '404', message: `Api key not found. paymentPointerId=${paymentPointerId}` },
    too_many_guesses: { code: '429', message: 'Too many attempts to redeem an API key' }
  }
}

export const SESSION_FAILURES: FailureTable<'unknown_session'> = {
  unknown_session: { code: '401', message: 'Session not found.' }
}
