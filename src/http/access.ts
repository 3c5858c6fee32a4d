/** Who may come in. */
import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Exchange } from './exchange'
import type { SignatureRegistry } from './signature-registry'

/** Whoever an endpoint let in. */
export interface Caller {
  /** Whether the caller showed credentials, as opposed to being let in for where it comes from. */
  readonly isAuthenticated: boolean
  /**
   * There while it is only presumed who is calling. Before it is true nothing may be answered or changed; where it is
   * false or rejects, nothing may at all. Somebody listens to it already.
   */
  readonly isConfirmed?: Promise<boolean>
}

/**
 * Tells who is calling; undefined for whoever may not come in, whatever the reason. Answers at once where
 * headers suffice, and with a presumption only where `mayPresume` says that the endpoint sees to it.
 */
export type Authenticate<C extends Caller = Caller> = (
  exchange: Exchange,
  mayPresume?: (exchange: Exchange) => boolean
) => C | undefined | Promise<C | undefined>

/** The schema is shown to callers with credentials, and on this machine. */
export function mayIntrospect(caller: Caller, exchange: Exchange): boolean {
  return caller.isAuthenticated || exchange.isLocal
}

export interface AdminCredentials {
  /** Shown as `Authorization: Bearer …` or `x-api-key: …`. */
  readonly token?: string
  /** Signs requests: `signature: t=<Unix milliseconds>, v1=<hex HMAC-SHA256 of "<t>.<canonical body>">`. */
  readonly signatureSecret?: string
}

export interface AdminAccessOptions extends AdminCredentials {
  readonly signatures: SignatureRegistry
  readonly now: () => Date
  readonly bodyBytesMax: number
}

/** Oldest signature that is taken, in milliseconds. */
export const SIGNATURE_AGE_MAX = 5 * 60 * 1_000
/** How far ahead of this service a signer's clock may be, in milliseconds. */
export const SIGNATURE_SKEW_MAX = 60 * 1_000

const ADMIN: Caller = { isAuthenticated: true }
const NEIGHBOUR: Caller = { isAuthenticated: false }

/**
 * The rule of the admin listener. A token or a signature is enough. Where neither is configured, callers on
 * this machine come in as they are, and nobody else.
 */
export function adminAccess(options: AdminAccessOptions): Authenticate {
  const { token, signatureSecret } = options
  if (!token && !signatureSecret) return (exchange) => (exchange.isLocal ? NEIGHBOUR : undefined)
  const isToken = token ? secretMatcher(token) : () => false
  const isSignature = signatureSecret ? signatureVerifier(signatureSecret, options) : undefined
  return (exchange) => {
    const bearer = bearerOf(exchange.header('authorization'))
    const key = exchange.header('x-api-key')
    if ((bearer !== undefined && isToken(bearer)) || (key !== undefined && isToken(key))) return ADMIN
    const signature = exchange.header('signature')
    if (!isSignature || signature === undefined) return undefined
    return isSignature(exchange, signature).then((isValid) => (isValid ? ADMIN : undefined))
  }
}

/** The token of a bearer header. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
}

/** Compares secrets in a time that tells nothing about how much of a guess was right, nor about its length. */
export function secretMatcher(secret: string): (guess: string) => boolean {
  const expected = digest(secret)
  return (guess) => timingSafeEqual(digest(guess), expected)
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}

interface Signature {
  readonly milliseconds: number
  readonly mac: Buffer
}

/** The parts of a signature header in either order; undefined for anything else. */
export function parseSignature(header: string): Signature | undefined {
  const parts = new Map(header.split(',').map((part) => splitOnce(part.trim())))
  const time = parts.get('t')
  const mac = parts.get('v1')
  if (parts.size !== 2 || !time || !mac || !/^\d{1,15}$/.test(time) || !/^[0-9a-f]{64}$/i.test(mac)) return undefined
  return { milliseconds: Number(time), mac: Buffer.from(mac, 'hex') }
}

function splitOnce(part: string): [string, string] {
  const at = part.indexOf('=')
  return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]
}

/** The HMAC that signs a body at a time. An empty body signs the time alone. */
export function signatureOf(secret: string, milliseconds: number, body: string): Buffer {
  const canonical = body === '' ? '' : (canonicalize(JSON.parse(body)) ?? '')
  return createHmac('sha256', secret).update(`${milliseconds}.${canonical}`).digest()
}

function signatureVerifier(
  secret: string,
  { now, signatures, bodyBytesMax }: AdminAccessOptions
): (exchange: Exchange, header: string) => Promise<boolean> {
  return async (exchange, header) => {
    const signature = parseSignature(header)
    if (!signature || !isFresh(signature.milliseconds, now())) return false
    const body = (await exchange.readBody(bodyBytesMax)).toString('utf8')
    // A signature covers the body only, so one without a body must not carry anything in the query string.
    if (body === '' && exchange.search !== '') return false
    const expected = expectedSignature(secret, signature.milliseconds, body)
    if (!expected || !timingSafeEqual(expected, signature.mac)) return false
    return signatures.claim(signature.mac, new Date(signature.milliseconds + SIGNATURE_AGE_MAX))
  }
}

function isFresh(milliseconds: number, now: Date): boolean {
  const age = now.getTime() - milliseconds
  return age <= SIGNATURE_AGE_MAX && age >= -SIGNATURE_SKEW_MAX
}

function expectedSignature(secret: string, milliseconds: number, body: string): Buffer | undefined {
  try {
    return signatureOf(secret, milliseconds, body)
  } catch {
    // A body that is not JSON has no canonical form, so nothing can have signed it.
    return undefined
  }
}
