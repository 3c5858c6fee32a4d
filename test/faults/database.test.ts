/**
 * Goal: the death of PostgreSQL under load costs time, never money; the service brings it back by itself.
 * Method: a service with its embedded server, its server killed with -9 while callers retry each deposit by
 * its key until it is answered; every deposit must be there once, and the service that is then killed and
 * started again finds everything in place. HAZINA_TEST_LONG=1 kills more often.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServiceProcess } from '../support/service-process'

/** A server that ends more than five times within a minute is not brought back. */
const [KILLS, MILLISECONDS_BETWEEN] = process.env.HAZINA_TEST_LONG === '1' ? [10, 12_500] : [2, 400]
const CALLERS = 8
const TRIES_MAX = 200

let folder: string
let service: ServiceProcess

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hazina-database-'))
  service = await ServiceProcess.start({ HAZINA_DATA_DIR: folder })
})
afterAll(async () => {
  await service.kill('SIGTERM')
  await rm(folder, { recursive: true, force: true })
})

async function killDatabase(): Promise<void> {
  const lock = await readFile(join(folder, 'postgres', 'cluster', 'postmaster.pid'), 'utf8')
  process.kill(Number(lock.split('\n')[0]), 'SIGKILL')
}

/** Asks until there is an answer: an error means that the outcome is unknown, and the key makes asking safe. */
async function deposit(assetId: string): Promise<void> {
  const input = { assetId, amount: '1', id: randomUUID(), idempotencyKey: randomUUID() }
  for (let attempt = 1; ; attempt++) {
    try {
      const { code } = await service.mutate<{ code: string }>('addAssetLiquidity', input, 'code error')
      if (code === '200') return
    } catch (error) {
      if (attempt >= TRIES_MAX) throw error
    }
    if (attempt >= TRIES_MAX) throw new Error('no answer')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function liquidityOf(id: string): Promise<string> {
  const { body } = await service.post('query ($id: String!) { asset(id: $id) { liquidity } }', { id })
  return (body.data!.asset as { liquidity: string }).liquidity
}

it('loses and doubles no deposit when PostgreSQL is killed under load', async () => {
  const { asset } = await service.mutate<{ asset: { id: string } }>(
    'createAsset',
    { code: 'USD', scale: 2 },
    'asset { id }'
  )
  let running = true
  let deposits = 0
  const load = Array.from({ length: CALLERS }, async () => {
    while (running) {
      await deposit(asset.id)
      deposits++
    }
  })
  for (let kill = 0; kill < KILLS; kill++) {
    await new Promise((resolve) => setTimeout(resolve, MILLISECONDS_BETWEEN))
    const before = deposits
    await killDatabase()
    for (let wait = 0; deposits < before + 5 * CALLERS && wait < 2_000; wait++)
      await new Promise((resolve) => setTimeout(resolve, 50))
    expect(deposits).toBeGreaterThan(before + 4 * CALLERS)
  }
  running = false
  await Promise.all(load)
  expect(await liquidityOf(asset.id)).toBe(String(deposits))

  await service.kill('SIGKILL')
  service = await ServiceProcess.start({ HAZINA_DATA_DIR: folder })
  expect(await liquidityOf(asset.id)).toBe(String(deposits))
}, 400_000)
