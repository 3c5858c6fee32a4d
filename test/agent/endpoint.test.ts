/**
 * Goal: the Agent API as it is served: no request makes it fail or store what it refused; without an agent's key
 * every operation is the same closed door, and behind it nobody sees what is another's.
 * Method: the service in this process on a database of its own, with its real port; random requests, and each
 * operation once with every kind of wrong credentials. What is stored is counted in the database.
 */
import 'reflect-metadata'
import fc from 'fast-check'
import { buildClientSchema, getIntrospectionQuery, type GraphQLSchema, type IntrospectionQuery } from 'graphql'
import { container } from 'tsyringe'
import { Client } from 'pg'
import { buildAgentSchema } from '../../src/resolvers/agent/schema'
import { printSorted } from '../../src/resolvers/schemas'
import { globalId } from '../../src/services/ramp/global-ids'
import { everyOperation, expectTame, hostileDocuments } from '../http/hostile'
import { codesOf, post, type Answer } from '../http/support'
import { openRamp, type Ramp, type TestAgent, type TestMerchant } from './support'

const RUNS = process.env.HAZINA_TEST_LONG === '1' ? 10_000 : 500

let ramp: Ramp
let agent: TestAgent
let merchant: TestMerchant
let deposit: string
let withdrawal: string
let sql: Client
let countAll: string
const schema: GraphQLSchema = buildAgentSchema(container)

beforeAll(async () => {
  ramp = await openRamp()
  await ramp.market('NGN', '1540', '1535')
  merchant = await ramp.merchant({})
  await ramp.agent({})
  deposit = (await ramp.deposit(merchant, '20')).payment.id
  withdrawal = (await ramp.withdrawal(merchant, '20')).payment.id
  agent = await ramp.agent({})
  sql = new Client({ connectionString: ramp.databaseUrl })
  await sql.connect()
  const { rows } = await sql.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`
  )
  // A row count says nothing of rows that changed, so their versions are counted as well.
  countAll = rows
    .map(
      ({ name }) =>
        `SELECT '${name}' AS name, count(*)::int || ' ' || coalesce(max(xmin::text::bigint), 0) AS state FROM "${name}"`
    )
    .join(' UNION ALL ')
})
afterAll(async () => {
  await sql.end()
  await ramp.close()
})

/** What every table holds, by its name: different when any row was added, changed or removed. */
async function stored(): Promise<Record<string, string>> {
  const { rows } = await sql.query<{ name: string; state: string }>(countAll)
  return Object.fromEntries(rows.map(({ name, state }) => [name, state]))
}

test('whatever is asked, the answer is one that a client may get, and a refusal stores nothing', async () => {
  const counts = { refused: 0, ran: 0 }
  let before: Record<string, string> | undefined
  await fc.assert(
    fc.asyncProperty(hostileDocuments(schema), async (request) => {
      before ??= await stored()
      const answer = await agent.send(JSON.stringify(request))
      expect(answer.text).not.toContain('INTERNAL_SERVER_ERROR')
      if ('data' in answer.body) {
        expectTame(request, answer)
        before = undefined
        counts.ran += 1
      } else {
        // Said at status 200 here, and otherwise a refusal like any other.
        expect([200, 400]).toContain(answer.status)
        expectTame(request, { ...answer, status: 400 })
        expect(await stored()).toEqual(before)
        counts.refused += 1
      }
    }),
    { numRuns: RUNS }
  )
  expect(Math.min(counts.refused, counts.ran)).toBeGreaterThan(RUNS / 10)
  expect(ramp.failures).toEqual([])
})

describe('without the key of an agent every operation is refused alike, with no effect:', () => {
  test.each(everyOperation(schema))('%s', async (_, request) => {
    const before = await stored()
    const unknown: Record<string, string>[] = [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: `Bearer ${agent.key}x` },
      { authorization: `Bearer CSHRMP-SECK_${'0'.repeat(36)}` },
      { authorization: `Basic ${Buffer.from(`agent:${agent.key}`).toString('base64')}` },
      { authorization: agent.key },
      { 'x-api-key': agent.key },
      { cookie: `token=${agent.key}` }
    ]
    for (const headers of unknown) {
      const answer = await post(ramp.agentUrl, request, headers)
      expect([answer.status, ...codesOf(answer)]).toEqual([401, 'UNAUTHENTICATED'])
    }
    for (const key of [merchant.key, merchant.publicKey]) {
      const answer = await post(ramp.agentUrl, request, { authorization: `Bearer ${key}` })
      expect([answer.status, ...codesOf(answer)]).toEqual([403, 'FORBIDDEN'])
    }
    expect(await stored()).toEqual(before)
  })
})

test('a restricted agent is told so by every operation, with no effect', async () => {
  const restricted = await ramp.agent({})
  await ramp.restrict(restricted.id)
  const before = await stored()
  for (const [, request] of everyOperation(schema)) {
    const answer = await restricted.send(JSON.stringify(request))
    expect([answer.status, ...new Set(codesOf(answer))]).toEqual([200, 'ACCOUNT_RESTRICTED'])
    expect(answer.body.errors?.[0]?.message).toBe('Your account has been restricted.')
  }
  expect(await stored()).toEqual(before)
})

describe("what is another agent's is not there:", () => {
  const NOWHERE = '3f2b0c1e-8d57-4c55-9a40-6d6b5e0a7d11'
  const COMMANDS = [
    'mutation ($id: ID!) { acceptWithdrawal(p2pPayment: $id) }',
    'mutation ($id: ID!) { cancelWithdrawal(p2pPayment: $id) }',
    'mutation ($id: ID!) { markDepositAsReceived(p2pPayment: $id) }',
    'mutation ($id: ID!, $method: ID!) { markWithdrawalAsPaid(p2pPayment: $id, paymentMethod: $method) }'
  ]

  async function refusals(query: string, id: string): Promise<Answer> {
    const before = await stored()
    const variables = {
      id,
      ...(query.includes('$method') ? { method: globalId('P2PPaymentMethod', agent.methodId) } : {})
    }
    const answer = await agent.ask(query, variables)
    expect(await stored()).toEqual(before)
    return answer
  }

  test.each(COMMANDS)('case 6: %s', async (query) => {
    const theirs = [deposit, withdrawal]
    for (const id of [globalId('P2PPayment', NOWHERE), ...theirs.map((each) => globalId('P2PPayment', each))]) {
      const answer = await refusals(query, id)
      expect(answer.body.errors).toMatchObject([{ message: 'NOT_FOUND', extensions: { code: 'NOT_FOUND' } }])
    }
    const wrong = ['nonsense', '', globalId('Types::Cashramp::API::MerchantPaymentRequest', NOWHERE), NOWHERE]
    for (const id of wrong) expect(codesOf(await refusals(query, id))).toEqual(['INVALID_GLOBAL_ID'])
  })
})

test('the schema is shown to agents, and is the one that is committed', async () => {
  const answer = await agent.ask(getIntrospectionQuery())
  const shown = buildClientSchema(answer.body.data as unknown as IntrospectionQuery)
  expect(printSorted(shown)).toBe(printSorted(schema))
})
