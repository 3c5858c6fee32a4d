/** What accounts and transfers of the ledger are for. The numbers are stored: none is ever reused. */

export const ACCOUNT_CODES = {
  /** All money that the operator has put into the service, an account an asset. */
  SETTLEMENT: 1,
  LIQUIDITY_ASSET: 2,
  LIQUIDITY_PEER: 3,
  LIQUIDITY_INCOMING: 4,
  LIQUIDITY_OUTGOING: 5,
  LIQUIDITY_WEB_MONETIZATION: 6
} as const

export const TRANSFER_CODES = {
  /** From settlement to a liquidity account. */
  DEPOSIT: 1,
  /** From a liquidity account to settlement. */
  WITHDRAWAL: 2,
  /** Between liquidity accounts, as a packet moves. */
  PACKET: 3
} as const
