/** Ids of what must not happen twice. */
import { createHash } from 'node:crypto'

/**
 * A UUID of version 8 that the same parts always give and others never do: whoever does again what was done finds
 * its transfer there.
 */
export function derivedId(...parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest()
  digest[6] = 0x80 | (digest[6]! & 0x0f)
  digest[8] = 0x80 | (digest[8]! & 0x3f)
  const hex = digest.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
