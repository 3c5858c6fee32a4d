/** Databases for tests: each a fresh clone of a migrated one. */
import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { SERVER_URL_VARIABLE, TEMPLATE } from './test-server'

export interface TestDatabase {
  readonly url: string
  /** Cuts whoever is still connected, and removes it. */
  drop(): Promise<void>
}

/** A database with every migration applied. */
export function createTestDatabase(): Promise<TestDatabase> {
  return create(`TEMPLATE ${TEMPLATE} STRATEGY file_copy`)
}

/** A database with nothing in it. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create('')
}

async function create(source: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`
  await administer(`CREATE DATABASE ${name} ${source}`)
  const url = new URL(serverUrl())
  url.pathname = `/${name}`
  return { url: url.toString(), drop: () => administer(`DROP DATABASE ${name} WITH (FORCE)`) }
}

function serverUrl(): string {
  const url = process.env[SERVER_URL_VARIABLE]
  if (!url) throw new Error('the test server was not started: run tests through jest')
  return url
}

async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl() })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
