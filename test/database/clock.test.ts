/**
 * Goal: an instance whose clock does not go with the database's says so, and gets no traffic.
 * Method: the service put together with a clock that is off, and a probe.
 */
import { compose, type Composition } from '../../src/container'
import { loadConfig } from '../../src/config'
import { createLogger } from '../../src/logging'
import { get, startServer, stopServers } from '../http/support'
import { createTestDatabase, type TestDatabase } from '../support/database'

let database: TestDatabase
let composition: Composition | undefined

beforeAll(async () => {
  database = await createTestDatabase()
})
afterEach(async () => {
  await stopServers()
  await composition?.close(0)
})
afterAll(() => database.drop())

it.each([
  ['as it should be', 0, 'ok', 200],
  ['a minute ahead', 60_000, 'down', 503],
  ['a minute behind', -60_000, 'down', 503]
])('a clock that is %s', async (_, offset, state, expected) => {
  const lines: string[] = []
  const logger = createLogger({ level: 'warn', destination: { write: (line) => lines.push(line) } })
  const now = (): Date => new Date(Date.now() + offset)
  composition = await compose({ config: loadConfig({ DATABASE_URL: database.url }), url: database.url, logger, now })
  const { listener } = await startServer({ listener: { checks: composition.checks } })
  const { status, text } = await get(`${listener.url}/readyz`)
  expect([status, JSON.parse(text)]).toEqual([expected, { status: state, checks: { database: 'ok', clock: state } }])
  expect(lines.filter((line) => line.includes('ClockOff'))).toHaveLength(offset === 0 ? 0 : 1)
})
