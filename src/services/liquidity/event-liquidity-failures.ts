export type EventLiquidityFailure =
  /** No event has the id, or it is not one of which money can be moved this way. */
  | 'invalid_id'
  /** The event names no amount to be deposited. */
  | 'no_amount'
  /** The payment of the event is gone. */
  | 'unknown_payment'
  /** The payment does not wait to be funded, and the event's money was never deposited. */
  | 'wrong_state'
  /** The event names another amount than the payment's quote. */
  | 'amount_changed'
  /** The quote's promise is over; a payment of a new quote is needed. */
  | 'quote_expired'
  /** The event's id was used before, by any transfer: the money was moved. */
  | 'transfer_exists'
  | 'insufficient_balance'
  /** An account's total would pass 2^128 − 1. */
  | 'total_overflow'
