/** A node between two neighbours that a test plays itself, with bare HTTP on both sides. */
import { createHash, randomBytes } from 'node:crypto'
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  deserializeIlpPrepare,
  deserializeIlpReply,
  isFulfill,
  serializeIlpFulfill,
  serializeIlpPrepare,
  serializeIlpReject,
  type IlpFulfill,
  type IlpPrepare,
  type IlpReject
} from 'ilp-packet'
import { DataSource } from 'typeorm'
import { Ledger } from '../../../src/ledger/ledger'
import { unique } from '../../admin-v2/support'
import { Network, type Node, type PeeringOptions, type Wallet } from '../nodes'

export const PACKET_TYPE = 'application/octet-stream'

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export function http(
  url: string,
  headers: Record<string, string>,
  body: Buffer | string = '',
  method = 'POST'
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers: { 'content-length': Buffer.byteLength(body), ...headers } })
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) })
      )
    })
    outgoing.end(body)
  })
}

type Answering = (prepare: IlpPrepare, response: ServerResponse, request: IncomingMessage) => void | Promise<void>

/** The next neighbour on the way. By default it fulfils every packet whose data begin with the fulfillment. */
export class NextHop {
  readonly taken: { readonly prepare: IlpPrepare; readonly atMilliseconds: number; readonly authorization: string }[] =
    []
  answering: Answering = (prepare, response) => respond(response, fulfilOf(prepare.data.subarray(0, 32)))

  private constructor(private server: Server) {}

  static async open(): Promise<NextHop> {
    const server = createServer((incoming, response) => void hop.take(incoming, response))
    const hop = new NextHop(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return hop
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/packets`
  }

  private async take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const prepare = deserializeIlpPrepare(Buffer.concat(chunks))
    this.taken.push({
      prepare,
      atMilliseconds: Date.now(),
      authorization: incoming.headers.authorization ?? ''
    })
    await this.answering(prepare, response, incoming)
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}

export function respond(response: ServerResponse, body: Buffer | string, status = 200): void {
  response.writeHead(status, { 'content-type': PACKET_TYPE }).end(body)
}

export function fulfilOf(fulfillment: Buffer, data = Buffer.alloc(0)): Buffer {
  return serializeIlpFulfill({ fulfillment, data })
}

export function rejectOf(code: string, message = '', data = Buffer.alloc(0)): Buffer {
  return serializeIlpReject({ code, triggeredBy: 'test.elsewhere', message, data })
}

export interface PacketTerms {
  readonly amount: bigint
  readonly destination: string
  readonly expiresAt?: Date
  readonly fulfillment?: Buffer
}

/** A packet that carries its own fulfillment, for a neighbour that plays the receiver. */
export function packet({ amount, destination, expiresAt, fulfillment = randomBytes(32) }: PacketTerms): Buffer {
  return serializeIlpPrepare({
    amount: String(amount),
    destination: destination as IlpPrepare['destination'],
    expiresAt: expiresAt ?? inSeconds(20),
    executionCondition: createHash('sha256').update(fulfillment).digest(),
    data: fulfillment
  })
}

export function inSeconds(seconds: number): Date {
  return new Date(Date.now() + seconds * 1_000)
}

/** One neighbour as the test plays it. */
export interface Neighbour {
  readonly id: string
  readonly ilpAddress: string
  /** What it shows when it sends. */
  readonly token: string
}

export interface Balances {
  readonly [account: string]: readonly [debitsPosted: bigint, debitsPending: bigint, creditsPosted: bigint]
}

/** Units for one USD. */
const RATES = { EUR: 1, JPY: '150.5', KRW: 3, FINE: 1, ROUGH: '1' }

/** A node with a neighbour that sends and one that takes, in one asset. */
export class Crossing {
  private constructor(
    readonly network: Network,
    readonly node: Node,
    readonly wallet: Wallet,
    readonly hop: NextHop
  ) {}

  static async open(settings: Parameters<Network['open']>[1] = {}): Promise<Crossing> {
    const network = new Network()
    const services = { exchangeRatesLifetimeMilliseconds: 15_000 }
    const node = await network.open('node', { services, ...settings })
    node.parts.rates.set('USD', RATES)
    const wallet = await node.wallet('USD')
    return new Crossing(network, node, wallet, await NextHop.open())
  }

  async neighbour(
    assetId = this.wallet.assetId,
    options: PeeringOptions & { endpoint?: string; ilpAddress?: string } = {}
  ): Promise<Neighbour> {
    const { ilpAddress = `test.${unique('peer')}`, endpoint = this.hop.url } = options
    const token = unique('token')
    const sends = `to ${ilpAddress}`
    const id = await this.node.addPeer(assetId, { ilpAddress, endpoint, sends, takes: token }, options)
    return { id, ilpAddress, token }
  }

  send(neighbour: Neighbour, body: Buffer): Promise<HttpAnswer> {
    return http(
      this.node.parts.listenerUrl,
      { authorization: `Bearer ${neighbour.token}`, 'content-type': PACKET_TYPE },
      body
    )
  }

  async fulfilled(neighbour: Neighbour, terms: PacketTerms): Promise<IlpFulfill> {
    const { status, body } = await this.send(neighbour, packet(terms))
    const reply = deserializeIlpReply(body)
    expect({ status, reply }).toMatchObject({ status: 200, reply: { fulfillment: expect.any(Buffer) as Buffer } })
    return reply as IlpFulfill
  }

  async rejected(neighbour: Neighbour, terms: PacketTerms): Promise<IlpReject> {
    return rejectIn(await this.send(neighbour, packet(terms)))
  }

  /** What every account of the node has seen, to the unit. */
  async balances(): Promise<Balances> {
    const rows = await this.node.api.container.resolve(DataSource).query<Record<string, string>[]>(`
      SELECT code || ' of ' || owner AS name, debits_posted, debits_pending, credits_posted FROM ledger_account
      ORDER BY id`)
    return Object.fromEntries(
      rows.map((row) => [
        row.name!,
        [BigInt(row.debits_posted!), BigInt(row.debits_pending!), BigInt(row.credits_posted!)] as const
      ])
    )
  }

  async transfers(): Promise<number> {
    const [row] = await this.node.api.container
      .resolve(DataSource)
      .query<{ count: number }[]>('SELECT count(*)::int AS count FROM ledger_transfer')
    return row!.count
  }

  get ledger(): Ledger {
    return this.node.api.container.resolve(Ledger)
  }

  async close(): Promise<void> {
    await this.node.expectSound()
    await this.hop.close()
    await this.network.close()
  }
}

export function rejectIn({ status, body }: HttpAnswer): IlpReject {
  expect(status).toBe(200)
  const reply = deserializeIlpReply(body)
  if (isFulfill(reply)) throw new Error('the packet was fulfilled')
  return reply
}
