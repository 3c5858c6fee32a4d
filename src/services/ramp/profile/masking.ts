/** A digit with at least four more behind it in the same number, which spaces and hyphens may group. */
const MASKED_DIGIT = /\d(?=(?:[ -]?\d){4})/g

/** The text with all but the last four digits of each number masked. */
export function maskDigits(text: string): string {
  return text.replace(MASKED_DIGIT, '*')
}
