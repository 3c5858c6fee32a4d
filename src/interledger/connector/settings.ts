/** What an operator can set of packets. */
export interface ConnectorSettings {
  /** Of this node. */
  readonly ilpAddress: string
  /** What the operator keeps of the rate of packets that go on in another currency: a decimal text, 0 … 1. */
  readonly ilpSpread: string
  readonly ilpInFlightMax: number
  readonly ilpInFlightPerPeerMax: number
  readonly ilpPacketsPerMinute: number
  /** In the smallest unit of each account's asset. */
  readonly ilpThroughputLimit?: number
  /** In whole units of each peer's asset. */
  readonly ilpPeerLiquidityLow?: number
}
