/**
 * Requests that nobody would send, to the Merchant API and to the routes behind the pages of orders.
 *
 * Goal: whatever comes, the answer was made for it: nothing fails unexpectedly, no error tells of the inside, and a
 * request that is refused before it runs stores nothing. Method: random documents and bodies over a real port, made
 * from the schema and then damaged; the log and the tables are watched.
 */
import fc from 'fast-check'
import { DataSource } from 'typeorm'
import { buildMerchantSchema } from '../../src/resolvers/merchant/schema'
import { globalId } from '../../src/services/ramp/global-ids'
import type { TestMerchant } from '../agent/support'
import { hostileDocuments, type HostileRequest } from '../http/hostile'
import { codesOf, post, type Answer } from '../http/support'
import { MerchantSide } from './support'

const RUNS = process.env.HAZINA_TEST_LONG === '1' ? 5_000 : 300
const seed = Number(process.env.HAZINA_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))

let side: MerchantSide
let merchant: TestMerchant
/** Ids of things that exist. */
let ids: string[]
let orderId: string

beforeAll(async () => {
  side = await MerchantSide.open()
  await side.ramp.market('NGN', '1540', '1535')
  await side.agent()
  merchant = await side.ramp.merchant({})
  orderId = (await side.hosted(merchant)).id
  ids = [
    orderId,
    (await side.quote(merchant, 'deposit', '20')).id,
    (await side.quote(merchant, 'withdrawal', '20')).id,
    (await side.deposit(merchant, '20')).id,
    globalId('MerchantCustomer', merchant.customerId),
    globalId('P2PPaymentMethod', merchant.methodId)
  ]
})

afterAll(async () => {
  await side.close()
  expect(side.failures).toEqual([])
})

/** What no client may read: the words of storage, of the language and of this machine. */
const LEAKS =
  /violates|relation "|syntax error at|duplicate key|invalid input syntax|TypeError|RangeError|undefined is not|Cannot read prop|node_modules|\.ts:\d|\bat [\w.]+ \(|INTERNAL_SERVER_ERROR|Internal server error/

async function money(): Promise<unknown> {
  const { manager } = side.ramp.container.resolve(DataSource)
  return manager.query(
    `SELECT ledger, sum(debits_posted) = sum(credits_posted) AS posted, sum(debits_pending) = sum(credits_pending) AS pending
      FROM ledger_account GROUP BY ledger HAVING sum(debits_posted) <> sum(credits_posted)
        OR sum(debits_pending) <> sum(credits_pending)`
  )
}

function expectTame(request: unknown, answer: Answer, statuses: readonly number[]): void {
  const about = `${answer.status} ${answer.text.slice(0, 500)}\nfor ${JSON.stringify(request).slice(0, 1_500)}`
  const said = (answer.body.errors ?? []).map(({ message }) => message).join('\n')
  if (LEAKS.test(said)) throw new Error(`an error tells too much: ${about}`)
  if (codesOf(answer).some((code) => typeof code !== 'string')) throw new Error(`an error without a code: ${about}`)
  if (!statuses.includes(answer.status)) throw new Error(`an unexpected status: ${about}`)
}

/** Puts ids of things that exist in the place of some texts. */
function withIds(request: HostileRequest, picks: readonly number[]): HostileRequest {
  let turn = 0
  const swap = (value: unknown, depth = 4): unknown => {
    if (depth === 0) return value
    if (Array.isArray(value)) return value.map((inner) => swap(inner, depth - 1))
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, swap(inner, depth - 1)]))
    }
    const pick = typeof value === 'string' ? picks[turn++ % picks.length] : undefined
    return pick === undefined || pick >= ids.length ? value : ids[pick]
  }
  return { ...request, variables: swap(request.variables) }
}

it('random documents are answered well', async () => {
  const schema = buildMerchantSchema({ resolve: () => ({}) } as never)
  const picks = fc.array(fc.nat(10), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(hostileDocuments(schema), picks, async (request, chosen) => {
      const sent = withIds(request, chosen)
      expectTame(sent, await post(side.url, sent, { authorization: `Bearer ${merchant.key}` }), [200, 400, 413])
      expect(side.failures).toEqual([])
    }),
    { numRuns: RUNS, seed }
  )
  expect(await money()).toEqual([])
})

it('random things said on a page are answered well', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('', ' ', '\0', '\ud800', 'bank_transfer_ng', 'bank_transfer', '__proto__', 'x'.repeat(3_000))
  )
  const fields = fc.oneof(
    fc.array(fc.record({ identifier: text, value: text }), { maxLength: 5 }),
    fc.dictionary(text, text, { maxKeys: 5 }),
    fc.jsonValue()
  )
  const body = fc.oneof(
    fc.record(
      {
        paymentMethodType: fc.oneof(text, fc.jsonValue()),
        fields,
        phoneNumber: fc.oneof(text, fc.jsonValue()),
        receipt: text
      },
      { requiredKeys: [] }
    ),
    fc.jsonValue()
  )
  const path = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('pick_up', 'paid', 'received', 'cancel') },
    { weight: 1, arbitrary: fc.string({ maxLength: 20 }).map(encodeURIComponent) }
  )
  const type = fc.constantFrom(
    'application/json',
    'application/json',
    'application/x-www-form-urlencoded',
    'text/plain'
  )
  await fc.assert(
    fc.asyncProperty(path, body, type, async (command, content, contentType) => {
      const sent = { command, content, contentType }
      const payload =
        contentType === 'application/json' ? JSON.stringify(content) : new URLSearchParams(flat(content)).toString()
      const headers = { 'content-type': contentType, accept: 'application/json' }
      const url = `${side.pageOf(orderId)}/${command}`
      const response = await fetch(url, { method: 'POST', headers, body: payload, redirect: 'manual' })
      const answer = { status: response.status, headers: response.headers, text: await response.text(), body: {} }
      const errors = answer.text.startsWith('{"errors"') ? (JSON.parse(answer.text) as Answer['body']) : {}
      expectTame(sent, { ...answer, body: errors }, [200, 303, 400, 404, 405, 409, 413, 415, 422])
      expect(side.failures).toEqual([])
    }),
    { numRuns: RUNS, seed }
  )
  expect(await money()).toEqual([])
})

function flat(content: unknown): Record<string, string> {
  if (typeof content !== 'object' || content === null) return {}
  return Object.fromEntries(Object.entries(content).map(([name, value]) => [name, String(JSON.stringify(value))]))
}
