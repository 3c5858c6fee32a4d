import { createHash } from 'node:crypto'

/**
 * SHA-256 of arguments in canonical JSON (RFC 8785): the order of keys does not count, a whole number counts
 * the same however it was written, and a key that is absent differs from one that is null.
 */
export function hashArguments(input: object): Buffer {
  return createHash('sha256').update(canonical(input)).digest()
}

/** Keys in the order of their UTF-16 code units, no white space; a bigint as its digits in a string. */
function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `"${value}"`
  if (value === undefined || value === null) return 'null'
  if (typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (value instanceof Date) return JSON.stringify(value.toISOString())
  const entries = value as Readonly<Record<string, unknown>>
  const names = Object.keys(entries).filter((name) => entries[name] !== undefined)
  return `{${names
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(entries[name])}`)
    .join()}}`
}
