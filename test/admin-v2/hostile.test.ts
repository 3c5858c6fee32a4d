/**
 * Arguments that nobody would send.
 *
 * Goal: whatever a request's arguments are, it gets an answer that was made for it: no failure that nobody
 * expected, and a request that is refused before it runs stores nothing. Method: for every query and mutation
 * of the schema, arguments are made up from their types, out of values that break things elsewhere and the
 * ids of things that exist; the log and the tables are watched.
 */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import {
  getNamedType,
  getNullableType,
  graphql,
  GraphQLError,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema
} from 'graphql'
import { DataSource } from 'typeorm'
import { buildAdminV2Schema } from '../../src/resolvers/admin-v2/schema'
import { PeerConnections } from '../../src/services/peers/peer-connections'
import { createTestDatabase } from '../support/database'
import { createAsset, createPaymentPointer, createPeer, publicKey } from './fixtures'
import { TestApi } from './support'

/** Requests of each operation. */
const RUNS = process.env.HAZINA_TEST_LONG === '1' ? 2_000 : 50

let database: Awaited<ReturnType<typeof createTestDatabase>>
let api: TestApi
let schema: GraphQLSchema
/** Ids of things that exist. */
let ids: string[]

beforeAll(async () => {
  database = await createTestDatabase()
  api = await TestApi.open(database.url)
  schema = buildAdminV2Schema(api.container)
  // This process has no network: every peer is out of reach.
  const nobody = { test: () => Promise.resolve({ outcome: 'unreachable', durationMilliseconds: 0 } as const) }
  api.container.resolve(PeerConnections).plug(nobody)
  const { id: assetId } = await createAsset(api)
  const peer = await createPeer(api, assetId)
  const pointer = await createPaymentPointer(api, assetId)
  const jwk = publicKey('k')
  const input = { paymentPointerId: pointer.id, jwk }
  const key = await api.mutate(
    'createPaymentPointerKey',
    'CreatePaymentPointerKeyInput',
    input,
    'paymentPointerKey { id }'
  )
  ids = [assetId, peer.id, pointer.id, key.paymentPointerKey.id]
})

afterAll(async () => {
  await api.close()
  await database.drop()
})

const TEXTS = [
  '',
  ' ',
  'nope',
  '\0',
  'a\0b',
  '\ud800',
  '\udfff x',
  '😀',
  'x'.repeat(255),
  'x'.repeat(256),
  'x'.repeat(5_000),
  "'; DROP TABLE asset; --"
]
  .concat([
    '%',
    '_',
    '\\',
    '{}',
    '{a,b}',
    '"',
    '$1',
    'NULL',
    '__proto__',
    'constructor',
    '$bigint',
    '0',
    '-1',
    '1e999',
    'Infinity'
  ])
  .concat([
    'https://a.test/x',
    'https://a.test/\u0000',
    'https://[::1]/x',
    'http://peer.test',
    'test.peer',
    'g.',
    '2024-01-01T00:00:00Z',
    '-infinity'
  ])
  .concat([
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '6ba7b810-9dad-11d1-80b4-00c04fd430c8'
  ])
const NUMBERS = [0, 1, -1, 2, 100, 101, 255, 256, 10_000, 10_001, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53, 1.5, 1e300]
const AMOUNTS = [
  ...NUMBERS,
  '0',
  '1',
  '',
  '0x10',
  '9223372036854775807',
  '9223372036854775808',
  '18446744073709551615',
  '18446744073709551616',
  '-1'
]

function arbitraryOf(type: GraphQLInputType): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return valueOf(getNullableType(type) as GraphQLInputType)
  return fc.oneof({ weight: 3, arbitrary: valueOf(type) }, { weight: 1, arbitrary: fc.constantFrom(null, undefined) })
}

function valueOf(type: GraphQLInputType): fc.Arbitrary<unknown> {
  if (isListType(type)) return fc.array(arbitraryOf(type.ofType), { maxLength: 3 })
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name))
  if (isInputObjectType(type)) {
    return fc.record(
      Object.fromEntries(Object.values(type.getFields()).map((field) => [field.name, arbitraryOf(field.type)]))
    )
  }
  switch (getNamedType(type).name) {
    case 'Int':
    case 'UInt8':
      return fc.constantFrom(...NUMBERS)
    case 'UInt64':
      return fc.constantFrom(...AMOUNTS)
    case 'Boolean':
      return fc.boolean()
    case 'JSONObject':
      return fc.dictionary(fc.constantFrom(...TEXTS), fc.oneof(fc.jsonValue(), fc.constantFrom(...TEXTS)))
    default:
      return fc.oneof(
        fc.constantFrom(...TEXTS),
        fc.nat(1_000).map((n) => ids[n % ids.length]),
        fc.nat().map(() => randomUUID())
      )
  }
}

/** A document that passes every argument as a variable and selects the leaves of the answer. */
function documentOf(operation: 'query' | 'mutation', field: GraphQLField<unknown, unknown>): string {
  const variables = field.args.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ')
  const args = field.args.map(({ name }) => `${name}: $${name}`).join(', ')
  return `${operation}${variables && ` (${variables})`} { ${field.name}${args && `(${args})`} ${selectionOf(field.type, 3)} }`
}

function selectionOf(type: GraphQLField<unknown, unknown>['type'], depth: number): string {
  const named = getNamedType(type)
  if (isLeafType(named) || !('getFields' in named)) return ''
  const fields = Object.values(named.getFields() as Record<string, GraphQLField<unknown, unknown>>)
  const chosen = fields.filter(
    (field) => isLeafType(getNamedType(field.type)) || (depth > 1 && field.args.length === 0)
  )
  return `{ __typename ${chosen.map((field) => `${field.name} ${selectionOf(field.type, depth - 1)}`).join(' ')} }`
}

async function rows(): Promise<string> {
  const { manager } = api.container.resolve(DataSource)
  const tables = await manager.query<{ name: string }[]>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`
  )
  const counts = tables.map(({ name }) => `SELECT '${name}' AS name, count(*)::int AS n FROM "${name}"`)
  return JSON.stringify(await manager.query(counts.join(' UNION ALL ')))
}

/** What the tables hold, until a request may have changed it. */
let stored: string | undefined

async function isAnsweredWell(source: string, variableValues: Record<string, unknown>): Promise<void> {
  const before = (stored ??= await rows())
  api.lines.length = 0
  const result = await graphql({ schema, source, variableValues, contextValue: api.context() })
  expect(() => JSON.stringify(result)).not.toThrow()
  expect(api.lines).toEqual([])
  for (const error of result.errors ?? []) {
    // Errors of the executor itself have no original; those of resolvers were made for the client.
    const { originalError } = error
    expect(
      originalError === undefined || originalError instanceof GraphQLError ? undefined : originalError
    ).toBeUndefined()
  }
  if (result.data === undefined) expect(await rows()).toBe(before)
  else stored = undefined
}

const { query, mutation } = (() => {
  const built = buildAdminV2Schema({ resolve: () => ({}) } as never)
  return { query: built.getQueryType()?.getFields() ?? {}, mutation: built.getMutationType()?.getFields() ?? {} }
})()

describe.each([
  ['query', query],
  ['mutation', mutation]
] as const)('every %s', (operation, fields) => {
  it.each(Object.values(fields).map((field) => [field.name, field] as const))('%s', async (_, field) => {
    const source = documentOf(operation, field)
    const variables = fc.record(Object.fromEntries(field.args.map(({ name, type }) => [name, arbitraryOf(type)])))
    await fc.assert(
      fc.asyncProperty(variables, (values) => isAnsweredWell(source, values)),
      { numRuns: RUNS }
    )
  })
})
