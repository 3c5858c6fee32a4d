/**
 * Goal: what customers' orders of a day came to is forgotten when no limit looks at it any more, which keeps nobody
 * from canceling an order that was counted then.
 * Method: days that are moved into the past in SQL.
 */
import { UnitOfWork } from '../../../src/database/unit-of-work'
import { CustomerDays } from '../../../src/services/ramp/operator/customer-days'
import { valueOf } from '../../support/answers'
import { Scene, type TestMerchant } from './scene'

let scene: Scene
let merchant: TestMerchant

beforeAll(async () => {
  scene = await Scene.open()
  await scene.agent()
  merchant = await scene.merchant()
})
afterAll(() => scene.close())

test('days go after a week, and an order of such a day can still be canceled', async () => {
  const placed = await scene.deposit(merchant)
  const [today] = await scene.parties.query<{ day: number }>('SELECT day FROM ramp_customer_day')
  const { id, customerId } = placed.request
  await scene.parties.query('UPDATE ramp_request SET counted_day = counted_day - 8 WHERE id = $1', [id])
  await scene.parties.query(
    `INSERT INTO ramp_customer_day (customer_id, day, amount_usd) SELECT $1, $2::int - n, 20000000 FROM generate_series(1, 3000) AS n`,
    [customerId, today!.day]
  )
  const days = new CustomerDays(scene.parties.api.container.resolve(UnitOfWork))
  expect(await days.purge(scene.context.now())).toBe(2_993)
  const left = await scene.parties.query<{ day: number }>('SELECT day FROM ramp_customer_day ORDER BY day DESC')
  expect(left.map(({ day }) => today!.day - day)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  valueOf(await scene.orders.cancelDeposit(scene.context, { kind: 'merchant', id: merchant.id }, id))
})
