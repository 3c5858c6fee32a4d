import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'

/**
 * SHA-256 of arguments in canonical JSON (RFC 8785): the order of keys does not count, a whole number counts
 * the same however it was written, and a key that is absent differs from one that is null.
 */
export function hashArguments(input: object): Buffer {
  const text = canonicalize(plain(input))
  if (text === undefined) throw new TypeError('arguments have no JSON form')
  return createHash('sha256').update(text).digest()
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Date) return value.toISOString()
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}
