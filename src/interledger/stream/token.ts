/** What the last part of an address says to who knows the STREAM secret. */
import { createDecipheriv, createHmac } from 'node:crypto'

const IV_BYTES = 12
const TAG_BYTES = 16
const RECEIPTS_FLAG = 2
/** A token with receipts holds their nonce and secret: the shortest one is longer than this, in base64url. */
const RECEIPT_TOKEN_CHARACTERS_MIN = 100

/** Key of tokens, from a STREAM secret. */
export function tokenKeyOf(streamSecret: Buffer): Buffer {
  return createHmac('sha256', streamSecret).update('ilp_stream_connection_token').digest()
}

/** Whether receipts were agreed on; false for what is no token of this key. */
export function hasReceipts(token: string, key: Buffer): boolean {
  if (token.length < RECEIPT_TOKEN_CHARACTERS_MIN) return false
  try {
    const bytes = Buffer.from(token, 'base64url')
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
    const plaintext = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()])
    return ((plaintext[0] ?? 0) & RECEIPTS_FLAG) !== 0
  } catch {
    return false
  }
}
