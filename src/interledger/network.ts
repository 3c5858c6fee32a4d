/** Puts together what speaks Interledger: Open Payments, the connector, and payments in packets through it. */
import type { DependencyContainer, InjectionToken } from 'tsyringe'
import type { Reader } from '../database/reader'
import type { Logger } from '../services/context'
import type { PacketFamily } from './connector/figures'
import { openConnector, type OpenConnector } from './connector/open'
import type { ConnectorSettings } from './connector/settings'
import { addRemotePayments, type RemotePayments } from './open-payments/client/register'
import { openOpenPayments, type OpenPayments, type OpenPaymentsSettings } from './open-payments/open'
import { quoteSecondsFamily, streamFigures, type StreamFigure } from './stream/figures'
import { addStreamMethods, openStreamReceiving, type StreamReceiving, type StreamSettings } from './stream/register'
import type { StreamSecretSettings } from './stream/stream-secret'

export interface NetworkSurroundings {
  readonly container: DependencyContainer
  readonly reader: Reader
  readonly settings: ConnectorSettings & OpenPaymentsSettings & StreamSecretSettings & StreamSettings
  readonly logger: Logger
  readonly now: () => Date
}

export interface Network {
  readonly connector: OpenConnector
  readonly stream: StreamReceiving
  readonly openPayments: OpenPayments
  readonly remotePayments: RemotePayments
  /** What `/metrics` tells of payments in packets. */
  readonly figures: readonly StreamFigure[]
  readonly families: readonly PacketFamily[]
}

export async function openNetwork(surroundings: NetworkSurroundings): Promise<Network> {
  const { container, reader, settings, now } = surroundings
  const stream = await openStreamReceiving(reader, settings, now)
  const connector = openConnector({ ...surroundings, receiver: stream.receiver })
  const openPayments = await openOpenPayments({ ...surroundings, credentials: stream.credentials })
  const registry = { get: <Service>(token: InjectionToken<Service>): Service => container.resolve(token) }
  const remotePayments = addRemotePayments(registry, openPayments.identity, settings)
  const { receivers: remoteReceivers } = remotePayments
  const { pipeline, neighbours } = connector
  const sending = { connector: pipeline, neighbours, credentials: stream.credentials, remoteReceivers }
  const payments = addStreamMethods(registry, sending, settings)
  const families = [...connector.families, quoteSecondsFamily(payments), openPayments.requests]
  return { stream, openPayments, remotePayments, connector, figures: streamFigures(payments.counts), families }
}
