/** What an operator can set of receiving money. */
export interface IncomingSettings {
  /** Longest life of an incoming payment, and its life if none is asked for. */
  readonly incomingPaymentExpiryMaxMilliseconds: number
  /** How long after its end an incoming payment's total is announced, so that what was under way has settled. */
  readonly incomingPaymentSettlingMilliseconds: number
  /** How long the open incoming payments of a deactivated payment pointer go on at most. */
  readonly deactivationGraceMilliseconds: number
  /** How long a payment pointer's own income is collected before it is announced; absent: thresholds only. */
  readonly withdrawalThrottleDelayMilliseconds?: number
}
