/** What an operator can set of on-chain movement and virtual accounts. Amounts are in millionths of a USD. */
export interface OnchainSettings {
  /** Smallest withdrawal. */
  readonly onchainMinimumUsd: bigint
  /** What sending costs, by the code of the network. */
  readonly onchainFeesUsd: Readonly<Record<string, bigint>>
  /** What a virtual account costs. */
  readonly virtualAccountFeeUsd: bigint
}
