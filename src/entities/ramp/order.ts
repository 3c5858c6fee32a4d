/** Words that orders share: what a quote promises, a request asks for and an assignment does. */

export const RAMP_DIRECTIONS = ['deposit', 'withdrawal'] as const
export type RampDirection = (typeof RAMP_DIRECTIONS)[number]

/** What an amount is stated in. */
export const RAMP_CURRENCIES = ['usd', 'local_currency'] as const
export type RampCurrency = (typeof RAMP_CURRENCIES)[number]

/** Where an order came from: the customer's page, the merchant itself, or crypto that arrived. */
export const RAMP_SOURCES = ['hosted', 'direct', 'onchain'] as const
export type RampSource = (typeof RAMP_SOURCES)[number]

/** A list for a check constraint. */
export function oneOf(column: string, values: readonly string[]): string {
  return `${column} IN (${values.map((value) => `'${value}'`).join(', ')})`
}

/** Column options of an amount in the smallest unit or of a rate: no more digits than the ledger takes. */
export const WHOLE = { precision: 20, scale: 0 } as const
