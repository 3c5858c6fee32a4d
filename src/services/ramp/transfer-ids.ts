/** Ids of what must not happen twice. */
import { hash } from 'node:crypto'

/**
 * A UUID of version 8 that the same parts always give and others never do: whoever does again what was done finds
 * its transfer there.
 */
export function derivedId(...parts: readonly string[]): string {
  const hex = hash('sha256', JSON.stringify(parts), 'hex')
  const variant = (8 | (parseInt(hex.charAt(16), 16) & 3)).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
