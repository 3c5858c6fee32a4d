/** What failures of quotes, outgoing payments and the money of events are called in this API. */
import type { EventLiquidityFailure } from '../../services/liquidity/event-liquidity-failures'
import type { OutgoingPaymentFailure } from '../../services/payments/outgoing/outgoing-payment-failures'
import type { QuoteFailure } from '../../services/payments/quotes/quote-failures'
import type { FailureLabel, LiquidityFailureLabel } from './failures'

export const QUOTE_FAILURES: Readonly<Record<QuoteFailure, FailureLabel>> = {
  invalid_amount: { code: '400', message: 'invalid amount' },
  unknown_payment_pointer: { code: '404', message: 'unknown payment pointer' },
  inactive_payment_pointer: { code: '400', message: 'inactive payment pointer' },
  invalid_receiver: { code: '400', message: 'invalid receiver' },
  no_rate: { code: '400', message: 'no exchange rate' },
  rates_unavailable: { code: '500', message: 'exchange rates unavailable' },
  no_path: { code: '400', message: 'receiver not reachable' },
  probe_failed: { code: '400', message: 'rate probe failed' },
  rate_too_low: { code: '400', message: 'insufficient exchange rate' },
  too_many_probes: { code: '429', message: 'too many quotes at the same time' },
  quote_refused: { code: '500', message: 'Error trying to create quote' }
}

export const OUTGOING_PAYMENT_FAILURES: Readonly<Record<OutgoingPaymentFailure, FailureLabel>> = {
  unknown_payment_pointer: { code: '404', message: 'unknown payment pointer' },
  inactive_payment_pointer: { code: '400', message: 'inactive payment pointer' },
  unknown_quote: { code: '404', message: 'unknown quote' },
  used_quote: { code: '400', message: 'invalid quote' },
  foreign_quote: { code: '400', message: 'invalid quote' },
  expired_quote: { code: '400', message: 'invalid quote' },
  grant_exceeded: { code: '403', message: 'unauthorized' },
  receiver_not_payable: { code: '400', message: 'invalid quote' }
}

export const EVENT_LIQUIDITY_FAILURES: Readonly<Record<EventLiquidityFailure, LiquidityFailureLabel>> = {
  invalid_id: { code: '400', message: 'Invalid id', error: 'InvalidId' },
  no_amount: { code: '400', message: 'The event names no amount', error: null },
  unknown_payment: { code: '404', message: 'Unknown outgoing payment', error: 'UnknownPayment' },
  wrong_state: { code: '400', message: 'The payment does not wait for funds', error: null },
  amount_changed: { code: '400', message: 'The event names another amount than the payment', error: null },
  quote_expired: { code: '400', message: 'The quote of the payment has expired', error: null },
  transfer_exists: { code: '409', message: 'Transfer exists', error: 'TransferExists' },
  insufficient_balance: { code: '403', message: 'Insufficient balance', error: 'InsufficientBalance' },
  total_overflow: { code: '400', message: 'The account can take no more', error: null }
}
