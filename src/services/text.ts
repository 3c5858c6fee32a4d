/** Longest name, code or token, in UTF-16 code units. */
export const TEXT_LENGTH_MAX = 255
/** Longest URL, and longest credential that goes out with a request. */
export const LONG_TEXT_LENGTH_MAX = 2_048

/** Whether something that others sent is a text that says something and can be stored. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && isStorable(value, LONG_TEXT_LENGTH_MAX)
}

const UNSTORABLE = /\0|\p{Surrogate}/u

/** Whether a text column takes it: not too long, no NUL character, no half of a surrogate pair. */
export function isStorable(text: string, lengthMax = TEXT_LENGTH_MAX): boolean {
  return text.length <= lengthMax && !UNSTORABLE.test(text)
}
