import { GraphQLError, GraphQLScalarType, Kind, print, type ValueNode } from 'graphql'
import { GraphQLJSONObject } from 'graphql-scalars'

export const UINT64_MAX = 2n ** 64n - 1n
const UINT8_MAX = 255

/** Decimal or hexadecimal digits; the empty text counts as zero. */
const WHOLE_NUMBER = /^(?:\d*|0[xX][0-9a-fA-F]+)$/
const DECIMAL_NUMBER = /^\d*$/
/** No number of the scalars here has more characters, leading zeros aside. */
const NUMBER_LENGTH_MAX = 64

/** An amount as a caller sends it: whole, not negative, at most 2^64 − 1. @throws GraphQLError */
function parseUInt64(value: unknown): bigint {
  const parsed = unsignedOf(value)
  if (parsed > UINT64_MAX) throw new GraphQLError(`UInt64 cannot represent ${shown(value)}: more than ${UINT64_MAX}`)
  return parsed
}

/** An amount as it is answered: amounts that were added up may be more than any of them can be. */
function unsignedOf(value: unknown): bigint {
  const parsed = wholeNumberOf(value)
  if (parsed === undefined) throw new GraphQLError(`UInt64 cannot represent ${shown(value)}: it is not an integer`)
  if (parsed < 0n) throw new GraphQLError(`UInt64 cannot represent ${shown(value)}: Input must be unsigned`)
  return parsed
}

function wholeNumberOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value
  // A number that is not safe may have lost digits on its way here: it is refused rather than guessed.
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined
  if (typeof value !== 'string' || value.length > NUMBER_LENGTH_MAX) return undefined
  if (/^-\d+$/.test(value)) return BigInt(value)
  return WHOLE_NUMBER.test(value) ? BigInt(value) : undefined
}

function parseUInt8(value: unknown): number {
  const isText = typeof value === 'string' && value.length <= NUMBER_LENGTH_MAX && DECIMAL_NUMBER.test(value)
  const parsed = isText ? Number(value) : value
  if (typeof parsed !== 'number' || !Number.isInteger(parsed) || parsed < 0 || parsed > UINT8_MAX) {
    throw new GraphQLError(`UInt8 cannot represent ${shown(value)}: not a whole number in 0 … ${UINT8_MAX}`)
  }
  return parsed
}

/** Literals of both kinds that a number may be written as; anything else is refused. */
function literalOf(node: ValueNode, type: string): string {
  if (node.kind === Kind.INT || node.kind === Kind.STRING) return node.value
  throw new GraphQLError(`${type} cannot represent ${shown(print(node))}`, { nodes: node })
}

const SHOWN_LENGTH_MAX = 40

function shown(value: unknown): string {
  const text =
    typeof value === 'string' ? JSON.stringify(value) : typeof value === 'object' ? 'an object' : String(value)
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text
}

export const UInt64 = new GraphQLScalarType<bigint, string>({
  name: 'UInt64',
  description:
    'A whole number from 0 to 18446744073709551615. Sent as a number or as a string, decimal or with the prefix 0x; always answered as a string of decimal digits. A balance, which many amounts add up to, may be answered larger.',
  parseValue: parseUInt64,
  parseLiteral: (node) => parseUInt64(literalOf(node, 'UInt64')),
  serialize: (value) => unsignedOf(value).toString()
})

export const UInt128 = new GraphQLScalarType<bigint, string>({
  name: 'UInt128',
  description:
    'A whole number from 0 to 340282366920938463463374607431768211455, answered as a string of decimal digits.',
  serialize: String
})

export const UInt8 = new GraphQLScalarType<number, number>({
  name: 'UInt8',
  description: 'A whole number from 0 to 255. Sent as a number or as a string of decimal digits.',
  parseValue: parseUInt8,
  parseLiteral: (node) => parseUInt8(literalOf(node, 'UInt8')),
  serialize: parseUInt8
})

export const JSONObject = new GraphQLScalarType({
  ...GraphQLJSONObject.toConfig(),
  name: 'JSONObject',
  description: 'Any JSON object. Lists and single values are refused.'
})
