/**
 * The database of a process: the one that DATABASE_URL names, or the embedded one. Opened for writing, it is
 * safe to keep a ledger in and has the newest schema.
 */
import { resolve } from 'node:path'
import type { Client } from 'pg'
import { connectWhenUp } from './connect'
import { startEmbedded, type EmbeddedPostgres } from './embedded'
import { isFounded } from './embedded-home'
import { migrate } from './migrate'
import { checkSchemaAge, checkServer, UnsafeDatabase } from './startup-checks'

export interface DatabaseOptions {
  /** DATABASE_URL; undefined for the embedded server. */
  readonly url: string | undefined
  readonly dataFolder: string
  readonly embeddedPort?: number
  readonly waitMilliseconds: number
  readonly allowAsyncCommit: boolean
  /** For reading, any server will do, a standby too, and the schema stays as it is. */
  readonly access: 'read' | 'write'
  readonly onNotice: (notice: string) => void
  /** Told that the embedded server is gone and does not come back. */
  readonly onFailure: (error: Error) => void
}

export interface Database {
  readonly url: string
  readonly embedded: EmbeddedPostgres | undefined
  /** Migrations that were run. */
  readonly migrated: readonly string[]
  close(): Promise<void>
}

/**
 * @throws DatabaseUnavailable
 * @throws UnsafeDatabase
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const embedded = options.url === undefined ? await openEmbedded(options) : undefined
  const url = options.url ?? embedded!.url
  try {
    const client = await connectWhenUp(url, options)
    try {
      const migrated = await prepare(client, url, options)
      return { url, embedded, migrated, close: async () => embedded?.stop() }
    } finally {
      await client.end()
    }
  } catch (error) {
    await embedded?.stop()
    throw error
  }
}

async function openEmbedded(options: DatabaseOptions): Promise<EmbeddedPostgres> {
  if (options.access === 'read' && !isFounded(options.dataFolder)) {
    throw new UnsafeDatabase([
      `no database in ${resolve(options.dataFolder)}: name the right folder with HAZINA_DATA_DIR, or a server with DATABASE_URL`
    ])
  }
  const { dataFolder, embeddedPort: port, onNotice, onFailure } = options
  return startEmbedded({ dataFolder, port, onNotice, onFailure })
}

async function prepare(client: Client, url: string, options: DatabaseOptions): Promise<string[]> {
  if (options.access === 'read') {
    await checkSchemaAge(client, { mustExist: true })
    return []
  }
  await checkServer(client, options)
  return migrate(client, url)
}
