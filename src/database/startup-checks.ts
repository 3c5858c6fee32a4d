/** What a server must be like before the service trusts it with a ledger. */
import type { Client } from 'pg'
import { MIGRATIONS } from './migrations'

/** The service does not start on this server; each reason names the setting to change. */
export class UnsafeDatabase extends Error {
  constructor(readonly reasons: readonly string[]) {
    super(['The service does not start on this database:', ...reasons.map((reason) => `  ${reason}`)].join('\n'))
    this.name = 'UnsafeDatabase'
  }
}

const VERSION_MIN = 150_000

interface ServerState {
  readonly version: number
  readonly fsync: string
  readonly synchronous_commit: string
  readonly is_recovering: boolean
  readonly is_read_only: string
}

const SERVER_STATE = `
  SELECT current_setting('server_version_num')::int AS version,
    current_setting('fsync') AS fsync,
    current_setting('synchronous_commit') AS synchronous_commit,
    pg_is_in_recovery() AS is_recovering,
    current_setting('default_transaction_read_only') AS is_read_only`

/** @throws UnsafeDatabase */
export async function checkServer(client: Client, options: { allowAsyncCommit: boolean }): Promise<void> {
  const { rows } = await client.query<ServerState>(SERVER_STATE)
  const reasons = rows.flatMap((state) => reasonsAgainst(state, options.allowAsyncCommit))
  if (reasons.length > 0) throw new UnsafeDatabase(reasons)
}

function reasonsAgainst(state: ServerState, allowAsyncCommit: boolean): string[] {
  const reasons: string[] = []
  if (state.version < VERSION_MIN) {
    reasons.push(`server_version_num=${state.version}: DATABASE_URL must lead to PostgreSQL 15 or later`)
  }
  if (state.fsync !== 'on') {
    reasons.push('fsync=off: a crash of the machine would corrupt the ledger; set fsync=on in the server')
  }
  if (state.is_recovering) {
    reasons.push('pg_is_in_recovery: DATABASE_URL leads to a standby or recovering server, which takes no writes')
  } else if (state.is_read_only !== 'off') {
    reasons.push('default_transaction_read_only=on: DATABASE_URL leads to a database or role that takes no writes')
  }
  if (state.synchronous_commit === 'off' && !allowAsyncCommit) {
    reasons.push(
      'synchronous_commit=off: a crash would lose payments that were acknowledged; set synchronous_commit=on in the ' +
        'server, or ALLOW_ASYNC_COMMIT=true to accept that'
    )
  }
  return reasons
}

/**
 * Refuses a schema that a newer version of the service has made: its rules are not known here.
 *
 * @throws UnsafeDatabase
 */
export async function checkSchemaAge(client: Client, { mustExist = false } = {}): Promise<void> {
  const { rows: tables } = await client.query<{ exists: boolean }>(
    `SELECT to_regclass('migrations') IS NOT NULL AS exists`
  )
  if (!tables[0]?.exists) {
    if (!mustExist) return
    throw new UnsafeDatabase(['no schema: DATABASE_URL leads to a database that the service was never started on'])
  }
  const { rows } = await client.query<{ name: string }>('SELECT name FROM migrations ORDER BY id')
  const known = new Set(MIGRATIONS.map((migration) => migration.name))
  const unknown = rows.map(({ name }) => name).filter((name) => !known.has(name))
  if (unknown.length === 0) return
  throw new UnsafeDatabase([
    `schema newer than the code: DATABASE_URL leads to a database with the migration ${unknown.join(', ')}, ` +
      'which this version does not have; start the newer version'
  ])
}
