/**
 * The public keys by which clients sign. A client is a payment pointer, and its keys are at `<client>/jwks.json`;
 * those of payment pointers that are here are read where they are.
 *
 * Anybody can name any client, so asking for keys is bounded: nothing but what may be a payment pointer is asked,
 * the keys are kept for a while, and one client is asked again for a key that it did not have only after a pause.
 */
import type { RequestContext } from '../../services/context'
import { parsePaymentPointerUrl } from '../../services/payment-pointers/payment-pointer-url'
import { statusOf, type PaymentPointerService } from '../../services/payment-pointers/payment-pointer-service'
import type { PaymentPointerKeyService } from '../../services/payment-pointers/payment-pointer-key-service'
import type { RemoteHttp } from './client/remote-http'
import type { NodeIdentity } from './node-identity'
import type { PublicJwk } from './signatures'
import { TimedCache } from './timed-cache'

/** Limits of the requests for keys. */
export const KEYS_TIMEOUT_MILLISECONDS = 3_000
export const KEYS_BYTES_MAX = 65_536

const KEPT_MILLISECONDS = 60_000
const PAUSE_MILLISECONDS = 5_000
const CLIENTS_MAX = 10_000
const KEYS_MAX = 1_000

interface KeySet {
  readonly keys: readonly PublicJwk[]
  /** When they were had. */
  readonly knownAt: Date
  /** When they were asked for last, with success or without. */
  readonly askedAt: Date
}

export class ClientKeys {
  private readonly known = new TimedCache<KeySet>(KEPT_MILLISECONDS, CLIENTS_MAX)
  private readonly fetches = new Map<string, Promise<KeySet>>()

  constructor(
    private readonly identity: Pick<NodeIdentity, 'paymentPointerUrl' | 'publicKey'>,
    private readonly paymentPointers: PaymentPointerService,
    private readonly paymentPointerKeys: PaymentPointerKeyService,
    private readonly http: RemoteHttp
  ) {}

  /** The key of a client by its name; undefined when there is none, or nobody can say. */
  async find(context: RequestContext, client: string, keyId: string): Promise<PublicJwk | undefined> {
    const url = parsePaymentPointerUrl(client)
    if (url === undefined) return undefined
    const own = await this.ownKeys(context, url)
    if (own) return own.find(({ kid }) => kid === keyId)
    const now = context.now()
    const known = this.known.get(url, now)
    const key = known?.keys.find(({ kid }) => kid === keyId)
    if (key || (known && now.getTime() - known.askedAt.getTime() < PAUSE_MILLISECONDS)) return key
    const { keys } = await this.fetch(context, url)
    return keys.find(({ kid }) => kid === keyId)
  }

  /** Undefined for clients that are elsewhere. */
  private async ownKeys(context: RequestContext, url: string): Promise<readonly PublicJwk[] | undefined> {
    if (url === parsePaymentPointerUrl(this.identity.paymentPointerUrl)) return [this.identity.publicKey]
    const pointer = await this.paymentPointers.findByUrl(url)
    if (!pointer) return undefined
    return statusOf(pointer, context.now()) === 'ACTIVE' ? this.paymentPointerKeys.active(pointer.id) : []
  }

  /** Whoever wants keys of the same client at the same time gets the same answer. */
  private fetch(context: RequestContext, client: string): Promise<KeySet> {
    const underWay = this.fetches.get(client)
    if (underWay) return underWay
    const fetch = this.ask(context, client).finally(() => this.fetches.delete(client))
    this.fetches.set(client, fetch)
    return fetch
  }

  /** Nobody who makes a request for keys fail takes away those that are known, and they last no longer for it. */
  private async ask(context: RequestContext, client: string): Promise<KeySet> {
    const keys = await this.published(context, client)
    const now = context.now()
    const known = keys ? undefined : this.known.get(client, now)
    const set = { keys: keys ?? known?.keys ?? [], knownAt: known?.knownAt ?? now, askedAt: now }
    this.known.set(client, set, set.knownAt)
    return set
  }

  /** Undefined: nobody can say at present. */
  private async published(context: RequestContext, client: string): Promise<readonly PublicJwk[] | undefined> {
    try {
      const { status, body } = await this.http.send(context.logger, { method: 'GET', url: `${client}/jwks.json` })
      if (status === 200) return keysOf(body)
      if (GONE.has(status)) return []
      context.logger.warn({ client, status }, 'the keys of a client cannot be had')
    } catch (error) {
      context.logger.warn({ client, error }, 'the keys of a client cannot be had')
    }
    return undefined
  }
}

/** Status of answers that there are none. */
const GONE = new Set([404, 410])

/** 32 bytes in base64url. */
const PUBLIC_KEY = /^[A-Za-z0-9_-]{43}$/

function keysOf(body: unknown): PublicJwk[] {
  const keys = (body as { keys?: unknown } | null | undefined)?.keys
  if (!Array.isArray(keys)) return []
  return keys.slice(0, KEYS_MAX).flatMap((key: Record<string, unknown> | null): PublicJwk[] => {
    const { kid, x, kty, crv, alg } = key ?? {}
    const isEd25519 = kty === 'OKP' && crv === 'Ed25519' && (alg === undefined || alg === 'EdDSA')
    return isEd25519 && typeof kid === 'string' && typeof x === 'string' && PUBLIC_KEY.test(x) ? [{ kid, x }] : []
  })
}
