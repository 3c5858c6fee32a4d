/** One HTTP request and the answer to it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isLoopbackAddress, isLoopbackHost } from './loopback'
import { Failure, failureBody } from './failure'

export const JSON_TYPE = 'application/json; charset=utf-8'

/** After a refusal, this much more of the request's body is read and dropped, so that the answer arrives. */
const LINGER_BYTES = 4 * 1024 * 1024
const LINGER_MILLISECONDS = 2_000
const LOGGED_PATH_MAX = 256
/** A body up to this size is read to its end after a refusal, and the connection stays. */
const DROPPED_BYTES_MAX = 262_144

export class Exchange {
  /** The path of the route that answers, as the route table has it. */
  route: string | undefined
  /** Whether the rest of the path is kept out of the log. */
  hidesPath = false
  /** What the request turned out to ask for, from a bounded set: goes into the log and the metrics. */
  operation: string | undefined
  /** The client's own name of it, for the log only. */
  operationName: string | undefined
  private body: Promise<Buffer> | undefined

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly requestId: string,
    /** The path without the query string. */
    readonly path: string,
    /** From `process.hrtime`, in milliseconds. */
    readonly startedMilliseconds: number,
    private readonly listener: { readonly isDraining: boolean; readonly draining: AbortSignal },
    private readonly expectsContinue: boolean
  ) {}

  /** A header sent once; undefined when it is absent or repeated. */
  header(name: string): string | undefined {
    const value = this.request.headers[name]
    return typeof value === 'string' ? value : undefined
  }

  /** The path as the log may have it. */
  get loggedPath(): string {
    return (this.hidesPath && this.route) || this.path.slice(0, LOGGED_PATH_MAX)
  }

  /** The query string with its question mark, or nothing. */
  get search(): string {
    return (this.request.url ?? '').slice(this.path.length)
  }

  /** Whether the caller sits on this machine: by its address, by the host it asked for, and with no proxy between. */
  get isLocal(): boolean {
    const { headers, socket } = this.request
    return (
      isLoopbackAddress(socket.remoteAddress) &&
      isLoopbackHost(headers.host) &&
      headers.forwarded === undefined &&
      headers['x-forwarded-for'] === undefined
    )
  }

  /** Calls `end` once, when nobody listens to the answer any more or the listener begins to drain. */
  onEnd(end: () => void): void {
    const { response, listener } = this
    const once = (): void => {
      response.off('close', once)
      listener.draining.removeEventListener('abort', once)
      end()
    }
    if (response.destroyed || listener.isDraining) return end()
    response.on('close', once)
    listener.draining.addEventListener('abort', once)
  }

  /** Reads the body once, up to a limit in bytes. Rejects with a `Failure`. */
  readBody(bytesMax: number): Promise<Buffer> {
    return (this.body ??= this.receiveBody(bytesMax))
  }

  send(
    status: number,
    body: string | Buffer,
    contentType: string = JSON_TYPE,
    more: readonly string[] = NO_HEADERS
  ): void {
    const { response } = this
    if (response.headersSent || response.destroyed) return
    const length = String(Buffer.byteLength(body))
    response.writeHead(status, this.headers(['content-type', contentType, 'content-length', length, ...more]))
    if (this.isReceivingMuch) this.sendAndLinger(body)
    else response.end(body)
  }

  /** Sends an answer that comes in pieces. Resolves when all are handed over, or nobody listens any more. */
  async stream(status: number, headers: readonly string[], chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const { response } = this
    response.writeHead(status, this.headers(headers))
    for await (const chunk of chunks) {
      if (response.destroyed) return
      if (!response.write(chunk)) await writable(response)
    }
    response.end()
  }

  fail(failure: Failure, more: readonly string[] = NO_HEADERS): void {
    this.send(failure.status, failureBody(failure), JSON_TYPE, more)
  }

  /** Whether a body is still on its way that is too large, or of a length unknown, to just be read and dropped. */
  private get isReceivingMuch(): boolean {
    const { complete, headers } = this.request
    if (complete) return false
    return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > DROPPED_BYTES_MAX
  }

  private headers(own: readonly string[]): string[] {
    const headers = ['x-request-id', this.requestId, ...own, ...EVERY_ANSWER]
    if (!own.includes('cache-control')) headers.push(...NOT_STORED)
    if (this.listener.isDraining || this.isReceivingMuch) headers.push('connection', 'close')
    return headers
  }

  /**
   * Answers while the client is still sending. Closing at once would reset the connection under the answer,
   * so what keeps coming is dropped for a while first.
   */
  private sendAndLinger(body: string | Buffer): void {
    const { request, response } = this
    response.write(body)
    let dropped = 0
    const finish = (): void => {
      clearTimeout(timer)
      request.off('data', drop).pause()
      response.end()
    }
    const drop = (chunk: Buffer): void => {
      dropped += chunk.length
      if (dropped > LINGER_BYTES) finish()
    }
    const timer = setTimeout(finish, LINGER_MILLISECONDS).unref()
    request.on('data', drop).once('end', finish).once('close', finish).resume()
  }

  private receiveBody(bytesMax: number): Promise<Buffer> {
    const { request, response } = this
    const tooLarge = (): Failure => new Failure('BODY_TOO_LARGE', `The body exceeds ${bytesMax} bytes`)
    if (Number(request.headers['content-length'] ?? 0) > bytesMax) return Promise.reject(tooLarge())
    if (this.expectsContinue) response.writeContinue()
    return new Promise((resolve, reject) => {
      let first: Buffer | undefined
      let more: Buffer[] | undefined
      let length = 0
      const settle = (): void => {
        request.off('data', receive).off('end', finish).off('close', abort)
      }
      const receive = (chunk: Buffer): void => {
        length += chunk.length
        if (length > bytesMax) {
          settle()
          request.pause()
          reject(tooLarge())
        } else if (!first) first = chunk
        else (more ??= [first]).push(chunk)
      }
      const finish = (): void => {
        settle()
        resolve(more ? Buffer.concat(more, length) : (first ?? EMPTY))
      }
      const abort = (): void => {
        settle()
        reject(new Failure('BAD_REQUEST', 'The body ended too early'))
      }
      request.on('data', receive).on('end', finish).on('close', abort)
    })
  }
}

/** Resolves when there is room for more, or nobody listens any more. Leaves nothing behind on the response. */
function writable(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off('drain', settle).off('close', settle)
      resolve()
    }
    response.on('drain', settle).on('close', settle)
  })
}

/** An answer is for whoever asked, and is what its type says. */
const EVERY_ANSWER = ['x-content-type-options', 'nosniff']
/** Unless it says otherwise itself. */
const NOT_STORED = ['cache-control', 'no-store']

const NO_HEADERS: readonly string[] = []
const EMPTY = Buffer.alloc(0)
