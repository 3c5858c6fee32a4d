/** A resource server and its authority on ports of their own, and clients that ask them as anybody would. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, request } from 'undici'
import { Reader } from '../../../src/database/reader'
import { startOpenPaymentsListener } from '../../../src/http/open-payments-listener'
import type { RunningListener } from '../../../src/http/listener'
import {
  openOpenPayments,
  type OpenPayments,
  type OpenPaymentsHandler,
  type OpenPaymentsSettings
} from '../../../src/interledger/open-payments/open'
import { identityOf, type NodeIdentity } from '../../../src/interledger/open-payments/node-identity'
import { signatureHeaders } from '../../../src/interledger/open-payments/signatures'
import { StreamCredentials } from '../../../src/interledger/stream/credentials'
import { createLogger } from '../../../src/logging'
import { GrantService } from '../../../src/services/grants/grant-service'
import type { AccessItem } from '../../../src/services/grants/access'
import type { ServiceSettings } from '../../../src/services/settings'
import { createAsset } from '../../admin-v2/fixtures'
import { ANSWER, TestApi, unique, type Fields } from '../../admin-v2/support'
import { createTestDatabase, type TestDatabase } from '../../support/database'

export const ILP_ADDRESS = 'test.hazina'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly json: Json
}

/** Members that tests read; those that an answer has not are not there. */
export interface Json {
  readonly [member: string]: unknown
  readonly id: string
  readonly value: string
  readonly ilpAddress: string
  readonly sharedSecret: string
  readonly ilpStreamConnection: Json
  readonly access_token: Json
  readonly continue: Json & { readonly uri: string }
  readonly manage: string
  readonly keys: readonly Json[]
  readonly result: readonly Json[]
}

export interface Sent {
  readonly method?: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Who signs; absent: nobody. */
  readonly client?: NodeIdentity
  /** What is signed in place of the URL that the request goes to. */
  readonly signedUrl?: string
  /** The last word on what goes over the wire; empty headers are not sent. */
  readonly alter?: (wire: { headers: Record<string, string>; body?: string }) => void
}

export interface Pointer {
  readonly id: string
  /** As it is stored. */
  readonly url: string
  readonly asset: Fields
  readonly unit: { readonly assetCode: string; readonly assetScale: number }
}

const agent = new Agent({ keepAliveTimeout: 1 })

export class OpenPaymentsWorld {
  /** Key sets of clients, by path, or a status in place of one; what is not there is not found. */
  readonly keySets = new Map<string, unknown>()
  keyRequests = 0

  private constructor(
    readonly database: TestDatabase,
    readonly api: TestApi,
    readonly openPayments: OpenPayments,
    readonly credentials: StreamCredentials,
    readonly resources: RunningListener,
    readonly grants: RunningListener | undefined,
    private readonly clients: Server,
    /** What was logged. */
    readonly lines: readonly string[]
  ) {}

  static async open(
    more: Partial<OpenPaymentsSettings> = {},
    services: Partial<ServiceSettings> = {}
  ): Promise<OpenPaymentsWorld> {
    const database = await createTestDatabase()
    const lines: string[] = []
    const late: Record<string, OpenPaymentsHandler> = {}
    const logger = createLogger({ level: 'info', destination: { write: (line) => lines.push(line) } })
    // URLs hold the ports, so the ports come first.
    const listen = (name: 'open payments' | 'authority'): Promise<RunningListener> =>
      startOpenPaymentsListener({
        name,
        host: '127.0.0.1',
        port: 0,
        handler: { handle: (asked) => late[name]!.handle(asked) },
        bodyBytesMax: 262_144,
        checks: {},
        logger,
        now: () => api.clock.now(),
        limits: { drainNoticeMilliseconds: 0 }
      })
    const [resources, grants] = await Promise.all([listen('open payments'), listen('authority')])
    const openPaymentsUrl = `https://${new URL(resources.url).host}`
    const api = await TestApi.open(database.url, {
      settings: { openPaymentsUrl, paymentPointerLookupTimeoutMilliseconds: 200, ...services }
    })
    const credentials = new StreamCredentials({ ilpAddress: ILP_ADDRESS, secret: randomBytes(32) })
    const openPayments = await openOpenPayments({
      container: api.container,
      reader: api.container.resolve(Reader),
      credentials,
      now: () => api.clock.now(),
      settings: {
        openPaymentsUrl,
        authPort: grants.address.port,
        authServerGrantUrl: grants.url,
        openPaymentsInsecureHttp: true,
        openPaymentsAllowPrivateHosts: true,
        grantsPerClientMax: 1_000,
        grantsPerAddressMax: 1_000,
        ...more
      }
    })
    late['open payments'] = openPayments.resourceServer
    if (openPayments.authority) late.authority = openPayments.authority
    const clients = createServer((asked, response) => {
      world.keyRequests++
      const keys = world.keySets.get(asked.url ?? '')
      const status = typeof keys === 'number' ? keys : keys === undefined ? 404 : 200
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(keys ?? {}))
    })
    await new Promise<void>((resolve) => clients.listen(0, '127.0.0.1', resolve))
    const world = new OpenPaymentsWorld(database, api, openPayments, credentials, resources, grants, clients, lines)
    return world
  }

  async close(): Promise<void> {
    await Promise.all([this.resources.drain(), this.grants?.drain()])
    this.clients.closeAllConnections()
    await new Promise((resolve) => this.clients.close(resolve))
    await this.openPayments.close()
    await this.api.close()
    await this.database.drop()
  }

  get host(): string {
    return new URL(this.resources.url).host
  }

  get authUrl(): string {
    return this.grants!.url
  }

  /** A client elsewhere, whose keys are published. */
  newClient(): NodeIdentity {
    const path = `/${unique('client')}`
    const paymentPointerUrl = `https://127.0.0.1:${(this.clients.address() as AddressInfo).port}${path}`
    const identity = newIdentity(paymentPointerUrl)
    this.keySets.set(`${path}/jwks.json`, { keys: [identity.publicKey] })
    return identity
  }

  async newPointer(more: object = {}, asset?: Fields): Promise<Pointer> {
    const own = asset ?? (await createAsset(this.api, { code: unique('A').slice(-3).padStart(3, 'A') }))
    const url = `https://${this.host}/${unique('user')}`
    const input = { assetId: own.id, url, publicName: 'Alice', ...more }
    const fields = `${ANSWER} paymentPointer { id url }`
    const answer = await this.api.mutate('createPaymentPointer', 'CreatePaymentPointerInput', input, fields)
    expect(answer).toMatchObject({ code: '200' })
    const { id, url: stored } = answer.paymentPointer
    return { id, url: stored, asset: own, unit: { assetCode: own.code, assetScale: own.scale } }
  }

  /** A token as the operator would grant it. */
  async grant(client: NodeIdentity, ...access: AccessItem[]): Promise<string> {
    const grants = this.api.container.resolve(GrantService)
    return (await grants.issue(this.api.context(), client.paymentPointerUrl, access)).token.value
  }

  /** Sends to an https URL by plain HTTP, signed as it goes over the wire. */
  async send(
    url: string,
    { method = 'GET', token, headers, body, client, signedUrl, alter }: Sent = {}
  ): Promise<Answer> {
    const target = new URL(url)
    target.protocol = 'http:'
    const text = body === undefined ? undefined : JSON.stringify(body)
    const own: Record<string, string> = {
      accept: 'application/json',
      ...(text !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `GNAP ${token}` }),
      ...headers
    }
    const asked = { method, url: signedUrl ?? target.href, headers: own, ...(text !== undefined && { body: text }) }
    const signed = client ? await signatureHeaders(asked, client) : {}
    const wire: { headers: Record<string, string>; body?: string } = {
      headers: { ...own, ...signed },
      ...(text !== undefined && { body: text })
    }
    alter?.(wire)
    // Node sets the length itself and refuses another one.
    const kept = Object.entries(wire.headers).filter(([name, value]) => value !== '' && name !== 'content-length')
    const sent = { headers: Object.fromEntries(kept), body: wire.body }
    const answer = await request(target.href, { dispatcher: agent, method: method as 'GET', ...sent })
    return parsed(answer.statusCode, answer.headers, await answer.body.text())
  }
}

function parsed(status: number, headers: Answer['headers'], text: string): Answer {
  const isJson = String(headers['content-type']).includes('json')
  return { status, headers, text, json: (isJson && text !== '' ? JSON.parse(text) : {}) as Json }
}

export function newIdentity(paymentPointerUrl: string): NodeIdentity {
  const { privateKey } = generateKeyPairSync('ed25519')
  return identityOf(privateKey, {
    openPaymentsUrl: 'https://unused.test',
    nodePaymentPointerUrl: paymentPointerUrl,
    keyId: unique('key')
  })
}

/** Everything that a client may do with incoming payments that it made itself. */
export const OWN: AccessItem = { type: 'incoming-payment', actions: ['create', 'complete', 'read', 'list'] }
