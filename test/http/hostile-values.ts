/** Values for arguments: mostly of the right type, at its edges, now and then anything. */
import fc from 'fast-check'
import { isEnumType, isInputObjectType, isListType, isNonNullType, type GraphQLInputType } from 'graphql'

const UUIDS = [
  '00000000-0000-0000-0000-000000000000',
  '3f2b0c1e-8d57-4c55-9a40-6d6b5e0a7d11',
  'ffffffff-ffff-ffff-ffff-ffffffffffff'
]

/** Texts that somewhere, some day, broke something. */
const TEXTS = [
  '',
  ' ',
  'USD',
  'null',
  '0',
  '-1',
  '1e309',
  'NaN',
  '../../etc/passwd',
  "'; DROP TABLE asset; --",
  '%s%n',
  '${7*7}',
  '\u202e\u0000'.slice(0, 1),
  '\ufeff',
  '😀'.repeat(40),
  'x'.repeat(5_000),
  'http://127.0.0.1:1/x',
  'https://wallet.example/alice',
  '2026-01-01T00:00:00.000Z',
  'not a date',
  '9'.repeat(400),
  '0x1F',
  '__proto__',
  'constructor',
  '\\',
  '"',
  '\n\r\t',
  ...UUIDS
]

const NUMBERS = [
  0, 1, -1, 2, 20, 100, 101, 255, 256, 2_147_483_647, 2_147_483_648, -2_147_483_649, 1.5, 1e21, 9_007_199_254_740_991
]

const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...TEXTS, ...NUMBERS, null, true, false, [], {}, [[]], { a: { b: [null] } }, [
    'USD',
    1,
    null
  ]),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => Buffer.from(text).toString().replaceAll('\0', '')),
  fc.integer(),
  fc.bigInt({ min: 0n, max: 2n ** 64n }).map(String),
  fc.jsonValue({ maxDepth: 3 })
)

/** Mostly a value of the type, at its edges; now and then anything. */
export function valueOf(type: GraphQLInputType, depth: number): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: fitting(type, depth) }, { weight: 1, arbitrary: anything })
}

function fitting(type: GraphQLInputType, depth: number): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return valueOf(type.ofType as GraphQLInputType, depth)
  if (isListType(type)) return fc.array(valueOf(type.ofType as GraphQLInputType, depth - 1), { maxLength: 3 })
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name))
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields())
    const required = fields.filter(({ type: fieldType }) => isNonNullType(fieldType)).map(({ name }) => name)
    const record = Object.fromEntries(
      fields.map((field) => [field.name, depth > 0 ? valueOf(field.type, depth - 1) : fc.constant(null)])
    )
    return fc.record(record, { requiredKeys: required })
  }
  const scalars: Record<string, fc.Arbitrary<unknown>> = {
    Int: fc.constantFrom<unknown>(...NUMBERS),
    Float: fc.oneof(fc.constantFrom<unknown>(...NUMBERS), fc.double({ noNaN: true, noDefaultInfinity: true })),
    Boolean: fc.boolean(),
    ID: fc.oneof(fc.uuid({ version: 4 }), fc.constantFrom<unknown>(...TEXTS)),
    String: fc.oneof(fc.uuid({ version: 4 }), fc.constantFrom<unknown>(...TEXTS), fc.string({ maxLength: 30 })),
    Decimal: fc.constantFrom<unknown>(0, 20, 20.5, '20', '0.01', '2.0000001', '-1', '9'.repeat(40)),
    ISO8601Date: fc.constantFrom<unknown>('2025-05-02', '2024-02-29', '0001-01-01'),
    JSON: fc.oneof(fc.dictionary(fc.string({ maxLength: 10 }), fc.jsonValue()), fc.constant({})),
    UInt8: fc.constantFrom<unknown>(0, 2, 9, 255, '255', ''),
    UInt64: fc.constantFrom<unknown>(
      0,
      1,
      '0',
      '1',
      '100',
      '18446744073709551615',
      '9223372036854775808',
      '18446744073709551616',
      '',
      '0x10'
    )
  }
  return scalars[type.toString()] ?? anything
}
