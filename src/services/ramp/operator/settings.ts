/** What an operator can set of the ramp's operation. */
export interface OperatorSettings {
  /** The clock may be moved, and webhooks go to any address. Never in production. */
  readonly rampTestMode: boolean
}
