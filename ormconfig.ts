/**
 * The data source, for the service and for TypeORM's command line. Entities and migrations are explicit lists.
 *
 *   npm run typeorm -- migration:show
 *   npm run typeorm -- migration:generate src/database/migrations/drift --check
 */
import 'reflect-metadata'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { MIGRATIONS } from './src/database/migrations'
import { ENTITIES } from './src/entities'

export interface DataSourceSettings {
  readonly url: string
  readonly poolMax?: number
  /** Told of connections that broke while nobody used them. */
  readonly onError?: (error: Error) => void
}

export function dataSourceOptions(settings: DataSourceSettings): DataSourceOptions {
  return {
    type: 'postgres',
    // For the driver alone: TypeORM reads a URL by rules of its own, at once, and throws at what is no URL to it.
    extra: { connectionString: settings.url },
    poolSize: settings.poolMax,
    poolErrorHandler: settings.onError,
    applicationName: 'hazina entities',
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

export default new DataSource(
  dataSourceOptions({ url: process.env['DATABASE_URL'] ?? 'postgres://hazina@localhost:5432/hazina' })
)
