/**
 * Takes packets to neighbours, over connections that are kept for a while. A packet is sent once: whether it
 * arrived is not known of one that got no answer, so it is never sent again. And it is sent in time or not at all:
 * it may have waited for a connection, and what was set aside for it is given back at its deadline.
 */
import { Agent, DecoratorHandler, type Dispatcher } from 'undici'
import { PeerFailure } from './pipeline/ports'
import type { PacketPeer, PeerClient } from './types'

export interface PeerClientOptions {
  /** Most packets under way to one peer; more are refused. */
  readonly inFlightPerPeerMax: number
  now(): Date
}

const CONNECTIONS_PER_ORIGIN = 24
/** Less than the 5 s after which many servers close a connection: a packet must not meet its end. */
const IDLE_MILLISECONDS = 4_000
const CONNECT_MILLISECONDS = 5_000
/** The packet's own limit is 32 KiB. */
const ANSWER_BYTES_MAX = 65_536
/** After its deadline an answer is waited for a little longer: a late Fulfill is worth knowing about. */
const LATE_MILLISECONDS = 5_000

export class HttpPeerClient implements PeerClient {
  private readonly agent = new Agent({
    connections: CONNECTIONS_PER_ORIGIN,
    pipelining: 1,
    keepAliveTimeout: IDLE_MILLISECONDS,
    keepAliveMaxTimeout: IDLE_MILLISECONDS,
    connect: { timeout: CONNECT_MILLISECONDS },
    maxResponseSize: ANSWER_BYTES_MAX
  })
  private readonly underWay = new Map<string, number>()

  constructor(private readonly options: PeerClientOptions) {}

  async send(peer: PacketPeer, prepare: Buffer, deadline: Date): Promise<Buffer> {
    const others = this.underWay.get(peer.id) ?? 0
    if (others >= this.options.inFlightPerPeerMax) {
      throw new PeerFailure('busy', `${others} packets are under way to the peer`)
    }
    this.underWay.set(peer.id, others + 1)
    try {
      return await this.ask(peer, prepare, deadline)
    } finally {
      const left = this.underWay.get(peer.id)! - 1
      if (left > 0) this.underWay.set(peer.id, left)
      else this.underWay.delete(peer.id)
    }
  }

  /** Cuts what is still under way. */
  async close(): Promise<void> {
    await this.agent.destroy()
  }

  private async ask(peer: PacketPeer, prepare: Buffer, deadline: Date): Promise<Buffer> {
    const milliseconds = Math.max(deadline.getTime() - this.options.now().getTime(), 0) + LATE_MILLISECONDS
    const signal = AbortSignal.timeout(milliseconds)
    let response: Dispatcher.ResponseData
    let body: Buffer
    try {
      response = await this.request(peer, prepare, deadline, signal)
      body = Buffer.from(await response.body.arrayBuffer())
    } catch (error) {
      if (error instanceof TooLate) throw new PeerFailure('no_answer', 'no connection was free in time', error)
      if (signal.aborted) throw new PeerFailure('no_answer', 'the peer did not answer in time', error)
      throw new PeerFailure('unreachable', 'the peer cannot be reached', error)
    }
    const { statusCode } = response
    if (statusCode >= 200 && statusCode < 300) return body
    const message = `the peer answered ${statusCode}`
    if (statusCode === 429) throw new PeerFailure('busy', message)
    if (statusCode >= 500) throw new PeerFailure('unreachable', message)
    throw new PeerFailure(statusCode >= 400 ? 'refused' : 'faulty', message)
  }

  private request(
    { outgoing: { endpoint, authToken } }: PacketPeer,
    body: Buffer,
    deadline: Date,
    signal: AbortSignal
  ): Promise<Dispatcher.ResponseData> {
    const { origin, pathname, search } = new URL(endpoint)
    return this.agent.compose(notAfter(deadline, this.options)).request({
      origin,
      path: pathname + search,
      method: 'POST',
      headers: {
        authorization: `Bearer ${authToken}`,
        'content-type': 'application/octet-stream',
        accept: 'application/octet-stream'
      },
      body,
      signal,
      headersTimeout: 0,
      bodyTimeout: 0
    })
  }
}

/** The packet was not sent: its time was over before a connection was free. */
class TooLate extends Error {
  constructor() {
    super('too late to send')
    this.name = 'TooLate'
  }
}

/** Lets a request go onto its connection before the deadline only. What is thrown there costs no connection. */
function notAfter(deadline: Date, { now }: Pick<PeerClientOptions, 'now'>): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    const guarded: Dispatcher.DispatchHandler = new DecoratorHandler(handler)
    const start = guarded.onRequestStart?.bind(guarded)
    guarded.onRequestStart = (controller, context) => {
      if (now() >= deadline) throw new TooLate()
      start?.(controller, context)
    }
    return dispatch(options, guarded)
  }
}
