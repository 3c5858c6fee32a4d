/**
 * What money and time do to an incoming payment.
 *
 * Goal: money and state change together or not at all, whoever comes at once; a payment ends once, is announced
 * once, and never takes money after its end. Method: credits go through the ledger as those of packets do, time
 * is set by the test, and after each story the payment is compared with its ledger account.
 */
import 'reflect-metadata'
import { Reader } from '../../src/database/reader'
import { Ledger } from '../../src/ledger/ledger'
import { IncomingPaymentCredits } from '../../src/services/payments/incoming/credit'
import { IncomingPaymentService } from '../../src/services/payments/incoming/incoming-payment-service'
import { TRANSITIONS } from '../../src/services/payments/incoming/life-cycle'
import { IncomingPaymentProcessor } from '../../src/services/payments/incoming/processor'
import { TestApi, type Fields } from '../admin-v2/support'
import { createTestDatabase, type TestDatabase } from '../support/database'
import {
  assetOf,
  createIncomingPayment,
  createWallet,
  credit,
  eventsOf,
  expectInStep,
  PAYMENT,
  processDue,
  receive,
  secondsFromNow,
  shownPayment,
  storedPayment,
  submitCredit,
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

function expecting(value: string, more: object = {}): Promise<Fields> {
  return createIncomingPayment(api, pointerId, { incomingAmount: { value, ...wallet.unit }, ...more })
}

async function typesOf(id: string): Promise<string[]> {
  return (await eventsOf(api, id)).map(({ type }) => type)
}

describe('case 87: a payment that gets what it expects', () => {
  it('is processing, then completed, and announced once it has settled', async () => {
    const { id } = await expecting('123', { metadata: { order: 7 } })
    expect(await receive(api, id, 100n)).toBe('ok')
    expect(await shownPayment(api, id)).toMatchObject({ state: 'PROCESSING', receivedAmount: { value: '100' } })
    expect(await receive(api, id, 23n)).toBe('ok')
    const completed = await shownPayment(api, id)
    expect(completed).toMatchObject({ state: 'COMPLETED', receivedAmount: { value: '123', ...wallet.unit } })
    expect((await expectInStep(api, id)).connectionId).toBeNull()

    api.clock.advanceSeconds(SETTLING_SECONDS - 1)
    await processDue(api)
    expect(await typesOf(id)).toEqual(['incoming_payment.created'])
    api.clock.advanceSeconds(1)
    await processDue(api)
    const [, event, ...more] = await eventsOf(api, id)
    expect(more).toEqual([])
    const { accountId, updatedAt } = await storedPayment(api, id)
    expect(event).toMatchObject({
      type: 'incoming_payment.completed',
      withdrawalAccountId: accountId,
      withdrawalAssetId: wallet.asset.id,
      withdrawalAmount: 123n,
      data: {
        incomingPayment: {
          id,
          paymentPointerId: pointerId,
          createdAt: completed.createdAt,
          updatedAt: updatedAt.toISOString(),
          expiresAt: completed.expiresAt,
          receivedAmount: { value: '123', ...wallet.unit },
          incomingAmount: { value: '123', ...wallet.unit },
          completed: true,
          metadata: { order: 7 }
        }
      }
    })
  })

  it('is never announced again', async () => {
    const { id } = await expecting('1')
    await receive(api, id, 1n)
    for (const seconds of [SETTLING_SECONDS, 31 * 86_400, 86_400]) {
      api.clock.advanceSeconds(seconds)
      await processDue(api)
    }
    expect(await typesOf(id)).toEqual(['incoming_payment.created', 'incoming_payment.completed'])
    expect(await shownPayment(api, id)).toMatchObject({ state: 'COMPLETED' })
  })

  it('takes the credit that crosses the limit whole, and nothing after it', async () => {
    const { id } = await expecting('100')
    expect(await receive(api, id, 150n)).toBe('ok')
    expect(await receive(api, id, 1n)).toBe('finished')
    expect((await expectInStep(api, id)).receivedAmount).toBe(150n)
  })

  it('stays open without an expected amount', async () => {
    const { id } = await createIncomingPayment(api, pointerId)
    await receive(api, id, 10n ** 18n)
    await receive(api, id, 1n)
    expect(await shownPayment(api, id)).toMatchObject({
      state: 'PROCESSING',
      receivedAmount: { value: '1000000000000000001' }
    })
    await expectInStep(api, id)
  })

  it('receives no more in all than one withdrawal can carry', async () => {
    const { id } = await createIncomingPayment(api, pointerId)
    expect(await receive(api, id, 2n ** 64n - 1n)).toBe('ok')
    expect(await receive(api, id, 1n)).toBe('full')
    expect((await expectInStep(api, id)).state).toBe('PROCESSING')
  })
})

describe('case 88: a payment that expires after it received something', () => {
  it('is expired, and announced once it has settled', async () => {
    const { id } = await expecting('2', { expiresAt: secondsFromNow(api, 60) })
    await receive(api, id, 1n)
    api.clock.advanceSeconds(60)
    await processDue(api)
    expect(await shownPayment(api, id)).toMatchObject({ state: 'EXPIRED', receivedAmount: { value: '1' } })
    expect((await storedPayment(api, id)).connectionId).toBeNull()
    api.clock.advanceSeconds(SETTLING_SECONDS - 1)
    await processDue(api)
    expect(await typesOf(id)).toEqual(['incoming_payment.created'])
    api.clock.advanceSeconds(1)
    await processDue(api)
    const [, event, ...more] = await eventsOf(api, id)
    expect(more).toEqual([])
    expect(event).toMatchObject({
      type: 'incoming_payment.expired',
      withdrawalAmount: 1n,
      data: { incomingPayment: { receivedAmount: { value: '1' }, completed: false } }
    })
  })

  it('takes nothing past its expiry, also before anybody noticed', async () => {
    const { id } = await expecting('2', { expiresAt: secondsFromNow(api, 60) })
    expect(await receive(api, id, 1n)).toBe('ok')
    api.clock.advanceSeconds(60)
    expect(await receive(api, id, 1n)).toBe('finished')
    await processDue(api)
    expect(await receive(api, id, 1n)).toBe('finished')
    expect((await expectInStep(api, id)).receivedAmount).toBe(1n)
  })
})

describe('case 89: a payment that expires with nothing', () => {
  it('is not there any more, and nobody is told', async () => {
    const before = await createIncomingPayment(api, pointerId)
    const { id } = await expecting('2', { expiresAt: secondsFromNow(api, 60) })
    const after = await createIncomingPayment(api, pointerId)
    api.clock.advanceSeconds(60)
    await processDue(api)
    api.clock.advanceSeconds(3_600)
    await processDue(api)

    const reply = await api.run(`{ incomingPayment(id: "${id}") { ${PAYMENT} } }`)
    expect(reply.data.incomingPayment).toBeNull()
    expect(reply.errors).toMatchObject([{ message: 'payment does not exist' }])
    expect(await typesOf(id)).toEqual(['incoming_payment.created'])
    const { data } = await api.run(`{
      paymentPointer(id: "${pointerId}") { incomingPayments { edges { cursor } } }
      payments(filter: { paymentPointerId: { in: ["${pointerId}"] } }) { edges { cursor } }
    }`)
    const others = { edges: [{ cursor: before.id }, { cursor: after.id }] }
    expect(data.paymentPointer.incomingPayments).toEqual(others)
    expect(data.payments).toEqual(others)
  })

  it('leaves a tombstone, which takes no money and is still a place to continue a list from', async () => {
    const { id } = await expecting('2', { expiresAt: secondsFromNow(api, 60) })
    const after = await createIncomingPayment(api, pointerId)
    api.clock.advanceSeconds(60)
    await processDue(api)
    expect(await storedPayment(api, id)).toMatchObject({ state: 'EXPIRED', receivedAmount: 0n, processAt: null })
    expect(await receive(api, id, 1n)).toBe('finished')
    const { data } = await api.run(
      `{ paymentPointer(id: "${pointerId}") { incomingPayments(after: "${id}") { edges { cursor } } } }`
    )
    expect(data.paymentPointer.incomingPayments).toEqual({ edges: [{ cursor: after.id }] })
  })
})

describe('completion by the receiver', () => {
  const complete = (id: string, pointer = pointerId): Promise<unknown> =>
    api.container.resolve(IncomingPaymentService).complete(api.context(), pointer, id)

  it('ends an open payment, and announces what it received', async () => {
    const { id } = await expecting('100')
    await receive(api, id, 40n)
    expect(await complete(id)).toMatchObject({ done: true, value: { id, state: 'COMPLETED', receivedAmount: 40n } })
    expect(await receive(api, id, 1n)).toBe('finished')
    api.clock.advanceSeconds(SETTLING_SECONDS)
    await processDue(api)
    expect(await typesOf(id)).toEqual(['incoming_payment.created', 'incoming_payment.completed'])
  })

  it('tells nobody of nothing', async () => {
    const { id } = await expecting('100')
    await complete(id)
    api.clock.advanceSeconds(31 * 86_400)
    await processDue(api)
    expect(await typesOf(id)).toEqual(['incoming_payment.created'])
    expect(await shownPayment(api, id)).toMatchObject({ state: 'COMPLETED' })
  })

  it('is refused for a finished payment and for the payment of another pointer', async () => {
    const { id } = await expecting('1')
    const other = await createWallet(api)
    expect(await complete(id, other.paymentPointer.id)).toEqual({ done: false, failure: 'unknown_payment' })
    await receive(api, id, 1n)
    expect(await complete(id)).toEqual({ done: false, failure: 'wrong_state' })
  })
})

describe('the account', () => {
  it('is opened by the first credit, together with it', async () => {
    const { id } = await expecting('9')
    expect((await storedPayment(api, id)).accountId).toBeNull()
    await receive(api, id, 1n)
    const { accountId } = await expectInStep(api, id)
    await receive(api, id, 1n)
    expect((await expectInStep(api, id)).accountId).toBe(accountId)
  })

  it('is also opened when the money does not go through', async () => {
    const { id } = await expecting('9')
    const payment = await storedPayment(api, id)
    const asset = await assetOf(api, wallet.asset.id)
    const prepared = await api.container.resolve(IncomingPaymentCredits).credit(payment, asset, 5n, api.clock.now())
    expect(await submitCredit(api, prepared, 5n, asset.liquidityAccountId)).toEqual(['exceeds_credits'])
    expect(await expectInStep(api, id)).toMatchObject({ state: 'PENDING', accountId: prepared.accountId })
    expect(await credit(api, id, 5n)).toBe('ok')
    expect((await expectInStep(api, id)).receivedAmount).toBe(5n)
  })

  it('is opened once by many that come at once', async () => {
    const { id } = await createIncomingPayment(api, pointerId)
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => receive(api, id, 1n)))
    expect(outcomes).toEqual(Array.from({ length: 12 }, () => 'ok'))
    expect((await expectInStep(api, id)).receivedAmount).toBe(12n)
    expect(await api.container.resolve(Ledger).accountsOf(id)).toHaveLength(1)
  })
})

describe('at once', () => {
  it('credits pass until the amount is reached, and not one after it', async () => {
    const { id } = await expecting('100')
    await receive(api, id, 10n)
    const outcomes = await Promise.all(Array.from({ length: 24 }, () => receive(api, id, 10n)))
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(9)
    expect(outcomes.filter((outcome) => outcome === 'finished')).toHaveLength(15)
    expect(await expectInStep(api, id)).toMatchObject({ state: 'COMPLETED', receivedAmount: 100n })
  })

  it('a refused credit leaves nothing behind and holds up no other', async () => {
    const finished = await expecting('1')
    await receive(api, finished.id, 1n)
    const open = await createIncomingPayment(api, pointerId)
    const settlement = async (): Promise<bigint | undefined> =>
      postedDebits((await assetOf(api, wallet.asset.id)).settlementAccountId)
    const before = await settlement()
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) => receive(api, index % 2 ? open.id : finished.id, 3n))
    )
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(5)
    expect((await expectInStep(api, finished.id)).receivedAmount).toBe(1n)
    expect((await expectInStep(api, open.id)).receivedAmount).toBe(15n)
    expect(await settlement()).toBe(before! + 15n)
  })

  it('several workers announce each payment once', async () => {
    const payments = await Promise.all(Array.from({ length: 30 }, () => expecting('5')))
    for (const { id } of payments) await receive(api, id, 5n)
    api.clock.advanceSeconds(SETTLING_SECONDS)
    const other = await TestApi.open(database.url, { clock: api.clock })
    await Promise.all([api, other, api, other, api].map(processDue))
    await other.close()
    for (const { id } of payments) {
      expect(await typesOf(id)).toEqual(['incoming_payment.created', 'incoming_payment.completed'])
    }
  })

  it('an expiry and credits agree on one end', async () => {
    const payments = await Promise.all(Array.from({ length: 12 }, () => expecting('100')))
    for (const [index, { id }] of payments.entries()) if (index % 2) await receive(api, id, 1n)
    api.clock.advanceSeconds(30 * 86_400 - 1)
    const processor = api.container.resolve(IncomingPaymentProcessor)
    const late = new Date(api.clock.now().getTime() + 2_000)
    const credits = payments.map(({ id }) => receive(api, id, 1n))
    await Promise.all([...credits, processor.processDue(late, 20), processor.processDue(late, 20)])
    const outcomes = await Promise.all(credits)
    for (const [index, { id }] of payments.entries()) {
      const { receivedAmount, state, removedAt } = await expectInStep(api, id)
      expect(receivedAmount).toBe(BigInt(index % 2) + (outcomes[index] === 'ok' ? 1n : 0n))
      if (removedAt) expect([state, receivedAmount]).toEqual(['EXPIRED', 0n])
    }
  })
})

it('has no way out of a final state', () => {
  const finals = ['COMPLETED', 'EXPIRED']
  expect(TRANSITIONS.flatMap(({ from }) => from).filter((state) => finals.includes(state))).toEqual([])
  expect(TRANSITIONS.map(({ to }) => to)).not.toContain('PENDING')
})

it('finds what is due in an index', async () => {
  const text = `EXPLAIN SELECT id FROM incoming_payment WHERE process_at <= now() ORDER BY process_at LIMIT 10
    FOR NO KEY UPDATE SKIP LOCKED`
  const plan = await api.container.resolve(Reader).rows({ name: 'explain_due', text, values: [] })
  expect(JSON.stringify(plan)).toContain('Index Scan using incoming_payment_due')
})

async function postedDebits(accountId: bigint): Promise<bigint | undefined> {
  return (await api.container.resolve(Ledger).account(accountId))?.debitsPosted
}
