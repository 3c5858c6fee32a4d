/** Who may come in to the Agent and the Merchant API: the bearer of a key of that kind, over HTTPS. */
import type { Presumption } from '../services/ramp/parties/known-bearers'
import type { Principal } from '../services/ramp/principal'
import { bearerOf, type Authenticate, type Caller } from './access'
import type { Exchange } from './exchange'
import { Failure } from './failure'

export interface RampCaller extends Caller {
  readonly principal: Principal
}

export interface RampKeys {
  /** Whose key it is; undefined for one that is malformed, unknown or revoked. */
  findBearer(key: string): Promise<Principal | undefined>
  /** Whose it should be, which is still to be confirmed; undefined where nothing is remembered. */
  presumeBearer(key: string): Presumption | undefined
}

export interface RampAccessOptions {
  readonly keys: RampKeys
  readonly kind: Principal['kind']
  /** Whether public keys come in at all. */
  readonly takesPublicKeys: boolean
  /** Whether requests over plain HTTP are taken from elsewhere than this machine. */
  readonly takesPlaintext: boolean
}

/** Clients were promised these bodies, to the letter. */
export const RAMP_UNAUTHENTICATED = new Failure('UNAUTHENTICATED', 'UNAUTHENTICATED')
const FORBIDDEN = new Failure('FORBIDDEN', 'FORBIDDEN')
export const TLS_REQUIRED = new Failure('TLS_REQUIRED', 'TLS_REQUIRED')

export function rampAccess(options: RampAccessOptions): Authenticate<RampCaller> {
  const { keys, kind, takesPublicKeys, takesPlaintext } = options
  const isLetIn = (principal: Principal): boolean => principal.kind === kind && (principal.isSecret || takesPublicKeys)
  return (exchange, mayPresume) => {
    if (!takesPlaintext && !cameInPrivate(exchange)) throw TLS_REQUIRED
    const key = bearerOf(exchange.header('authorization'))
    if (key === undefined) return undefined
    const presumed = mayPresume?.(exchange) ? keys.presumeBearer(key) : undefined
    // Whoever is not let in is told so on certain knowledge only.
    if (presumed && isLetIn(presumed.principal)) return { isAuthenticated: true, ...presumed }
    return keys.findBearer(key).then((principal) => {
      if (!principal) return undefined
      if (!isLetIn(principal)) throw FORBIDDEN
      return { isAuthenticated: true, principal }
    })
  }
}

/**
 * Whether nobody could read the request on its way. TLS ends in front of the service, and whoever ends it says
 * so; on this machine there is no way to read along.
 */
export function cameInPrivate(exchange: Exchange): boolean {
  const scheme = exchange.header('x-forwarded-proto')?.split(',')[0]?.trim().toLowerCase()
  if (scheme !== undefined) return scheme === 'https'
  const forwarded = exchange.header('forwarded')
  if (forwarded !== undefined) return /^[^,]*\bproto="?https\b/i.test(forwarded)
  return exchange.isLocal
}
