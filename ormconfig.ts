/**
 * The data source, for the service and for TypeORM's command line. Entities and migrations are explicit lists.
 *
 *   npm run typeorm -- migration:show
 *   npm run typeorm -- migration:generate src/database/migrations/drift --check
 */
import 'reflect-metadata'
import type { Client } from 'pg'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { MIGRATIONS } from './src/database/migrations'
import { giveUpOnSilence, KEEP_ALIVE_MILLISECONDS } from './src/database/silence'
import { ENTITIES } from './src/entities'

export interface DataSourceSettings {
  readonly url: string
  readonly poolMax?: number
  /** The longest wait for an answer, above that of every statement; without it, for ever: a migration takes its time. */
  readonly silenceMilliseconds?: number
  /** Told of connections that broke while nobody used them. */
  readonly onError?: (error: Error) => void
}

const NAME = 'hazina entities'

export function dataSourceOptions(settings: DataSourceSettings): DataSourceOptions {
  return {
    type: 'postgres',
    extra: driverOptions(settings),
    poolSize: settings.poolMax,
    poolErrorHandler: settings.onError,
    applicationName: NAME,
    connectTimeoutMS: 10_000,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    // Every migration is in its own transaction: a later one that fails does not undo those before it.
    migrationsTransactionMode: 'each',
    synchronize: false,
    uuidExtension: 'pgcrypto',
    installExtensions: false
  }
}

/** The URL is for the driver alone: TypeORM reads it by rules of its own, at once, and throws at what is no URL to it. */
function driverOptions({ url, silenceMilliseconds }: DataSourceSettings): object {
  return {
    connectionString: url,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MILLISECONDS,
    // The driver's own query_timeout would leave the connection in the pool, and the next ones would wait on it again.
    onConnect: (client: Client) => {
      if (silenceMilliseconds !== undefined) giveUpOnSilence(client, NAME, silenceMilliseconds)
    }
  }
}

export default new DataSource(
  dataSourceOptions({ url: process.env['DATABASE_URL'] ?? 'postgres://hazina@localhost:5432/hazina' })
)
