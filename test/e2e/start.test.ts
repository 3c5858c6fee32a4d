/**
 * Goal: the service starts only where a ledger is safe, and says which setting is wrong where it is not; it
 * starts together with others, before its database, and on data that it finds.
 * Method: the real command against servers and databases that each have one fault, and the exit code.
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { MIGRATIONS } from '../../src/database/migrations'
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/database'
import { ServiceProcess } from '../support/service-process'
import { freePort } from '../support/ports'
import { Door, execute, hazina, hazinaProcess, newFolder, startServer } from './support'

const databases: TestDatabase[] = []
const folders: string[] = []
afterAll(async () => {
  for (const database of databases) await database.drop()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

async function database(create = createTestDatabase): Promise<string> {
  const made = await create()
  databases.push(made)
  return made.url
}

function folder(name: string): string {
  const made = newFolder(name)
  folders.push(made)
  return made
}

async function withSetting(statement: (name: string) => string): Promise<string> {
  const url = await database()
  await execute(url, statement(new URL(url).pathname.slice(1)))
  return url
}

async function refusal(env: Readonly<Record<string, string>>): Promise<string> {
  const { code, output } = await hazina('start', env)
  expect({ code, listened: output.includes('"listening"') }).toEqual({ code: 1, listened: false })
  return output
}

describe('a start is refused, and the setting named', () => {
  test('with every setting that cannot be used, at once', async () => {
    const output = await refusal({
      ADMIN_PORT: '70000',
      LOG_LEVEL: 'loud',
      ALLOW_ASYNC_COMMIT: 'yes',
      ADMIN_GRAPHQL_PATH: 'graphql',
      DATABASE_URL: 'mysql://root:hidden@localhost/x'
    })
    for (const name of ['ADMIN_PORT=70000', 'LOG_LEVEL=loud', 'ALLOW_ASYNC_COMMIT=yes', 'ADMIN_GRAPHQL_PATH=graphql']) {
      expect(output).toContain(name)
    }
    expect(output).toContain('DATABASE_URL must be')
    expect(output).not.toContain('hidden')
  })

  test('a percent sign in DATABASE_URL that encodes nothing among them, in one line', async () => {
    const output = await refusal({ DATABASE_URL: 'postgres://root:hidden%ZZ@localhost/x' })
    expect(output).toMatch(/^The settings cannot be used:\n {2}DATABASE_URL must be a URL .*percent-encode.*\n$/)
    expect(output).not.toContain('hidden')
  })

  test('when everybody could be the operator', async () => {
    const env = { HOST: '0.0.0.0', DATABASE_URL: await database() }
    expect(await refusal(env)).toContain('HOST=0.0.0.0 would open')
    const service = await ServiceProcess.start({ ...env, ADMIN_API_TOKEN: 'token' })
    expect((await service.post('{ __typename }', {})).status).toBe(401)
    expect(await service.kill('SIGTERM')).toBe(0)
  })

  test('on synchronous_commit=off, unless ALLOW_ASYNC_COMMIT accepts it', async () => {
    const url = await withSetting((name) => `ALTER DATABASE ${name} SET synchronous_commit = off`)
    expect(await refusal({ DATABASE_URL: url })).toMatch(/synchronous_commit=off.*ALLOW_ASYNC_COMMIT/)
    const service = await ServiceProcess.start({ DATABASE_URL: url, ALLOW_ASYNC_COMMIT: 'true' })
    expect(await service.kill('SIGTERM')).toBe(0)
  })

  test('on a database that takes no writes', async () => {
    const url = await withSetting((name) => `ALTER DATABASE ${name} SET default_transaction_read_only = on`)
    expect(await refusal({ DATABASE_URL: url })).toContain('default_transaction_read_only=on')
  })

  test('on a schema newer than the code', async () => {
    const url = await database()
    await execute(url, `INSERT INTO migrations (timestamp, name) VALUES (1900000000001, 'Later1900000000001')`)
    expect(await refusal({ DATABASE_URL: url })).toMatch(/schema newer than the code.*Later1900000000001/)
    const { code, output } = await hazina('migrate', { DATABASE_URL: url })
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('schema newer') as string })
  })

  test('on fsync=off', async () => {
    const server = await startServer(folder('fsync'), { fsync: 'off' })
    expect(await refusal({ DATABASE_URL: server.url })).toContain('fsync=off')
    await server.stop()
  })

  test('on a server in recovery, where the ledger can still be verified', async () => {
    const dataFolder = folder('standby')
    const server = await startServer(dataFolder)
    await server.stop()
    expect((await hazina('migrate', { HAZINA_DATA_DIR: dataFolder })).code).toBe(0)
    writeFileSync(join(dataFolder, 'postgres', 'cluster', 'standby.signal'), '')
    expect(await refusal({ HAZINA_DATA_DIR: dataFolder })).toContain('pg_is_in_recovery')
    const { code, output } = await hazina('verify', { HAZINA_DATA_DIR: dataFolder })
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('OK: 0 transfers') as string })
  })

  test('without a database, after DATABASE_WAIT_MS, and without its password', async () => {
    const url = `postgres://hazina:hidden@127.0.0.1:${await freePort()}/hazina`
    const output = await refusal({ DATABASE_URL: url, DATABASE_WAIT_MS: '500' })
    expect(output).toMatch(/DATABASE_URL \(postgres:\/\/hazina:…@127.0.0.1:\d+\/hazina\) did not answer/)
    expect(output).not.toContain('hidden')
  })

  test('without a database, with a password that has an @ in it', async () => {
    const url = `postgres://hazina:h@hidden@127.0.0.1:${await freePort()}/hazina?password=hidden`
    const output = await refusal({ DATABASE_URL: url, DATABASE_WAIT_MS: '0' })
    expect(output).toContain('DATABASE_URL (postgres://hazina:…@127.0.0.1:')
    expect(output).not.toMatch(/hidden|\n +at /)
  })

  test('at once, on a database that there is not', async () => {
    const url = new URL(await database())
    url.pathname = '/nowhere'
    expect(await refusal({ DATABASE_URL: url.toString() })).toMatch(/DATABASE_URL .*"nowhere" does not exist/)
  })

  test('on a port that is taken', async () => {
    const DATABASE_URL = await database()
    const service = await ServiceProcess.start({ DATABASE_URL })
    const ADMIN_PORT = new URL(service.url).port
    expect(await refusal({ DATABASE_URL, ADMIN_PORT })).toContain(`ADMIN_PORT=${ADMIN_PORT} is taken`)
    expect(await service.kill('SIGTERM')).toBe(0)
  })
})

test('instances that start at once on an empty database migrate it once', async () => {
  const DATABASE_URL = await database(createEmptyDatabase)
  const services = await Promise.all([1, 2, 3].map(() => ServiceProcess.start({ DATABASE_URL })))
  const ran = services.filter(({ log }) => log.includes('the schema was brought up to date'))
  expect(ran).toHaveLength(1)
  const client = new Client({ connectionString: DATABASE_URL })
  await client.connect()
  const { rows } = await client.query<{ name: string }>('SELECT name FROM migrations ORDER BY id')
  await client.end()
  expect(rows.map(({ name }) => name)).toEqual(MIGRATIONS.map(({ name }) => name))
  for (const service of services) expect(await service.kill('SIGTERM')).toBe(0)
})

test('a start waits for a database that comes later', async () => {
  const url = new URL(await database())
  const door = new Door(url.toString())
  const port = await freePort()
  url.search = ''
  url.host = `127.0.0.1:${port}`
  const { child, ended, output } = hazinaProcess({ DATABASE_URL: url.toString() })
  while (!output().includes('waiting for the database')) await new Promise((resolve) => setTimeout(resolve, 10))
  await door.open(port)
  while (!output().includes('"listening"')) await new Promise((resolve) => setTimeout(resolve, 10))
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  await door.close()
})

test('without DATABASE_URL, several services share one embedded server and find their data again', async () => {
  const env = { HAZINA_DATA_DIR: folder('embedded') }
  const first = await ServiceProcess.start(env)
  const input = { code: 'USD', scale: 2 }
  const { asset } = await first.mutate<{ asset: { id: string } }>('createAsset', input, 'asset { id }')
  const second = await ServiceProcess.start(env)
  expect(await first.kill('SIGTERM')).toBe(0)
  const query = 'query ($id: String!) { asset(id: $id) { code } }'
  expect((await second.post(query, { id: asset.id })).body).toEqual({ data: { asset: { code: 'USD' } } })
  const { code, output } = await hazina('verify', env)
  expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/^OK: /m) as string })
  await second.kill('SIGKILL')
  const third = await ServiceProcess.start(env)
  expect((await third.post(query, { id: asset.id })).body).toEqual({ data: { asset: { code: 'USD' } } })
  expect(await third.kill('SIGTERM')).toBe(0)
})

test('verify refuses where there is nothing to verify, and leaves nothing behind', async () => {
  const HAZINA_DATA_DIR = folder('nothing')
  const embedded = await hazina('verify', { HAZINA_DATA_DIR })
  expect(embedded).toMatchObject({ code: 1, output: expect.stringContaining('no database in') as string })
  expect(readdirSync(HAZINA_DATA_DIR)).toEqual([])
  const { url, drop } = await createTestDatabase()
  await execute(url, 'DROP TABLE migrations')
  const served = await hazina('verify', { DATABASE_URL: url })
  await drop()
  expect(served).toMatchObject({ code: 1, output: expect.stringContaining('no schema') as string })
})

test('verify names a bad record and exits with 1', async () => {
  const DATABASE_URL = await database()
  const service = await ServiceProcess.start({ DATABASE_URL })
  await service.mutate('createAsset', { code: 'EUR', scale: 2 }, 'code')
  expect(await service.kill('SIGTERM')).toBe(0)
  expect((await hazina('verify', { DATABASE_URL })).code).toBe(0)
  await execute(
    DATABASE_URL,
    'ALTER TABLE ledger_batch DISABLE TRIGGER USER',
    'UPDATE ledger_batch SET recorded_us = 1'
  )
  const { code, output } = await hazina('verify', { DATABASE_URL })
  expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(/^BAD: batch 1: /m) as string })
})
