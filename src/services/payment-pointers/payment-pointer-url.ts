import { isStorable, LONG_TEXT_LENGTH_MAX } from '../text'

/** Names of the resources below a payment pointer, which no pointer may have in its own path. */
const RESERVED_SEGMENTS = new Set(['incoming-payments', 'outgoing-payments', 'quotes'])

/** First segments of what is served below no payment pointer. */
const OWN_SEGMENTS = new Set(['connections', 'keys'])

/** Paths at which the service tells how it is. */
const HEALTH_PATHS = new Set(['/healthz', '/readyz'])

/**
 * The normal form of a payment pointer's URL: host in lower case, no default port, no slash at the end.
 * Undefined for what cannot be one: not https, no path, a reserved segment, or parts that a look-up by host
 * and path could never tell apart (query, fragment, user).
 */
export function parsePaymentPointerUrl(text: string): string | undefined {
  if (!isStorable(text, LONG_TEXT_LENGTH_MAX) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.protocol !== 'https:' || url.hostname === '' || url.username !== '' || url.password !== '') return undefined
  if (url.href.includes('?') || url.href.includes('#')) return undefined
  const path = url.pathname.replace(/\/+$/, '')
  if (path === '' || path.split('/').some(isReserved)) return undefined
  const normal = `https://${url.host}${path}`
  return normal.length <= LONG_TEXT_LENGTH_MAX ? normal : undefined
}

/**
 * Whether something else is served where the payment pointer of a normal URL would be, or what is below it. This
 * is about the servers of this service: those of others may have payment pointers there.
 */
export function isShadowed(url: string): boolean {
  const path = decoded(new URL(url).pathname)
  const segments = path.split('/')
  return OWN_SEGMENTS.has(segments[1] ?? '') || HEALTH_PATHS.has(path) || segments.at(-1) === 'jwks.json'
}

function isReserved(segment: string): boolean {
  return RESERVED_SEGMENTS.has(decoded(segment))
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
