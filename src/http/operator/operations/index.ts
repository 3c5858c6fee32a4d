/** Every operator route, in the order of the document. */
import type { OperatorOperation } from '../operation'
import {
  addPaymentMethod,
  createAgent,
  deletePaymentMethod,
  listAgents,
  listPaymentMethods,
  readAgent,
  setCreditLine,
  setLiquidity,
  updateAgent
} from './agents'
import { listChargebacks, openChargeback, resolveChargeback } from './chargebacks'
import { readClock, setClock } from './clock'
import { agentKeys, merchantKeys } from './keys'
import { listCountries, setMarketRate, setSurcharge } from './markets'
import { createMerchant, listMerchants, readMerchant, updateMerchant } from './merchants'
import {
  bookArrival,
  cancelOnchainTransaction,
  failOnchainTransaction,
  listOnchainTransactions,
  readOnchainTransaction,
  settleOnchainTransaction
} from './onchain'
import { listOverdueOrders, readOrder, resolveOrder } from './orders'
import { report } from './report'
import {
  activateVirtualAccount,
  listVirtualAccounts,
  readVirtualAccount,
  rejectVirtualAccount
} from './virtual-accounts'
import { listWebhooks, replayWebhook, replayWebhooks } from './webhooks'

export const OPERATIONS: readonly OperatorOperation[] = [
  ...[createMerchant, listMerchants, readMerchant, updateMerchant, ...merchantKeys],
  ...[createAgent, listAgents, readAgent, updateAgent, setCreditLine, ...agentKeys],
  ...[addPaymentMethod, listPaymentMethods, setLiquidity, deletePaymentMethod],
  ...[listCountries, setMarketRate, setSurcharge],
  ...[
    bookArrival,
    listOnchainTransactions,
    readOnchainTransaction,
    settleOnchainTransaction,
    failOnchainTransaction,
    cancelOnchainTransaction
  ],
  ...[listVirtualAccounts, readVirtualAccount, activateVirtualAccount, rejectVirtualAccount],
  ...[listOverdueOrders, readOrder, resolveOrder],
  ...[openChargeback, listChargebacks, resolveChargeback],
  ...[listWebhooks, replayWebhook, replayWebhooks],
  ...[report, readClock, setClock]
]
