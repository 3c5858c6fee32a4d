import { ApiKey } from './api-key'
import { Asset } from './asset'
import { AuthAccess, AuthGrant, AuthToken } from './auth-grant'
import { Client } from './client'
import { ClientKey } from './client-key'
import { Fee } from './fee'
import { IdempotencyRecord } from './idempotency-record'
import { IncomingPayment } from './incoming-payment'
import { OutgoingPayment } from './outgoing-payment'
import { OutgoingPaymentGrant } from './outgoing-payment-grant'
import { PaymentPointer } from './payment-pointer'
import { PaymentPointerIncome } from './payment-pointer-income'
import { PaymentPointerKey } from './payment-pointer-key'
import { Peer } from './peer'
import { PeerIncomingToken } from './peer-incoming-token'
import { Quote } from './quote'
import { RampAccount } from './ramp/account'
import { Agent } from './ramp/agent'
import { RampApiKey } from './ramp/api-key'
import { RampChargeback } from './ramp/chargeback'
import { RampCountry } from './ramp/country'
import { RampCustomer } from './ramp/customer'
import { RampCustomerDay } from './ramp/customer-day'
import { RampLedger } from './ramp/ledger'
import { MarketRate } from './ramp/market-rate'
import { Merchant } from './ramp/merchant'
import { RampOnchainTx } from './ramp/onchain-tx'
import { RampPaymentState } from './ramp/payment'
import { RampPaymentMethod } from './ramp/payment-method'
import { RampPaymentTerms } from './ramp/payment-terms'
import { RampQuote } from './ramp/quote'
import { RampRail } from './ramp/rail'
import { RampRequest } from './ramp/request'
import { RampTransactionHash } from './ramp/transaction-hash'
import { RampVirtualAccount } from './ramp/virtual-account'
import { RampWebhookAttempt } from './ramp/webhook-attempt'
import { RampWebhookDelivery } from './ramp/webhook-delivery'
import { RampWebhookEvent } from './ramp/webhook-event'
import { RemoteGrant } from './remote-grant'
import { Session } from './session'
import { WebhookAttempt } from './webhook-attempt'
import { WebhookDelivery } from './webhook-delivery'
import { WebhookEvent } from './webhook-event'

export {
  Agent,
  ApiKey,
  Asset,
  AuthAccess,
  AuthGrant,
  AuthToken,
  Client,
  ClientKey,
  Fee,
  IdempotencyRecord,
  IncomingPayment,
  MarketRate,
  Merchant,
  OutgoingPayment,
  OutgoingPaymentGrant,
  PaymentPointer,
  PaymentPointerIncome,
  PaymentPointerKey,
  Peer,
  PeerIncomingToken,
  Quote,
  RampAccount,
  RampApiKey,
  RampChargeback,
  RampCountry,
  RampCustomer,
  RampCustomerDay,
  RampLedger,
  RampOnchainTx,
  RampPaymentMethod,
  RampPaymentState,
  RampPaymentTerms,
  RampQuote,
  RampRail,
  RampRequest,
  RampTransactionHash,
  RampVirtualAccount,
  RampWebhookAttempt,
  RampWebhookDelivery,
  RampWebhookEvent,
  RemoteGrant,
  Session,
  WebhookAttempt,
  WebhookDelivery,
  WebhookEvent
}

export type { RampPayment } from './ramp/payment'

/** Every table that TypeORM knows. The ledger's tables belong to the ledger alone. */
export const ENTITIES = [
  Agent,
  ApiKey,
  Asset,
  AuthAccess,
  AuthGrant,
  AuthToken,
  Client,
  ClientKey,
  Fee,
  IdempotencyRecord,
  IncomingPayment,
  MarketRate,
  Merchant,
  OutgoingPayment,
  OutgoingPaymentGrant,
  PaymentPointer,
  PaymentPointerIncome,
  PaymentPointerKey,
  Peer,
  PeerIncomingToken,
  Quote,
  RampAccount,
  RampApiKey,
  RampChargeback,
  RampCountry,
  RampCustomer,
  RampCustomerDay,
  RampLedger,
  RampOnchainTx,
  RampPaymentMethod,
  RampPaymentState,
  RampPaymentTerms,
  RampQuote,
  RampRail,
  RampRequest,
  RampTransactionHash,
  RampVirtualAccount,
  RampWebhookAttempt,
  RampWebhookDelivery,
  RampWebhookEvent,
  RemoteGrant,
  Session,
  WebhookAttempt,
  WebhookDelivery,
  WebhookEvent
]
