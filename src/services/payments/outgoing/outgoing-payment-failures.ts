export type OutgoingPaymentFailure =
  | 'unknown_payment_pointer'
  | 'inactive_payment_pointer'
  | 'unknown_quote'
  /** A payment was made of it. */
  | 'used_quote'
  /** It is another payment pointer's. */
  | 'foreign_quote'
  | 'expired_quote'
  /** The client's grant does not allow it. */
  | 'grant_exceeded'
  /** Nothing can be sent to its receiver at present. */
  | 'receiver_not_payable'
