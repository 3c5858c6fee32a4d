/**
 * Pages and numbers (cases 55 to 57).
 *
 * Goal: every connection of this API pages alike, and amounts keep every digit. Method: fifty rows of each kind
 * are written straight into the tables, a microsecond apart, and read through the schema.
 */
import { randomUUID } from 'node:crypto'
import { UInt64 } from '../../src/resolvers/shared/scalars'
import { ANSWER, TestApi, type Fields } from '../admin-v2/support'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { createAsset, createPointer, newUnit, rowsOf, v1Of } from './support'

const COUNT = 50
const PAGE = 'edges { cursor node { id } } pageInfo { startCursor endCursor hasNextPage hasPreviousPage }'
const LISTS = ['assets', 'peers', 'incomingPayments', 'quotes', 'outgoingPayments'] as const
type List = (typeof LISTS)[number]

const TABLES: Readonly<Record<List, string>> = {
  assets: 'asset',
  peers: 'peer',
  incomingPayments: 'incoming_payment',
  quotes: 'quote',
  outgoingPayments: 'outgoing_payment'
}

const ROWS = `generate_series(1, ${COUNT}) AS n`
const PLACE = `gen_random_uuid(), timestamptz '2020-01-01' + n * interval '1 microsecond'`

/** Everything of one payment pointer and its asset, $1 and $2. */
const WRITES = [
  `INSERT INTO peer (id, created_at, asset_id, static_ilp_address, outgoing_auth_token, outgoing_endpoint,
      liquidity_account_id)
    SELECT ${PLACE}, asset_id, 'test.page' || n, 't', 'http://peer.test', 0
    FROM ${ROWS}, payment_pointer WHERE id = $1`,
  `INSERT INTO incoming_payment (id, created_at, payment_pointer_id, asset_id, state, received_amount, connection_id,
      expires_at, process_at, updated_at)
    SELECT ${PLACE}, id, asset_id, 'PENDING', 0, gen_random_uuid(), '2999-01-01', '2999-01-01', now()
    FROM ${ROWS}, payment_pointer WHERE id = $1`,
  `INSERT INTO quote (id, created_at, payment_pointer_id, receiver, send_asset_id, send_asset_code, send_asset_scale,
      receive_asset_code, receive_asset_scale, send_amount, principal, receive_amount, rate_numerator,
      rate_denominator, expires_at)
    SELECT ${PLACE}, id, 'https://a.test/b', asset_id, 'A', 2, 'A', 2, 1, 1, 1, 1, 1, '2999-01-01'
    FROM ${ROWS}, payment_pointer WHERE id = $1`,
  // A payment has the id of its quote.
  `INSERT INTO outgoing_payment (id, created_at, payment_pointer_id, state, state_attempts, sent_amount, updated_at)
    SELECT id, created_at, payment_pointer_id, 'FUNDING', 0, 0, now() FROM quote WHERE payment_pointer_id = $1`
]

/** The assets of the payment pointers that the tests make are newer than these. */
const WRITE_ASSETS = `INSERT INTO asset (id, created_at, code, scale, ledger, settlement_account_id, liquidity_account_id)
  SELECT ${PLACE}, 'page' || n, 2, 10000 + n, 0, 0 FROM ${ROWS}`

let database: TestDatabase
let v2: TestApi
let v1: TestApi
let pointer: string
let empty: string
let assetCount: number

beforeAll(async () => {
  database = await createTestDatabase()
  v2 = await TestApi.open(database.url)
  v1 = v1Of(v2)
  pointer = (await createPointer(v1)).id
  empty = (await createPointer(v1)).id
  for (const text of WRITES) await rowsOf(v2, text, [pointer])
  await rowsOf(v2, WRITE_ASSETS)
  assetCount = COUNT + 2
})

afterAll(async () => {
  await v2.close()
  await database.drop()
})

interface Page {
  readonly ids: string[]
  readonly cursors: string[]
  readonly pageInfo: Fields['pageInfo']
}

async function run(list: List, of: string, args: string): Promise<{ page?: Page; errors: string[] }> {
  const field = `${list}${args && `(${args})`} { ${PAGE} }`
  const isRoot = list === 'assets' || list === 'peers'
  const { data, errors } = await v1.run(isRoot ? `{ ${field} }` : `{ paymentPointer(id: "${of}") { ${field} } }`)
  const connection = (isRoot ? data?.[list] : data?.paymentPointer?.[list]) as Fields | null | undefined
  const page = connection && {
    ids: connection.edges.map(({ node }) => node.id),
    cursors: connection.edges.map(({ cursor }) => cursor),
    pageInfo: connection.pageInfo
  }
  return { page: page ?? undefined, errors: errors.map(({ message }) => message) }
}

async function read(list: List, args = '', of = pointer): Promise<Page> {
  const { page, errors } = await run(list, of, args)
  expect(errors).toEqual([])
  return page!
}

async function idsOf(list: List): Promise<string[]> {
  const rows = await rowsOf(v2, `SELECT id FROM ${TABLES[list]} ORDER BY created_at, id`)
  return rows.map(({ id }) => id as string)
}

describe.each(LISTS)('%s', (list) => {
  let ids: string[]
  beforeAll(async () => {
    ids = await idsOf(list)
    expect(ids).toHaveLength(list === 'assets' ? assetCount : COUNT)
  })

  it('case 55: come twenty at a time, or as many as are asked for', async () => {
    expect(await read(list)).toEqual({
      ids: ids.slice(0, 20),
      cursors: ids.slice(0, 20),
      pageInfo: { startCursor: ids[0], endCursor: ids[19], hasNextPage: true, hasPreviousPage: false }
    })
    expect((await read(list, 'first: 10')).ids).toEqual(ids.slice(0, 10))
    expect((await read(list, 'first: 0')).ids).toEqual(ids.slice(0, 20))
    expect((await read(list, 'first: 100')).ids).toEqual(ids)
  })

  it('case 56: go on after a cursor, and back before one', async () => {
    expect(await read(list, `after: "${ids[19]}"`)).toMatchObject({
      ids: ids.slice(20, 40),
      pageInfo: { startCursor: ids[20], endCursor: ids[39], hasNextPage: true, hasPreviousPage: true }
    })
    const last = ids.length - 5
    expect(await read(list, `after: "${ids[last - 1]}", first: 10`)).toMatchObject({
      ids: ids.slice(last),
      pageInfo: { hasNextPage: false, hasPreviousPage: true }
    })
    const before = await read(list, `before: "${ids[30]}", last: 10`)
    expect(before.ids).toEqual(ids.slice(20, 30))
    expect((await read(list, `after: "${ids[0]}", before: "${ids[30]}", first: 1`)).ids).toEqual([ids[1]])
  })

  it('case 56: say that there is nothing', async () => {
    const nothing = { startCursor: null, endCursor: null, hasNextPage: false, hasPreviousPage: false }
    const past = await read(list, `after: "${randomUUID()}"`)
    expect(past).toEqual({ ids: [], cursors: [], pageInfo: nothing })
    if (list === 'assets' || list === 'peers') return
    expect(await read(list, '', empty)).toEqual({ ids: [], cursors: [], pageInfo: nothing })
  })

  it.each([
    ['last: 5', `Can't paginate backwards from the start.`],
    ['first: -1', 'Pagination index error'],
    ['first: 101', 'Pagination index error']
  ])('answer an error to %s', async (args, message) => {
    expect(await run(list, pointer, args)).toEqual({ page: undefined, errors: [message] })
  })
})

describe('case 57: an amount', () => {
  const set = (value: unknown, of: string): Promise<{ data: Fields; errors: readonly { message: string }[] }> =>
    v1.run(
      `mutation ($id: String!, $value: UInt64) {
        updateAssetWithdrawalThreshold(input: { id: $id, withdrawalThreshold: $value }) { ${ANSWER} asset { withdrawalThreshold } } }`,
      { id: of, value }
    )

  it.each([
    [2 ** 31 + 1, '2147483649'],
    [2 ** 53 - 1, '9007199254740991'],
    ['18446744073709551615', '18446744073709551615'],
    [9_007_199_254_740_993n, '9007199254740993'],
    ['0', '0']
  ])('keeps every digit of %s', async (value, digits) => {
    const { id } = await createAsset(v1)
    const { data } = await set(value, id)
    expect(data.updateAssetWithdrawalThreshold).toMatchObject({ code: '200', asset: { withdrawalThreshold: digits } })
  })

  it.each([
    [-1, 'Input must be unsigned'],
    ['-1', 'Input must be unsigned'],
    [1.5, 'is not an integer'],
    ['1.5', 'is not an integer'],
    ['18446744073709551616', 'more than'],
    [true, 'is not an integer']
  ])('is refused as %s', async (value, text) => {
    const { id } = await createAsset(v1, { withdrawalThreshold: '7' })
    const { errors } = await set(value, id)
    expect(errors).toHaveLength(1)
    expect(errors[0]!.message).toContain(text)
    const { data } = await v1.run(`{ asset(id: "${id}") { withdrawalThreshold } }`)
    expect(data.asset).toEqual({ withdrawalThreshold: '7' })
  })

  it('is not answered as a fraction', () => {
    expect(() => UInt64.serialize(1.5)).toThrow('is not an integer')
  })

  it('is refused as an inline literal that is no number', async () => {
    for (const literal of ['-1', '1.5', 'true', 'WORD', '{}']) {
      const { code } = newUnit()
      const { errors } = await v1.run(
        `mutation { createAsset(input: { code: "${code}", scale: 2, withdrawalThreshold: ${literal} }) { code } }`
      )
      expect(errors).toHaveLength(1)
      expect(await rowsOf(v2, 'SELECT 1 FROM asset WHERE code = $1', [code])).toEqual([])
    }
  })
})
