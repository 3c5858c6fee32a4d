/**
 * Deposits and withdrawals (cases 28 to 46).
 *
 * Goal: every outcome of the liquidity operations with its code and error name, the order in which the checks
 * are made, and balances that follow. Method: through the schema, against PostgreSQL; assets and peers take
 * the same tests; the ledger's settlement account is compared at each step that moves money.
 */
import { randomUUID } from 'node:crypto'
import { v1 } from './uuid-v1'
import { createTestDatabase } from '../support/database'
import { createAsset, createPeer, settlementBalance } from './fixtures'
import { ANSWER, TestApi, type Fields } from './support'

const RESPONSE = `${ANSWER} error`
const OK = { code: '200', success: true, error: null }
const UINT64_MAX = '18446744073709551615'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let api: TestApi
let assetId: string

beforeAll(async () => {
  database = await createTestDatabase()
  api = await TestApi.open(database.url)
  assetId = (await createAsset(api)).id
})

afterAll(async () => {
  await api.close()
  await database.drop()
})

interface Operation {
  readonly amount?: number | string
  readonly id?: string
  readonly idempotencyKey?: string
}

/** What is done to the liquidity of an asset or of a peer. */
interface Kind {
  readonly name: string
  readonly unknown: string
  create(): Promise<string>
  add(owner: string, operation?: Operation): Promise<Fields>
  withdraw(owner: string, operation?: Operation, of?: TestApi): Promise<Fields>
  liquidity(owner: string): Promise<string>
}

const NEW: () => Required<Operation> = () => ({ amount: 100, id: randomUUID(), idempotencyKey: randomUUID() })

const ASSETS: Kind = {
  name: 'asset',
  unknown: 'UnknownAsset',
  create: async () => (await createAsset(api)).id,
  add: (owner, operation) =>
    api.mutate('addAssetLiquidity', 'AddAssetLiquidityInput', { ...NEW(), ...operation, assetId: owner }, RESPONSE),
  withdraw: (owner, operation, of = api) => {
    const input = { ...NEW(), ...operation, assetId: owner }
    return of.mutate('createAssetLiquidityWithdrawal', 'CreateAssetLiquidityWithdrawalInput', input, RESPONSE)
  },
  liquidity: async (id) =>
    (await api.run('query ($id: String!) { asset(id: $id) { liquidity } }', { id })).data.asset.liquidity
}

const PEERS: Kind = {
  name: 'peer',
  unknown: 'UnknownPeer',
  create: async () => (await createPeer(api, assetId)).id,
  add: (owner, operation) =>
    api.mutate('addPeerLiquidity', 'AddPeerLiquidityInput', { ...NEW(), ...operation, peerId: owner }, RESPONSE),
  withdraw: (owner, operation, of = api) => {
    const input = { ...NEW(), ...operation, peerId: owner }
    return of.mutate('createPeerLiquidityWithdrawal', 'CreatePeerLiquidityWithdrawalInput', input, RESPONSE)
  },
  liquidity: async (id) =>
    (await api.run('query ($id: String!) { peer(id: $id) { liquidity } }', { id })).data.peer.liquidity
}

function resolve(type: 'Post' | 'Void', withdrawalId: string, of = api): Promise<Fields> {
  const input = { withdrawalId, idempotencyKey: randomUUID() }
  return of.mutate(`${type.toLowerCase()}LiquidityWithdrawal`, `${type}LiquidityWithdrawalInput`, input, RESPONSE)
}

describe.each([ASSETS, PEERS])('liquidity of $name', (kind) => {
  it('case 28: adds what is deposited', async () => {
    const owner = await kind.create()
    expect(await kind.add(owner)).toEqual({ ...OK, message: `Added ${kind.name} liquidity` })
    expect(await kind.add(owner)).toMatchObject(OK)
    expect(await kind.liquidity(owner)).toBe('200')
  })

  it('adds amounts up to 2^64 − 1 exactly, and totals beyond', async () => {
    const owner = await kind.create()
    expect(await kind.add(owner, { amount: UINT64_MAX })).toMatchObject(OK)
    expect(await kind.liquidity(owner)).toBe(UINT64_MAX)
    expect(await kind.add(owner, { amount: UINT64_MAX })).toMatchObject(OK)
    expect(await kind.liquidity(owner)).toBe(String(2n * BigInt(UINT64_MAX)))
  })

  it.each(['not a uuid v4', v1(), '', randomUUID().replace(/^(.{14})4/, '$15')])(
    'case 29: refuses the id %p',
    async (id) => {
      const owner = await kind.create()
      const refusal = { code: '400', success: false, message: 'Invalid id', error: 'InvalidId' }
      expect(await kind.add(owner, { id })).toEqual(refusal)
      expect(await kind.withdraw(owner, { id })).toEqual(refusal)
    }
  )

  it('case 30, case 37: reports a zero amount before anything else', async () => {
    const refusal = { code: '400', success: false, message: 'Amount is zero', error: 'AmountZero' }
    expect(await kind.add(randomUUID(), { amount: 0, id: 'nope' })).toEqual(refusal)
    expect(await kind.withdraw(randomUUID(), { amount: 0, id: 'nope' })).toEqual(refusal)
  })

  it.each([randomUUID(), 'not a uuid'])('case 31: reports the unknown owner %j before a bad id', async (owner) => {
    const refusal = { code: '404', success: false, message: `Unknown ${kind.name}`, error: kind.unknown }
    expect(await kind.add(owner, { id: 'nope' })).toEqual(refusal)
    expect(await kind.withdraw(owner, { id: 'nope' })).toEqual(refusal)
  })

  it('case 32: refuses a used id, whatever the amount, before it looks at the balance', async () => {
    const owner = await kind.create()
    const id = randomUUID()
    await kind.add(owner, { id })
    const refusal = { code: '409', success: false, message: 'Transfer exists', error: 'TransferExists' }
    expect(await kind.add(owner, { id })).toEqual(refusal)
    expect(await kind.add(owner, { id, amount: 7 })).toEqual(refusal)
    expect(await kind.withdraw(owner, { id, amount: 1_000 })).toEqual(refusal)
    expect(await kind.withdraw(owner, { id: id.toUpperCase() })).toEqual(refusal)
    expect(await kind.liquidity(owner)).toBe('100')
  })

  it('case 33: has one namespace of ids over assets and peers', async () => {
    const id = randomUUID()
    await ASSETS.add(await ASSETS.create(), { id })
    expect(await kind.add(await kind.create(), { id })).toMatchObject({ code: '409', error: 'TransferExists' })
  })

  it('case 34: reserves a withdrawal at once', async () => {
    const owner = await kind.create()
    await kind.add(owner)
    expect(await kind.withdraw(owner)).toEqual({ ...OK, message: `Created ${kind.name} liquidity withdrawal` })
    expect(await kind.liquidity(owner)).toBe('0')
  })

  it('case 35, case 36: refuses more than is there, counting what is reserved', async () => {
    const owner = await kind.create()
    await kind.add(owner)
    const refusal = { code: '403', success: false, message: 'Insufficient balance', error: 'InsufficientBalance' }
    expect(await kind.withdraw(owner, { amount: 101 })).toEqual(refusal)
    expect(await kind.liquidity(owner)).toBe('100')
    expect(await kind.withdraw(owner, { amount: 60 })).toMatchObject(OK)
    expect(await kind.withdraw(owner, { amount: 50 })).toEqual(refusal)
    expect(await kind.liquidity(owner)).toBe('40')
  })

  it('case 45: lets one of two withdrawals through that do not fit together', async () => {
    const owner = await kind.create()
    await kind.add(owner)
    const answers = await Promise.all([1, 2].map(() => kind.withdraw(owner, { amount: 60 })))
    expect(answers.map(({ code }) => code).sort()).toEqual(['200', '403'])
    expect(await kind.liquidity(owner)).toBe('40')
  })
})

describe('withdrawals in two phases', () => {
  async function pending(amount = 10): Promise<{ owner: string; id: string; asset: string }> {
    const asset = await ASSETS.create()
    const id = randomUUID()
    await ASSETS.add(asset)
    await ASSETS.withdraw(asset, { id, amount })
    return { owner: asset, id, asset }
  }

  it('case 38: takes a posted withdrawal out for good', async () => {
    const { owner, id, asset } = await pending()
    expect(await resolve('Post', id)).toEqual({ ...OK, message: 'Posted Withdrawal' })
    expect(await ASSETS.liquidity(owner)).toBe('90')
    expect(await settlementBalance(api, asset)).toBe(90n)
  })

  it('case 39: gives a voided withdrawal back', async () => {
    const { owner, id, asset } = await pending()
    expect(await resolve('Void', id)).toEqual({ ...OK, message: 'Voided Withdrawal' })
    expect(await ASSETS.liquidity(owner)).toBe('100')
    expect(await settlementBalance(api, asset)).toBe(100n)
  })

  it.each(['Post', 'Void'] as const)(
    'case 40: %s answers 404 for an unknown and 400 for a malformed id',
    async (type) => {
      const unknown = { code: '404', success: false, message: 'Unknown withdrawal', error: 'UnknownTransfer' }
      const invalid = { code: '400', success: false, message: 'Invalid id', error: 'InvalidId' }
      expect(await resolve(type, randomUUID())).toEqual(unknown)
      expect(await resolve(type, 'not a uuid')).toEqual(invalid)
      expect(await resolve(type, v1())).toEqual(invalid)
    }
  )

  it.each(['Post', 'Void'] as const)('case 41: %s of a posted withdrawal', async (type) => {
    const { id } = await pending()
    await resolve('Post', id)
    const refusal = { code: '409', success: false, message: 'Withdrawal already posted', error: 'AlreadyPosted' }
    expect(await resolve(type, id)).toEqual(refusal)
  })

  it.each(['Post', 'Void'] as const)('case 42: %s of a voided withdrawal', async (type) => {
    const { id } = await pending()
    await resolve('Void', id)
    const refusal = { code: '409', success: false, message: 'Withdrawal already voided', error: 'AlreadyVoided' }
    expect(await resolve(type, id)).toEqual(refusal)
  })

  it.each(['Post', 'Void'] as const)('case 43: %s of a deposit', async (type) => {
    const id = randomUUID()
    await ASSETS.add(await ASSETS.create(), { id })
    expect(await resolve(type, id)).toMatchObject({ code: '409', error: 'AlreadyPosted' })
  })

  it('takes the id in capitals', async () => {
    const { id } = await pending()
    expect(await resolve('Post', id.toUpperCase())).toMatchObject(OK)
  })

  it('resolves a withdrawal once, however many ask at once', async () => {
    const { owner, id } = await pending()
    const types = ['Post', 'Void', 'Post', 'Void', 'Post', 'Void'] as const
    const answers = await Promise.all(types.map((type) => resolve(type, id)))
    const winners = answers.filter(({ code }) => code === '200')
    expect(winners).toHaveLength(1)
    const posted = winners[0]?.message === 'Posted Withdrawal'
    const losers = answers.filter(({ code }) => code !== '200')
    expect(new Set(losers.map(({ error }) => error))).toEqual(new Set([posted ? 'AlreadyPosted' : 'AlreadyVoided']))
    expect(await ASSETS.liquidity(owner)).toBe(posted ? '90' : '100')
  })

  it('keeps an id burned whatever became of its withdrawal', async () => {
    const { owner, id } = await pending()
    await resolve('Void', id)
    expect(await ASSETS.withdraw(owner, { id, amount: 10 })).toMatchObject({ code: '409', error: 'TransferExists' })
  })

  it('case 46: posted withdrawals and holds without an expiry stay as they are for ever', async () => {
    const { owner, id } = await pending()
    await ASSETS.withdraw(owner, { amount: 20 })
    await resolve('Post', id)
    api.clock.advanceSeconds(20 * 365 * 86_400)
    expect(await ASSETS.liquidity(owner)).toBe('70')
  })
})

describe('hold time', () => {
  it('case 44: gives the money back when the hold time is over, and posts and voids no more', async () => {
    const held = await TestApi.open(database.url, { clock: api.clock, settings: { withdrawalHoldSeconds: 60 } })
    try {
      const asset = await ASSETS.create()
      await ASSETS.add(asset)
      const [id, posted] = [randomUUID(), randomUUID()]
      await ASSETS.withdraw(asset, { id, amount: 10 }, held)
      await ASSETS.withdraw(asset, { id: posted, amount: 5 }, held)
      await resolve('Post', posted, held)
      expect(await ASSETS.liquidity(asset)).toBe('85')
      api.clock.advanceSeconds(61)
      expect(await ASSETS.liquidity(asset)).toBe('95')
      const refusal = { code: '409', success: false, message: 'Withdrawal expired', error: null }
      expect(await resolve('Post', id, held)).toEqual(refusal)
      expect(await resolve('Void', id, held)).toEqual(refusal)
      expect(await resolve('Post', posted, held)).toMatchObject({ code: '409', error: 'AlreadyPosted' })
      expect(await ASSETS.liquidity(asset)).toBe('95')
      expect(await ASSETS.withdraw(asset, { id, amount: 1 })).toMatchObject({ code: '409', error: 'TransferExists' })
    } finally {
      await held.close()
    }
  })
})

describe('two instances', () => {
  it('never pay a balance out twice', async () => {
    const other = await TestApi.open(database.url)
    try {
      for (const rivals of [2, 8, 32]) {
        const asset = await ASSETS.create()
        await ASSETS.add(asset)
        const answers = await Promise.all(
          Array.from({ length: rivals }, (_, rival) => ASSETS.withdraw(asset, {}, rival % 2 ? other : api))
        )
        const codes = answers.map(({ code }) => code).sort()
        expect(codes).toEqual(['200', ...Array<string>(rivals - 1).fill('403')])
        expect(await ASSETS.liquidity(asset)).toBe('0')
      }
    } finally {
      await other.close()
    }
  })
})
