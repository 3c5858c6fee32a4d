/**
 * Sends a webhook once and says what came of it.
 *
 * The answer is decided by its status line. Redirects are not followed, and of an answer's body only so much
 * is read as it takes to use the connection again.
 */
import * as http from 'node:http'
import * as https from 'node:https'
import type { LookupFunction } from 'node:net'
import type { WebhookAttemptError } from '../../entities/webhook-attempt'

export interface WebhookClientOptions {
  /** Longest wait for an answer's status, connecting included. */
  readonly timeoutMilliseconds: number
  /** Counts every status from 200 to 299 as a success; by default only 200 is one. */
  readonly acceptsAny2xx?: boolean
  /** Most connections to a receiver at a time; more requests than that wait for each other. */
  readonly connectionsMax: number
  /** Most of them that are kept while nobody uses them; by default all. */
  readonly idleConnectionsMax?: number
  /** Where webhooks may go. By default anywhere. */
  readonly targets?: WebhookTargets
  readonly now: () => Date
}

/** A rule about where webhooks may go. It holds for the address that is connected to, not only for a name. */
export interface WebhookTargets {
  /** @throws TargetRefused */
  check(url: URL): void
  /** Finds the addresses of a name; fails with `TargetRefused` where one of them is not allowed. */
  readonly lookup: LookupFunction
}

/** Webhooks do not go there. Nothing was sent. */
export class TargetRefused extends Error {
  readonly code = 'EACCES'
}

/** One webhook as it is sent. */
export interface WebhookMessage {
  /** Where to send, `http` or `https`. */
  readonly url: string
  /** JSON, which is sent as it is. */
  readonly body: string
  /** What goes with it beside its type and length, at the time at which it is sent. */
  readonly headers?: (sentAt: Date) => Readonly<Record<string, string>>
}

export interface Attempt<Failure extends string = WebhookAttemptError> {
  readonly startedAt: Date
  readonly durationMilliseconds: number
  /** HTTP status of the answer; null without one. */
  readonly status: number | null
  /** Null for a success. */
  readonly error: Failure | null
  /** What failed, for the log. */
  readonly cause?: unknown
}

/** A connection that nobody used for so long is given up before the receiver, whose habit is 5 s, does so. */
const IDLE_CONNECTION_MILLISECONDS = 4_000
const ANSWER_BYTES_MAX = 65_536

class TimedOut extends Error {}

/** What one request came to. `isStale`: it failed on a connection that the other side had closed meanwhile. */
type Exchanged = { readonly status: number } | { readonly failure: unknown; readonly isStale: boolean }

export class WebhookClient {
  private readonly agents: Readonly<Record<'http:' | 'https:', http.Agent>>

  constructor(private readonly options: WebhookClientOptions) {
    const agentOptions: http.AgentOptions = {
      keepAlive: true,
      scheduling: 'lifo',
      maxSockets: options.connectionsMax,
      maxFreeSockets: options.idleConnectionsMax ?? options.connectionsMax,
      timeout: IDLE_CONNECTION_MILLISECONDS
    }
    this.agents = { 'http:': new http.Agent(agentOptions), 'https:': new https.Agent(agentOptions) }
  }

  /** Never rejects. */
  async send({ url, body, headers }: WebhookMessage): Promise<Attempt> {
    const startedAt = this.options.now()
    const start = performance.now()
    const finished = (status: number | null, error: WebhookAttemptError | null, cause?: unknown): Attempt => {
      return { startedAt, durationMilliseconds: Math.round(performance.now() - start), status, error, cause }
    }
    try {
      const bytes = Buffer.from(body)
      const parcel = { url: new URL(url), bytes, headers: headersOf(bytes, headers?.(startedAt)) }
      const exchanged = await this.exchange(parcel, start + this.options.timeoutMilliseconds)
      if ('failure' in exchanged) return finished(null, errorOf(exchanged.failure), exchanged.failure)
      return finished(exchanged.status, this.isSuccess(exchanged.status) ? null : 'status')
    } catch (error) {
      return finished(null, error instanceof TargetRefused ? 'connection' : 'internal', error)
    }
  }

  close(): void {
    for (const agent of Object.values(this.agents)) agent.destroy()
  }

  private isSuccess(status: number): boolean {
    return this.options.acceptsAny2xx ? status >= 200 && status < 300 : status === 200
  }

  /**
   * A receiver may close an idle connection just when the request is on its way. That says nothing about the
   * receiver, so the request goes out again at once, on a new connection.
   */
  private async exchange(parcel: Parcel, deadline: number): Promise<Exchanged> {
    this.options.targets?.check(parcel.url)
    const first = await this.request(parcel, deadline, true)
    return 'failure' in first && first.isStale ? this.request(parcel, deadline, false) : first
  }

  private request({ url, bytes, headers }: Parcel, deadline: number, reuses: boolean): Promise<Exchanged> {
    const { protocol } = url
    if (protocol !== 'http:' && protocol !== 'https:') throw new RangeError(`webhooks cannot be sent by ${protocol}`)
    const transport = protocol === 'https:' ? https : http
    const lookup = this.options.targets?.lookup
    const agent = reuses ? this.agents[protocol] : false
    return new Promise((resolve, reject) => {
      const request = transport.request(url, { method: 'POST', headers, agent, ...(lookup && { lookup }) })
      // Holds for the rest of the answer, too: its end is of no interest, but it must not keep a connection.
      const timer = setTimeout(() => request.destroy(new TimedOut()), Math.max(deadline - performance.now(), 0))
      request.on('close', () => clearTimeout(timer))
      request.on('response', (response) => {
        resolve({ status: response.statusCode ?? 0 })
        discard(response)
      })
      request.on('error', (failure) => {
        resolve({ failure, isStale: request.reusedSocket && isReset(failure) })
      })
      try {
        request.end(bytes)
      } catch (error) {
        request.destroy()
        reject(error as Error)
      }
    })
  }
}

interface Parcel {
  readonly url: URL
  readonly bytes: Buffer
  readonly headers: http.OutgoingHttpHeaders
}

function headersOf(bytes: Buffer, more: Readonly<Record<string, string>> = {}): http.OutgoingHttpHeaders {
  return { 'content-type': 'application/json', 'content-length': bytes.length, 'user-agent': 'hazina', ...more }
}

function discard(response: http.IncomingMessage): void {
  let bytes = 0
  response.on('error', () => undefined)
  response.on('data', (piece: Buffer) => {
    bytes += piece.length
    if (bytes > ANSWER_BYTES_MAX) response.destroy()
  })
}

const CONNECTION_CODES = new Set(
  ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EHOSTDOWN'].concat([
    'ETIMEDOUT',
    'EADDRNOTAVAIL',
    'ECONNABORTED',
    'EACCES',
    'EPERM',
    'EMFILE',
    'ENFILE'
  ])
)

function errorOf(failure: unknown): WebhookAttemptError {
  if (failure instanceof TimedOut) return 'timeout'
  const code = codeOf(failure)
  // Several addresses were tried, and none answered.
  if (failure instanceof AggregateError || CONNECTION_CODES.has(code)) return 'connection'
  return isReset(failure) ? 'reset' : 'protocol'
}

function isReset(failure: unknown): boolean {
  return ['ECONNRESET', 'EPIPE'].includes(codeOf(failure))
}

function codeOf(failure: unknown): string {
  return String((failure as { code?: unknown } | undefined)?.code)
}
