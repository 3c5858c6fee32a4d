/**
 * Who may use the Merchant API, and what it says to everybody else; and that the schema that runs is the one that is
 * committed.
 *
 * Goal: every operation refuses whoever has no, wrong or foreign credentials, does nothing for them, and says the
 * same of what is not theirs as of what is not there. Method: one sound request for every operation of the schema,
 * over a real port, with each kind of credentials; the tables are counted before and after.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildClientSchema, getIntrospectionQuery, lexicographicSortSchema, printSchema } from 'graphql'
import { DataSource } from 'typeorm'
import { buildMerchantSchema, PUBLIC_FIELDS } from '../../src/resolvers/merchant/schema'
import { MerchantService } from '../../src/services/ramp/parties/merchant-service'
import type { TestAgent, TestMerchant } from '../agent/support'
import { everyOperation } from '../http/hostile'
import { codesOf, get, post, type Answer } from '../http/support'
import { valueOf } from '../support/answers'
import { MerchantSide } from './support'

let side: MerchantSide
let agent: TestAgent
let merchant: TestMerchant

beforeAll(async () => {
  side = await MerchantSide.open()
  await side.ramp.market('NGN', '1540', '1535')
  agent = await side.agent()
  merchant = await side.ramp.merchant({})
})

afterAll(async () => {
  await side.close()
  expect(side.failures).toEqual([])
})

const OPERATIONS = everyOperation(buildMerchantSchema({ resolve: () => ({}) } as never))

async function rows(): Promise<unknown> {
  const { manager } = side.ramp.container.resolve(DataSource)
  const tables = await manager.query<{ name: string }[]>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`
  )
  const counts = tables.map(({ name }) => `SELECT '${name}' AS name, count(*)::int AS n FROM "${name}"`)
  return manager.query(counts.join(' UNION ALL '))
}

describe('every operation', () => {
  const credentials: [string, () => Record<string, string>][] = [
    ['none', () => ({})],
    ['a key that nobody has', () => ({ authorization: `Bearer CSHRMP-SECK_${'0'.repeat(32)}` })],
    ['a key that is none', () => ({ authorization: 'Bearer let-me-in' })],
    ['another scheme', () => ({ authorization: `Basic ${merchant.key}` })],
    ['a key in another header', () => ({ 'x-api-key': merchant.key })]
  ]

  it.each(credentials)('answers 401 to %s, and does nothing', async (_, headersOf) => {
    const before = await rows()
    for (const [name, request] of OPERATIONS) {
      const answer = await post(side.url, request, headersOf())
      expect([name, answer.status, answer.body]).toEqual([
        name,
        401,
        {
          errors: [{ message: 'UNAUTHENTICATED', extensions: { code: 'UNAUTHENTICATED' } }]
        }
      ])
    }
    expect(await rows()).toEqual(before)
  })

  it("answers 403 to an agent's key, and does nothing", async () => {
    const before = await rows()
    for (const [name, request] of OPERATIONS) {
      const answer = await post(side.url, request, { authorization: `Bearer ${agent.key}` })
      expect([name, answer.status, codesOf(answer)]).toEqual([name, 403, ['FORBIDDEN']])
    }
    expect(await rows()).toEqual(before)
  })

  it('is forbidden to a public key, those aside that tell nothing of an account', async () => {
    const before = await rows()
    for (const [name, request] of OPERATIONS) {
      const answer = await post(side.url, request, { authorization: `Bearer ${merchant.publicKey}` })
      const codes = new Set(codesOf(answer))
      if (PUBLIC_FIELDS.includes(name)) expect([name, codes.has('FORBIDDEN')]).toEqual([name, false])
      else expect([name, answer.status, [...codes]]).toEqual([name, 200, ['FORBIDDEN']])
    }
    expect(await rows()).toEqual(before)
  })

  it('says so of a restricted account, whatever is asked', async () => {
    const restricted = await side.ramp.merchant({})
    const merchants = side.ramp.container.resolve(MerchantService)
    valueOf(await merchants.update(side.ramp.context(), restricted.id, { isRestricted: true }))
    for (const [name, request] of OPERATIONS) {
      const answer = await post(side.url, request, { authorization: `Bearer ${restricted.key}` })
      const [error] = answer.body.errors ?? []
      expect([name, answer.status, error?.message, error?.extensions.code]).toEqual([
        name,
        200,
        'Your account has been restricted.',
        'ACCOUNT_RESTRICTED'
      ])
    }
  })
})

it('a rotated key opens nothing from then on', async () => {
  const own = await side.ramp.merchant({})
  const fresh = await side.ramp.issueKey({ kind: 'merchant', id: own.id }, true)
  const status = async (key: string): Promise<number> => (await side.ask(key, '{ account { id } }')).status
  expect([await status(own.key), await status(fresh)]).toEqual([401, 200])
})

it("what is another merchant's is as if it was not there", async () => {
  const other = await side.ramp.merchant({})
  const order = await side.deposit(merchant, '20', { reference: 'theirs' })
  const hosted = await side.hosted(merchant)
  const quote = await side.quote(merchant, 'deposit', '20')
  const before = await rows()
  for (const command of ['markDepositAsPaid', 'cancelDeposit', 'markWithdrawalAsReceived', 'cancelHostedPayment']) {
    for (const { id } of [order, hosted])
      expect([command, await side.command(other, command, id)]).toEqual([command, 'NOT_FOUND'])
  }
  for (const operation of ['query', 'mutation']) {
    const text = `${operation} ($id: ID!) { refreshRampQuote(rampQuote: $id) { id } }`
    expect(await side.refusal(other.key, text, { id: quote.id })).toBe('NOT_FOUND')
  }
  const place = 'mutation ($id: ID!) { initiateRampQuoteDeposit(rampQuote: $id) { id } }'
  expect(await side.refusal(other.key, place, { id: quote.id })).toBe('NOT_FOUND')
  expect(await side.request(other, 'theirs')).toBeNull()
  expect(await rows()).toEqual(before)
  expect(await side.request(merchant, 'theirs')).toMatchObject({ status: 'picked_up' })
})

describe('the schema that runs', () => {
  it('is the one that is committed, for whoever has a key', async () => {
    const answer = await side.ask(merchant.key, getIntrospectionQuery({ inputValueDeprecation: true }))
    const schema = buildClientSchema(answer.body.data as never)
    const text = `${printSchema(lexicographicSortSchema(schema))}\n`
    expect(text).toBe(readFileSync(join(__dirname, '../../schema/merchant.graphql'), 'utf8'))
  })

  it('answers nothing but POST', async () => {
    const answers: Answer[] = [
      await get(`${side.url}?query={account{id}}`, { authorization: `Bearer ${merchant.key}` }),
      await post(side.url, '{', { authorization: `Bearer ${merchant.key}` }),
      await post(side.url, {}, { authorization: `Bearer ${merchant.key}` })
    ]
    expect(answers.map(({ status }) => status)).toEqual([405, 400, 400])
  })
})
