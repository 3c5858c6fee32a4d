/**
 * Goal: time acts on orders by itself, once, however many processes look after them.
 * Method: the workers of two instances on one database, and orders whose time has come.
 */
import { OrderClock } from '../../../src/services/ramp/orders/order-clock'
import { rampOrderWorkerOf } from '../../../src/workers/ramp-order-worker'
import { createLogger } from '../../../src/logging'
import { valueOf } from '../../support/answers'
import { until } from '../../support/wait'
import { minutes, Scene, type TestAgent, type TestMerchant } from './scene'

const ORDERS = 12

let scene: Scene
let twin: Scene
let agent: TestAgent
let merchant: TestMerchant
let stop: () => Promise<unknown>
const problems: string[] = []

beforeAll(async () => {
  scene = await Scene.open()
  twin = await scene.twin()
  agent = await scene.agent()
  merchant = await scene.merchant()
})
afterAll(async () => {
  await stop()
  expect(problems).toEqual([])
  expect(await scene.findings()).toEqual([])
  await twin.close()
  await scene.close()
})

test('no worker where none is asked for', () => {
  const clock = scene.parties.api.container.resolve(OrderClock)
  const logger = createLogger({ level: 'error', destination: { write: () => undefined } })
  const settings = { rampOrderConcurrency: 0, rampOrderWorkerIdleMilliseconds: 1 }
  expect(rampOrderWorkerOf(clock, settings, { logger, now: () => new Date() })).toBeUndefined()
})

test('deposits expire and withdrawals complete, each once', async () => {
  const deposits = await Promise.all(Array.from({ length: ORDERS }, () => scene.deposit(merchant)))
  const paid = await scene.withdrawal(merchant)
  const { orders, context } = scene
  valueOf(await orders.acceptWithdrawal(context, agent.id, paid.payment.id))
  valueOf(await orders.markWithdrawalPaid(context, agent.id, paid.payment.id, agent.method.id))
  const workers = [scene, twin].map((instance) => {
    const logger = createLogger({ level: 'error', destination: { write: (line) => problems.push(line) } })
    const clock = instance.parties.api.container.resolve(OrderClock)
    const settings = { rampOrderConcurrency: 4, rampOrderWorkerIdleMilliseconds: 5 }
    return rampOrderWorkerOf(clock, settings, { logger, now: () => instance.clock.now() })!
  })
  stop = () => Promise.all(workers.map((worker) => worker.stop()))
  workers.forEach((worker) => worker.start())
  scene.clock.advanceSeconds(minutes(24 * 60))
  const ids = [...deposits, paid].map(({ request }) => request.id)
  await until(async () => {
    const requests = await Promise.all(ids.map((id) => scene.request(id)))
    return requests.every(({ status }) => status !== 'picked_up')
  })
  expect(await scene.money(agent)).toMatchObject({ balance: '1020.15', escrow: '0.0' })
  const told = (await scene.told(merchant.id)).map(({ data }) => data.status)
  expect(told.filter((status) => status === 'canceled')).toHaveLength(ORDERS)
  expect(told.filter((status) => status === 'completed')).toHaveLength(1)
})
