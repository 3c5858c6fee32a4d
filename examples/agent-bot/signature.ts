/**
 * Whether a webhook comes from the service. Two headers say so: one shows the token that both sides know, the other
 * is the HMAC-SHA256 of the very bytes of the body under that token, as lower-case hex.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export const TOKEN_HEADER = 'x-cashramp-token'
export const SIGNATURE_HEADER = 'x-cashramp-signature'

export interface Proof {
  readonly token: string | undefined
  readonly signature: string | undefined
}

/** `body` is what came over the wire, before anything parsed it. */
export function isGenuine({ token, signature }: Proof, body: Buffer, expectedToken: string): boolean {
  const expected = createHmac('sha256', expectedToken).update(body).digest('hex')
  // Both are compared, and in a time that does not tell how much of a guess was right.
  const hasToken = isSame(token ?? '', expectedToken)
  return isSame(signature ?? '', expected) && hasToken
}

function isSame(guess: string, expected: string): boolean {
  return timingSafeEqual(digest(guess), digest(expected))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
