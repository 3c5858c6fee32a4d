/** What a payment method says about itself, held against what its rail asks for. */
import { createHash } from 'node:crypto'
import type { RampRail } from '../../../entities'
import type { MethodField } from '../../../entities/ramp/payment-method'
import { done, refused, type Answer } from '../../answer'
import { isStorable } from '../../text'

export interface MethodDescription {
  /** In the order of the rail, without blanks. */
  readonly fields: MethodField[]
  /** SHA-256: the same fields on the same rail are the same account. */
  readonly fingerprint: Buffer
  /** For people: whose it is, and its number. */
  readonly value: string
}

/** Which fields, where a rail has them, say whose an account is and which. */
const NAMES = ['name', 'account_name']
const NUMBERS = ['phone_number', 'account_number']

export function describeMethod(
  rail: RampRail,
  given: readonly MethodField[]
): Answer<MethodDescription, 'INVALID_PAYMENT_METHOD' | 'MISSING_FIELD'> {
  const values = new Map(given.map(({ identifier, value }) => [identifier, value.trim()]))
  const known = new Set(rail.fields.map(({ identifier }) => identifier))
  const isClear = values.size === given.length && [...values.keys()].every((identifier) => known.has(identifier))
  if (!isClear || ![...values.values()].every((value) => isStorable(value))) return refused('INVALID_PAYMENT_METHOD')
  const isMissing = rail.fields.some(({ identifier, required }) => required && !values.get(identifier))
  if (isMissing) return refused('MISSING_FIELD')
  const fields = rail.fields.flatMap(({ identifier }) => {
    const value = values.get(identifier)
    return value ? [{ identifier, value }] : []
  })
  const pairs = fields.map(({ identifier, value }) => [identifier, value])
  const fingerprint = createHash('sha256').update(JSON.stringify(pairs)).digest()
  return done({ fields, fingerprint, value: labelOf(fields) })
}

function labelOf(fields: readonly MethodField[]): string {
  const first = (identifiers: readonly string[]): string | undefined =>
    fields.find(({ identifier }) => identifiers.includes(identifier))?.value
  const parts = [first(NAMES), first(NUMBERS)].filter((part) => part !== undefined)
  return (parts.length > 0 ? parts : fields.map(({ value }) => value)).join(' - ')
}
