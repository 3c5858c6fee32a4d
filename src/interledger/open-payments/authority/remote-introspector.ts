/**
 * An authority that is another service. It is asked about every token; what it says of a good one is believed for
 * a few seconds, so a token that is revoked there may live on here for as long.
 */
import { createHash } from 'node:crypto'
import { Agent, request } from 'undici'
import type { RequestContext } from '../../../services/context'
import { parseAccess } from '../../../services/grants/access'
import type { ActiveToken } from '../../../services/grants/grant-service'
import { isText } from '../../../services/text'
import { TimedCache } from '../timed-cache'
import type { Introspection, Introspector } from './introspector'

export interface RemoteIntrospectorOptions {
  readonly url: string
  readonly timeoutMilliseconds?: number
  readonly cacheMilliseconds?: number
}

const TIMEOUT_MILLISECONDS = 5_000
const CACHE_MILLISECONDS = 5_000
const CACHED_MAX = 10_000
const BYTES_MAX = 262_144

export class RemoteIntrospector implements Introspector {
  private readonly agent: Agent
  private readonly timeoutMilliseconds: number
  private readonly known: TimedCache<ActiveToken>

  constructor(private readonly options: RemoteIntrospectorOptions) {
    this.timeoutMilliseconds = options.timeoutMilliseconds ?? TIMEOUT_MILLISECONDS
    this.known = new TimedCache(options.cacheMilliseconds ?? CACHE_MILLISECONDS, CACHED_MAX)
    this.agent = new Agent({ keepAliveTimeout: 4_000, maxResponseSize: BYTES_MAX })
  }

  async introspect(context: RequestContext, token: string): Promise<Introspection> {
    const key = createHash('sha256').update(token).digest('base64')
    const known = this.known.get(key, context.now())
    if (known) return known
    try {
      const answer = parseAnswer(await this.ask(token))
      if (typeof answer !== 'string') this.known.set(key, answer, context.now())
      if (answer === 'unusable') context.logger.warn({}, 'the authority says nothing of use about a token')
      return answer
    } catch (error) {
      context.logger.warn({ error }, 'the authority gives no answer about a token')
      return 'unusable'
    }
  }

  close(): Promise<void> {
    return this.agent.destroy()
  }

  private async ask(token: string): Promise<unknown> {
    const { statusCode, body } = await request(this.options.url, {
      dispatcher: this.agent,
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify({ access_token: token }),
      signal: AbortSignal.timeout(this.timeoutMilliseconds)
    })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`the authority answers ${statusCode}`)
    return JSON.parse(text) as unknown
  }
}

function parseAnswer(answer: unknown): Introspection {
  if (typeof answer !== 'object' || answer === null) return 'unusable'
  const { active, grant, client, access } = answer as Record<string, unknown>
  if (active === false) return 'inactive'
  const items = parseAccess(access)
  const isWhole = active === true && isText(grant) && isText(client) && items !== undefined
  return isWhole ? { grantId: grant, client, access: items } : 'unusable'
}
