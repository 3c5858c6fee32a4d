/**
 * Agents whose key is known from before: who asks is presumed, and confirmed while the work has begun.
 *
 * Goal: a key that was revoked, an agent that was restricted, whoever did it and however, changes nothing from then on;
 * whoever is right is served once, and sooner. Method: the real port of the Agent API, another instance of the service
 * and bare SQL on the same database, where the version of what is known can be locked.
 */
import { Client } from 'pg'
import { globalId } from '../../src/services/ramp/global-ids'
import { valueOf } from '../support/answers'
import { recordStatements } from '../support/statements'
import { until } from '../support/wait'
import { codesOf, type Answer } from '../http/support'
import { Parties } from '../ramp/parties/support'
import { openRamp, type Ramp, type TestAgent, type TestMerchant } from './support'

const ACCEPT = 'mutation ($id: ID!) { acceptWithdrawal(p2pPayment: $id) }'
const VERSION = 'ramp_bearer_version'
const ORDER = 'ramp_assignment_bare'

let ramp: Ramp
let agent: TestAgent
let merchant: TestMerchant
let other: Parties
let sql: Client
let paymentId: string

beforeAll(async () => {
  ramp = await openRamp()
  await ramp.market('NGN', '1540', '1535')
  merchant = await ramp.merchant({})
  other = await Parties.open(ramp.databaseUrl)
  sql = new Client({ connectionString: ramp.databaseUrl })
  await sql.connect()
})
afterAll(async () => {
  await sql.end()
  await other.close()
  await ramp.close()
})

beforeEach(async () => {
  // The only one that can take the order.
  if (agent as TestAgent | undefined) await ramp.suspend(agent.id)
  agent = await ramp.agent({})
  paymentId = (await ramp.withdrawal(merchant, '20')).payment.id
  await agent.profile()
})
afterEach(() => {
  jest.restoreAllMocks()
  expect(ramp.failures.splice(0)).toEqual([])
})

const bearer = (id = agent.id): { kind: 'agent'; id: string } => ({ kind: 'agent', id })
const accept = (): Promise<Answer> => agent.ask(ACCEPT, { id: globalId('P2PPayment', paymentId) })

async function status(): Promise<string | undefined> {
  const { rows } = await sql.query<{ status: string }>('SELECT status FROM ramp_payment WHERE id = $1', [paymentId])
  return rows[0]?.status
}

/** What of the agent's fiat is reserved, in the smallest unit. */
async function reserved(): Promise<string | undefined> {
  const { rows } = await sql.query<{ debits_pending: string }>(
    `SELECT account.debits_pending FROM ramp_payment_method AS method
      JOIN ledger_account AS account ON account.id = method.liquidity_account_id WHERE method.id = $1`,
    [agent.methodId]
  )
  return rows[0]?.debits_pending
}

/** The names of what the service has sent so far. */
function sentStatements(): string[] {
  const sent: string[] = []
  recordStatements(({ name }) => name !== undefined && sent.push(name))
  return sent
}

/** As long as it takes, nobody can read which version it is. */
async function whileVersionIsLocked<Result>(work: () => Promise<Result>): Promise<Result> {
  await sql.query('BEGIN')
  try {
    await sql.query(`LOCK TABLE ${VERSION} IN ACCESS EXCLUSIVE MODE`)
    return await work()
  } finally {
    await sql.query('COMMIT')
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100))

/** Asks while the version is locked; resolves when the order was read, with the answer that is still to come. */
async function ahead(): Promise<{ readonly answer: Promise<Answer> }> {
  const sent = sentStatements()
  let isAnswered = false
  const answer = accept().finally(() => (isAnswered = true))
  await until(() => sent.includes(VERSION) && sent.includes(ORDER))
  // Time for whatever might go on without the version.
  await pause()
  expect(isAnswered).toBe(false)
  expect(sent.filter((name) => name !== VERSION)).toEqual([ORDER])
  return { answer }
}

test('who asks and what for are looked up at once, and nothing is done before both are known', async () => {
  const { answer } = await whileVersionIsLocked(async () => {
    const asked = await ahead()
    expect(await status()).toBe('pending')
    return asked
  })
  expect((await answer).text).toBe('{"data":{"acceptWithdrawal":true}}')
  expect(await status()).toBe('accepted')
})

test('any other operation begins when it is known who asks', async () => {
  const sent = sentStatements()
  const asked = await whileVersionIsLocked(async () => {
    const answer = agent.profile()
    await until(() => sent.includes(VERSION))
    await pause()
    expect(sent).toEqual([VERSION])
    return { answer }
  })
  expect(await asked.answer).toBeDefined()
})

describe('a key that was known and is revoked changes nothing, when it was revoked', () => {
  const UPDATE = 'UPDATE ramp_api_key SET revoked_at = now() WHERE bearer_id = $1'

  async function expectNothing(answer: Answer): Promise<void> {
    expect([answer.status, codesOf(answer)]).toEqual([401, ['UNAUTHENTICATED']])
    await pause()
    expect(await status()).toBe('pending')
    expect(await reserved()).toBe('0')
  }

  test.each([
    ['by this instance', () => ramp.issueKey(bearer(), true)],
    ['by another instance', async () => valueOf(await other.keys.revoke(other.context, bearer(), true))],
    ['by bare SQL', () => sql.query(UPDATE, [agent.id])],
    ['by bare SQL that removes it', () => sql.query('DELETE FROM ramp_api_key WHERE bearer_id = $1', [agent.id])]
  ])('%s', async (_, revoke) => {
    await revoke()
    await expectNothing(await accept())
    await expectNothing(await accept())
  })

  test('while the request was under way', async () => {
    const { answer } = await whileVersionIsLocked(async () => {
      await sql.query(UPDATE, [agent.id])
      return ahead()
    })
    await expectNothing(await answer)
  })

  test.each(['{ nonsense', '{ unknown }', '{ __schema { queryType { name } } }', 'mutation { acceptWithdrawal }'])(
    'and nothing is said about %s',
    async (query) => {
      await sql.query(UPDATE, [agent.id])
      expect((await agent.ask(query)).status).toBe(401)
    }
  )
})

describe('an agent that is restricted is told so, and nothing changes, when it was restricted', () => {
  const UPDATE = 'UPDATE ramp_agent SET is_restricted = true WHERE id = $1'

  async function expectNothing(answer: Answer): Promise<void> {
    expect([answer.status, codesOf(answer)]).toEqual([200, ['ACCOUNT_RESTRICTED']])
    expect(await status()).toBe('pending')
    expect(await reserved()).toBe('0')
  }

  test.each([
    ['before', () => ramp.restrict(agent.id)],
    ['by bare SQL', () => sql.query(UPDATE, [agent.id])]
  ])('%s', async (_, restrict) => {
    await restrict()
    await expectNothing(await accept())
    await expectNothing(await accept())
    await sql.query('UPDATE ramp_agent SET is_restricted = false WHERE id = $1', [agent.id])
    expect((await accept()).text).toBe('{"data":{"acceptWithdrawal":true}}')
  })

  test('while the request was under way', async () => {
    const { answer } = await whileVersionIsLocked(async () => {
      await sql.query(UPDATE, [agent.id])
      return ahead()
    })
    await expectNothing(await answer)
  })
})

test("where another's key has changed, whoever is right is served, and once", async () => {
  const neighbour = await ramp.agent({})
  await agent.profile()
  valueOf(await other.keys.rotate(other.context, bearer(neighbour.id)))
  const sent = sentStatements()
  expect((await accept()).text).toBe('{"data":{"acceptWithdrawal":true}}')
  // Presumed, and then looked up.
  expect(sent.filter((name) => name === ORDER)).toHaveLength(2)
  expect(sent.filter((name) => name === 'ramp_api_key_bearer')).toHaveLength(1)
  expect(await status()).toBe('accepted')
  expect(await reserved()).toBe('3060000')
  expect((await accept()).text).toBe('{"data":{"acceptWithdrawal":true}}')
  expect(await reserved()).toBe('3060000')
  await ramp.suspend(neighbour.id)
})

test('an agent whose webhook URL was set meanwhile is told', async () => {
  const { answer } = await whileVersionIsLocked(async () => {
    await sql.query(
      `UPDATE ramp_api_key SET webhook_url = 'https://agent.test/hook', webhook_token = 'token' WHERE bearer_id = $1`,
      [agent.id]
    )
    return ahead()
  })
  expect((await answer).text).toBe('{"data":{"acceptWithdrawal":true}}')
  const { rows } = await sql.query('SELECT type FROM ramp_webhook_event WHERE bearer_id = $1', [agent.id])
  expect(rows).toEqual([{ type: 'p2p_payment.status.updated' }])
})

describe('where something cannot be read', () => {
  async function without<Result>(table: string, work: () => Promise<Result>): Promise<Result> {
    await sql.query(`ALTER TABLE ${table} RENAME TO ${table}_hidden`)
    try {
      return await work()
    } finally {
      await sql.query(`ALTER TABLE ${table}_hidden RENAME TO ${table}`)
    }
  }

  test.each([
    ['the version', [VERSION]],
    ['neither the version nor the order', [VERSION, 'ramp_payment_method']]
  ])('%s: the request fails, and the log has why', async (_, [first, second]) => {
    const ask = (): Promise<Answer> => without(first!, accept)
    const answer = await (second ? without(second, ask) : ask())
    expect([answer.status, codesOf(answer)]).toEqual([500, ['INTERNAL_SERVER_ERROR']])
    await pause()
    expect(await status()).toBe('pending')
    const failures = ramp.failures.splice(0)
    expect(failures).toHaveLength(1)
    expect(failures[0]).toContain(VERSION)
    expect((await accept()).text).toBe('{"data":{"acceptWithdrawal":true}}')
  })

  test('the order: the field fails, and the log has why', async () => {
    const answer = await without('ramp_payment_method', accept)
    expect([answer.status, codesOf(answer)]).toEqual([200, ['INTERNAL_SERVER_ERROR']])
    expect(ramp.failures.splice(0)).toHaveLength(1)
  })

  test('the order of a key that is revoked: nobody hears of it', async () => {
    await sql.query('UPDATE ramp_api_key SET revoked_at = now() WHERE bearer_id = $1', [agent.id])
    expect((await without('ramp_payment_method', accept)).status).toBe(401)
    await pause()
  })
})
