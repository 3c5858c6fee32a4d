/** Why an attempt to send a payment failed: a closed set of names, which the payment's `error` shows. */
const RETRYABLE = {
  /** The asset to be delivered has too little liquidity at present. */
  InsufficientLiquidity: true,
  /** The receiver could not be asked: neither there nor gone. */
  ReceiverUnreachable: true,
  /** The receiver changed, time and again, while it was being paid. */
  ReceiverChanged: true,
  RatesUnavailable: true,
  /** Something that nobody expected; the cause is in the log. */
  UnexpectedError: true,
  /** There is no such receiver, and there never was one that could have been paid. */
  UnknownReceiver: false,
  /** The payment pointer's asset is not the one that was quoted. */
  SourceAssetConflict: false,
  /** The receiver's asset is not the one that was quoted. */
  DestinationAssetConflict: false,
  /** All that may be spent is spent, and something is still to be delivered. */
  BadState: false,
  /** The payment's account holds less than it was funded with. */
  MissingBalance: false,
  /** The receiver took so much over time that its account can take no more. */
  ReceiverFull: false,
  /** Given up before it was funded. */
  Cancelled: false
} as const

export type PaymentErrorName = keyof typeof RETRYABLE

export function isRetryable(name: PaymentErrorName): boolean {
  return RETRYABLE[name]
}
