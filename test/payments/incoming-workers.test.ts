/**
 * The loops that move incoming payments on.
 *
 * Goal: what is due gets done without anybody asking, by several loops at once, until they are told to stop.
 * Method: real loops on a real database; the test waits for what they must do.
 */
import 'reflect-metadata'
import { DataSource } from 'typeorm'
import { PaymentPointer } from '../../src/entities'
import { PaymentPointerEvents } from '../../src/services/payment-pointers/events'
import { WebMonetizationCredits } from '../../src/services/payment-pointers/web-monetization'
import { IncomingPaymentDeadlines } from '../../src/services/payments/incoming/deadlines'
import { IncomingPaymentProcessor } from '../../src/services/payments/incoming/processor'
import { IncomingWorkers } from '../../src/workers/incoming-workers'
import { TestApi } from '../admin-v2/support'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { until } from '../support/wait'
import {
  assetOf,
  createIncomingPayment,
  createWallet,
  eventsOf,
  receive,
  secondsFromNow,
  storedPayment,
  submitCredit
} from './support'

let database: TestDatabase
let api: TestApi

beforeAll(async () => {
  database = await createTestDatabase()
  api = await TestApi.open(database.url)
})

afterAll(async () => {
  await api?.close()
  await database?.drop()
})

function workers(each: number): IncomingWorkers {
  const { container, clock } = api
  const options = {
    incomingPaymentWorkers: each,
    incomingPaymentWorkerIdleMilliseconds: 5,
    paymentPointerWorkers: each,
    paymentPointerWorkerIdleMilliseconds: 5,
    logger: api.context().logger,
    now: () => clock.now()
  }
  const [payments, deadlines] = [
    container.resolve(IncomingPaymentProcessor),
    container.resolve(IncomingPaymentDeadlines)
  ]
  return new IncomingWorkers(payments, deadlines, container.resolve(PaymentPointerEvents), options)
}

it('expire, complete and announce until they are stopped', async () => {
  const wallet = await createWallet(api, { withdrawalThreshold: '1' })
  const { id: pointerId } = wallet.paymentPointer
  const unpaid = await createIncomingPayment(api, pointerId, { expiresAt: secondsFromNow(api, 60) })
  const paid = await createIncomingPayment(api, pointerId, { incomingAmount: { value: '5', ...wallet.unit } })
  const loops = workers(2)
  loops.start()
  await receive(api, paid.id, 5n)
  api.clock.advanceSeconds(60)
  await until(async () => (await storedPayment(api, unpaid.id)).removedAt !== null)
  await until(async () => (await eventsOf(api, paid.id)).length === 2)

  const asset = await assetOf(api, wallet.asset.id)
  const pointer = await api.container.resolve(DataSource).manager.findOneByOrFail(PaymentPointer, { id: pointerId })
  const credit = await api.container.resolve(WebMonetizationCredits).credit(pointer, asset, 3n, api.clock.now())
  await submitCredit(api, credit, 3n, asset.settlementAccountId)
  await until(async () => (await eventsOf(api, pointerId)).length === 1)
  await loops.stop()
  expect(api.lines.filter(({ level }) => level === 'error')).toEqual([])

  const late = await createIncomingPayment(api, pointerId, { expiresAt: secondsFromNow(api, 1) })
  api.clock.advanceSeconds(60)
  const others = workers(0)
  others.start()
  await others.stop()
  expect(await storedPayment(api, late.id)).toMatchObject({ state: 'PENDING', removedAt: null })
})
