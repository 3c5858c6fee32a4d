/** Why an attempt to send a payment failed: a closed set of names, which the payment's `error` shows. */
export const RETRYABLE = {
  /** The asset to be delivered has too little liquidity at present. */
  InsufficientLiquidity: true,
  /** The receiver could not be asked: neither there nor gone. */
  ReceiverUnreachable: true,
  /** The receiver changed, time and again, while it was being paid. */
  ReceiverChanged: true,
  RatesUnavailable: true,
  /** Something that nobody expected; the cause is in the log. */
  UnexpectedError: true,
  /** On the path to the receiver somebody refused for good. */
  ConnectorError: true,
  /** The receiver never answered. */
  EstablishmentFailed: true,
  /** What arrives for a unit is less than was quoted. */
  InsufficientExchangeRate: true,
  /** What arrives for a unit could not be found out. */
  RateProbeFailed: true,
  /** Nothing got through for a while. */
  IdleTimeout: true,
  /** It took longer than one attempt may. */
  DurationExceeded: true,
  /** The receiver said that it takes no more. */
  ClosedByReceiver: true,
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
  Cancelled: false,
  /** The receiver took money and would not say how much, or took less than was agreed on. */
  ReceiverProtocolViolation: false,
  /** The receiver takes less in all than was quoted. */
  IncompatibleReceiveMax: false,
  /** One connection can have no more packets. */
  MaxSafeEncryptionLimit: false,
  InvalidPaymentPointer: false,
  InvalidCredentials: false,
  InvalidSlippage: false,
  UnknownSourceAsset: false,
  UnknownDestinationAsset: false,
  UnknownPaymentTarget: false,
  InvalidSourceAmount: false,
  InvalidDestinationAmount: false,
  UnenforceableDelivery: false,
  InvalidQuote: false,
  InvalidDestination: false,
  QueryFailed: false,
  IncomingPaymentCompleted: false,
  /** The receiver's time was over before it was completed. */
  IncomingPaymentExpired: false,
  ExternalRateUnavailable: false
} as const

export type PaymentErrorName = keyof typeof RETRYABLE

export function isRetryable(name: PaymentErrorName): boolean {
  return RETRYABLE[name]
}
