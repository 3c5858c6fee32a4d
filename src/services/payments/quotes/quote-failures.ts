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
  /** There is no path to the receiver at present. */
  | 'no_path'
  /** What arrives for a unit could not be found out. */
  | 'probe_failed'
  /** What arrives for a unit is less than the exchange rate lets expect, by more than the slippage. */
  | 'rate_too_low'
  /** So many paths are being probed at present that this one was not. */
  | 'too_many_probes'
  /** The operator's quote endpoint said no or did not answer. */
  | 'quote_refused'
