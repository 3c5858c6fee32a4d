/**
 * Assets and fees (cases 3, 6 to 17).
 *
 * Goal: every outcome of the asset and fee operations, with its code and label. Method: through the schema,
 * against PostgreSQL; what was written is read back through the API.
 */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { Asset } from '../../src/entities'
import { createTestDatabase } from '../support/database'
import { createAsset } from './fixtures'
import { ANSWER, TestApi, unique, type Fields } from './support'

const ASSET = 'id code scale withdrawalThreshold liquidity createdAt sendingFee { id } receivingFee { id }'
const UINT64_MAX = '18446744073709551615'

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

function create(input: object): Promise<Fields> {
  return api.mutate('createAsset', 'CreateAssetInput', input, `${ANSWER} asset { ${ASSET} }`)
}

async function read(id: string): Promise<Fields> {
  const { data, errors } = await api.run(`query ($id: String!) { asset(id: $id) { ${ASSET} } }`, { id })
  expect(errors).toEqual([])
  return data.asset
}

describe('createAsset', () => {
  it('case 6: creates an asset without a threshold', async () => {
    const code = unique('USD')
    const answer = await create({ code, scale: 9 })
    expect(answer).toMatchObject({ code: '200', success: true, message: 'Created Asset' })
    expect(answer.asset).toMatchObject({ code, scale: 9, withdrawalThreshold: null, liquidity: '0' })
    expect(new Date(answer.asset.createdAt).toISOString()).toBe(answer.asset.createdAt)
    expect(await read(answer.asset.id)).toEqual(answer.asset)
  })

  it.each(['0', '5', UINT64_MAX])('case 7: reads a threshold of %s back', async (withdrawalThreshold) => {
    const { asset } = await create({ code: unique('T'), scale: 2, withdrawalThreshold })
    expect(asset).toMatchObject({ withdrawalThreshold })
    expect(await read(asset.id)).toMatchObject({ withdrawalThreshold })
  })

  it('case 8, case 51: refuses a second asset of the same code and scale', async () => {
    const { code, scale } = await createAsset(api)
    const answer = await create({ code, scale, idempotencyKey: randomUUID() })
    expect(answer).toEqual({ code: '409', success: false, message: 'Asset already exists', asset: null })
  })

  it('case 9: takes the same code at another scale', async () => {
    const { code } = await createAsset(api, { scale: 2 })
    expect(await create({ code, scale: 3 })).toMatchObject({ code: '200' })
  })

  it.each([0, 255, '7', ''])('case 3: takes the scale %j', async (scale) => {
    expect(await create({ code: unique('S'), scale })).toMatchObject({ code: '200', asset: { scale: Number(scale) } })
  })

  it('makes one asset of many attempts at once', async () => {
    const code = unique('R')
    const answers = await Promise.all(Array.from({ length: 8 }, () => create({ code, scale: 1 })))
    expect(answers.map(({ code }) => code).sort()).toEqual(['200', ...Array(7).fill('409')])
  })

  it('keeps ledger numbers for assets: duplicates draw none', async () => {
    const { code, scale, id } = await createAsset(api)
    for (let attempt = 0; attempt < 5; attempt++) await create({ code, scale })
    const next = await createAsset(api)
    const { manager } = api.container.resolve(DataSource)
    const [first, second] = [
      await manager.findOneByOrFail(Asset, { id }),
      await manager.findOneByOrFail(Asset, { id: next.id })
    ]
    expect(second.ledger).toBe(first.ledger + 1)
  })

  it.each([['x'.repeat(256)], ['nul\0'], ['half\ud800']])('refuses a code that cannot be stored (%#)', async (code) => {
    expect(await create({ code, scale: 2 })).toEqual({
      code: '400',
      success: false,
      message: 'Invalid asset code',
      asset: null
    })
  })

  it('answers a full house without storing anything', async () => {
    const { manager } = api.container.resolve(DataSource)
    const [row] = await manager.query<{ last_value: string }[]>('SELECT last_value FROM asset_ledger_number')
    await manager.query(`SELECT setval('asset_ledger_number', 32767)`)
    try {
      expect(await create({ code: unique('F'), scale: 2 })).toMatchObject({ code: '409', asset: null })
    } finally {
      await manager.query(`SELECT setval('asset_ledger_number', $1)`, [row?.last_value])
    }
  })
})

describe('updateAssetWithdrawalThreshold', () => {
  const thresholds = [null, '0', '5']
  const pairs = thresholds.flatMap((from) => thresholds.map((to) => [from, to]))

  function update(input: object): Promise<Fields> {
    const type = 'UpdateAssetInput'
    return api.mutate('updateAssetWithdrawalThreshold', type, input, `${ANSWER} asset { ${ASSET} }`)
  }

  it.each(pairs)('case 10: changes %s to %s', async (from, to) => {
    const { id } = await createAsset(api, { withdrawalThreshold: from })
    const answer = await update({ id, withdrawalThreshold: to })
    expect(answer).toMatchObject({ code: '200', success: true, message: 'Updated Asset Withdrawal Threshold' })
    expect(answer.asset.withdrawalThreshold).toBe(to)
    expect(await read(id)).toEqual(answer.asset)
  })

  it('clears a threshold that is not given', async () => {
    const { id } = await createAsset(api, { withdrawalThreshold: 5 })
    expect(await update({ id })).toMatchObject({ code: '200', asset: { withdrawalThreshold: null } })
  })

  it.each([randomUUID(), 'not a uuid', ''])('case 11: answers 404 for the unknown id %j', async (id) => {
    const answer = await update({ id, withdrawalThreshold: 1 })
    expect(answer).toEqual({ code: '404', success: false, message: 'Unknown asset', asset: null })
  })
})

describe('asset', () => {
  it.each([randomUUID(), 'not a uuid'])('case 12: gives an error for the unknown id %j', async (id) => {
    const { data, errors } = await api.run('query ($id: String!) { asset(id: $id) { id } }', { id })
    expect(data).toEqual({ asset: null })
    expect(errors).toEqual([{ message: 'No asset', path: 'asset', code: 'INTERNAL_SERVER_ERROR' }])
  })

  it('case 13: shows what was added as liquidity', async () => {
    const { id } = await createAsset(api)
    const input = { assetId: id, amount: 100, id: randomUUID(), idempotencyKey: randomUUID() }
    await api.mutate('addAssetLiquidity', 'AddAssetLiquidityInput', input, 'code')
    expect(await read(id)).toMatchObject({ liquidity: '100' })
  })

  it('finds an asset by its id in capitals', async () => {
    const { id } = await createAsset(api)
    expect(await read(id.toUpperCase())).toMatchObject({ id })
  })

  it('gives a field error, and the rest of the node, when the account is missing', async () => {
    const { id } = await createAsset(api)
    const { manager } = api.container.resolve(DataSource)
    await manager.update(Asset, { id }, { liquidityAccountId: 2n ** 62n })
    const { data, errors } = await api.run('query ($id: String!) { asset(id: $id) { id liquidity } }', { id })
    expect(data).toEqual({ asset: { id, liquidity: null } })
    expect(errors).toEqual([
      { message: 'No liquidity account found', path: 'asset.liquidity', code: 'INTERNAL_SERVER_ERROR' }
    ])
  })
})

describe('setFee', () => {
  const FEE = 'id assetId type fixed basisPoints createdAt'

  function set(input: object): Promise<Fields> {
    return api.mutate('setFee', 'SetFeeInput', input, `${ANSWER} fee { ${FEE} }`)
  }

  async function fees(id: string): Promise<Fields> {
    const source = `query ($id: String!) { asset(id: $id) { sendingFee { ${FEE} } receivingFee { ${FEE} } } }`
    return (await api.run(source, { id })).data.asset
  }

  it('case 14: sets one fee and leaves the other kind alone', async () => {
    const { id } = await createAsset(api)
    expect(await fees(id)).toEqual({ sendingFee: null, receivingFee: null })
    const fee = { fixed: UINT64_MAX, basisPoints: 123 }
    const answer = await set({ assetId: id, type: 'SENDING', fee })
    expect(answer).toMatchObject({ code: '200', success: true, message: 'Fee set' })
    expect(answer.fee).toMatchObject({ assetId: id, type: 'SENDING', ...fee })
    expect(await fees(id)).toEqual({ sendingFee: answer.fee, receivingFee: null })
  })

  it('case 15: shows the last fee that was set, however fast', async () => {
    const { id } = await createAsset(api)
    let last: Fields | undefined
    for (let basisPoints = 1; basisPoints <= 10; basisPoints++) {
      last = (await set({ assetId: id, type: 'RECEIVING', fee: { fixed: 0, basisPoints } })).fee
    }
    expect(last?.basisPoints).toBe(10)
    expect(await fees(id)).toEqual({ sendingFee: null, receivingFee: last })
  })

  it('shows the same fee as the last of many setters at once', async () => {
    const { id } = await createAsset(api)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, basisPoints) =>
        set({ assetId: id, type: 'SENDING', fee: { fixed: 1, basisPoints } })
      )
    )
    const times = answers.map(({ fee }) => fee.createdAt)
    expect(new Set(times).size).toBe(8)
    const last = answers.find(({ fee }) => fee.createdAt === [...times].sort().at(-1))
    expect((await fees(id)).sendingFee).toEqual(last?.fee)
  })

  it.each([10_001, -10_000, -1])('case 16: refuses %d basis points', async (basisPoints) => {
    const { id } = await createAsset(api)
    const answer = await set({ assetId: id, type: 'SENDING', fee: { fixed: 0, basisPoints } })
    expect(answer).toMatchObject({ code: '400', success: false, fee: null })
    expect(answer.message).toContain('0 and 10000')
  })

  it.each([0, 10_000])('case 16: takes %d basis points', async (basisPoints) => {
    const { id } = await createAsset(api)
    expect(await set({ assetId: id, type: 'SENDING', fee: { fixed: 0, basisPoints } })).toMatchObject({ code: '200' })
  })

  it.each([randomUUID(), 'not a uuid'])('case 17: answers 404 for the unknown asset %j', async (assetId) => {
    const answer = await set({ assetId, type: 'SENDING', fee: { fixed: 0, basisPoints: 0 } })
    expect(answer).toEqual({ code: '404', success: false, message: 'unknown asset', fee: null })
  })
})
