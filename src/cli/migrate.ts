/** `hazina migrate`: brings the schema up to date and ends. */
import { Command } from 'commander'
import { loadConfig } from '../config'
import { withDatabase } from './with-database'

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('Brings the schema of the database up to date. A start does that too')
    .action(() =>
      withDatabase(loadConfig(process.env), 'write', async ({ migrated }) => {
        for (const name of migrated) console.log(`ran ${name}`)
        if (migrated.length === 0) console.log('the schema is up to date')
      })
    )
}
