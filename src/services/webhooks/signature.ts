/** Proves to a receiver that a webhook comes from here and when it was sent. */
import { createHmac } from 'node:crypto'
import canonicalize from 'canonicalize'

export const SIGNATURE_HEADER = 'Rafiki-Signature'

export interface SignatureOptions {
  readonly secret: string
  /** Tells receivers which secret or scheme is in use, from 1. */
  readonly version: number
}

/**
 * The header's value for a JSON body: `t=<unix seconds>, v<version>=<hex>`, where `<hex>` is the HMAC-SHA256
 * of `<unix seconds>.<canonical body>`. Canonical as in RFC 8785, so that a receiver may recompute it from
 * the parsed body.
 */
export function signatureOf(body: string, sentAt: Date, { secret, version }: SignatureOptions): string {
  const canonical = canonicalize(JSON.parse(body))
  if (canonical === undefined) throw new TypeError('the body has no canonical form')
  const seconds = Math.round(sentAt.getTime() / 1_000)
  const digest = createHmac('sha256', secret).update(`${seconds}.${canonical}`).digest('hex')
  return `t=${seconds}, v${version}=${digest}`
}
