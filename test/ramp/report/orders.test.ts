/**
 * Goal: the report names every order whose state and money disagree, and no other.
 * Method: orders in every state, then one row at a time changed behind the service's back.
 */
import { Reader } from '../../../src/database/reader'
import { ordersReport } from '../../../src/services/ramp/report/orders'
import { valueOf } from '../../support/answers'
import { Scene, type TestAgent, type TestMerchant } from '../orders/scene'

let scene: Scene
let agent: TestAgent
let merchant: TestMerchant

beforeAll(async () => {
  scene = await Scene.open()
  agent = await scene.agent()
  merchant = await scene.merchant()
})
afterAll(() => scene.close())

async function problems(): Promise<string[]> {
  const report = await ordersReport(scene.parties.api.container.resolve(Reader), scene.parties.ledger)
  return report.findings.map(({ subject, problem }) => `${subject}: ${problem}`)
}

const side = (): { kind: 'merchant'; id: string } => ({ kind: 'merchant', id: merchant.id })

async function completedDeposit(): Promise<Awaited<ReturnType<typeof scene.deposit>>> {
  const placed = await scene.deposit(merchant)
  valueOf(await scene.orders.markDepositReceived(scene.context, agent.id, placed.payment.id))
  return placed
}

async function acceptedWithdrawal(): Promise<Awaited<ReturnType<typeof scene.withdrawal>>> {
  const placed = await scene.withdrawal(merchant)
  valueOf(await scene.orders.acceptWithdrawal(scene.context, agent.id, placed.payment.id))
  return placed
}

test('orders in every state are in order, and each is counted', async () => {
  await scene.deposit(merchant)
  await completedDeposit()
  await scene.withdrawal(merchant)
  const accepted = await acceptedWithdrawal()
  const { orders, context } = scene
  valueOf(await orders.markWithdrawalPaid(context, agent.id, accepted.payment.id, agent.method.id))
  valueOf(await orders.markWithdrawalReceived(context, side(), accepted.request.id))
  const canceled = await scene.deposit(merchant)
  valueOf(await orders.cancelDeposit(context, side(), canceled.request.id))
  const wish = { paymentType: 'withdrawal', amount: '20', countryCode: 'NG', firstName: 'A', lastName: 'B' } as const
  valueOf(await orders.initiateHosted(context, merchant.id, { ...wish, email: 'a@example.com' }))
  const report = await ordersReport(scene.parties.api.container.resolve(Reader), scene.parties.ledger)
  expect(report).toEqual({ orders: 6, findings: [] })
})

test.each<[string, () => Promise<{ request: { id: string }; payment: { id: string } }>, string, string, RegExp]>([
  [
    'a deposit that is said to be canceled still reserves',
    () => scene.deposit(merchant),
    `UPDATE ramp_payment SET status = 'canceled', cancel_reason = 'expired', canceled_at = now() WHERE id = $1`,
    `UPDATE ramp_payment SET status = 'pending', cancel_reason = NULL, canceled_at = NULL WHERE id = $1`,
    /what the agent reserved should be voided, and is pending/
  ],
  [
    'a deposit that is said to be completed was not paid out',
    () => scene.deposit(merchant),
    `UPDATE ramp_payment SET status = 'completed' WHERE id = $1`,
    `UPDATE ramp_payment SET status = 'pending' WHERE id = $1`,
    /0 of 20000000 were paid out of clearing/
  ],
  [
    'a completed deposit is said to be paid only',
    completedDeposit,
    `UPDATE ramp_payment SET status = 'paid' WHERE id = $1`,
    `UPDATE ramp_payment SET status = 'completed' WHERE id = $1`,
    /20000000 of 0 were paid out of clearing/
  ],
  [
    'an order and its assignment disagree',
    completedDeposit,
    `UPDATE ramp_request SET status = 'picked_up' WHERE payment_id = $1`,
    `UPDATE ramp_request SET status = 'completed' WHERE payment_id = $1`,
    /it is picked_up, and its assignment completed/
  ],
  [
    'a withdrawal costs more than was reserved',
    () => scene.withdrawal(merchant),
    `UPDATE ramp_request SET fee = fee + 1 WHERE payment_id = $1`,
    `UPDATE ramp_request SET fee = fee - 1 WHERE payment_id = $1`,
    /the merchant reserved another amount/
  ],
  [
    'an accepted withdrawal is said to be pending',
    acceptedWithdrawal,
    `UPDATE ramp_payment SET status = 'pending', accepted_at = NULL WHERE id = $1`,
    `UPDATE ramp_payment SET status = 'accepted', accepted_at = now() WHERE id = $1`,
    /the fiat that the agent reserved should be absent, and is pending/
  ],
  [
    'an accepted withdrawal is said to be paid',
    acceptedWithdrawal,
    `UPDATE ramp_payment SET status = 'paid', paid_at = now() WHERE id = $1`,
    `UPDATE ramp_payment SET status = 'accepted', paid_at = NULL WHERE id = $1`,
    /the fiat that the agent reserved should be posted, and is pending/
  ]
])('%s', async (_, prepare, spoil, mend, expected) => {
  const { request, payment } = await prepare()
  expect(await problems()).toEqual([])
  await scene.parties.query(spoil, [payment.id])
  const found = await problems()
  expect(found.length).toBeGreaterThan(0)
  expect(found.every((problem) => problem.startsWith(`order ${request.id}: `))).toBe(true)
  expect(found.some((problem) => expected.test(problem))).toBe(true)
  await scene.parties.query(mend, [payment.id])
  expect(await problems()).toEqual([])
})
