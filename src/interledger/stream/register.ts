/** Puts together what receives and pays by STREAM. */
import type { Reader } from '../../database/reader'
import { AssetService } from '../../services/assets/asset-service'
import { LocalPaymentMethod } from '../../services/payments/methods/local-payment-method'
import { PaymentMethods } from '../../services/payments/methods/payment-methods'
import { oneLess } from '../../services/rates/ratio'
import { RatesService } from '../../services/rates/rates-service'
import type { Registry } from '../../services/registry'
import type { Connector } from '../connector/types'
import type { Neighbours } from '../router/neighbours'
import type { StreamCredentials } from './credentials'
import { IlpPaymentMethod, type RemoteReceivers } from './ilp-method'
import { LocalStreamMethod } from './local-stream-method'
import { StreamPacketReceiver } from './receiver'
import { StreamPayments } from './stream-payments'
import { ProbeLimits, type ProbeLimitSettings } from './probe-limits'
import { openStreamCredentials, type StreamSecretSettings } from './stream-secret'
import { StreamTotals } from './totals'

/** What an operator can set of payments in packets. */
export interface StreamSettings extends ProbeLimitSettings {
  /** How much less than the exchange rate lets expect may arrive: a decimal number, 0 or more and less than 1. */
  readonly slippage: string
  /** How receivers on this instance are paid. */
  readonly localPaymentMethod: 'ledger' | 'stream'
}

/** What packets for addresses of this node need. */
export interface StreamReceiving {
  readonly credentials: StreamCredentials
  readonly receiver: StreamPacketReceiver
  /** Removes what nobody needs any more. */
  readonly tidy: () => Promise<void>
}

export async function openStreamReceiving(
  database: Pick<Reader, 'rows'>,
  settings: StreamSecretSettings,
  now: () => Date
): Promise<StreamReceiving> {
  const credentials = await openStreamCredentials(database, settings)
  const totals = new StreamTotals(database)
  const receiver = new StreamPacketReceiver(credentials, totals, now)
  return { credentials, receiver, tidy: () => totals.tidy(now()) }
}

export interface StreamSending {
  readonly connector: Connector
  readonly neighbours: Pick<Neighbours, 'next'>
  readonly credentials: StreamCredentials
  /** Absent: nobody elsewhere can be paid. */
  readonly remoteReceivers?: RemoteReceivers
}

/** Adds the payment methods that send packets to those that there are. */
export function addStreamMethods(
  { get }: Pick<Registry, 'get'>,
  { connector, neighbours, credentials, remoteReceivers }: StreamSending,
  { slippage, localPaymentMethod, ...limits }: StreamSettings
): StreamPayments {
  const streams = new StreamPayments(connector, get(AssetService))
  const methods = get(PaymentMethods)
  if (localPaymentMethod === 'stream') {
    methods.addFirst(new LocalStreamMethod(get(LocalPaymentMethod), credentials, streams))
  }
  if (remoteReceivers) {
    const [rates, probes] = [get(RatesService), new ProbeLimits(limits)]
    methods.add(new IlpPaymentMethod(remoteReceivers, rates, streams, oneLess(slippage), probes, neighbours))
  }
  return streams
}
