/**
 * Goal: Admin API v2 as it is served: no request makes it fail or store what it refused, and without the
 * operator's credentials every operation is the same closed door.
 * Method: the service in this process on a database of its own, with its real port, schema and use cases;
 * random requests, and each operation once with every kind of wrong credentials. What is stored is counted
 * in the database.
 */
import 'reflect-metadata'
import fc from 'fast-check'
import { container } from 'tsyringe'
import type { GraphQLSchema } from 'graphql'
import { Client } from 'pg'
import { loadConfig } from '../../src/config'
import { createLogger } from '../../src/logging'
import { startService, type Service } from '../../src/main'
import { buildAdminV2Schema } from '../../src/resolvers/admin-v2/schema'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { everyOperation, expectTame, hostileDocuments, isRefusal } from './hostile'
import { codesOf, post, sign, type Answer, type LogLine } from './support'

const RUNS = process.env.HAZINA_TEST_LONG === '1' ? 10_000 : 500
const TOKEN = 'a-token-that-only-the-operator-knows'
const SECRET = 'a-secret-that-only-the-operator-knows'

let database: TestDatabase
let service: Service
let sql: Client
let url: string
let countAll: string
const lines: LogLine[] = []
const schema: GraphQLSchema = buildAdminV2Schema(container)

beforeAll(async () => {
  database = await createTestDatabase()
  const config = loadConfig({
    DATABASE_URL: database.url,
    ADMIN_PORT: '0',
    CONNECTOR_PORT: '0',
    OPEN_PAYMENTS_PORT: '0',
    AUTH_PORT: '0',
    ADMIN_API_TOKEN: TOKEN,
    ADMIN_SIGNATURE_SECRET: SECRET,
    INCOMING_PAYMENT_WORKERS: '0',
    OUTGOING_PAYMENT_WORKERS: '0',
    PAYMENT_POINTER_WORKERS: '0',
    WEBHOOK_WORKERS: '0'
  })
  const logger = createLogger({
    level: 'info',
    destination: { write: (line) => lines.push(JSON.parse(line) as LogLine) }
  })
  service = await startService({
    config,
    logger,
    onFailure: (error) => lines.push({ level: 'fatal', msg: error.message })
  })
  url = `${service.listener.url}${config.adminPath}`
  sql = new Client({ connectionString: database.url })
  await sql.connect()
  const { rows } = await sql.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`
  )
  countAll = rows
    .map(({ name }) => `SELECT '${name}' AS name, count(*)::int AS count FROM "${name}"`)
    .join(' UNION ALL ')
})
afterAll(async () => {
  await service.drain()
  await sql.end()
  await database.drop()
})

const send = (
  request: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }
): Promise<Answer> => post(url, request, headers)

/** Rows of every table, by its name. */
async function stored(): Promise<Record<string, number>> {
  const { rows } = await sql.query<{ name: string; count: number }>(countAll)
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]))
}

async function create(query: string): Promise<void> {
  expect((await send({ query })).body.errors).toBeUndefined()
}

test('whatever is asked, the answer is one that a client may get, and a refusal stores nothing', async () => {
  await create('mutation { createAsset(input: { code: "USD", scale: 2 }) { code } }')
  const counts = { refused: 0, ran: 0 }
  let before: Record<string, number> | undefined
  await fc.assert(
    fc.asyncProperty(hostileDocuments(schema), async (request) => {
      before ??= await stored()
      const answer = await send(request)
      expectTame(request, answer)
      if (isRefusal(answer)) {
        expect(await stored()).toEqual(before)
        counts.refused += 1
      } else {
        before = undefined
        counts.ran += 1
      }
    }),
    { numRuns: RUNS }
  )
  expect(Math.min(counts.refused, counts.ran)).toBeGreaterThan(RUNS / 10)
  expect(lines.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([])
})

describe('without the credentials of the operator every operation is refused alike, with no effect:', () => {
  test.each(everyOperation(schema))('%s', async (_, request) => {
    const before = await stored()
    const now = Date.now()
    const kinds: Record<string, string>[] = [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: `Bearer ${SECRET}` },
      { authorization: `Basic ${Buffer.from(`admin:${TOKEN}`).toString('base64')}` },
      { 'x-api-key': 'wrong' },
      { cookie: `token=${TOKEN}` },
      { signature: sign(TOKEN, request, now) },
      { signature: sign(SECRET, { query: '{ __typename }' }, now) },
      { signature: sign(SECRET, request, now - 600_000) }
    ]
    const answers = await Promise.all(kinds.map((headers) => send(request, headers)))
    for (const answer of answers) {
      expect([answer.status, ...codesOf(answer)]).toEqual([401, 'UNAUTHENTICATED'])
      expect(answer.text).toBe(answers[0]?.text)
    }
    expect(await stored()).toEqual(before)
  })

  test('with them, each way in works', async () => {
    const request = { query: 'mutation { createAsset(input: { code: "EUR", scale: 9 }) { code } }' }
    const signature = sign(SECRET, request, Date.now())
    const ways: Record<string, string>[] = [{ 'x-api-key': TOKEN }, { signature }]
    for (const headers of ways) {
      expect(codesOf(await send(request, headers))).toEqual([])
    }
    expect((await send(request, { signature })).status).toBe(401)
  })
})

test('the figures name operations of the schema and nothing else', async () => {
  await send({ query: 'query AnyNameThatAClientLikes { assets { edges { cursor } } }' })
  const { text } = await read(`${service.listener.url}/metrics`)
  const operations = [...text.matchAll(/_count\{path="\/graphql",operation="([^"]+)"/g)].map(([, name]) => name ?? '')
  const known = new Set([
    ...everyOperation(schema).map(([name]) => name),
    'several',
    'introspection',
    'refused',
    'other',
    '__typename'
  ])
  expect(operations).toContain('assets')
  expect(operations.filter((name) => !known.has(name))).toEqual([])
})

async function read(address: string): Promise<{ text: string }> {
  const response = await fetch(address, { headers: { authorization: `Bearer ${TOKEN}` } })
  return { text: await response.text() }
}
