/** A real listener with the test's own schema, and clients that speak HTTP to it, well and badly. */
import { connect, type Socket } from 'node:net'
import { createHmac } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { AdminCredentials } from '../../src/http/access'
import { startAdminListener, type AdminListenerOptions } from '../../src/http/admin-listener'
import { graphqlEndpoint, type GraphqlEndpointOptions } from '../../src/http/graphql-endpoint'
import type { RunningListener } from '../../src/http/listener'
import type { SignatureRegistry } from '../../src/http/signature-registry'
import { createLogger } from '../../src/logging'
import type { RequestContext } from '../../src/services/context'
import { createTestSchema, type TestSchema } from './schema'

export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly requestId?: string
  readonly [fact: string]: unknown
}

export interface TestServer extends TestSchema {
  readonly listener: RunningListener
  readonly url: string
  readonly lines: LogLine[]
  /** Contexts that resolvers were given, in order. */
  readonly contexts: RequestContext[]
  /** Sends a JSON POST to the endpoint. */
  send(body: unknown, headers?: Record<string, string>): Promise<Answer>
  query(query: string, variables?: object, headers?: Record<string, string>): Promise<Answer>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: AnswerBody
}

export interface AnswerBody {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly {
    readonly message: string
    readonly path?: readonly (string | number)[]
    readonly extensions: { readonly code: string; readonly requestId?: string }
  }[]
}

export interface ServerOptions {
  readonly credentials?: AdminCredentials
  readonly signatures?: SignatureRegistry
  readonly listener?: Partial<AdminListenerOptions>
  readonly endpoint?: Partial<GraphqlEndpointOptions>
}

const open: RunningListener[] = []

export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const own = createTestSchema()
  const lines: LogLine[] = []
  const contexts: RequestContext[] = []
  const logger = createLogger({
    level: 'info',
    destination: { write: (line) => lines.push(JSON.parse(line) as LogLine) }
  })
  const now = (): Date => new Date()
  const listener = await startAdminListener({
    host: '127.0.0.1',
    port: 0,
    credentials: options.credentials ?? {},
    signatures: options.signatures ?? { claim: () => Promise.reject(new Error('no signature was expected')) },
    checks: {},
    hasProcessFigures: false,
    logger,
    now,
    routes: (authenticate) => [
      graphqlEndpoint({
        path: '/graphql',
        schema: own.schema,
        authenticate,
        logger,
        now,
        contextOf: ({ context }) => {
          contexts.push(context)
          return context
        },
        ...options.endpoint
      })
    ],
    ...options.listener,
    limits: { drainNoticeMilliseconds: 0, ...options.listener?.limits }
  })
  open.push(listener)
  const url = `${listener.url}/graphql`
  return {
    ...own,
    listener,
    url,
    lines,
    contexts,
    send: (body, headers) => post(url, body, headers),
    query: (query, variables, headers) => post(url, { query, variables }, headers)
  }
}

export async function stopServers(): Promise<void> {
  await Promise.all(open.splice(0).map((listener) => listener.drain()))
}

export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const payload = typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body)
  const init = { method: 'POST', body: payload, headers: { 'content-type': 'application/json', ...headers } }
  return read(await fetch(url, init))
}

export async function get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  return read(await fetch(url, { headers }))
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: parseBody(text) }
}

function parseBody(text: string): AnswerBody {
  try {
    return JSON.parse(text) as AnswerBody
  } catch {
    return {}
  }
}

/** The codes of an answer's errors. */
export function codesOf({ body }: Answer): string[] {
  return (body.errors ?? []).map(({ extensions }) => extensions.code)
}

/** The signature header that a caller with this secret makes, from its own idea of how. */
export function sign(secret: string, body: unknown, milliseconds: number): string {
  const canonical = body === undefined ? '' : canonicalize(body)
  const mac = createHmac('sha256', secret).update(`${milliseconds}.${canonical}`).digest('hex')
  return `t=${milliseconds}, v1=${mac}`
}

/** A connection for saying things that no HTTP client says. */
export class RawClient {
  received = ''
  readonly closed: Promise<void>
  private readonly watchers = new Set<() => void>()

  private constructor(readonly socket: Socket) {
    socket.setEncoding('utf8').on('error', () => undefined)
    socket.on('data', (text: string) => {
      this.received += text
      this.watchers.forEach((watcher) => watcher())
    })
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
  }

  static async open(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return new RawClient(socket)
  }

  write(text: string): void {
    this.socket.write(text)
  }

  /** Resolves once what was received matches. */
  until(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const watcher = (): void => {
        if (!pattern.test(this.received)) return
        this.watchers.delete(watcher)
        resolve()
      }
      this.watchers.add(watcher)
      watcher()
    })
  }

  /** Status codes of the answers so far. */
  get statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
  }
}

/** A JSON POST as text, for a `RawClient`. */
export function rawPost(body: unknown, headers: readonly string[] = []): string {
  const payload = typeof body === 'string' ? body : JSON.stringify(body)
  return [
    'POST /graphql HTTP/1.1',
    'host: localhost',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(payload)}`,
    ...headers,
    '',
    payload
  ].join('\r\n')
}
