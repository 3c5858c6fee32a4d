/**
 * Requests to servers that somebody else names: the key sets of clients, payment pointers of others.
 *
 * Whoever names the URL must not make this service talk to its own neighbours. So it is https, the address that
 * is connected to is one of the public internet, redirects stay on the host, and an answer is bounded in time
 * and size. For development two switches open this: one sends plain HTTP where a URL says https, the other one
 * reaches private addresses.
 */
import { isIP } from 'node:net'
import { Agent, type Dispatcher } from 'undici'
import { isPublicAddress, PublicTargets } from '../../services/ramp/webhooks/public-targets'
import { TargetRefused } from '../../services/webhooks/webhook-client'

export interface OutboundSettings {
  /** Whether `https` in a URL goes over the wire as `http`. Only for development. */
  readonly openPaymentsInsecureHttp: boolean
  /** Whether addresses outside the public internet may be reached. */
  readonly openPaymentsAllowPrivateHosts: boolean
}

export interface OutboundLimits {
  /** For the whole exchange, redirects included. */
  readonly timeoutMilliseconds: number
  /** Of the answer's body. */
  readonly bytesMax: number
}

export interface OutboundRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** As `wireUrl` makes it. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface OutboundAnswer {
  readonly status: number
  readonly body: string
}

const CONNECTIONS_PER_HOST = 16
/** Others commonly close a connection that idles for five seconds. */
const IDLE_MILLISECONDS = 4_000
const REDIRECTS_MAX = 3
const REDIRECTS = new Set([301, 302, 303, 307, 308])

export class Outbound {
  private readonly agent: Agent

  constructor(
    private readonly settings: OutboundSettings,
    private readonly limits: OutboundLimits
  ) {
    const { timeoutMilliseconds: timeout, bytesMax: maxResponseSize } = limits
    const lookup = settings.openPaymentsAllowPrivateHosts ? undefined : new PublicTargets().lookup
    this.agent = new Agent({
      connections: CONNECTIONS_PER_HOST,
      keepAliveTimeout: IDLE_MILLISECONDS,
      keepAliveMaxTimeout: IDLE_MILLISECONDS,
      headersTimeout: timeout,
      bodyTimeout: timeout,
      maxResponseSize,
      connect: { timeout, ...(lookup && { lookup }) }
    })
  }

  /**
   * The URL as it goes over the wire, which is also what is signed.
   *
   * @throws TargetRefused for what no request is sent to.
   */
  wireUrl(url: string): string {
    const parsed = URL.canParse(url) ? new URL(url) : undefined
    if (parsed?.protocol !== 'https:' || parsed.username || parsed.password)
      throw new TargetRefused(`${url} is not https`)
    const host = parsed.hostname.replace(/^\[|\]$/g, '')
    if (!this.settings.openPaymentsAllowPrivateHosts && isIP(host) && !isPublicAddress(host)) {
      throw new TargetRefused(`${host} is not a public address`)
    }
    if (this.settings.openPaymentsInsecureHttp) parsed.protocol = 'http:'
    return parsed.href
  }

  /**
   * Sends the request once. Only what is read, and by GET, follows redirects.
   *
   * @throws Error when there is no answer within the limits, or it redirects to where it may not.
   */
  async send(request: OutboundRequest): Promise<OutboundAnswer> {
    const signal = AbortSignal.timeout(this.limits.timeoutMilliseconds)
    let { url } = request
    for (let redirects = 0; ; redirects++) {
      const answer = await this.exchange({ ...request, url }, signal)
      const target = request.method === 'GET' && REDIRECTS.has(answer.statusCode) ? answer.headers.location : undefined
      if (target === undefined) return { status: answer.statusCode, body: await answer.body.text() }
      await answer.body.dump()
      const next = new URL(String(target), url)
      const isSameHost = next.origin === new URL(url).origin
      if (!isSameHost || redirects === REDIRECTS_MAX) throw new TargetRefused(`${url} redirects to ${next.href}`)
      url = next.href
    }
  }

  close(): Promise<void> {
    return this.agent.destroy()
  }

  private exchange(
    { method, url, headers, body }: OutboundRequest,
    signal: AbortSignal
  ): Promise<Dispatcher.ResponseData> {
    const { origin, pathname, search } = new URL(url)
    return this.agent.request({ origin, path: pathname + search, method, headers, body, signal })
  }
}
