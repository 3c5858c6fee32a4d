/**
 * Pages of assets, peers and payment pointers (cases 58 to 65).
 *
 * Goal: every rule of the page arguments on every connection, and that a walk through the pages meets each
 * row that was there before it began exactly once, in both directions, while rows are inserted and removed.
 * Method: rows are written straight into the tables, with timestamps a microsecond apart and equal ones, and
 * read through the schema.
 */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { createTestDatabase } from '../support/database'
import { createAsset, createPaymentPointer, createPeer } from './fixtures'
import { TestApi, type Fields, type Reply } from './support'

const COUNT = 50
const PAGE = 'edges { cursor node { id } } pageInfo { startCursor endCursor hasNextPage hasPreviousPage }'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let api: TestApi

beforeAll(async () => {
  database = await createTestDatabase()
  api = await TestApi.open(database.url)
})

afterAll(async () => {
  await api.close()
  await database.drop()
})

interface Kind {
  readonly connection: string
  readonly table: string
  /** Columns and values of a row, apart from id and created_at; `n` is a whole number. */
  readonly row: (assetId: string) => string
}

const ASSETS: Kind = {
  connection: 'assets',
  table: 'asset (id, created_at, code, scale, ledger, settlement_account_id, liquidity_account_id)',
  row: () => `'page' || n, 2, n, 0, 0`
}
const PEERS: Kind = {
  connection: 'peers',
  table:
    'peer (id, created_at, asset_id, static_ilp_address, outgoing_auth_token, outgoing_endpoint, liquidity_account_id)',
  row: (assetId) => `'${assetId}', 'test.page' || n, '', '', 0`
}
const POINTERS: Kind = {
  connection: 'paymentPointers',
  table: 'payment_pointer (id, created_at, asset_id, url)',
  row: (assetId) => `'${assetId}', 'https://page.test/' || n`
}

type Row = { readonly id: string }

let next = 1_000

/** Writes rows that are `stepMicroseconds` apart, in the order of their ids where that is 0; returns the ids in page order. */
async function insert(
  kind: Kind,
  count: number,
  assetId: string,
  stepMicroseconds = 1,
  before = ''
): Promise<string[]> {
  const rows = await api.container.resolve(DataSource).query<Row[]>(
    `INSERT INTO ${kind.table}
      SELECT gen_random_uuid(), timestamptz '2020-01-01' ${before} + n * $3 * interval '1 microsecond', ${kind.row(assetId)}
      FROM generate_series($1::int, $2::int) AS n RETURNING id, created_at::text AS at`,
    [next, next + count - 1, stepMicroseconds]
  )
  next += count
  return stepMicroseconds === 0 ? rows.map(({ id }) => id).sort() : rows.map(({ id }) => id)
}

async function empty(kind: Kind): Promise<void> {
  const [table] = kind.table.split(' ')
  await api.container.resolve(DataSource).query(`TRUNCATE ${table} CASCADE`)
}

async function page(kind: Kind, args = '', fields = PAGE): Promise<Fields> {
  const { data, errors } = await api.run(`{ ${kind.connection}${args && `(${args})`} { ${fields} } }`)
  expect(errors).toEqual([])
  return data[kind.connection] as Fields
}

function refused(kind: Kind, args: string): Promise<Reply> {
  return api.run(`{ ${kind.connection}(${args}) { ${PAGE} } }`)
}

function ids({ edges }: Fields): string[] {
  return edges.map(({ node }) => node.id)
}

describe.each([ASSETS, PEERS, POINTERS])('$connection', (kind) => {
  let all: string[]
  let assetId: string

  beforeAll(async () => {
    await empty(ASSETS)
    assetId = kind === ASSETS ? '' : (await createAsset(api)).id
    all = await insert(kind, COUNT, assetId)
  })

  function slice(from: number, to: number): string[] {
    return all.slice(from - 1, to)
  }

  it('case 59: has an empty page where there is nothing', async () => {
    await empty(kind)
    const pageInfo = { startCursor: null, endCursor: null, hasNextPage: false, hasPreviousPage: false }
    expect(await page(kind)).toEqual({ edges: [], pageInfo })
    if (kind !== ASSETS) assetId = (await createAsset(api)).id
    all = await insert(kind, COUNT, assetId)
  })

  it('case 58: lists the first 20 in the order of creation', async () => {
    const answer = await page(kind)
    expect(ids(answer)).toEqual(slice(1, 20))
    expect(answer.edges.map(({ cursor }) => cursor)).toEqual(slice(1, 20))
    const [startCursor, endCursor] = [all[0], all[19]]
    expect(answer.pageInfo).toEqual({ startCursor, endCursor, hasNextPage: true, hasPreviousPage: false })
  })

  it('case 60: goes on after a cursor', async () => {
    const answer = await page(kind, `after: "${all[19]}"`)
    expect(ids(answer)).toEqual(slice(21, 40))
    expect(answer.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
  })

  it('case 61: ends', async () => {
    const answer = await page(kind, `after: "${all[44]}", first: 10`)
    expect(ids(answer)).toEqual(slice(46, 50))
    expect(answer.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  })

  it('case 62: goes back before a cursor, in ascending order', async () => {
    const answer = await page(kind, `last: 5, before: "${all[10]}"`)
    expect(ids(answer)).toEqual(slice(6, 10))
    expect(answer.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
    expect(ids(await page(kind, `before: "${all[30]}"`))).toEqual(slice(11, 30))
    expect((await page(kind, `before: "${all[5]}"`)).pageInfo).toMatchObject({
      hasNextPage: true,
      hasPreviousPage: false
    })
  })

  it('knows an exact end from one with more behind it', async () => {
    expect((await page(kind, `first: ${COUNT}`)).pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false })
    expect((await page(kind, `first: ${COUNT - 1}`)).pageInfo).toMatchObject({ hasNextPage: true })
    expect((await page(kind, `last: 5, before: "${all[5]}"`)).pageInfo).toMatchObject({ hasPreviousPage: false })
    expect((await page(kind, `last: 4, before: "${all[5]}"`)).pageInfo).toMatchObject({ hasPreviousPage: true })
  })

  it.each([
    ['last: 10', `Can't paginate backwards from the start.`],
    ['last: 0', `Can't paginate backwards from the start.`],
    ['last: 10, after: "AFTER"', `Can't paginate backwards from the start.`],
    ['first: -1', 'Pagination index error'],
    ['first: 101', 'Pagination index error'],
    ['last: -1, before: "AFTER"', 'Pagination index error'],
    ['last: 101, before: "AFTER"', 'Pagination index error'],
    ['after: "nope"', 'Invalid cursor'],
    ['before: "nope"', 'Invalid cursor'],
    ['after: ""', 'Invalid cursor']
  ])('case 63: refuses %s', async (args, message) => {
    const { data, errors } = await refused(kind, args.replace('AFTER', all[9] ?? ''))
    expect(data).toBeNull()
    expect(errors).toEqual([{ message, path: kind.connection, code: 'INTERNAL_SERVER_ERROR' }])
  })

  it('case 63: takes the numbers at the edges, 0 for the default and null for nothing', async () => {
    expect(ids(await page(kind, 'first: 100'))).toEqual(all)
    expect(ids(await page(kind, 'first: 1'))).toEqual(slice(1, 1))
    expect(ids(await page(kind, 'first: 0'))).toEqual(slice(1, 20))
    expect(ids(await page(kind, `last: 0, before: "${all[40]}"`))).toEqual(slice(21, 40))
    expect(ids(await page(kind, 'first: null, last: null, after: null, before: null'))).toEqual(slice(1, 20))
  })

  it('case 64: goes forward when there are two cursors', async () => {
    expect(ids(await page(kind, `after: "${all[9]}", before: "${all[12]}", first: 5`))).toEqual(slice(11, 15))
    expect(ids(await page(kind, `after: "${all[9]}", before: "nope", first: 5`))).toEqual(slice(11, 15))
  })

  it('has an empty page after a cursor that no row has', async () => {
    const pageInfo = { startCursor: null, endCursor: null, hasNextPage: false, hasPreviousPage: false }
    expect(await page(kind, `after: "${randomUUID()}"`)).toEqual({ edges: [], pageInfo })
    expect(await page(kind, `before: "${randomUUID()}"`)).toEqual({ edges: [], pageInfo })
    expect(await page(kind, `after: "${all[COUNT - 1]}"`)).toEqual({ edges: [], pageInfo })
  })

  it('takes a cursor in capitals', async () => {
    expect(ids(await page(kind, `after: "${all[9]?.toUpperCase()}", first: 1`))).toEqual(slice(11, 11))
  })

  it('tells rows of the same millisecond, and of the same microsecond, apart', async () => {
    await empty(kind)
    if (kind !== ASSETS) assetId = (await createAsset(api)).id
    const equal = await insert(kind, 7, assetId, 0)
    const close = await insert(kind, 7, assetId, 1)
    expect(await walkForward(kind, 3)).toEqual([...equal, ...close])
    expect(await walkBackward(kind, 3, close.at(-1) ?? '')).toEqual([...equal, ...close].slice(0, -1))
  })
})

/** Inserts end at some time, so that a slow walk ends too. */
const ROUNDS_MAX = 100
/** A walk that meets more rows than this goes in circles. */
const WALK_MAX = 1_000

async function walkForward(
  kind: Kind,
  first: number,
  between: () => Promise<unknown> = async () => undefined
): Promise<string[]> {
  const met: string[] = []
  for (let after = ''; ;) {
    const { edges, pageInfo } = await page(kind, `first: ${first}${after && `, after: "${after}"`}`)
    met.push(...edges.map(({ node }) => node.id))
    if (!pageInfo.hasNextPage) return met
    expect(met.length).toBeLessThan(WALK_MAX)
    after = pageInfo.endCursor ?? ''
    await between()
  }
}

async function walkBackward(
  kind: Kind,
  last: number,
  start: string,
  between: () => Promise<unknown> = async () => undefined
): Promise<string[]> {
  const met: string[] = []
  for (let before = start; ;) {
    const { edges, pageInfo } = await page(kind, `last: ${last}, before: "${before}"`)
    met.unshift(...edges.map(({ node }) => node.id))
    if (!pageInfo.hasPreviousPage) return met
    expect(met.length).toBeLessThan(WALK_MAX)
    before = pageInfo.startCursor ?? ''
    await between()
  }
}

describe('a walk under concurrent inserts', () => {
  const makers: [string, Kind, (assetId: string) => Promise<unknown>][] = [
    ['assets', ASSETS, () => createAsset(api)],
    ['peers', PEERS, (assetId) => createPeer(api, assetId)],
    ['payment pointers', POINTERS, (assetId) => createPaymentPointer(api, assetId)]
  ]

  it.each(makers)('meets each row of before exactly once: %s', async (_, kind, make) => {
    await empty(ASSETS)
    const { id: assetId } = await createAsset(api)
    // Rows of the API's own making, and rows before and after them in time.
    await Promise.all(Array.from({ length: 15 }, () => make(assetId)))
    await insert(kind, 15, assetId)
    const before = await walkForward(kind, 100)
    expect(new Set(before).size).toBe(before.length)
    const last = before.at(-1) ?? ''

    let running = true
    const inserter = (async () => {
      for (let round = 0; running && round < ROUNDS_MAX; round++) {
        await Promise.all([make(assetId), make(assetId)])
        // Late arrivals whose time of creation lies before the place where the walk is.
        await insert(kind, 1, assetId, 1, `- interval '1 day'`)
      }
    })()
    const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
    const forward = await walkForward(kind, 3, pause)
    const backward = await walkBackward(kind, 3, last, pause)
    running = false
    await inserter

    const known = new Set(before)
    expect(forward.filter((id) => known.has(id))).toEqual(before)
    expect(new Set(forward).size).toBe(forward.length)
    expect(backward.filter((id) => known.has(id))).toEqual(before.slice(0, -1))
    expect(new Set(backward).size).toBe(backward.length)
  })
})
