/**
 * Sends a webhook once and says what came of it.
 *
 * The answer is decided by its status line. Redirects are not followed, and of an answer's body only so much
 * is read as it takes to use the connection again.
 */
import * as http from 'node:http'
import * as https from 'node:https'
import type { WebhookAttemptError } from '../../entities/webhook-attempt'
import { signatureOf, SIGNATURE_HEADER, type SignatureOptions } from './signature'

export interface WebhookClientOptions {
  /** Where to send, `http` or `https`. */
  readonly url: string
  /** Longest wait for an answer's status, connecting included. */
  readonly timeoutMilliseconds: number
  /** Without it nothing is signed. */
  readonly signature?: SignatureOptions
  /** Counts every status from 200 to 299 as a success; by default only 200 is one. */
  readonly acceptsAny2xx?: boolean
  /** Most connections at a time; more requests than that wait for each other. */
  readonly connectionsMax: number
  readonly now: () => Date
}

export interface Attempt {
  readonly startedAt: Date
  readonly durationMilliseconds: number
  /** HTTP status of the answer; null without one. */
  readonly status: number | null
  /** Null for a success. */
  readonly error: WebhookAttemptError | null
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
  private readonly transport: typeof http | typeof https
  private readonly agent: http.Agent

  constructor(private readonly options: WebhookClientOptions) {
    const { protocol } = new URL(options.url)
    if (protocol !== 'http:' && protocol !== 'https:') throw new RangeError(`webhooks cannot be sent by ${protocol}`)
    this.transport = protocol === 'https:' ? https : http
    this.agent = new this.transport.Agent({
      keepAlive: true,
      scheduling: 'lifo',
      maxSockets: options.connectionsMax,
      maxFreeSockets: options.connectionsMax,
      timeout: IDLE_CONNECTION_MILLISECONDS
    })
  }

  /** `body` is JSON and is sent as it is. Never rejects. */
  async send(body: string): Promise<Attempt> {
    const startedAt = this.options.now()
    const start = performance.now()
    const finished = (status: number | null, error: WebhookAttemptError | null, cause?: unknown): Attempt => {
      return { startedAt, durationMilliseconds: Math.round(performance.now() - start), status, error, cause }
    }
    try {
      const bytes = Buffer.from(body)
      const headers = this.headersOf(body, bytes, startedAt)
      const exchanged = await this.exchange(bytes, headers, start + this.options.timeoutMilliseconds)
      if ('failure' in exchanged) return finished(null, errorOf(exchanged.failure), exchanged.failure)
      return finished(exchanged.status, this.isSuccess(exchanged.status) ? null : 'status')
    } catch (error) {
      return finished(null, 'internal', error)
    }
  }

  close(): void {
    this.agent.destroy()
  }

  private isSuccess(status: number): boolean {
    return this.options.acceptsAny2xx ? status >= 200 && status < 300 : status === 200
  }

  private headersOf(body: string, bytes: Buffer, sentAt: Date): http.OutgoingHttpHeaders {
    const { signature } = this.options
    return {
      'content-type': 'application/json',
      'content-length': bytes.length,
      'user-agent': 'hazina',
      ...(signature ? { [SIGNATURE_HEADER]: signatureOf(body, sentAt, signature) } : {})
    }
  }

  /**
   * A receiver may close an idle connection just when the request is on its way. That says nothing about the
   * receiver, so the request goes out again at once, on a new connection.
   */
  private async exchange(body: Buffer, headers: http.OutgoingHttpHeaders, deadline: number): Promise<Exchanged> {
    const first = await this.request(body, headers, deadline, this.agent)
    return 'failure' in first && first.isStale ? this.request(body, headers, deadline, false) : first
  }

  private request(
    body: Buffer,
    headers: http.OutgoingHttpHeaders,
    deadline: number,
    agent: http.Agent | false
  ): Promise<Exchanged> {
    return new Promise((resolve, reject) => {
      const request = this.transport.request(this.options.url, { method: 'POST', headers, agent })
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
        request.end(body)
      } catch (error) {
        request.destroy()
        reject(error as Error)
      }
    })
  }
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
