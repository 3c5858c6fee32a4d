/**
 * Goal: markets that the source of exchange rates knows both sides of are followed, with the agents who follow
 * them; the operator's stay. Method: a file of rates that the test writes, on a database of the test's own.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataSource } from 'typeorm'
import { Reader } from '../../../src/database/reader'
import { AgentService } from '../../../src/services/ramp/parties/agent-service'
import { AgentRates } from '../../../src/services/ramp/rates/agent-rates'
import { MarketFeed } from '../../../src/services/ramp/rates/market-feed'
import { MarketRates } from '../../../src/services/ramp/rates/market-rates'
import { RatesService } from '../../../src/services/rates/rates-service'
import { FileRatesSource } from '../../../src/services/rates/rates-source'
import { TestApi } from '../../admin-v2/support'
import { createTestDatabase } from '../../support/database'

const MICRO = 1_000_000n
const LIFETIME_MILLISECONDS = 1_000

let folder: string
let file: string
let database: Awaited<ReturnType<typeof createTestDatabase>>
let api: TestApi
let feed: MarketFeed
let milliseconds = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hazina-markets-'))
  file = join(folder, 'rates.json')
  database = await createTestDatabase()
  api = await TestApi.open(database.url)
  const rates = new RatesService(new FileRatesSource(file), {
    lifetimeMilliseconds: LIFETIME_MILLISECONDS,
    now: () => milliseconds
  })
  feed = new MarketFeed(api.container.resolve(Reader), rates, api.container.resolve(MarketRates))
})
afterAll(async () => {
  await api.close()
  await database.drop()
  await rm(folder, { recursive: true })
})

const says = (sides: object): Promise<void> => writeFile(file, JSON.stringify({ base: 'USD', rates: {}, sides }))

async function follow(): Promise<void> {
  milliseconds += LIFETIME_MILLISECONDS
  await feed.follow(api.context())
}

const market = (code: string): Promise<unknown> => api.container.resolve(MarketRates).find(code)

/** When each market was last moved. */
async function moved(): Promise<string> {
  const rows: unknown = await api.container.resolve(DataSource).query('SELECT * FROM ramp_market_rate ORDER BY 1')
  return JSON.stringify(rows)
}

it('nobody is asked as long as there are no agents', async () => {
  await expect(follow()).resolves.toBeUndefined()
  expect(await market('NGN')).toBeUndefined()
})

it('a market is followed, to six decimals, with the agents who follow it', async () => {
  const agents = api.container.resolve(AgentService)
  const made = await agents.create(api.context(), { email: 'agent@market.test', countryCode: 'NG' })
  if (!made.done) throw new Error(made.failure)
  await api.container.resolve(MarketRates).set(new Date(), 'GHS', { buy: 15n * MICRO, sell: 14n * MICRO })
  await says({ NGN: { buy: 1540, sell: '1535.12345649' } })
  await follow()
  expect(await market('NGN')).toEqual({ buy: 1_540_000_000n, sell: 1_535_123_456n })
  expect(await market('GHS')).toEqual({ buy: 15n * MICRO, sell: 14n * MICRO })

  await api.container.resolve(AgentRates).update(made.value.id, { depositMargin: '10' })
  await agents.update(api.context(), made.value.id, { autoUpdateDepositRate: true })
  await says({ NGN: { buy: 1560, sell: 1555 }, XXX: { buy: 1e12, sell: 1 } })
  await follow()
  expect((await agents.get(made.value.id)).depositRate).toBe(1_570n * MICRO)
  expect(api.lines.map(({ message }) => message)).toEqual([
    'the source of exchange rates has a market rate that cannot be used'
  ])
})

it('what has not changed is not written again', async () => {
  const before = await moved()
  await follow()
  expect(await moved()).toBe(before)
})

it('a source that fails changes nothing and says so', async () => {
  const before = await moved()
  await writeFile(file, 'nothing')
  await expect(follow()).rejects.toThrow('the rates are not JSON')
  expect(await moved()).toBe(before)
})
