/** What a node of a test is made of: its database, its use cases, its connector, and a port for its neighbours. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Reader } from '../../src/database/reader'
import { startConnectorListener } from '../../src/http/connector-listener'
import { openConnector, type OpenConnector } from '../../src/interledger/connector/open'
import type { ConnectorSettings } from '../../src/interledger/connector/settings'
import { StreamCredentials } from '../../src/interledger/stream/credentials'
import type { RemoteReceivers } from '../../src/interledger/stream/ilp-method'
import { addStreamMethods, openStreamReceiving } from '../../src/interledger/stream/register'
import type { StreamPayments } from '../../src/interledger/stream/stream-payments'
import { RatesService } from '../../src/services/rates/rates-service'
import type { ServiceSettings } from '../../src/services/settings'
import { createLogger } from '../../src/logging'
import { NotificationListener } from '../../src/workers/notification-listener'
import { TestApi } from '../admin-v2/support'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { RecordingServer } from '../support/servers'

export interface NodeSettings {
  readonly ilpAddress: string
  readonly remoteReceivers: RemoteReceivers
  readonly localPaymentMethod: 'ledger' | 'stream'
  readonly slippage: string
  readonly quoteProbesMax: number
  readonly quoteProbesPerClientMax: number
  readonly services: Partial<ServiceSettings>
  readonly connector: Partial<ConnectorSettings>
  /** Another instance of a node that is there. Its database outlives it. */
  readonly database: TestDatabase
}

/** What a test does to a packet from a neighbour: a status, an answer, or nothing, which lets it pass. */
type Fault = (prepare: Buffer) => Promise<Buffer | number | undefined>

const PACKET_TYPE = 'application/octet-stream'
const SILENT = createLogger({ level: 'silent' })

/** Stands before a node, counts the packets that come to it, and spoils them if the test wants it. */
export class Gate {
  packets = 0
  fault: Fault | undefined
  /** What a test makes of replies. */
  alter: (reply: Buffer) => Buffer = (reply) => reply

  private constructor(
    private readonly server: Server,
    readonly url: string
  ) {}

  static async open(target: string): Promise<Gate> {
    const server = createServer((request, response) => {
      void gate.pass(request, target).then(
        ({ status, body }) => response.writeHead(status, { 'content-type': PACKET_TYPE }).end(body),
        () => response.destroy()
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const gate = new Gate(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    return gate
  }

  private async pass(request: IncomingMessage, target: string): Promise<{ status: number; body: Buffer }> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const prepare = Buffer.concat(chunks)
    this.packets++
    const spoilt = await this.fault?.(prepare)
    if (typeof spoilt === 'number') return { status: spoilt, body: Buffer.alloc(0) }
    if (spoilt) return { status: 200, body: spoilt }
    const headers = { authorization: request.headers.authorization ?? '', 'content-type': PACKET_TYPE }
    const response = await fetch(target, { method: 'POST', headers, body: prepare })
    return { status: response.status, body: this.alter(Buffer.from(await response.arrayBuffer())) }
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}

export class NodeParts {
  private constructor(
    readonly database: TestDatabase,
    readonly api: TestApi,
    readonly streams: StreamPayments,
    readonly connector: OpenConnector,
    readonly gate: Gate,
    /** By base. */
    readonly rates: Map<string, Record<string, unknown>>,
    /** Its own port, behind the gate. */
    readonly listenerUrl: string,
    private readonly closers: readonly (() => Promise<unknown>)[]
  ) {}

  get connectorUrl(): string {
    return this.gate.url
  }

  static async open(
    settings: Partial<NodeSettings> & Pick<NodeSettings, 'ilpAddress' | 'remoteReceivers'>
  ): Promise<NodeParts> {
    const database = settings.database ?? (await createTestDatabase())
    const rates = new Map<string, Record<string, unknown>>()
    const ratesServer = await RecordingServer.open((request, response) => {
      const base = new URL(request.url ?? '', 'http://localhost').searchParams.get('base') ?? ''
      const known = rates.get(base)
      response.writeHead(known ? 200 : 503).end(JSON.stringify({ base, rates: known }))
    })
    const services = {
      exchangeRatesUrl: ratesServer.url,
      exchangeRatesLifetimeMilliseconds: 60_000,
      ...settings.services
    }
    const api = await TestApi.open(database.url, { settings: services })
    const { container, clock } = api
    const now = (): Date => clock.now()
    const reader = container.resolve(Reader)
    const { credentials, receiver } = await openStreamReceiving(reader, settings, now)
    container.registerInstance(StreamCredentials, credentials)
    const { logger } = api.context()
    const connector = openConnector({
      container,
      receiver,
      logger,
      now,
      settings: {
        ilpAddress: settings.ilpAddress,
        ilpSpread: '0',
        ilpInFlightMax: 500,
        ilpInFlightPerPeerMax: 100,
        ilpPacketsPerMinute: 10_000,
        ...settings.connector
      }
    })
    const notifications = new NotificationListener({ url: database.url, logger })
    connector.neighbours.follow(notifications)
    const listener = await startConnectorListener({
      host: '127.0.0.1',
      port: 0,
      admission: connector.admission,
      peerOf: (token) => connector.neighbours.byToken(token),
      checks: {},
      logger: SILENT,
      limits: { drainNoticeMilliseconds: 0 }
    })
    const streams = addStreamMethods(
      { get: (token) => container.resolve(token) },
      {
        connector: connector.pipeline,
        neighbours: connector.neighbours,
        credentials,
        remoteReceivers: settings.remoteReceivers
      },
      {
        slippage: settings.slippage ?? '0.01',
        localPaymentMethod: settings.localPaymentMethod ?? 'ledger',
        quoteProbesMax: settings.quoteProbesMax ?? 64,
        quoteProbesPerClientMax: settings.quoteProbesPerClientMax ?? 4
      }
    )
    const gate = await Gate.open(listener.url)
    return new NodeParts(database, api, streams, connector, gate, rates, listener.url, [
      () => gate.close(),
      () => listener.drain(),
      () => connector.close(1_000),
      () => notifications.close(),
      () => api.close(),
      () => ratesServer.close(),
      async () => settings.database ?? (await database.drop())
    ])
  }

  /** From now on these are the rates of one unit of `base`; without any the source does not answer. */
  setRates(base: string, rates?: Record<string, unknown>): void {
    if (rates) this.rates.set(base, rates)
    else this.rates.delete(base)
    // What was fetched before is forgotten, as it would be after its time.
    const service = this.api.container.resolve(RatesService) as unknown as { cache: Map<string, unknown> }
    service.cache.clear()
  }

  /** Waits until packets from and to a peer that was just set up find it. */
  async knows(peerId: string): Promise<void> {
    while (!(await this.connector.neighbours.byId(peerId))) await new Promise((resolve) => setTimeout(resolve, 10))
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close()
  }
}
