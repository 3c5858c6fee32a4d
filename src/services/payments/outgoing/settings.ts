/** What an operator can set of sending money. Absent URLs: there is no such thing. */
export interface OutgoingSettings {
  /** What the URLs of connections start with, without a slash at the end. */
  readonly openPaymentsUrl: string
  readonly exchangeRatesUrl?: string
  /** Instead of the URL. */
  readonly exchangeRatesFile?: string
  readonly exchangeRatesLifetimeMilliseconds: number
  readonly exchangeRatesTimeoutMilliseconds: number
  readonly quoteLifespanMilliseconds: number
  /** Longest attempt to send a payment. */
  readonly outgoingPaymentDurationMillisecondsMax: number
  readonly quoteUrl?: string
  readonly quoteTimeoutMilliseconds: number
  /** Absent: requests to the quote URL are not signed. */
  readonly signatureSecret?: string
  readonly signatureVersion?: number
}
