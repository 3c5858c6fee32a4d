/**
 * Goal: a report for the operator costs what is open and what happened lately, however long the history is, and those
 * who ask for it together share one.
 * Method: the statements that it sends, counted and explained, before and after there are old orders; the old ones have
 * no money in the ledger, so the report of all orders names each of them.
 */
import { HOT_READ_SETTINGS, Reader } from '../../../src/database/reader'
import type { Statement } from '../../../src/database/statement'
import { LedgerReport, type RecentReport } from '../../../src/services/ramp/operator/ledger-report'
import { ordersReport } from '../../../src/services/ramp/report/orders'
import { valueOf } from '../../support/answers'
import { Scene, type TestAgent, type TestMerchant } from '../orders/scene'

const OLD_ORDERS = 1_000

let scene: Scene
let agent: TestAgent
let merchant: TestMerchant
let report: LedgerReport
const sent: Statement[] = []

beforeAll(async () => {
  scene = await Scene.open()
  agent = await scene.agent()
  merchant = await scene.merchant()
  const reader = scene.parties.api.container.resolve(Reader)
  const rows: Reader['rows'] = (statement) => {
    sent.push(statement)
    return reader.rows(statement)
  }
  const counted = Object.assign(Object.create(reader) as Reader, { rows })
  report = new LedgerReport(counted, scene.parties.ledger, () => scene.clock.now())
})
afterAll(() => scene.close())

async function reported(): Promise<{ report: RecentReport; statements: number }> {
  sent.length = 0
  return { report: await report.read(), statements: sent.length }
}

/** Copies of a completed deposit that ended days ago. */
async function oldOrders(requestId: string): Promise<void> {
  const copy = `(n * 100 + 10)::text`
  const id = `('01800000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`
  const past = `'created_at', now() - interval '3 days', 'updated_at', now() - interval '3 days'`
  await scene.parties.query(
    `INSERT INTO ramp_request SELECT (jsonb_populate_record(request, jsonb_build_object('id', ${id},
      'order_id', ${copy}, 'reference', ${copy}, 'payment_id', gen_random_uuid(), ${past}))).*
      FROM ramp_request AS request, generate_series(1, ${OLD_ORDERS}) AS n WHERE id = $1`,
    [requestId]
  )
  const agreed = `jsonb_build_object('id', request.payment_id, 'request_id', request.id, 'order_id', request.order_id, ${past})`
  await scene.parties.query(
    `INSERT INTO ramp_payment_terms SELECT (jsonb_populate_record(terms, ${agreed})).*
      FROM ramp_payment_terms AS terms, ramp_request AS request WHERE terms.request_id = $1 AND request.id <> $1
        AND request.status = 'completed'`,
    [requestId]
  )
  await scene.parties.query(
    `INSERT INTO ramp_payment SELECT (jsonb_populate_record(payment, jsonb_build_object('id', copy.id,
      'created_at', copy.created_at, 'updated_at', copy.created_at))).*
      FROM ramp_payment AS payment JOIN ramp_payment_terms AS terms ON terms.id = payment.id, ramp_payment_terms AS copy
      WHERE terms.request_id = $1 AND NOT EXISTS (SELECT FROM ramp_payment WHERE id = copy.id)`,
    [requestId]
  )
  await scene.parties.query('ANALYZE ramp_request, ramp_payment, ramp_payment_terms')
}

test('those who ask together get one report', async () => {
  const alone = await reported()
  sent.length = 0
  const [one, other] = await Promise.all([report.read(), report.read()])
  expect(one).toBe(other)
  expect(sent).toHaveLength(alone.statements)
  expect(await report.read()).not.toBe(one)
})

test('old orders that have ended cost it nothing, and open ones are looked at however old they are', async () => {
  const completed = await scene.deposit(merchant)
  valueOf(await scene.orders.markDepositReceived(scene.context, agent.id, completed.payment.id))
  const open = await scene.deposit(merchant)
  await scene.parties.query(`UPDATE ramp_payment SET updated_at = now() - interval '9 days' WHERE id = $1`, [
    open.payment.id
  ])
  await scene.parties.query(`UPDATE ramp_request SET created_at = now() - interval '9 days' WHERE id = $1`, [
    open.request.id
  ])
  const wish = { paymentType: 'withdrawal', amount: '20', countryCode: 'NG', firstName: 'A', lastName: 'B' } as const
  valueOf(await scene.orders.initiateHosted(scene.context, merchant.id, { ...wish, email: 'a@example.com' }))
  const before = await reported()
  expect(before.report).toMatchObject({ orders: { orders: 3 }, findings: [] })

  await oldOrders(completed.request.id)
  const after = await reported()
  expect(after.report).toMatchObject({ orders: { orders: 3 }, findings: [] })
  expect(after.statements).toBe(before.statements)
  const all = await ordersReport(scene.parties.api.container.resolve(Reader), scene.parties.ledger)
  expect(all.orders).toBe(OLD_ORDERS + 3)
  expect(new Set(all.findings.map(({ subject }) => subject)).size).toBe(OLD_ORDERS)
})

test('what is recent is found in indexes of what is open, made and ended', async () => {
  const { text, values } = sent.find(({ name }) => name === 'ramp_report_recent')!
  const plan = await scene.parties.dataSource.transaction(async (manager) => {
    for (const [name, value] of Object.entries(HOT_READ_SETTINGS)) {
      await manager.query(`SELECT set_config($1, $2, true)`, [name, value])
    }
    return manager.query<unknown>(`EXPLAIN ${text}`, [...values])
  })
  const lines = JSON.stringify(plan)
  expect(lines).not.toContain('Seq Scan')
  for (const index of ['ramp_request_due', 'ramp_payment_due', 'ramp_payment_overdue', 'ramp_payment_ended']) {
    expect(lines).toMatch(new RegExp(`(using|on) ${index} `))
  }
  expect(lines).toMatch(/ramp_request_pkey on ramp_request[^}]*}[^}]*Index Cond: \(id >= /)
})
