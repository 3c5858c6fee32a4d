/**
 * How requests get to other Open Payments servers, whose URLs strangers choose: by https, to the public
 * internet alone, signed, with a limit on time and on bytes, without following anybody elsewhere.
 */
import { Agent, request as send, type Dispatcher } from 'undici'
import type { Logger } from '../../../services/context'
import { PublicAddresses } from '../../../services/public-addresses'
import { RemoteUnreachable, type RemoteAnswer, type RemoteHttp, type RemoteRequest } from './remote-http'

export interface OutgoingRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface RequestSigner {
  /** The headers that have to be sent beside those that are signed. */
  sign(request: OutgoingRequest): Promise<Readonly<Record<string, string>>>
}

export interface GuardedHttpOptions {
  readonly signer: RequestSigner
  /** For development: `https` URLs are asked by `http`. */
  readonly isInsecure: boolean
  /** For development and private networks: any address will do. */
  readonly allowsPrivateHosts: boolean
  readonly timeoutMilliseconds?: number
  /** Most bytes of an answer. */
  readonly bytesMax?: number
  readonly addresses?: PublicAddresses
}

const TIMEOUT_MILLISECONDS = 5_000
const BYTES_MAX = 262_144
/** Below the usual patience of servers, so that a request never meets a connection that is being closed. */
const IDLE_CONNECTION_MILLISECONDS = 4_000
const CONNECTIONS_PER_SERVER = 24

export class GuardedHttp implements RemoteHttp {
  private readonly agent: Agent
  private readonly addresses: PublicAddresses
  private readonly timeoutMilliseconds: number
  private readonly bytesMax: number

  constructor(private readonly options: GuardedHttpOptions) {
    this.addresses = options.addresses ?? new PublicAddresses()
    this.timeoutMilliseconds = options.timeoutMilliseconds ?? TIMEOUT_MILLISECONDS
    this.bytesMax = options.bytesMax ?? BYTES_MAX
    this.agent = new Agent({
      connections: CONNECTIONS_PER_SERVER,
      keepAliveTimeout: IDLE_CONNECTION_MILLISECONDS,
      connect: {
        timeout: this.timeoutMilliseconds,
        ...(!options.allowsPrivateHosts && { lookup: this.addresses.lookup })
      }
    })
  }

  async send(logger: Logger, request: RemoteRequest): Promise<RemoteAnswer> {
    const start = performance.now()
    try {
      const answer = await this.exchange(await this.outgoing(request))
      const milliseconds = Math.round(performance.now() - start)
      logger.debug(
        { method: request.method, url: request.url, status: answer.status, milliseconds },
        'asked another server'
      )
      return answer
    } catch (error) {
      if (error instanceof RemoteUnreachable) throw error
      throw new RemoteUnreachable(`${request.method} ${request.url} was not answered`, error)
    }
  }

  close(): Promise<void> {
    return this.agent.destroy()
  }

  private async outgoing({ method, url, token, body }: RemoteRequest): Promise<OutgoingRequest> {
    const target = this.wireUrl(url)
    const text = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      accept: 'application/json',
      ...(text !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `GNAP ${token}` })
    }
    const plain: OutgoingRequest = { method, url: target, headers, ...(text !== undefined && { body: text }) }
    if (token === undefined && method !== 'POST') return plain
    return { ...plain, headers: { ...headers, ...(await this.options.signer.sign(plain)) } }
  }

  private wireUrl(text: string): string {
    const url = new URL(text)
    if (this.options.isInsecure && url.protocol === 'https:') url.protocol = 'http:'
    if (url.protocol !== (this.options.isInsecure ? 'http:' : 'https:')) {
      throw new RemoteUnreachable(`${text} is not asked: other servers are only asked by https`)
    }
    if (!this.options.allowsPrivateHosts) this.addresses.checkHost(url)
    return url.href
  }

  private async exchange({ method, url, headers, body }: OutgoingRequest): Promise<RemoteAnswer> {
    const answer = await send(url, {
      dispatcher: this.agent,
      method: method as Dispatcher.HttpMethod,
      headers,
      body,
      signal: AbortSignal.timeout(this.timeoutMilliseconds)
    })
    return { status: answer.statusCode, body: parsed(await this.read(answer)) }
  }

  /** The connection of an answer that is too long is of no more use. */
  private async read({ body }: Dispatcher.ResponseData): Promise<string> {
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > this.bytesMax) {
        body.destroy()
        throw new RemoteUnreachable(`an answer has more than ${this.bytesMax} bytes`)
      }
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
