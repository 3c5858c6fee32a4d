/**
 * Goal: a connection of the pool whose server has fallen silent is given up, and no other.
 * Method: a wire that stays up and passes nothing, and a server that takes its time.
 */
import 'reflect-metadata'
import { DataSource } from 'typeorm'
import { dataSourceOptions } from '../../ormconfig'
import { UnitOfWork } from '../../src/database/unit-of-work'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { DatabaseProxy } from '../support/proxy'

const LIMITS = { lockTimeoutMilliseconds: 500, statementTimeoutMilliseconds: 500, idleTimeoutMilliseconds: 5_000 }
const SILENCE_MILLISECONDS = 800

let database: TestDatabase
let proxy: DatabaseProxy
let pool: DataSource
let unitOfWork: UnitOfWork

beforeAll(async () => {
  database = await createTestDatabase()
  proxy = await DatabaseProxy.open(database.url)
})
beforeEach(async () => {
  const settings = { url: proxy.url, poolMax: 1, silenceMilliseconds: SILENCE_MILLISECONDS, onError: () => undefined }
  pool = await new DataSource(dataSourceOptions(settings)).initialize()
  unitOfWork = new UnitOfWork(pool, LIMITS)
})
afterEach(() => pool.destroy())
afterAll(async () => {
  await proxy.close()
  await database.drop()
})

/** Which connection answered. */
function ask(whileOpen: () => void = () => undefined): Promise<number> {
  return unitOfWork.run(async (manager) => {
    whileOpen()
    const [row] = await manager.query<{ pid: number }[]>('SELECT pg_backend_pid() AS pid')
    return row!.pid
  })
}

it('fails what waits on a silent connection, and opens another', async () => {
  const first = await ask()
  await expect(ask(() => proxy.silenceAll())).rejects.toThrow('does not answer')
  const second = await ask()
  expect(second).not.toBe(first)
  expect(await ask()).toBe(second)
})

it('gives up one that fell silent while nobody used it', async () => {
  await ask()
  proxy.silenceAll()
  await expect(ask()).rejects.toThrow('does not answer')
  expect(await ask()).toBeGreaterThan(0)
})

it('keeps one whose transaction takes longer than any of its statements', async () => {
  const first = await ask()
  await unitOfWork.run(async (manager) => {
    for (let round = 0; round < 4; round++) await manager.query('SELECT pg_sleep(0.3)')
    await new Promise((resolve) => setTimeout(resolve, 2 * SILENCE_MILLISECONDS))
  })
  expect(await ask()).toBe(first)
})
