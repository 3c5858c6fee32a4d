/**
 * Both generations as they are served (case 58), and the directives over HTTP.
 *
 * Goal: each path answers with its own schema and no other, under one access rule. Method: the service in this
 * process with its real port, on a database of its own.
 */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql'
import { container } from 'tsyringe'
import { loadConfig } from '../../src/config'
import { createLogger } from '../../src/logging'
import { startService, type Service } from '../../src/main'
import { printSorted, SCHEMAS } from '../../src/resolvers/schemas'
import { codesOf, post, type Answer } from '../http/support'
import { createTestDatabase, type TestDatabase } from '../support/database'

const TOKEN = 'a-token-that-only-the-operator-knows'
const WORKERS = ['INCOMING_PAYMENT', 'OUTGOING_PAYMENT', 'PAYMENT_POINTER', 'WEBHOOK']

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
})

afterAll(() => database.drop())

async function start(environment: Record<string, string>): Promise<Service> {
  const idle = Object.fromEntries(WORKERS.map((name) => [`${name}_WORKERS`, '0']))
  const config = loadConfig({
    DATABASE_URL: database.url,
    ADMIN_PORT: '0',
    CONNECTOR_PORT: '0',
    OPEN_PAYMENTS_PORT: '0',
    AUTH_PORT: '0',
    ...idle,
    ...environment
  })
  return startService({
    config,
    logger: createLogger({ level: 'silent', destination: { write: () => undefined } }),
    onFailure: (error) => {
      throw error
    }
  })
}

/** Works with a service that is stopped afterwards. */
async function serving(
  environment: Record<string, string>,
  work: (send: (path: string, query: string, headers?: Record<string, string>) => Promise<Answer>) => Promise<void>
): Promise<void> {
  const service = await start(environment)
  try {
    await work((path, query, headers = {}) => post(`${service.listener.url}${path}`, { query }, headers))
  } finally {
    await service.drain()
  }
}

const REVOKE = 'mutation { revokeSession(input: { key: "none" }) { code success message } }'
const CLIENT = '{ client(id: "none") { id } }'
const UNAUTHORIZED = { code: '401', success: false, message: 'Unauthorized.' }
const REVOKED = { code: '200', success: true, message: 'Revoked Session' }

function shownBy(answer: Answer): string {
  return printSorted(buildClientSchema(answer.body.data as unknown as IntrospectionQuery))
}

it('case 58: each path has its own schema, and no other path has any', async () => {
  await serving({}, async (send) => {
    for (const [path, name] of [
      ['/graphql', 'admin-v2'],
      ['/v1/graphql', 'admin-v1']
    ] as const) {
      const introspection = await send(path, getIntrospectionQuery({ specifiedByUrl: true }))
      expect(shownBy(introspection)).toBe(printSorted(SCHEMAS[name]!(container)))
    }
    expect((await send('/graphql', REVOKE)).status).toBe(400)
    expect((await send('/v1/graphql', '{ webhookEvents { edges { cursor } } }')).status).toBe(400)
    expect((await send('/v1/graphql', REVOKE)).body.data).toEqual({ revokeSession: REVOKED })
    for (const path of ['/api/graphql', '/v1', '/v1/graphql/more']) expect((await send(path, REVOKE)).status).toBe(404)
  })
})

it('the path is a setting', async () => {
  await serving({ V1_GRAPHQL_PATH: '/old' }, async (send) => {
    expect((await send('/old', REVOKE)).body.data).toEqual({ revokeSession: REVOKED })
    expect((await send('/v1/graphql', REVOKE)).status).toBe(404)
  })
})

it('nobody comes in without the credentials of the operator, whatever session it has', async () => {
  await serving({ ADMIN_API_TOKEN: TOKEN, V1_ENFORCE_DIRECTIVES: 'true' }, async (send) => {
    const strangers: Record<string, string>[] = [{}, { 'x-api-key': 'wrong' }, { authorization: TOKEN }]
    for (const headers of strangers) {
      const answer = await send('/v1/graphql', REVOKE, headers)
      expect([answer.status, ...codesOf(answer)]).toEqual([401, 'UNAUTHENTICATED'])
    }
    const ways: Record<string, string>[] = [
      { 'x-api-key': TOKEN },
      { authorization: `Bearer ${TOKEN}` },
      { 'x-api-key': TOKEN, authorization: 'a session' }
    ]
    for (const headers of ways) {
      expect((await send('/v1/graphql', REVOKE, headers)).body.data).toEqual({ revokeSession: REVOKED })
      expect((await send('/v1/graphql', CLIENT, headers)).body).toEqual({ data: { client: null } })
    }
  })
})

it('where directives are enforced, a neighbour without credentials may read and no more', async () => {
  await serving({ V1_ENFORCE_DIRECTIVES: 'true' }, async (send) => {
    expect((await send('/v1/graphql', REVOKE)).body).toEqual({ data: { revokeSession: UNAUTHORIZED } })
    const client = await send('/v1/graphql', CLIENT)
    expect(client.body).toMatchObject({ data: { client: null }, errors: [{ path: ['client', 'id'] }] })
    expect((await send('/v1/graphql', '{ assets { edges { cursor } } }')).body.errors).toBeUndefined()
  })
  await serving({}, async (send) => {
    expect((await send('/v1/graphql', REVOKE)).body).toEqual({ data: { revokeSession: REVOKED } })
  })
})

it('guesses at API keys are counted by client, as the proxy in front tells it', async () => {
  await serving({ ADMIN_API_TOKEN: TOKEN, API_KEY_GUESSES_PER_ADDRESS: '2' }, async (send) => {
    const guess = async (address: string): Promise<unknown> => {
      const input = `{ key: "x", paymentPointerId: "${randomUUID()}" }`
      const headers = { 'x-api-key': TOKEN, 'x-forwarded-for': address }
      const { body } = await send('/v1/graphql', `mutation { redeemApiKey(input: ${input}) { code } }`, headers)
      return (body.data?.redeemApiKey as { code: string }).code
    }
    for (const [one, same, other] of [
      ['192.0.2.1', '192.0.2.1', '192.0.2.2'],
      ['192.0.2.3:1000', '192.0.2.3:1001', '192.0.2.4:1000'],
      ['2001:db8::1', '2001:db8::2', '2001:db8:0:1::1']
    ] as const) {
      expect([await guess(one), await guess(same), await guess(one)]).toEqual(['404', '404', '429'])
      expect(await guess(other)).toBe('404')
    }
  })
})
