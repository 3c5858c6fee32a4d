/**
 * Entities and migrations. Goal: they describe the same tables. Method: the ORM is asked what it would change
 * in a migrated database.
 */
import 'reflect-metadata'
import { DataSource } from 'typeorm'
import { ENTITIES } from '../../src/entities'
import { createTestDatabase } from '../support/database'

it('describe the same tables', async () => {
  const database = await createTestDatabase()
  const dataSource = await new DataSource({ type: 'postgres', url: database.url, entities: ENTITIES }).initialize()
  try {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log()
    expect(upQueries.map(({ query }) => query)).toEqual([])
  } finally {
    await dataSource.destroy()
    await database.drop()
  }
})
