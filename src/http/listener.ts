/**
 * One HTTP port: its limits, its route table, its log lines and its end.
 *
 * A listener drains in three steps: every new request gets 503 with `Connection: close` while those under
 * way finish; when none is left, or time is up, the port closes; what still hangs is cut.
 */
import { setMaxListeners } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { randomUUID } from 'node:crypto'
import type { RootLogger } from '../logging'
import { Exchange, JSON_TYPE } from './exchange'
import { Failure, FAILURES, failureBody, INTERNAL_MESSAGE, type FailureCode } from './failure'
import { RouteTable, type Route } from './routes'

export interface ListenerLimits {
  /** Connections open at once; more are closed on arrival. */
  readonly connectionsMax: number
  /** Requests under way at once, pipelined ones included; more get 503. */
  readonly requestsMax: number
  /** Bytes of a request's line and headers. */
  readonly headerBytesMax: number
  /** Milliseconds from the first byte of a request to the end of its headers. */
  readonly headersTimeoutMilliseconds: number
  /** Milliseconds from the first byte of a request to the end of its body. */
  readonly requestTimeoutMilliseconds: number
  /** Milliseconds that an idle connection is kept. */
  readonly keepAliveMilliseconds: number
  /** Milliseconds without a byte in either direction before a connection is cut, answer or no answer. */
  readonly inactivityMilliseconds: number
  /** Milliseconds between two looks for connections that are too slow. */
  readonly checkIntervalMilliseconds: number
  /** Milliseconds that requests under way get to finish once the listener drains. */
  readonly drainMilliseconds: number
  /** Milliseconds at least that the port answers 503 before it closes, so that balancers notice. */
  readonly drainNoticeMilliseconds: number
}

export const LISTENER_LIMITS: ListenerLimits = {
  connectionsMax: 1_024,
  requestsMax: 2_048,
  headerBytesMax: 16_384,
  headersTimeoutMilliseconds: 10_000,
  requestTimeoutMilliseconds: 30_000,
  keepAliveMilliseconds: 65_000,
  inactivityMilliseconds: 120_000,
  checkIntervalMilliseconds: 1_000,
  drainMilliseconds: 20_000,
  drainNoticeMilliseconds: 100
}

export interface ListenerOptions {
  /** For the log. */
  readonly name: string
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly routes: readonly Route[]
  readonly logger: RootLogger
  readonly limits?: Partial<ListenerLimits>
  /** Of the line that is logged for each request; `info` by default. */
  readonly requestLevel?: 'info' | 'debug'
  /** Told of each finished exchange. */
  readonly observe?: (exchange: Exchange, status: number, milliseconds: number) => void
  readonly newRequestId?: () => string
}

export interface RunningListener {
  /** With a host that a client can use. */
  readonly url: string
  readonly address: AddressInfo
  /** Requests under way. */
  readonly inFlight: number
  /** Stops; resolves when the port is closed. Calling it again waits for the same end. */
  drain(): Promise<void>
}

export async function startListener(options: ListenerOptions): Promise<RunningListener> {
  const listener = new Listener(options)
  await listener.open()
  return listener
}

/** Request ids that a caller may choose: they end up in logs and answers, so their alphabet is small. */
const REQUEST_ID = /^[\w.:-]{1,64}$/

class Listener implements RunningListener {
  readonly limits: ListenerLimits
  isDraining = false
  inFlight = 0
  private readonly server: Server
  private readonly routes: RouteTable
  private readonly newRequestId: () => string
  /** What is under way on each open connection, in the order of arrival. */
  private readonly connections = new Map<Socket, Set<Exchange>>()
  private readonly drainingBegan = new AbortController()
  private drained: Promise<void> | undefined
  private whenIdle: (() => void) | undefined

  constructor(private readonly options: ListenerOptions) {
    this.limits = { ...LISTENER_LIMITS, ...options.limits }
    this.routes = new RouteTable(options.routes)
    this.newRequestId = options.newRequestId ?? randomUUID
    const { limits } = this
    this.server = createServer({
      keepAlive: true,
      noDelay: true,
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersTimeoutMilliseconds,
      requestTimeout: limits.requestTimeoutMilliseconds,
      keepAliveTimeout: limits.keepAliveMilliseconds,
      connectionsCheckingInterval: limits.checkIntervalMilliseconds
    })
    // One listener a stream, of which there may be many.
    setMaxListeners(0, this.draining)
    this.server.maxConnections = limits.connectionsMax
    this.server.timeout = limits.inactivityMilliseconds
    this.server.on('connection', (socket) => this.connected(socket))
    this.server.on('request', (request, response) => this.serve(request, response, false))
    this.server.on('checkContinue', (request, response) => this.serve(request, response, true))
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => this.malformed(error, socket))
  }

  async open(): Promise<void> {
    const { server, options } = this
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(options.port, options.host, () => {
        server.off('error', reject)
        resolve()
      })
    })
    options.logger.info({ listener: options.name, url: this.url }, 'listening')
  }

  /** Aborted when the drain begins: for answers that would go on without an end. */
  get draining(): AbortSignal {
    return this.drainingBegan.signal
  }

  get address(): AddressInfo {
    return this.server.address() as AddressInfo
  }

  get url(): string {
    const { address, family, port } = this.address
    const host = address === '0.0.0.0' || address === '::' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address
    return `http://${host}:${port}`
  }

  drain(): Promise<void> {
    return (this.drained ??= this.close())
  }

  private async close(): Promise<void> {
    this.isDraining = true
    this.drainingBegan.abort()
    const { server, limits, options } = this
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, limits.drainMilliseconds).unref())
    await new Promise((resolve) => setTimeout(resolve, limits.drainNoticeMilliseconds))
    await Promise.race([this.idle(), deadline])
    const cut = this.inFlight
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    if (cut > 0) {
      options.logger.warn(
        { listener: options.name, requests: cut },
        'requests were cut: they took longer than the drain'
      )
      server.closeAllConnections()
    } else server.closeIdleConnections()
    const stragglers = setTimeout(() => server.closeAllConnections(), STRAGGLERS_MILLISECONDS).unref()
    await closed
    clearTimeout(stragglers)
    options.logger.info({ listener: options.name }, 'drained')
  }

  private idle(): Promise<void> {
    if (this.inFlight === 0) return Promise.resolve()
    return new Promise((resolve) => (this.whenIdle = resolve))
  }

  private serve(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const url = request.url ?? '/'
    const query = url.indexOf('?')
    const given = request.headers['x-request-id']
    const exchange = new Exchange(
      request,
      response,
      typeof given === 'string' && REQUEST_ID.test(given) ? given : this.newRequestId(),
      query < 0 ? url : url.slice(0, query),
      performance.now(),
      this,
      expectsContinue
    )
    this.inFlight += 1
    this.connections.get(request.socket)?.add(exchange)
    response.on('close', () => this.finished(exchange))
    if (this.isDraining) exchange.fail(SHUTTING_DOWN)
    else if (this.inFlight > this.limits.requestsMax) exchange.fail(OVERLOADED, ['retry-after', '1'])
    else this.dispatch(exchange)
  }

  private dispatch(exchange: Exchange): void {
    const route = this.routes.find(exchange.path)
    if (!route) return exchange.fail(NOT_FOUND)
    exchange.route = route.path
    exchange.hidesPath = route.hidesPath === true
    const { methods } = route
    if (methods && !methods.includes(exchange.request.method ?? '')) {
      return exchange.fail(METHOD_NOT_ALLOWED, ['allow', methods.join(', ')])
    }
    try {
      const answered = route.handle(exchange)
      if (answered) answered.catch((error: unknown) => this.refuse(exchange, error))
    } catch (error) {
      this.refuse(exchange, error)
    }
  }

  private refuse(exchange: Exchange, error: unknown): void {
    if (error instanceof Failure) return exchange.fail(error)
    const { requestId, loggedPath: path } = exchange
    this.options.logger.error({ requestId, path, error }, 'a request failed unexpectedly')
    if (exchange.response.headersSent) exchange.response.destroy()
    else exchange.send(500, internalBody(requestId))
  }

  private connected(socket: Socket): void {
    const exchanges = new Set<Exchange>()
    this.connections.set(socket, exchanges)
    // Answers that wait behind another on a pipelined connection hear nothing of its end.
    socket.once('close', () => {
      for (const exchange of exchanges) this.finished(exchange)
      this.connections.delete(socket)
    })
  }

  /** Answers what never became a request, unless the client would take it for the answer to an earlier one. */
  private malformed(error: NodeJS.ErrnoException, socket: Socket): void {
    const underWay = [...(this.connections.get(socket) ?? [])]
    const isAnother = underWay.some(({ request, response }) => request.complete || response.headersSent)
    if (error.code === 'ECONNRESET' || !socket.writable || isAnother) socket.destroy()
    else socket.end(malformedAnswer(error.code), () => socket.destroy())
  }

  private finished(exchange: Exchange): void {
    const { request, response } = exchange
    if (!this.connections.get(request.socket)?.delete(exchange)) return
    this.inFlight -= 1
    if (this.inFlight === 0) this.whenIdle?.()
    // An exchange that never got its answer out is not counted as the success its status might claim.
    const status = response.writableFinished ? response.statusCode : CLIENT_CLOSED
    const milliseconds = performance.now() - exchange.startedMilliseconds
    this.options.observe?.(exchange, status, milliseconds)
    const { logger, requestLevel = 'info' } = this.options
    if (requestLevel === 'debug' && !logger.isLevelEnabled(requestLevel)) return
    logger[requestLevel](
      {
        method: request.method,
        path: exchange.loggedPath,
        operation: exchange.operation,
        operationName: exchange.operationName,
        status,
        milliseconds: Math.round(milliseconds * 1_000) / 1_000,
        requestId: exchange.requestId
      },
      'request'
    )
  }
}

/** Logged for a client that went away before its answer. */
const CLIENT_CLOSED = 499
/** After a drain, connections that are neither idle nor carry a request get this long. */
const STRAGGLERS_MILLISECONDS = 1_000

const NOT_FOUND = new Failure('NOT_FOUND', 'Not found')
const METHOD_NOT_ALLOWED = new Failure('METHOD_NOT_ALLOWED', 'The path answers other methods')
const SHUTTING_DOWN = new Failure('SHUTTING_DOWN', 'The service is shutting down')
const OVERLOADED = new Failure('OVERLOADED', 'Too many requests at once; try again')

/** The masked answer to what nobody expected. The cause is in the log under the same id. */
export function internalBody(requestId: string): string {
  const code: FailureCode = 'INTERNAL_SERVER_ERROR'
  return JSON.stringify({ errors: [{ message: INTERNAL_MESSAGE, extensions: { code, requestId } }] })
}

function malformedAnswer(reason: string | undefined): string {
  const [code, message] = malformedReason(reason)
  const body = failureBody(new Failure(code, message))
  const head = [
    `HTTP/1.1 ${FAILURES[code]} ${message}`,
    `content-type: ${JSON_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close'
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

function malformedReason(code: string | undefined): [FailureCode, string] {
  if (code === 'HPE_HEADER_OVERFLOW') return ['HEADERS_TOO_LARGE', 'Request Header Fields Too Large']
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return ['REQUEST_TIMEOUT', 'Request Timeout']
  return ['BAD_REQUEST', 'Bad Request']
}
