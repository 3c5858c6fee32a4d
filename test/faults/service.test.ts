/**
 * Goal: through the API, from two instances, and across their deaths, money is spent once and every answer
 * that was given stays true.
 * Method: real processes on one database; whole balances spent by many at once, one key sent by many, kill -9
 * under load; then the acknowledged transfers are looked for one by one and the ledger is verified.
 * HAZINA_TEST_LONG=1 kills more often.
 */
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { verify } from '../ledger/support'
import { createTestDatabase } from '../support/database'
import { DatabaseProxy } from '../support/proxy'
import { NoAnswer, ServiceProcess } from '../support/service-process'

const KILLS = process.env.HAZINA_TEST_LONG === '1' ? 20 : 3
const CALLERS = 24

interface Liquidity {
  readonly code: string
  readonly error: string | null
}

let database: { url: string; drop(): Promise<void> }
let sql: Client
let here: ServiceProcess
let there: ServiceProcess

beforeAll(async () => {
  database = await createTestDatabase()
  sql = new Client({ connectionString: database.url })
  await sql.connect()
  const env = { DATABASE_URL: database.url }
  ;[here, there] = await Promise.all([ServiceProcess.start(env), ServiceProcess.start(env)])
})
afterAll(async () => {
  expect((await verify(database.url)).firstBad).toBeUndefined()
  await Promise.all([here, there].map((service) => service.kill('SIGKILL')))
  await sql.end()
  await database.drop()
})

async function createAsset(service: ServiceProcess): Promise<string> {
  const input = { code: `T${randomUUID().slice(0, 8)}`, scale: 2 }
  return (await service.mutate<{ asset: { id: string } }>('createAsset', input, 'asset { id }')).asset.id
}

function liquidity(service: ServiceProcess, name: string, input: object): Promise<Liquidity> {
  return service.mutate<Liquidity>(name, { idempotencyKey: randomUUID(), ...input }, 'code success message error')
}

async function liquidityOf(service: ServiceProcess, id: string): Promise<string> {
  const { body } = await service.post('query ($id: String!) { asset(id: $id) { liquidity } }', { id })
  return (body.data!.asset as { liquidity: string }).liquidity
}

const instance = (index: number): ServiceProcess => (index % 2 ? here : there)

describe('two instances', () => {
  it.each([2, 16, 64])('spend a whole balance once when %i ask at the same time', async (callers) => {
    const assetId = await createAsset(here)
    await liquidity(here, 'addAssetLiquidity', { assetId, amount: '100', id: randomUUID() })
    const answers = await Promise.all(
      Array.from({ length: callers }, (_, index) =>
        liquidity(instance(index), 'createAssetLiquidityWithdrawal', { assetId, amount: '100', id: randomUUID() })
      )
    )
    expect(answers.filter(({ code }) => code === '200')).toHaveLength(1)
    expect(answers.filter(({ code, error }) => code === '403' && error === 'InsufficientBalance')).toHaveLength(
      callers - 1
    )
    expect(await liquidityOf(there, assetId)).toBe('0')
  })

  it('let a withdrawal be posted or voided, not both', async () => {
    const assetId = await createAsset(here)
    await liquidity(here, 'addAssetLiquidity', { assetId, amount: '1000', id: randomUUID() })
    let posted = 0
    for (let round = 0; round < 15; round++) {
      const withdrawalId = randomUUID()
      await liquidity(here, 'createAssetLiquidityWithdrawal', { assetId, amount: '10', id: withdrawalId })
      const [post, release] = await Promise.all([
        liquidity(instance(round), 'postLiquidityWithdrawal', { withdrawalId }),
        liquidity(instance(round + 1), 'voidLiquidityWithdrawal', { withdrawalId })
      ])
      expect([post.code, release.code].sort()).toEqual(['200', '409'])
      if (post.code === '200') posted++
      expect(post.error ?? release.error).toBe(post.code === '200' ? 'AlreadyPosted' : 'AlreadyVoided')
    }
    expect(await liquidityOf(here, assetId)).toBe(String(1_000 - 10 * posted))
  })

  it('give one effect and one answer to a key from 50 connections', async () => {
    const assetId = await createAsset(here)
    const input = { assetId, amount: '5', id: randomUUID(), idempotencyKey: randomUUID() }
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        instance(index).mutate('addAssetLiquidity', input, 'code success message error')
      )
    )
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]).toMatchObject({ code: '200', error: null })
    expect(await liquidityOf(there, assetId)).toBe('5')
    await expect(instance(1).mutate('addAssetLiquidity', { ...input, amount: '6' }, 'code')).rejects.toThrow(
      input.idempotencyKey
    )
    expect(await liquidityOf(here, assetId)).toBe('5')
  })
})

describe('kill -9', () => {
  it('of the service under load loses no acknowledged transfer and doubles none', async () => {
    const assetId = await createAsset(there)
    const acknowledged = new Set<string>()
    const unanswered: { id: string; idempotencyKey: string; amount: string; assetId: string }[] = []
    for (let kill = 0; kill < KILLS; kill++) {
      const victim = await ServiceProcess.start({ DATABASE_URL: database.url })
      const load = Array.from({ length: CALLERS }, async () => {
        for (;;) {
          const input = { assetId, amount: '1', id: randomUUID(), idempotencyKey: randomUUID() }
          try {
            const { code } = await victim.mutate<Liquidity>('addAssetLiquidity', input, 'code error')
            expect(code).toBe('200')
            acknowledged.add(input.id)
          } catch (error) {
            if (!(error instanceof NoAnswer)) throw error
            unanswered.push(input)
            return
          }
        }
      })
      const before = acknowledged.size
      while (acknowledged.size < before + 2 * CALLERS) await new Promise((resolve) => setTimeout(resolve, 20))
      await victim.kill('SIGKILL')
      await Promise.all(load)
    }
    expect(acknowledged.size).toBeGreaterThanOrEqual(KILLS * 2 * CALLERS)
    expect(unanswered).toHaveLength(KILLS * CALLERS)
    // Whoever got no answer asks again with the same key, at another instance, and may ask twice.
    for (const input of unanswered) {
      const first = await there.mutate<Liquidity>('addAssetLiquidity', input, 'code error')
      expect(first).toEqual({ code: '200', error: null })
      expect(await here.mutate<Liquidity>('addAssetLiquidity', input, 'code error')).toEqual(first)
    }
    const { rows } = await sql.query<{ id: string }>('SELECT id FROM ledger_transfer WHERE id = ANY($1)', [
      [...acknowledged, ...unanswered.map(({ id }) => id)]
    ])
    expect(rows).toHaveLength(acknowledged.size + unanswered.length)
    expect(await liquidityOf(there, assetId)).toBe(String(rows.length))
    expect((await verify(database.url)).firstBad).toBeUndefined()
  })
})

describe('an acknowledgement lost at COMMIT', () => {
  it('is made up for: the caller gets the answer, and a retry by key the same one', async () => {
    const proxy = await DatabaseProxy.open(database.url)
    const service = await ServiceProcess.start({ DATABASE_URL: proxy.url })
    try {
      const assetId = await createAsset(service)
      for (const fate of ['lose answer', 'lose request'] as const) {
        const input = { assetId, amount: '7', id: randomUUID(), idempotencyKey: randomUUID() }
        proxy.nextCommit = fate
        const first = await service.mutate<Liquidity>('addAssetLiquidity', input, 'code error')
        expect(first).toEqual({ code: '200', error: null })
        expect(await here.mutate<Liquidity>('addAssetLiquidity', input, 'code error')).toEqual(first)
      }
      expect(proxy.cuts).toBe(2)
      expect(await liquidityOf(here, assetId)).toBe('14')
    } finally {
      await service.kill('SIGKILL')
      await proxy.close()
    }
  })
})
