export type QuoteFailure =
  /** Both amounts, a zero, another asset, more than the receiver takes, or more than can be sent. */
  | 'invalid_amount'
  | 'unknown_payment_pointer'
  | 'inactive_payment_pointer'
  /** There is none that can be paid at present, or it has no amount of its own and none was given. */
  | 'invalid_receiver'
  /** There is no exchange rate between the two assets. */
  | 'no_rate'
  | 'rates_unavailable'
  /** The operator's quote endpoint said no or did not answer. */
  | 'quote_refused'
