/** Brings the schema up to date, one process at a time. */
import type { Client } from 'pg'
import { DataSource } from 'typeorm'
import { dataSourceOptions } from '../../ormconfig'
import { checkSchemaAge } from './startup-checks'

/** The advisory lock of those who migrate: "hazina" in ASCII. */
const MIGRATION_LOCK = '114767874846305'
const LOCK_WAIT_MILLISECONDS_MAX = 300_000
const LOCK_POLL_MILLISECONDS = 100

/**
 * Runs the migrations that the database lacks, each in a transaction. Instances that start at once take turns,
 * and a lock whose process died is free again at once. Returns the names of what was run.
 *
 * @param client a connection of the caller's own, which holds the lock meanwhile
 * @throws UnsafeDatabase when the schema is newer than the code
 */
export async function migrate(client: Client, url: string): Promise<string[]> {
  await lock(client)
  try {
    await checkSchemaAge(client)
    const source = await new DataSource({ ...dataSourceOptions({ url, poolMax: 1 }), logging: false }).initialize()
    try {
      const done = await source.runMigrations()
      return done.map(({ name }) => name)
    } finally {
      await source.destroy()
    }
  } finally {
    await client.query(`SELECT pg_advisory_unlock(${MIGRATION_LOCK})`)
  }
}

async function lock(client: Client): Promise<void> {
  const deadline = Date.now() + LOCK_WAIT_MILLISECONDS_MAX
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>(`SELECT pg_try_advisory_lock(${MIGRATION_LOCK}) AS taken`)
    if (rows[0]?.taken) return
    if (Date.now() > deadline) {
      throw new Error(`Another process has been migrating the database for ${LOCK_WAIT_MILLISECONDS_MAX / 1_000} s.`)
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MILLISECONDS))
  }
}
