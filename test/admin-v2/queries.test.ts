/**
 * What an operation costs in queries, and how the database answers them.
 *
 * Goal: no operation sends more queries than are written down here, however many rows it shows, and no query
 * that grows with the data scans a table. Method: every statement that any connection of the process sends is
 * recorded and counted; the hot ones are explained on tables with many rows.
 */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { createTestDatabase } from '../support/database'
import { recordStatements, type Sent } from '../support/statements'
import { createAsset, createPaymentPointer, createPeer, peerInput, publicKey } from './fixtures'
import { ANSWER, TestApi, unique } from './support'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let api: TestApi
let assetId: string
let sent: Sent[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  api = await TestApi.open(database.url)
  assetId = (await createAsset(api)).id
  recordStatements((statement) => sent.push(statement))
})

afterAll(async () => {
  jest.restoreAllMocks()
  await api.close()
  await database.drop()
})

/** The statements that `work` sends, without those that begin, limit or end a transaction. */
async function statementsOf(work: () => Promise<unknown>): Promise<Sent[]> {
  sent = []
  await work()
  return sent.filter(
    ({ text }) =>
      !/^(BEGIN|COMMIT|ROLLBACK|START TRANSACTION|SET TRANSACTION|SELECT set_config|SELECT pg_advisory)/.test(text)
  )
}

function mutation(name: string, type: string, input: () => object): [string, () => Promise<unknown>] {
  return [name, () => api.mutate(name, type, { ...input(), idempotencyKey: randomUUID() }, ANSWER)]
}

describe('reading', () => {
  const CONNECTIONS = [
    ['assets', 'code withdrawalThreshold liquidity sendingFee { fixed } receivingFee { fixed }', 4],
    ['peers', 'staticIlpAddress liquidity asset { code liquidity sendingFee { fixed } }', 5],
    ['paymentPointers', 'url status asset { code }', 2]
  ] as const

  beforeAll(async () => {
    for (let row = 0; row < 12; row++) {
      const { id } = await createAsset(api)
      await createPeer(api, id)
      await createPaymentPointer(api, id)
    }
  })

  it.each(CONNECTIONS)('a page of %s with %s takes %d queries, however long it is', async (name, fields, most) => {
    for (const first of [2, 12]) {
      const source = `{ ${name}(first: ${first}) { edges { node { id ${fields} } } pageInfo { hasNextPage hasPreviousPage } } }`
      const statements = await statementsOf(async () => {
        const { data, errors } = await api.run(source)
        expect(errors).toEqual([])
        expect((data[name] as { edges: unknown[] }).edges).toHaveLength(first)
      })
      expect(statements.length).toBeLessThanOrEqual(most)
    }
  })

  it.each(CONNECTIONS)('a page of %s without them takes one query', async (name) => {
    expect(await statementsOf(() => api.run(`{ ${name} { edges { node { id createdAt } } } }`))).toHaveLength(1)
  })

  it('a single asset takes one query, and none for what is not selected', async () => {
    const source = 'query ($id: String!) { asset(id: $id) { id code scale } }'
    expect(await statementsOf(() => api.run(source, { id: assetId }))).toHaveLength(1)
  })

  it('an id that cannot be one takes no query', async () => {
    expect(await statementsOf(() => api.run('{ asset(id: "nope") { id } }'))).toHaveLength(0)
  })

  it('many requests at once share their queries', async () => {
    const source = 'query ($id: String!) { asset(id: $id) { id liquidity } }'
    const statements = await statementsOf(() =>
      Promise.all(Array.from({ length: 50 }, () => api.run(source, { id: assetId })))
    )
    expect(statements).toHaveLength(2)
  })
})

describe('writing', () => {
  const transfer = (): object => ({ amount: 1, id: randomUUID() })

  it('a deposit takes two reads at once and one batch of the ledger', async () => {
    const [, deposit] = mutation('addAssetLiquidity', 'AddAssetLiquidityInput', () => ({ assetId, ...transfer() }))
    await deposit()
    const names = (await statementsOf(deposit)).map(({ name, text }) => name ?? text)
    expect(names.slice(0, 2).sort()).toEqual(['idempotency_find', 'liquidity_owner_asset'])
    expect(names.filter((name) => name.startsWith('idempotency_record'))).toHaveLength(1)
    expect(names.length).toBeLessThanOrEqual(10)
  })

  it('sixty-four deposits at once take as many statements as one', async () => {
    const [, deposit] = mutation('addAssetLiquidity', 'AddAssetLiquidityInput', () => ({ assetId, ...transfer() }))
    const one = await statementsOf(deposit)
    const many = await statementsOf(() => Promise.all(Array.from({ length: 64 }, deposit)))
    expect(many).toHaveLength(one.length)
  })

  it('every other mutation takes a bounded number', async () => {
    const { id: peerId } = await createPeer(api, assetId)
    const { id: paymentPointerId } = await createPaymentPointer(api, assetId)
    const key = await api.mutate(
      'createPaymentPointerKey',
      'CreatePaymentPointerKeyInput',
      { paymentPointerId, jwk: publicKey('count') },
      'paymentPointerKey { id }'
    )
    const most: [number, ...ReturnType<typeof mutation>][] = [
      [11, ...mutation('createAsset', 'CreateAssetInput', () => ({ code: unique('Q'), scale: 1 }))],
      [
        4,
        ...mutation('updateAssetWithdrawalThreshold', 'UpdateAssetInput', () => ({
          id: assetId,
          withdrawalThreshold: 1
        }))
      ],
      [
        5,
        ...mutation('setFee', 'SetFeeInput', () => ({ assetId, type: 'SENDING', fee: { fixed: 1, basisPoints: 1 } }))
      ],
      [11, ...mutation('createPeer', 'CreatePeerInput', () => peerInput(assetId))],
      [5, ...mutation('updatePeer', 'UpdatePeerInput', () => ({ id: peerId, name: 'x' }))],
      [
        4,
        ...mutation('createPaymentPointer', 'CreatePaymentPointerInput', () => ({
          assetId,
          url: `https://q.test/${unique('q')}`
        }))
      ],
      [
        4,
        ...mutation('updatePaymentPointer', 'UpdatePaymentPointerInput', () => ({
          id: paymentPointerId,
          publicName: 'x'
        }))
      ],
      [
        4,
        ...mutation('createPaymentPointerKey', 'CreatePaymentPointerKeyInput', () => ({
          paymentPointerId,
          jwk: publicKey(unique('k'))
        }))
      ],
      [
        4,
        ...mutation('revokePaymentPointerKey', 'RevokePaymentPointerKeyInput', () => ({ id: key.paymentPointerKey.id }))
      ],
      [10, ...mutation('addPeerLiquidity', 'AddPeerLiquidityInput', () => ({ peerId, ...transfer() }))],
      [
        10,
        ...mutation('createPeerLiquidityWithdrawal', 'CreatePeerLiquidityWithdrawalInput', () => ({
          peerId,
          ...transfer()
        }))
      ],
      [
        10,
        ...mutation('createAssetLiquidityWithdrawal', 'CreateAssetLiquidityWithdrawalInput', () => ({
          assetId,
          ...transfer()
        }))
      ],
      [
        11,
        ...mutation('postLiquidityWithdrawal', 'PostLiquidityWithdrawalInput', () => ({ withdrawalId: randomUUID() }))
      ]
    ]
    for (const [count, name, work] of most) {
      await work()
      const statements = await statementsOf(work)
      expect([name, statements.length <= count || statements.map(({ name, text }) => name ?? text)]).toEqual([
        name,
        true
      ])
    }
  })

  it('a repetition reads and writes nothing', async () => {
    const input = { assetId, amount: 1, id: randomUUID(), idempotencyKey: randomUUID() }
    const deposit = (): Promise<unknown> => api.mutate('addAssetLiquidity', 'AddAssetLiquidityInput', input, ANSWER)
    await deposit()
    const names = (await statementsOf(deposit)).map(({ name }) => name)
    expect(names.sort()).toEqual(['idempotency_find', 'liquidity_owner_asset'])
  })
})

describe('plans', () => {
  const ROWS = 20_000

  beforeAll(async () => {
    const { manager } = api.container.resolve(DataSource)
    await manager.query(
      `INSERT INTO peer SELECT gen_random_uuid(), $1, 'test.plan' || n, NULL, '', '', NULL, 0, now() + n * interval '1 ms'
      FROM generate_series(1, ${ROWS}) AS n`,
      [assetId]
    )
    await manager.query(
      `INSERT INTO payment_pointer SELECT gen_random_uuid(), $1, 'https://plan.test/' || n, NULL, NULL, NULL, now()
      FROM generate_series(1, ${ROWS}) AS n`,
      [assetId]
    )
    await manager.query(
      `INSERT INTO fee SELECT gen_random_uuid(), $1, 'SENDING', 0, 0, now() + n * interval '1 ms'
      FROM generate_series(1, ${ROWS}) AS n`,
      [assetId]
    )
    await manager.query(`INSERT INTO idempotency_record SELECT 'plan' || n, 'x', decode(repeat('00', 32), 'hex'), '{}', now(), now() + n * interval '1 s'
      FROM generate_series(1, ${ROWS}) AS n`)
    await manager.query('ANALYZE')
  })

  /** Tables that one query of those sent during `work` scans from end to end. */
  async function scannedBy(work: () => Promise<unknown>): Promise<string[]> {
    const statements = await statementsOf(work)
    const { manager } = api.container.resolve(DataSource)
    const plans: string[] = []
    for (const { text, values } of statements) {
      if (!/^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)/i.test(text)) continue
      const rows = await manager.query<{ 'QUERY PLAN': string }[]>(`EXPLAIN ${text}`, values)
      plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'))
    }
    expect(plans.length).toBeGreaterThan(0)
    return plans.flatMap((plan) => plan.match(/Seq Scan on (peer|payment_pointer|fee|idempotency_record)\b/g) ?? [])
  }

  it.each(['peers', 'paymentPointers'])('a page of %s, from the start, after and before a cursor', async (name) => {
    const fields = 'edges { cursor } pageInfo { endCursor hasNextPage hasPreviousPage }'
    const { data } = await api.run(`{ ${name}(first: 100) { ${fields} } }`)
    const cursor = (data[name] as { edges: { cursor: string }[] }).edges.at(-1)?.cursor
    for (const args of ['first: 20', `first: 20, after: "${cursor}"`, `last: 20, before: "${cursor}"`]) {
      expect(await scannedBy(() => api.run(`{ ${name}(${args}) { ${fields} } }`))).toEqual([])
    }
  })

  it('a page far into a table reads no more rows than it shows', async () => {
    const { manager } = api.container.resolve(DataSource)
    const [middle] = await manager.query<{ id: string }[]>(
      `SELECT id FROM peer WHERE static_ilp_address = 'test.plan${ROWS / 2}'`
    )
    const [page] = await statementsOf(() =>
      api.run(`{ peers(first: 20, after: "${middle?.id}") { edges { cursor } } }`)
    )
    const rows = await manager.query<{ 'QUERY PLAN': string }[]>(
      `EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) ${page?.text}`,
      page?.values
    )
    const read = rows.flatMap((row) =>
      [...row['QUERY PLAN'].matchAll(/actual rows=(\d+)/g)].map(([, count]) => Number(count))
    )
    expect(read.length).toBeGreaterThan(0)
    expect(Math.max(...read)).toBeLessThanOrEqual(21)
    expect(rows.some((row) => row['QUERY PLAN'].includes('Rows Removed by Filter'))).toBe(false)
  })

  it('deposits, fees and look-ups', async () => {
    const input = { assetId, amount: 1, id: randomUUID(), idempotencyKey: 'plan7' }
    expect(await scannedBy(() => api.attempt('addAssetLiquidity', 'AddAssetLiquidityInput', input, ANSWER))).toEqual([])
    const source = 'query ($id: String!) { asset(id: $id) { sendingFee { id } receivingFee { id } } }'
    expect(await scannedBy(() => api.run(source, { id: assetId }))).toEqual([])
    const { id } = await createPeer(api, assetId)
    expect(await scannedBy(() => api.run('query ($id: String!) { peer(id: $id) { id } }', { id }))).toEqual([])
    const [, set] = mutation('setFee', 'SetFeeInput', () => ({
      assetId,
      type: 'SENDING',
      fee: { fixed: 1, basisPoints: 1 }
    }))
    expect(await scannedBy(set)).toEqual([])
  })
})
