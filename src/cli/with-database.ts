/** The database for one command. */
import type { Config } from '../config'
import { openDatabase, type Database, type DatabaseOptions } from '../database/database'

/** Opens the database that the settings name, hands it over, and closes it whatever happens. */
export async function withDatabase<Result>(
  config: Config,
  access: DatabaseOptions['access'],
  use: (database: Database) => Promise<Result>
): Promise<Result> {
  const database = await openDatabase({
    ...config,
    url: config.databaseUrl,
    waitMilliseconds: config.databaseWaitMilliseconds,
    access,
    onNotice: (notice) => console.error(notice),
    onFailure: (error) => {
      console.error(error.message)
      process.exit(1)
    }
  })
  try {
    return await use(database)
  } finally {
    await database.close()
  }
}
