/**
 * The scalars of the Agent and the Merchant API. A decimal stays the text that the client wrote until the use
 * case that takes it knows how many digits it may have; it never passes through a binary fraction.
 */
import { GraphQLError, GraphQLScalarType, Kind, print, valueFromASTUntyped, visit, type ValueNode } from 'graphql'
import { JsonNumber } from '../../services/rates/exact-json'

/** Sign, digits and fraction. No exponent, no sign of its own for plus, no bare point. */
const PLAIN_DECIMAL = /^-?\d+(?:\.\d+)?$/
/** No amount or rate that any scale allows has more characters. */
const DECIMAL_LENGTH_MAX = 64

function decimalOf(digits: string): string {
  if (digits.length <= DECIMAL_LENGTH_MAX && PLAIN_DECIMAL.test(digits)) return digits
  throw new GraphQLError(`Decimal cannot represent ${shown(digits)}: it is not a plain decimal number`)
}

/** A number arrives as itself where it is its own digits, and with its digits where it is not. */
function parseDecimalValue(value: unknown): string {
  if (typeof value === 'string') return decimalOf(value)
  if (typeof value === 'number') return decimalOf(String(value))
  if (value instanceof JsonNumber) return decimalOf(value.text)
  throw new GraphQLError(`Decimal cannot represent ${shown(value)}: it is neither a number nor a string`)
}

export const Decimal = new GraphQLScalarType<string, string>({
  name: 'Decimal',
  description:
    'An exact decimal number. Sent as a number or as a string of decimal digits, without an exponent; answered as a string with at least one fractional digit, such as `"159.0"`.',
  parseValue: parseDecimalValue,
  parseLiteral: (node) => {
    if (node.kind === Kind.INT || node.kind === Kind.FLOAT || node.kind === Kind.STRING) return decimalOf(node.value)
    throw new GraphQLError(`Decimal cannot represent ${shown(print(node))}`, { nodes: node })
  },
  serialize: (value) => {
    if (typeof value === 'string' && PLAIN_DECIMAL.test(value)) return value
    throw new Error('a decimal leaves the service as the text that it was formatted to')
  }
})

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/

/** The text itself, if there is such a day. */
function parseDate(value: unknown): string {
  const [text, year, month, day] = (typeof value === 'string' ? DATE.exec(value) : null) ?? []
  if (text !== undefined && year !== '0000') {
    const date = new Date(`${text}T00:00:00.000Z`)
    if (date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day)) return text
  }
  throw new GraphQLError(`ISO8601Date cannot represent ${shown(value)}: it is not a day such as 2025-05-02`)
}

export const ISO8601Date = new GraphQLScalarType<string, string>({
  name: 'ISO8601Date',
  description: 'A day of the calendar in UTC, such as `2025-05-02`.',
  parseValue: parseDate,
  parseLiteral: (node) => parseDate(node.kind === Kind.STRING ? node.value : print(node)),
  serialize: parseDate
})

export const ISO8601DateTime = new GraphQLScalarType<Date, string>({
  name: 'ISO8601DateTime',
  description: 'A moment in UTC with milliseconds, such as `2025-05-02T12:43:40.914Z`. Only answered, never sent.',
  parseValue: () => {
    throw new GraphQLError('ISO8601DateTime is only answered')
  },
  serialize: (value) => {
    if (value instanceof Date) return value.toISOString()
    throw new Error('a moment leaves the service as a Date')
  }
})

/** Any value. A number that cannot be echoed as it was sent is refused rather than changed. */
function parseJsonValue(value: unknown): unknown {
  if (value instanceof JsonNumber) return exactNumber(value.text)
  if (Array.isArray(value)) return value.map(parseJsonValue)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, parseJsonValue(inner)]))
}

function exactNumber(digits: string): number {
  const number = Number(digits)
  if (Number.isFinite(number) && significant(digits) === significant(String(number))) return number
  throw new GraphQLError(`JSON cannot represent ${shown(digits)}: send a number of so many digits as a string`)
}

/** The digits and the power of ten that make a number, without zeros that do not. */
function significant(number: string): string {
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? []
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const trimmed = digits.replace(/0+$/, '')
  if (trimmed === '') return '0'
  return `${trimmed}e${Number(exponent) - fraction.length + digits.length - trimmed.length}`
}

function parseJsonLiteral(node: ValueNode, variables: Readonly<Record<string, unknown>> | null | undefined): unknown {
  visit(node, {
    IntValue: ({ value }) => void exactNumber(value),
    FloatValue: ({ value }) => void exactNumber(value)
  })
  return parseJsonValue(valueFromASTUntyped(node, variables))
}

export const JSON = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON value, echoed as it was sent.',
  parseValue: parseJsonValue,
  parseLiteral: parseJsonLiteral,
  serialize: (value) => value
})

const SHOWN_LENGTH_MAX = 40

function shown(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : typeof value === 'object' ? 'an object' : String(value)
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text
}
