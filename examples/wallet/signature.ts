/**
 * Whether a webhook comes from the service: `Rafiki-Signature: t=<Unix seconds>, v1=<hex>`, where the second part is
 * the HMAC-SHA256 of `<Unix seconds>.<canonical body>` under the secret that both sides know.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { canonicalJson } from '../../clients/typescript'

export const SIGNATURE_HEADER = 'rafiki-signature'
const HEADER = /^t=(\d{1,12}), ?v1=([0-9a-f]{64})$/

/** An older signature may be one that somebody recorded and plays again. Also the most that clocks may differ. */
export const SIGNATURE_AGE_MAX_SECONDS = 300

/** `body` is what `JSON.parse` made of the bytes. */
export function isSigned(header: string | undefined, body: unknown, secret: string, now: Date): boolean {
  const [, time, mac] = HEADER.exec(header ?? '') ?? []
  if (time === undefined || mac === undefined) return false
  if (Math.abs(now.getTime() / 1_000 - Number(time)) > SIGNATURE_AGE_MAX_SECONDS) return false
  const expected = createHmac('sha256', secret)
    .update(`${time}.${canonicalJson(body)}`)
    .digest()
  // Compared in a time that does not tell how much of a guess was right.
  return timingSafeEqual(expected, Buffer.from(mac, 'hex'))
}
