/** Every migration, in order. */
import { Ledger1700000000001 } from './0001-ledger'
import { Admin1700000000002 } from './0002-admin'
import { UsedSignature1700000000003 } from './0003-used-signature'
import { Webhook1700000000004 } from './0004-webhook'
import { IncomingPayment1700000000005 } from './0005-incoming-payment'
import { ClientSession1700000000008 } from './0008-client-session'
import { QuoteOutgoingPayment1700000000006 } from './0006-quote-outgoing-payment'
import { Change1700000000007 } from './0007-change'
import { RampParties1700000000009 } from './0009-ramp-parties'
import { RampOrder1700000000010 } from './0010-ramp-order'
import { RampWebhook1700000000011 } from './0011-ramp-webhook'
import { RampOnchain1700000000012 } from './0012-ramp-onchain'
import { Connector1700000000013 } from './0013-connector'
import { Stream1700000000014 } from './0014-stream'
import { OpenPayments1700000000015 } from './0015-open-payments'
import { RemoteGrant1700000000016 } from './0016-remote-grant'
import { RampClock1700000000017 } from './0017-ramp-clock'
import { RampChargeback1700000000018 } from './0018-ramp-chargeback'
import { RampIndexes1700000000019 } from './0019-ramp-indexes'
import { PaymentEnds1700000000020 } from './0020-payment-ends'
import { Upkeep1700000000021 } from './0021-upkeep'
import { ReceiverDeliveries1700000000022 } from './0022-receiver-deliveries'
import { MethodsLimit1700000000023 } from './0023-methods-limit'
import { BearerVersion1700000000024 } from './0024-bearer-version'
import { PaymentTerms1700000000025 } from './0025-payment-terms'

export const MIGRATIONS = [
  Ledger1700000000001,
  Admin1700000000002,
  UsedSignature1700000000003,
  Webhook1700000000004,
  IncomingPayment1700000000005,
  QuoteOutgoingPayment1700000000006,
  Change1700000000007,
  ClientSession1700000000008,
  RampParties1700000000009,
  RampOrder1700000000010,
  RampWebhook1700000000011,
  RampOnchain1700000000012,
  Connector1700000000013,
  Stream1700000000014,
  OpenPayments1700000000015,
  RemoteGrant1700000000016,
  RampClock1700000000017,
  RampChargeback1700000000018,
  RampIndexes1700000000019,
  PaymentEnds1700000000020,
  Upkeep1700000000021,
  ReceiverDeliveries1700000000022,
  MethodsLimit1700000000023,
  BearerVersion1700000000024,
  PaymentTerms1700000000025
]
