/**
 * What the deactivation of a payment pointer means to its open incoming payments (cases 75 and 76).
 *
 * Goal: with the status, in one transaction, open payments get their last deadline; no payment slips through
 * that is being made meanwhile. Method: through the schema, with a clock that the test sets.
 */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { IncomingPayment, PaymentPointer } from '../../src/entities'
import { IncomingPaymentDeadlines } from '../../src/services/payments/incoming/deadlines'
import { ANSWER, TestApi, type Fields } from '../admin-v2/support'
import {
  askForPayment,
  createIncomingPayment,
  createWallet,
  deactivate,
  eventsOf,
  processDue,
  receive,
  secondsFromNow,
  shownPayment,
  storedPayment
} from '../payments/support'
import { createTestDatabase, type TestDatabase } from '../support/database'

const GRACE_SECONDS = 3_600

let database: TestDatabase
let api: TestApi
let pointerId: string

beforeAll(async () => {
  database = await createTestDatabase()
  api = await TestApi.open(database.url, { settings: { deactivationGraceMilliseconds: GRACE_SECONDS * 1_000 } })
})

afterAll(async () => {
  await api?.close()
  await database?.drop()
})

beforeEach(async () => {
  pointerId = (await createWallet(api)).paymentPointer.id
})

function pointer(): Promise<PaymentPointer> {
  return api.container.resolve(DataSource).manager.findOneByOrFail(PaymentPointer, { id: pointerId })
}

async function deadline(): Promise<string> {
  return new Date((await pointer()).deactivatedAt!.getTime() + GRACE_SECONDS * 1_000).toISOString()
}

describe('case 75: payments that would go on past the grace period', () => {
  it('expire at its end', async () => {
    const pending = await createIncomingPayment(api, pointerId)
    const processing = await createIncomingPayment(api, pointerId)
    await receive(api, processing.id, 5n)
    await deactivate(api, pointerId)
    const expiresAt = await deadline()
    expect(await shownPayment(api, pending.id)).toMatchObject({ state: 'PENDING', expiresAt })
    expect(await shownPayment(api, processing.id)).toMatchObject({ state: 'PROCESSING', expiresAt })
  })

  it('are processed at their new expiry, and take money until then', async () => {
    const { id } = await createIncomingPayment(api, pointerId)
    await deactivate(api, pointerId)
    expect(await receive(api, id, 1n)).toBe('ok')
    api.clock.advanceSeconds(GRACE_SECONDS + 1)
    expect(await receive(api, id, 1n)).toBe('finished')
    await processDue(api)
    expect(await shownPayment(api, id)).toMatchObject({ state: 'EXPIRED' })
    api.clock.advanceSeconds(30)
    await processDue(api)
    expect((await eventsOf(api, id)).map(({ type }) => type)).toEqual([
      'incoming_payment.created',
      'incoming_payment.expired'
    ])
  })

  it('do not get their time back with the activation', async () => {
    const { id } = await createIncomingPayment(api, pointerId)
    await deactivate(api, pointerId)
    const expiresAt = await deadline()
    await deactivate(api, pointerId, 'ACTIVE')
    expect(await shownPayment(api, id)).toMatchObject({ expiresAt })
  })

  it('keep their deadline when a status is set that the pointer already has', async () => {
    await deactivate(api, pointerId)
    await deactivate(api, pointerId, 'ACTIVE')
    const { id, expiresAt } = await createIncomingPayment(api, pointerId)
    await deactivate(api, pointerId, 'ACTIVE')
    expect(await shownPayment(api, id)).toMatchObject({ expiresAt })
    await deactivate(api, pointerId)
    const shortened = await deadline()
    api.clock.advanceSeconds(60)
    await deactivate(api, pointerId)
    expect(await shownPayment(api, id)).toMatchObject({ expiresAt: shortened })
  })
})

describe('case 76: payments that end before the grace period does', () => {
  it('keep their expiry', async () => {
    const { id, expiresAt } = await createIncomingPayment(api, pointerId, {
      expiresAt: secondsFromNow(api, GRACE_SECONDS - 60)
    })
    await deactivate(api, pointerId)
    expect(await shownPayment(api, id)).toMatchObject({ expiresAt })
  })

  it('and those of other pointers, and finished ones, too', async () => {
    const other = await createWallet(api)
    const foreign = await createIncomingPayment(api, other.paymentPointer.id)
    const own = await createWallet(api)
    const incomingAmount = { value: '1', ...own.unit }
    const finished = await createIncomingPayment(api, own.paymentPointer.id, { incomingAmount })
    await receive(api, finished.id, 1n)
    const { processAt } = await storedPayment(api, finished.id)
    await deactivate(api, own.paymentPointer.id)
    expect(await shownPayment(api, foreign.id)).toMatchObject({ expiresAt: foreign.expiresAt })
    expect(await storedPayment(api, finished.id)).toMatchObject({
      expiresAt: new Date(finished.expiresAt as string),
      processAt
    })
  })
})

describe('status and deadlines', () => {
  it('change together or not at all', async () => {
    const { id, expiresAt } = await createIncomingPayment(api, pointerId)
    const deadlines = api.container.resolve(IncomingPaymentDeadlines)
    const shorten = jest.spyOn(deadlines, 'shorten').mockImplementation(async (manager, ...rest) => {
      await IncomingPaymentDeadlines.prototype.shorten.call(deadlines, manager, ...rest)
      throw new Error('the process ends here')
    })
    try {
      const input = { id: pointerId, status: 'INACTIVE' }
      const answer = await api.mutate('updatePaymentPointer', 'UpdatePaymentPointerInput', input, ANSWER)
      expect(answer).toMatchObject({ code: '500' })
    } finally {
      shorten.mockRestore()
    }
    expect((await pointer()).deactivatedAt).toBeNull()
    expect(await shownPayment(api, id)).toMatchObject({ expiresAt })
  })

  it('are waited for by a payment that is made meanwhile', async () => {
    const source = api.container.resolve(DataSource)
    const runner = source.createQueryRunner()
    await runner.startTransaction()
    let settled = false
    try {
      await runner.manager.update(PaymentPointer, { id: pointerId }, { deactivatedAt: api.clock.now() })
      const asked = askForPayment(api, pointerId).finally(() => (settled = true))
      const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
      while (!settled && (await source.query<unknown[]>(waiting)).length === 0);
      await runner.commitTransaction()
      expect(await asked).toMatchObject({ code: '400', message: 'inactive payment pointer' })
    } finally {
      await runner.release()
    }
    expect(await source.manager.countBy(IncomingPayment, { paymentPointerId: pointerId })).toBe(0)
  })

  it('leave no payment out that is made at the same time', async () => {
    const other = await TestApi.open(database.url, { clock: api.clock })
    const asked: Promise<Fields>[] = []
    for (let index = 0; index < 40; index++) {
      asked.push(askForPayment(index % 2 ? api : other, pointerId, { idempotencyKey: randomUUID() }))
      if (index === 20) asked.push(deactivate(api, pointerId).then(() => ({}) as Fields))
    }
    const answers = await Promise.all(asked)
    await other.close()
    const last = await deadline()
    const { manager } = api.container.resolve(DataSource)
    const payments = await manager.findBy(IncomingPayment, { paymentPointerId: pointerId })
    expect(payments).toHaveLength(answers.filter(({ code }) => code === '200').length)
    for (const { expiresAt } of payments) expect(expiresAt.toISOString()).toBe(last)
  })
})
