/**
 * JSON whose numbers stay text. `JSON.parse` would turn 1.16 into the nearest binary fraction, which is not
 * 1.16, and there would be no way back.
 */

/** A number of a JSON text, with the digits that it was written with. */
export class JsonNumber {
  constructor(readonly text: string) {}
}

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** Like `JSON.parse`, but each number is what `numberOf` makes of its digits. @throws SyntaxError */
export function parseExactJson(
  text: string,
  numberOf: (digits: string) => unknown = (digits) => new JsonNumber(digits)
): unknown {
  JSON.parse(text)
  // Strings get a mark as well as numbers, so that no string can pass for a number.
  const marked = text.replace(STRING_OR_NUMBER, (token) =>
    token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`
  )
  return unmark(JSON.parse(marked), numberOf)
}

function unmark(value: unknown, numberOf: (digits: string) => unknown): unknown {
  if (typeof value === 'string') return value.startsWith('n') ? numberOf(value.slice(1)) : value.slice(1)
  if (Array.isArray(value)) return value.map((inner) => unmark(inner, numberOf))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.slice(1), unmark(inner, numberOf)]))
}
