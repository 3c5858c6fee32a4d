/**
 * Answers as JSON and back. What JSON has no word for is an object with one key that starts with `$`:
 * `{"$bigint": "1"}`, `{"$date": "2024-01-01T00:00:00.000Z"}`. An object of the answer's own whose only key
 * starts with `$` is wrapped as `{"$object": …}`, so that nothing is ever mistaken for something else.
 */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

export function encodeSnapshot(value: unknown): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError('a snapshot holds finite numbers only')
      return value
    case 'bigint':
      return { $bigint: value.toString() }
    case 'object':
      return value === null ? null : encodeObject(value)
    default:
      throw new TypeError(`a snapshot cannot hold a ${typeof value}`)
  }
}

function encodeObject(value: object): Json {
  if (Array.isArray(value)) return value.map(encodeSnapshot)
  if (value instanceof Date) return { $date: value.toISOString() }
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  const encoded = Object.fromEntries(entries.map(([key, inner]) => [key, encodeSnapshot(inner)]))
  return tagOf(encoded) === undefined ? encoded : { $object: encoded }
}

export function decodeSnapshot(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return json.map(decodeSnapshot)
  const object = json as Record<string, unknown>
  switch (tagOf(object)) {
    case undefined:
      return decodeEntries(object)
    case '$bigint':
      return BigInt(object.$bigint as string)
    case '$date':
      return new Date(object.$date as string)
    case '$object':
      return decodeEntries(object.$object as object)
    default:
      throw new TypeError('a snapshot has a tag that is not known')
  }
}

function decodeEntries(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, inner]) => [key, decodeSnapshot(inner)]))
}

/** The only key of the object, if it starts with `$`. */
function tagOf(object: object): string | undefined {
  const [key, second] = Object.keys(object)
  return second === undefined && key?.startsWith('$') ? key : undefined
}
