/**
 * Access tokens for other servers: kept as long as they are good, rotated when they have expired, asked for
 * anew when they cannot be rotated. Requests that need the same token at the same time share the asking, in
 * this process by one promise and among instances by a lease.
 */
import { setTimeout } from 'node:timers/promises'
import type { RequestContext } from '../../../services/context'
import type {
  GrantKey,
  GrantLease,
  RemoteGrantStore,
  StoredToken
} from '../../../services/remote-grants/remote-grant-store'
import { grantOf, type GrantToken } from './documents'
import { GrantUnusable, RemoteRefused, RemoteUnreachable, type RemoteAnswer, type RemoteHttp } from './remote-http'

export interface GrantsOptions {
  /** Payment pointer that names this service to others; its key set has the keys that requests are signed with. */
  readonly clientUrl: string
}

/** How long to wait for another instance that is asking. */
const WAIT_MILLISECONDS_MAX = 15_000
const POLL_MILLISECONDS = 50
/** A token that expires so soon is taken as expired: it would die on its way. */
const MARGIN_MILLISECONDS = 2_000
/** A year. Others may say any number, also one that no date has. */
const LIFETIME_SECONDS_MAX = 31_536_000

export class RemoteGrants {
  private readonly asking = new Map<string, Promise<string>>()

  constructor(
    private readonly store: RemoteGrantStore,
    private readonly http: RemoteHttp,
    private readonly options: GrantsOptions
  ) {}

  /**
   * A token that is good as far as is known. `refused`: a token that the resource refused, which is not good
   * whatever is known of it.
   *
   * @throws GrantUnusable
   * @throws RemoteRefused
   * @throws RemoteUnreachable
   */
  async token(context: RequestContext, key: GrantKey, refused?: string): Promise<string> {
    const known = await this.store.find(key)
    if (known && isGood(known, refused, context.now())) return known.value
    const name = JSON.stringify([key.authServer, key.accessType, key.actions])
    const underWay = this.asking.get(name)
    if (underWay) return underWay
    const asked = this.renew(context, key, refused).finally(() => this.asking.delete(name))
    this.asking.set(name, asked)
    return asked
  }

  private async renew(context: RequestContext, key: GrantKey, refused: string | undefined): Promise<string> {
    const deadline = performance.now() + WAIT_MILLISECONDS_MAX
    for (;;) {
      const lease = await this.store.claim(key)
      if (lease) return this.renewLeased(context, key, lease, refused)
      if (performance.now() > deadline)
        throw new RemoteUnreachable(`another instance is still asking ${key.authServer}`)
      await setTimeout(POLL_MILLISECONDS)
      const known = await this.store.find(key)
      if (known && isGood(known, refused, context.now())) return known.value
    }
  }

  private async renewLeased(
    context: RequestContext,
    key: GrantKey,
    lease: GrantLease,
    refused: string | undefined
  ): Promise<string> {
    try {
      const { token } = lease
      if (token && isGood(token, refused, context.now())) {
        await this.store.release(lease)
        return token.value
      }
      const granted = (token && (await this.rotate(context, token))) ?? (await this.request(context, key))
      await this.store.save(lease, storedToken(granted, context.now()))
      return granted.value
    } catch (error) {
      await this.store.release(lease)
      throw error
    }
  }

  /** Undefined when it cannot be rotated, for whatever reason: then a new grant is asked for. */
  private async rotate({ logger }: RequestContext, { value, manageUrl }: StoredToken): Promise<GrantToken | undefined> {
    try {
      const answer = await this.http.send(logger, { method: 'POST', url: manageUrl, token: value })
      if (answer.status === 200) return grantOf(answer.body)
      logger.info({ manageUrl, status: answer.status }, 'a token of another server could not be rotated')
    } catch (error) {
      if (!(error instanceof RemoteUnreachable)) throw error
      logger.info({ manageUrl, error }, 'a token of another server could not be rotated')
    }
    return undefined
  }

  private async request({ logger }: RequestContext, key: GrantKey): Promise<GrantToken> {
    const { authServer, accessType: type, actions } = key
    const body = {
      access_token: { access: [{ type, actions }] },
      interact: { start: ['redirect'] },
      client: this.options.clientUrl
    }
    const answer = await this.http.send(logger, { method: 'POST', url: authServer, body })
    refuseFailure(answer, authServer)
    if (wantsInteraction(answer.body)) throw new GrantUnusable(authServer)
    return grantOf(answer.body)
  }
}

/** @throws RemoteRefused for an answer of 400 to 499, RemoteUnreachable for every other one that is no success */
export function refuseFailure({ status }: RemoteAnswer, url: string): void {
  if (status >= 200 && status < 300) return
  if (status >= 400 && status < 500 && status !== 429) throw new RemoteRefused(`${url} answered ${status}`, status)
  throw new RemoteUnreachable(`${url} answered ${status}`)
}

function wantsInteraction(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'interact' in body
}

function isGood({ value, expiresAt }: StoredToken, refused: string | undefined, now: Date): boolean {
  return value !== refused && (expiresAt === undefined || expiresAt.getTime() - MARGIN_MILLISECONDS > now.getTime())
}

function storedToken({ value, manage, expires_in: seconds }: GrantToken, now: Date): StoredToken {
  const lifetime = seconds === undefined ? undefined : Math.min(seconds, LIFETIME_SECONDS_MAX) * 1_000
  const expiresAt = lifetime === undefined ? undefined : new Date(now.getTime() + lifetime)
  return { value, manageUrl: manage, expiresAt }
}
