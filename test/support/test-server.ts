/**
 * The PostgreSQL of a test run: the service's own embedded server on a cluster of the run's own, in memory
 * where the machine has room for it, with a migrated database that every test clones.
 */
import { chmod, mkdtemp, readdir, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { DataSource } from 'typeorm'
import { startEmbedded, type EmbeddedPostgres } from '../../src/database/embedded'
import { isAlive } from '../../src/database/embedded-lock'
import { MIGRATIONS } from '../../src/database/migrations'

/** Names the server for the test files, which run in other processes. */
export const SERVER_URL_VARIABLE = 'HAZINA_TEST_SERVER_URL'
export const TEMPLATE = 'hazina_template'

const MEMORY_FOLDER = '/dev/shm'
const MEMORY_BYTES_MIN = 4_294_967_296
const FOLDER_PREFIX = 'hazina-test-'

export interface TestServer {
  readonly embedded: EmbeddedPostgres
  readonly folder: string
}

export async function startTestServer(): Promise<TestServer> {
  const parent = await scratchFolder()
  await removeAbandoned(parent)
  const folder = await mkdtemp(join(parent, `${FOLDER_PREFIX}${process.pid}-`))
  // The server may run under another account than the tests.
  await chmod(folder, 0o711)
  const settings = { shared_buffers: '256MB', max_wal_size: '1GB', min_wal_size: '80MB', autovacuum_naptime: '60s' }
  const embedded = await startEmbedded({ dataFolder: join(folder, 'data'), sync: false, settings })
  process.env[SERVER_URL_VARIABLE] = embedded.urlOf('postgres')
  await createTemplate(embedded)
  return { embedded, folder }
}

export async function stopTestServer(server: TestServer): Promise<void> {
  await server.embedded.stop()
  await rm(server.folder, { recursive: true, force: true })
}

async function createTemplate(embedded: EmbeddedPostgres): Promise<void> {
  const client = new Client({ connectionString: embedded.urlOf('postgres') })
  await client.connect()
  await client.query(`CREATE DATABASE ${TEMPLATE}`)
  await client.end()
  const source = new DataSource({ type: 'postgres', url: embedded.urlOf(TEMPLATE), migrations: MIGRATIONS })
  await source.initialize()
  await source.runMigrations({ transaction: 'each' })
  await source.destroy()
}

/** Where tests put what nobody will miss: in memory where there is room, so that no test waits for a disk. */
export async function scratchFolder(): Promise<string> {
  const free = await statfs(MEMORY_FOLDER).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0
  )
  return free >= MEMORY_BYTES_MIN ? MEMORY_FOLDER : tmpdir()
}

/** What killed test runs have left. Their servers have stopped by themselves. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = new RegExp(`^${FOLDER_PREFIX}(\\d+)-`).exec(name)?.[1]
    if (pid && !isAlive(Number(pid))) await rm(join(parent, name), { recursive: true, force: true })
  }
}
