/**
 * What money and time do to an incoming payment, in any order.
 *
 * Goal: whatever happens to it, a payment is what its rules say, and what its ledger account says. Method: stories
 * made at random; after each step the payment is compared with a model of the rules.
 */
import 'reflect-metadata'
import fc from 'fast-check'
import { IncomingPaymentService } from '../../src/services/payments/incoming/incoming-payment-service'
import { TestApi } from '../admin-v2/support'
import { createTestDatabase, type TestDatabase } from '../support/database'
import {
  createIncomingPayment,
  createWallet,
  eventsOf,
  expectInStep,
  processDue,
  receive,
  secondsFromNow,
  type Wallet
} from './support'

const SETTLING_SECONDS = 30

let database: TestDatabase
let api: TestApi
let wallet: Wallet
let pointerId: string

beforeAll(async () => {
  database = await createTestDatabase()
  api = await TestApi.open(database.url)
  api.clock.stop()
})

afterAll(async () => {
  await api?.close()
  await database?.drop()
})

beforeEach(async () => {
  wallet = await createWallet(api)
  pointerId = wallet.paymentPointer.id
})

type Step =
  | { readonly what: 'credit'; readonly amount: number }
  | { readonly what: 'wait'; readonly seconds: number }
  | { readonly what: 'process' | 'complete' }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ what: fc.constant('credit' as const), amount: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ what: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ what: fc.constantFrom('process' as const, 'complete' as const) })
)

it('any story ends as a model of it says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.option(fc.integer({ min: 1, max: 100 })), follow),
    { numRuns: 40 }
  )
})

/** The rules once more, one step at a time and without a database. */
async function follow(steps: readonly Step[], expected: number | null): Promise<void> {
  const incomingAmount = expected === null ? null : { value: String(expected), ...wallet.unit }
  const expiresAt = secondsFromNow(api, 100)
  const { id } = await createIncomingPayment(api, pointerId, { incomingAmount, expiresAt })
  const model = { state: 'PENDING', received: 0, left: 100, announcement: NaN, events: 1, removed: false }
  const end = (state: string): void => {
    model.state = state
    model.announcement = model.received > 0 ? SETTLING_SECONDS : NaN
  }
  for (const step of steps) {
    const open = model.state === 'PENDING' || model.state === 'PROCESSING'
    if (step.what === 'wait') {
      api.clock.advanceSeconds(step.seconds)
      model.left -= step.seconds
      model.announcement -= step.seconds
    } else if (step.what === 'credit') {
      const takes = open && model.left > 0
      expect(await receive(api, id, BigInt(step.amount))).toBe(takes ? 'ok' : 'finished')
      if (!takes) continue
      model.received += step.amount
      model.state = 'PROCESSING'
      if (expected !== null && model.received >= expected) end('COMPLETED')
    } else if (step.what === 'complete') {
      const answer = await api.container.resolve(IncomingPaymentService).complete(api.context(), pointerId, id)
      expect(answer.done).toBe(open)
      if (open) end('COMPLETED')
    } else {
      await processDue(api)
      if (open && model.left <= 0) {
        end('EXPIRED')
        model.removed = model.received === 0
      } else if (model.announcement <= 0) {
        model.events++
        model.announcement = NaN
      }
    }
    const payment = await expectInStep(api, id)
    expect([payment.state, payment.receivedAmount]).toEqual([model.state, BigInt(model.received)])
    expect(payment.removedAt !== null).toBe(model.removed)
    expect(await eventsOf(api, id)).toHaveLength(model.events)
  }
}
