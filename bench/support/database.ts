/** A database of a benchmark's own on the server that benchmarks run on. */
import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

export interface ScratchDatabase {
  readonly url: string
  drop(): Promise<void>
}

export async function createScratchDatabase(adminUrl: string): Promise<ScratchDatabase> {
  const name = `bench_${randomBytes(6).toString('hex')}`
  await administer(adminUrl, `CREATE DATABASE ${name}`)
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return { url: url.toString(), drop: () => administer(adminUrl, `DROP DATABASE ${name} WITH (FORCE)`) }
}

async function administer(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(text)
  await client.end()
}
