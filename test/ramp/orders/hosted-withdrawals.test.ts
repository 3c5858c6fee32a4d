/**
 * Goal: a withdrawal on a page reserves what it costs when it is placed, and gives it back however it ends without an
 * agent.
 * Method: the services on a database of their own, with a clock that the test sets.
 */
import { valueOf } from '../../support/answers'
import { minutes, Scene, usd, type TestAgent, type TestMerchant } from './scene'

let scene: Scene
let agent: TestAgent
let merchant: TestMerchant

beforeEach(async () => {
  scene = await Scene.open()
  agent = await scene.agent()
  merchant = await scene.merchant()
})
afterEach(async () => {
  expect(await scene.findings()).toEqual([])
  await scene.close()
})

const wish = {
  paymentType: 'withdrawal',
  amount: '20',
  countryCode: 'NG',
  firstName: 'Ada',
  lastName: 'Obi',
  email: 'ada@example.com'
} as const
const fields = [
  { identifier: 'account_name', value: 'Ada Obi' },
  { identifier: 'account_number', value: '1112223334' },
  { identifier: 'bank_name', value: 'Second Bank' }
]

test('its cost is reserved at once, and kept whatever becomes of the fee', async () => {
  const { orders, context } = scene
  const local = await orders.initiateHosted(context, merchant.id, { ...wish, currency: 'local_currency' })
  expect(local).toMatchObject({ failure: 'INVALID_AMOUNT' })
  const request = valueOf(await orders.initiateHosted(context, merchant.id, wish))
  expect(await scene.merchantMoney(merchant)).toBe('479.7')
  await scene.parties.query('UPDATE ramp_merchant SET fee_basis_points = 1000 WHERE id = $1', [merchant.id])
  const without = await orders.pickUp(context, request.id, { paymentMethodType: 'bank_transfer' })
  expect(without).toMatchObject({ failure: 'MISSING_FIELD' })
  const { payment } = valueOf(await orders.pickUp(context, request.id, { paymentMethodType: 'bank_transfer', fields }))
  expect(payment).toMatchObject({ fee: usd('0.3'), agentCutOfFees: usd('0.15'), source: 'hosted' })
  const [assigned] = await scene.told(agent.id)
  expect(assigned!.data).toMatchObject({ payment_method: { value: 'Ada Obi - 1112223334' } })
  valueOf(await orders.acceptWithdrawal(context, agent.id, payment.id))
  valueOf(await orders.markWithdrawalPaid(context, agent.id, payment.id, agent.method.id))
  valueOf(await orders.markWithdrawalReceived(context, { kind: 'customer' }, request.id))
  expect(await scene.merchantMoney(merchant)).toBe('479.7')
})

test('who is refused leaves no account behind, and several who choose at once leave one', async () => {
  const { orders, context } = scene
  const request = valueOf(await orders.initiateHosted(context, merchant.id, wish))
  const other = valueOf(await orders.initiateHosted(context, merchant.id, { ...wish, reference: 'page 2' }))
  const methods = (): Promise<unknown[]> => scene.parties.methods.list('customer', request.customerId)
  const pickUp = (id: string): ReturnType<typeof orders.pickUp> =>
    orders.pickUp(context, id, { paymentMethodType: 'bank_transfer', fields })
  await scene.declare(agent, '0')
  expect(await pickUp(request.id)).toMatchObject({ failure: 'INSUFFICIENT_LIQUIDITY' })
  expect(await methods()).toEqual([])
  await scene.declare(agent, '5000000')
  const placed = await Promise.all([request.id, other.id].map(pickUp))
  const used = placed.map((answer) => valueOf(answer).payment.customerPaymentMethodId)
  expect(await methods()).toMatchObject([{ id: used[0] }])
  expect(used[1]).toBe(used[0])
})

test.each(['the merchant', 'the customer', 'time'])('%s ends it, and what was reserved is free', async (who) => {
  const { orders, context } = scene
  const request = valueOf(await orders.initiateHosted(context, merchant.id, wish))
  if (who === 'the merchant') valueOf(await orders.cancelHosted(context, merchant.id, request.id))
  else if (who === 'the customer') valueOf(await orders.cancelDeposit(context, { kind: 'customer' }, request.id))
  else await scene.passTime(minutes(24 * 60 + 1))
  expect((await scene.request(request.id)).status).toBe('canceled')
  expect(await scene.merchantMoney(merchant)).toBe('500.0')
  expect((await scene.told(merchant.id)).map(({ data }) => data.status)).toEqual(['canceled'])
})

test('it is not placed without the money, and nor is its customer', async () => {
  const poor = await scene.merchant('20')
  const placed = await scene.orders.initiateHosted(scene.context, poor.id, wish)
  expect(placed).toMatchObject({ failure: 'INSUFFICIENT_BALANCE' })
  expect(await scene.parties.customers.findByEmail(poor.id, wish.email)).toBeUndefined()
})
