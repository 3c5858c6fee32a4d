/**
 * JSON in the one form that both sides of a signature agree on (RFC 8785): no blanks, members sorted by name.
 *
 * Takes what `JSON.parse` gives. Numbers and texts are already written by `JSON.stringify` as the RFC wants them, and
 * it compares names by UTF-16 code unit, as `sort` does.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  members.sort(([left], [right]) => (left < right ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`
}
