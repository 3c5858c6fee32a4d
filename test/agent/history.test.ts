/**
 * `orderHistory` (cases 11 to 13).
 *
 * Goal: pages, totals and filters are exact, and cost the same few queries however long the page. Method: orders
 * made through the use cases, read through the real port of the Agent API; every statement that the process sends
 * is counted.
 */
import { Client } from 'pg'
import { codesOf, type Answer } from '../http/support'
import { recordStatements } from '../support/statements'
import { openRamp, type Ramp, type TestAgent, type TestMerchant } from './support'

interface Row {
  readonly id: string
  readonly orderId: string
  readonly status: string
  readonly createdAt: string
}

interface Page {
  readonly data: readonly Row[]
  readonly pagination: { readonly page: number; readonly perPage: number; readonly total: number }
}

let ramp: Ramp
let agent: TestAgent
let merchant: TestMerchant

beforeAll(async () => {
  ramp = await openRamp()
  await ramp.market('NGN', '1540', '1535')
  agent = await ramp.agent({})
  merchant = await ramp.merchant({})
  for (let order = 0; order < 12; order++) {
    ramp.clock.advanceSeconds(1)
    await ramp.deposit(merchant, '2')
  }
})
afterAll(() => ramp.close())

const FIELDS = 'data { id orderId status createdAt } pagination { page perPage total }'

function ask(args: string, fields = FIELDS): Promise<Answer> {
  return agent.ask(`{ orderHistory(${args}) { ${fields} } }`)
}

async function page(args: string): Promise<Page> {
  const answer = await ask(args)
  expect(answer.body.errors).toBeUndefined()
  return answer.body.data?.orderHistory as Page
}

describe('case 11', () => {
  it('twelve orders make a page of ten, one of two, and empty ones', async () => {
    const first = await page('page: 1')
    expect(first.pagination).toEqual({ page: 1, perPage: 10, total: 12 })
    expect(first.data).toHaveLength(10)
    const second = await page('page: 2')
    expect(second.pagination).toEqual({ page: 2, perPage: 10, total: 12 })
    expect(second.data).toHaveLength(2)
    for (const past of [3, 2_147_483_647]) {
      expect(await page(`page: ${past}`)).toEqual({ data: [], pagination: { page: past, perPage: 10, total: 12 } })
    }
    const all = [...first.data, ...second.data]
    expect(new Set(all.map(({ id }) => id)).size).toBe(12)
    expect(all.map(({ createdAt }) => createdAt)).toEqual(
      all
        .map(({ createdAt }) => createdAt)
        .sort()
        .reverse()
    )
  })

  it("does not show another agent's", async () => {
    const other = await ramp.agent({ verified: false })
    const answer = await other.ask(`{ orderHistory(page: 1) { ${FIELDS} } }`)
    expect(answer.body.data?.orderHistory).toEqual({ data: [], pagination: { page: 1, perPage: 10, total: 0 } })
  })
})

describe('case 12', () => {
  it('a page has to be named', async () => {
    const answer = await agent.ask(`{ orderHistory { ${FIELDS} } }`)
    expect([answer.status, ...codesOf(answer)]).toEqual([200, 'GRAPHQL_VALIDATION_FAILED'])
  })

  it.each(['page: 0', 'page: -1', 'page: 1, perPage: 0', 'page: 1, perPage: -5'])('%s is none', async (args) => {
    const answer = await ask(args)
    expect(answer.body.data).toBeNull()
    expect(answer.body.errors).toMatchObject([{ message: 'INVALID_PAGINATION' }])
  })

  it.each([
    ['perPage: 500', 100],
    ['perPage: 100', 100],
    ['perPage: null', 10],
    ['perPage: 3', 3]
  ])('%s is a page of %d', async (args, perPage) => {
    const { data, pagination } = await page(`page: 1, ${args}`)
    expect(pagination).toEqual({ page: 1, perPage, total: 12 })
    expect(data).toHaveLength(Math.min(perPage, 12))
  })
})

describe('case 13', () => {
  it('by status and by order', async () => {
    const { data } = await page('page: 1')
    await agent.ask('mutation ($id: ID!) { markDepositAsReceived(p2pPayment: $id) }', { id: data[3]?.id })
    const completed = await page('page: 1, filter: { status: completed }')
    expect(completed).toMatchObject({ data: [{ id: data[3]?.id, status: 'completed' }], pagination: { total: 1 } })
    expect((await page('page: 1, filter: { status: pending }')).pagination.total).toBe(11)
    const one = await page(`page: 1, filter: { orderId: "${data[5]?.orderId}" }`)
    expect(one.data.map(({ id }) => id)).toEqual([data[5]?.id])
    const both = await page(`page: 1, filter: { orderId: "${data[5]?.orderId}", status: completed }`)
    expect(both.data).toEqual([])
    expect((await page('page: 1, filter: { orderId: "0000000000" }')).pagination.total).toBe(0)
    expect((await page('page: 1, filter: null')).pagination.total).toBe(12)
    const nulls = 'orderId: null, status: null, dateFrom: null, dateTo: null, paymentMethod: null'
    expect((await page(`page: 1, filter: { ${nulls} }`)).pagination.total).toBe(12)
  })

  it('by day', async () => {
    const { data } = await page('page: 1, perPage: 100')
    const day = (row: Row | undefined, later = 0): string =>
      new Date(Date.parse(row?.createdAt ?? '') + later * 86_400_000).toISOString().slice(0, 10)
    const [newest, oldest] = [data[0], data.at(-1)]
    const total = async (filter: string): Promise<number> =>
      (await page(`page: 1, filter: { ${filter} }`)).pagination.total
    expect(await total(`dateFrom: "${day(oldest)}", dateTo: "${day(newest)}"`)).toBe(12)
    expect(await total(`dateFrom: "${day(newest)}", dateTo: "${day(newest)}"`)).toBe(
      data.filter((row) => day(row) === day(newest)).length
    )
    expect(await total(`dateFrom: "${day(newest, 1)}"`)).toBe(0)
    expect(await total(`dateTo: "${day(oldest, -1)}"`)).toBe(0)
    expect(await total('dateTo: "9999-12-31"')).toBe(12)
    expect(codesOf(await ask(`page: 1, filter: { dateFrom: "2025-01-02", dateTo: "2025-01-01" }`))).toEqual([
      'INVALID_DATE_RANGE'
    ])
    expect(codesOf(await ask('page: 1, filter: { dateFrom: "2025-02-30" }'))).toEqual(['GRAPHQL_VALIDATION_FAILED'])
  })

  it('by rail, with and without its country', async () => {
    const total = async (rail: string): Promise<number> =>
      (await page(`page: 1, filter: { paymentMethod: "${rail}" }`)).pagination.total
    expect([await total('bank_transfer_ng'), await total('bank_transfer')]).toEqual([12, 12])
    expect([await total('bank'), await total('bank_transfer_gh'), await total('mtn_momo')]).toEqual([0, 0, 0])
  })
})

const SDK_FIELDS = `data { id status paymentType exchangeRate exchangeRateMinusSurcharge orderId source instant createdAt
  expiresAt expiresAtSecs reassigning reassignAfter reassignAfterSecs agentCutOfFees fxSpreadRevenue }
  pagination { page perPage total }`

const ALL_FIELDS = `data { id amountUsd amountLocal agentAmountUsd currency customerName payerPhoneNumber
  payerBankAccountNumber receipt acceptedAt paidAt completedAt canceledAt cancelReason
  customerPaymentMethod { id displayValue localCurrencyAvailable type { identifier } }
  agentPaymentMethod { id displayValue localCurrencyAvailable type { identifier } } }`

describe('what a page costs', () => {
  let statements: string[] = []

  beforeAll(() => {
    recordStatements(({ text }) => statements.push(text))
  })
  afterAll(() => jest.restoreAllMocks())

  // One of them finds whose key it is.
  it.each([
    ["the SDK's fields", 2, SDK_FIELDS],
    ['every field', 6, ALL_FIELDS]
  ])('%s: at most %i queries', async (_, most, fields) => {
    for (const rows of [2, 12]) {
      statements = []
      const answer = await ask(`page: 1, perPage: ${rows}`, fields)
      expect(answer.body.errors).toBeUndefined()
      expect((answer.body.data?.orderHistory as Page).data).toHaveLength(rows)
      expect(statements.length).toBeLessThanOrEqual(most)
    }
  })

  it.each([
    ['nobody asks for the total', 'page: 1, perPage: 5', 'data { id }', undefined, /^((?!count\().)*$/s],
    ['the page is the last one', 'page: 2, perPage: 10', `... { pagination { ...Of } }`, 12, /never executed/]
  ])('nothing is counted where %s', async (_, args, fields, total, expected) => {
    const sql = new Client({ connectionString: ramp.databaseUrl })
    await sql.connect()
    statements = []
    const fragment = total === undefined ? '' : 'fragment Of on Pagination { rows: total }'
    const answer = await agent.ask(`{ orderHistory(${args}) { ${fields} } } ${fragment}`)
    // The same again and again is compiled at last, and told the same.
    for (let time = 0; time < 8; time++) {
      expect((await agent.ask(`{ orderHistory(${args}) { ${fields} } } ${fragment}`)).body).toEqual(answer.body)
    }
    expect(new Set(statements.filter((text) => text.startsWith('WITH page'))).size).toBe(1)
    const { pagination } = answer.body.data?.orderHistory as { pagination?: { rows: number } }
    expect(pagination?.rows).toBe(total)
    const history = statements.find((text) => text.startsWith('WITH page'))!
    const { rows } = await sql.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN ANALYZE ${history}`,
      total ? [10, 10, agent.id] : [5, 0, agent.id]
    )
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(total === undefined ? history : plan).toMatch(expected)
    await sql.end()
  })

  it('whatever is filtered, the rows are found by an index of the agent', async () => {
    const sql = new Client({ connectionString: ramp.databaseUrl })
    await sql.connect()
    await sql.query('SET enable_seqscan = off')
    const filters = [
      '',
      'orderId: "X"',
      'status: paid',
      'dateFrom: "2025-01-01", dateTo: "2025-02-01"',
      'paymentMethod: "x"'
    ]
    for (const filter of filters) {
      statements = []
      await page(`page: 1, filter: { ${filter} }`)
      const history = statements.find((text) => text.startsWith('WITH page'))
      const { rows } = await sql.query<{ 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN) ${history}`)
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
      expect(plan).toMatch(/ramp_payment_(of_agent_status|terms_of_agent|terms_assignment)\b/)
      expect(plan).not.toContain('Seq Scan on ramp_payment')
    }
    await sql.end()
  })
})
