/** Puts together what speaks Interledger: the connector, and payments in packets through it. */
import type { DependencyContainer } from 'tsyringe'
import type { Reader } from '../database/reader'
import type { Logger } from '../services/context'
import { openConnector, type OpenConnector } from './connector/open'
import type { ConnectorSettings } from './connector/settings'
import { openStreamReceiving, type StreamReceiving } from './stream/register'
import type { StreamSecretSettings } from './stream/stream-secret'

export interface NetworkSurroundings {
  readonly container: DependencyContainer
  readonly reader: Reader
  readonly settings: ConnectorSettings & StreamSecretSettings
  readonly logger: Logger
  readonly now: () => Date
}

export interface Network {
  readonly connector: OpenConnector
  readonly stream: StreamReceiving
}

export async function openNetwork(surroundings: NetworkSurroundings): Promise<Network> {
  const { reader, settings, now } = surroundings
  const stream = await openStreamReceiving(reader, settings, now)
  return { stream, connector: openConnector({ ...surroundings, receiver: stream.receiver }) }
}
