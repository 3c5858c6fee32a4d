/**
 * Goal: the tables that the migrations make are those that the entities describe, and each migration can be
 * taken back.
 * Method: what TypeORM would still change on a migrated database is nothing; all migrations back and forth
 * again leave the same catalogue.
 */
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { DataSource } from 'typeorm'
import { dataSourceOptions } from '../../ormconfig'
import { MIGRATIONS } from '../../src/database/migrations'
import { createTestDatabase, type TestDatabase } from '../support/database'

let database: TestDatabase
let source: DataSource

beforeAll(async () => {
  database = await createTestDatabase()
  source = await new DataSource(dataSourceOptions({ url: database.url })).initialize()
})
afterAll(async () => {
  await source.destroy()
  await database.drop()
})

test('the entities describe what the migrations made', async () => {
  const { upQueries } = await source.driver.createSchemaBuilder().log()
  expect(upQueries.map(({ query }) => query)).toEqual([])
})

test('every file of the folder is in the list, in order', () => {
  const files = readdirSync(resolve(__dirname, '../../src/database/migrations')).filter((name) => /^\d{4}-/.test(name))
  const listed = MIGRATIONS.map(({ name }) => /\d{4}$/.exec(name)![0])
  expect(listed).toEqual(files.sort().map((name) => name.slice(0, 4)))
})

test('each migration can be taken back, and made again', async () => {
  const before = await catalogue()
  for (let count = 0; count < MIGRATIONS.length; count++) await source.undoLastMigration()
  const remaining = (await catalogue()).filter((line) => !line.includes('migrations'))
  expect(remaining).toEqual([])
  await source.runMigrations()
  expect(await catalogue()).toEqual(before)
})

/** Everything that migrations make, a line each. */
async function catalogue(): Promise<string[]> {
  const rows: { line: string }[] = await source.query(`
    SELECT format('column %s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) AS line
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT format('function %s', oid::regprocedure)
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT format('trigger %s', pg_get_triggerdef(trigger.oid))
      FROM pg_trigger trigger JOIN pg_class ON pg_class.oid = tgrelid
      WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal
    UNION ALL SELECT format('sequence %s', oid::regclass)
      FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
    UNION ALL SELECT format('type %s', oid::regtype)
      FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
    ORDER BY line`)
  return rows.map(({ line }) => line)
}
