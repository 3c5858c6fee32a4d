/** Words of the Merchant API. */
import { registerEnumType } from 'type-graphql'

export const MerchantPaymentRequestStatus = {
  created: 'created',
  picked_up: 'picked_up',
  completed: 'completed',
  canceled: 'canceled'
} as const
export type MerchantPaymentRequestStatus = keyof typeof MerchantPaymentRequestStatus
registerEnumType(MerchantPaymentRequestStatus, {
  name: 'MerchantPaymentRequestStatus',
  description: 'How far an order is, as the merchant sees it.',
  valuesConfig: {
    created: { description: 'The page of the order can be opened; no agent has the order yet.' },
    picked_up: { description: 'An agent has the order, or another one is sought for it.' },
    completed: { description: 'The order is settled, for good.' },
    canceled: { description: 'The order is void, for good; what was reserved is released.' }
  }
})

export const P2PPaymentCurrency = { local_currency: 'local_currency', usd: 'usd' } as const
export type P2PPaymentCurrency = keyof typeof P2PPaymentCurrency
registerEnumType(P2PPaymentCurrency, {
  name: 'P2PPaymentCurrency',
  description: 'What an amount is stated in.',
  valuesConfig: {
    local_currency: { description: 'The amount is in the money of the country.' },
    usd: { description: 'The amount is in USD.' }
  }
})

export const PaymentTypeType = { deposit: 'deposit', withdrawal: 'withdrawal' } as const
export type PaymentTypeType = keyof typeof PaymentTypeType
registerEnumType(PaymentTypeType, {
  name: 'PaymentTypeType',
  description: 'Which way a quote goes.',
  valuesConfig: {
    deposit: { description: 'Fiat in, USD out: the customer pays an agent, the merchant is credited.' },
    withdrawal: { description: 'USD in, fiat out: the merchant is debited, an agent pays the customer.' }
  }
})

export const OnchainTxStatus = {
  pending: 'pending',
  completed: 'completed',
  failed: 'failed',
  canceled: 'canceled'
} as const
export type OnchainTxStatus = keyof typeof OnchainTxStatus
registerEnumType(OnchainTxStatus, {
  name: 'OnchainTxStatus',
  description: 'How far a transaction on chain is.',
  valuesConfig: {
    pending: { description: 'The money is reserved from the balance; the transfer is not settled yet.' },
    completed: { description: 'The transfer is on chain: the balance was debited.' },
    failed: { description: 'The transfer could not be carried out; the balance has its money back.' },
    canceled: { description: 'The transfer was given up before it went out; the balance has its money back.' }
  }
})
