/** Longest ILP address, in characters. */
export const ILP_ADDRESS_LENGTH_MAX = 1_023

const ILP_ADDRESS = /^(g|private|example|peer|self|test[1-3]?|local)(\.[A-Za-z0-9_~-]+)+$/

export function isIlpAddress(text: string): boolean {
  return text.length <= ILP_ADDRESS_LENGTH_MAX && ILP_ADDRESS.test(text)
}
