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

/** Accounts of the ramp: where agents, merchants, the platform and the world outside have their money. */
export const RAMP_ACCOUNT_CODES = {
  AGENT_BALANCE: 20,
  /** The part of an agent's credit line that nothing has drawn. */
  AGENT_CREDIT: 21,
  MERCHANT_BALANCE: 22,
  /** Crypto that arrived for one withdrawal. */
  ONCHAIN_ESCROW: 23,
  /** What orders under way have reserved; nothing stays there once an order has ended. */
  CLEARING: 24,
  FEES: 25,
  FX_SPREAD: 26,
  /** What agents may owe the platform. */
  CREDIT_EXTENDED: 27,
  /** Stablecoins held on a chain, an account a coin and network. */
  ONCHAIN_FLOAT: 28,
  /** Fiat that an agent has declared to hold on a payment method. */
  FIAT_LIQUIDITY: 29,
  /** Banks and wallets outside, an account a currency. */
  FIAT_WORLD: 30
} as const

/** Transfers of the ramp. */
export const RAMP_TRANSFER_CODES = {
  /** A deposit was assigned: the agent's USD is reserved. */
  DEPOSIT_HOLD: 20,
  /** A deposit was completed: what the merchant gets, the platform's fee, the agent's share of it, the spread. */
  DEPOSIT_MERCHANT: 21,
  DEPOSIT_FEE: 22,
  DEPOSIT_AGENT_SHARE: 23,
  DEPOSIT_SPREAD: 24,
  /** The fiat that the agent got for it. */
  DEPOSIT_FIAT: 25,
  /** A deposit goes on to a wallet: what is delivered, and the network's fee. */
  DELIVERY_AMOUNT: 26,
  DELIVERY_FEE: 27,
  /** A withdrawal was asked for: the merchant's USD is reserved. */
  WITHDRAWAL_HOLD: 28,
  /** A withdrawal was accepted: the agent's fiat is reserved. */
  PAYOUT_FIAT: 29,
  /** A withdrawal was completed: what the agent gets, the platform's fee, the spread. */
  WITHDRAWAL_AGENT: 30,
  WITHDRAWAL_FEE: 31,
  WITHDRAWAL_SPREAD: 32,
  /** A payout that was marked as paid was found not to have been. */
  PAYOUT_REVERSAL: 33,
  /** A merchant withdraws to a wallet: what is delivered, and the network's fee. */
  ONCHAIN_AMOUNT: 34,
  ONCHAIN_FEE: 35,
  /** Stablecoins arrived for an agent, a merchant or an order. */
  ONCHAIN_ARRIVAL: 36,
  /** A credit line was granted or changed. */
  CREDIT_LINE: 37,
  /** An agent declared how much fiat it has. */
  LIQUIDITY_DECLARED: 38,
  /** What asking for a virtual account costs. */
  VIRTUAL_ACCOUNT: 39,
  /** A merchant lost a dispute. */
  CHARGEBACK: 40
} as const
