/**
 * What the deactivation of a payment pointer means to its open incoming payments (cases 75 and 76).
 *
 * Goal: with the status, in one transaction, open payments get their last deadline; no payment slips through
 * that is being made meanwhile, and nobody waits for payments to be written. Method: through the schema, with a clock
 * that the test sets; the worker's steps are taken by the test.
 */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { Reader } from '../../src/database/reader'
import { IncomingPayment, PaymentPointer } from '../../src/entities'
import { Ledger } from '../../src/ledger/ledger'
import { IncomingPaymentDeadlines, STEP } from '../../src/services/payments/incoming/deadlines'
import { ANSWER, TestApi, type Fields } from '../admin-v2/support'
import {
  askForPayment,
  assetOf,
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

/** All that the worker has to write, in its steps. */
async function writeDeadlines(): Promise<void> {
  const deadlines = api.container.resolve(IncomingPaymentDeadlines)
  while ((await deadlines.shorten(api.clock.now(), STEP)).length > 0);
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
    const source = api.container.resolve(DataSource)
    await source.query(`CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'the lights are out' USING ERRCODE = 'XX000'; END $$`)
    await source.query('CREATE TRIGGER fault AFTER UPDATE ON payment_pointer EXECUTE FUNCTION fault()')
    try {
      const input = { id: pointerId, status: 'INACTIVE' }
      const answer = await api.mutate('updatePaymentPointer', 'UpdatePaymentPointerInput', input, ANSWER)
      expect(answer).toMatchObject({ code: '500' })
    } finally {
      await source.query('DROP TRIGGER fault ON payment_pointer')
    }
    expect(await pointer()).toMatchObject({ deactivatedAt: null, paymentsEndAt: null })
    await writeDeadlines()
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
    const made = answers.filter(({ code }) => code === '200').map(({ payment }) => (payment as Fields).id)
    for (const id of made) expect(await shownPayment(api, id)).toMatchObject({ expiresAt: last })
    await writeDeadlines()
    const { manager } = api.container.resolve(DataSource)
    const payments = await manager.findBy(IncomingPayment, { paymentPointerId: pointerId })
    expect(payments).toHaveLength(made.length)
    for (const { expiresAt } of payments) expect(expiresAt.toISOString()).toBe(last)
  })
})

describe('deadlines that the payments do not have yet', () => {
  it('are written, and then forgotten', async () => {
    const { id } = await createIncomingPayment(api, pointerId)
    await deactivate(api, pointerId)
    expect((await storedPayment(api, id)).expiresAt.toISOString()).not.toBe(await deadline())
    expect((await pointer()).paymentsEndAt?.toISOString()).toBe(await deadline())
    await writeDeadlines()
    const end = new Date(await deadline())
    expect(await storedPayment(api, id)).toMatchObject({ expiresAt: end, processAt: end })
    expect(await pointer()).toMatchObject({ paymentsEndAt: null })
    expect((await pointer()).deactivatedAt).not.toBeNull()
  })

  it('are shown in lists, and told with the end of a payment', async () => {
    const wallet = await createWallet(api)
    const { id: paymentPointerId } = wallet.paymentPointer
    const incomingAmount = { value: '1', ...wallet.unit }
    const { id } = await createIncomingPayment(api, paymentPointerId, { incomingAmount })
    await deactivate(api, paymentPointerId)
    const { expiresAt } = await shownPayment(api, id)
    const list = `query ($id: String!) { paymentPointer(id: $id) { incomingPayments { edges { node { expiresAt } } } } }`
    const { data } = await api.run(list, { id: paymentPointerId })
    expect(data.paymentPointer.incomingPayments).toEqual({ edges: [{ node: { expiresAt } }] })
    await receive(api, id, 1n)
    expect(await shownPayment(api, id)).toMatchObject({ state: 'COMPLETED', expiresAt })
    api.clock.advanceSeconds(30)
    await processDue(api)
    expect((await eventsOf(api, id)).at(-1)).toMatchObject({ data: { incomingPayment: { expiresAt } } })
  })

  it('outlive an activation, which waits for payments that others have in hand', async () => {
    const free = await createIncomingPayment(api, pointerId)
    const held = await createIncomingPayment(api, pointerId)
    await deactivate(api, pointerId)
    const expiresAt = await deadline()
    const runner = api.container.resolve(DataSource).createQueryRunner()
    await runner.startTransaction()
    let activated: Promise<void>
    try {
      await runner.query('SELECT FROM incoming_payment WHERE id = $1 FOR UPDATE', [held.id])
      activated = deactivate(api, pointerId, 'ACTIVE')
      while ((await storedPayment(api, free.id)).expiresAt.toISOString() !== expiresAt);
      expect((await pointer()).deactivatedAt).not.toBeNull()
      await runner.commitTransaction()
    } finally {
      await runner.release()
    }
    await activated
    expect(await pointer()).toMatchObject({ deactivatedAt: null, paymentsEndAt: null })
    for (const { id } of [free, held]) expect(await shownPayment(api, id)).toMatchObject({ expiresAt })
    const later = await createIncomingPayment(api, pointerId)
    expect(await shownPayment(api, later.id)).toMatchObject({ expiresAt: later.expiresAt })
  })

  it('are found in an index', async () => {
    const text = `EXPLAIN SELECT id FROM payment_pointer WHERE payments_end_at IS NOT NULL ORDER BY payments_end_at LIMIT 10`
    const plan = await api.container.resolve(Reader).rows({ name: 'explain_pending', text, values: [] })
    expect(JSON.stringify(plan)).toContain('using payment_pointer_payments_end')
  })

  it('hold up nobody, however many payments there are', async () => {
    const source = api.container.resolve(DataSource)
    const { id } = await createIncomingPayment(api, pointerId)
    await source.query(
      `INSERT INTO incoming_payment (id, payment_pointer_id, asset_id, state, received_amount, connection_id, expires_at,
          process_at, created_at, updated_at)
        SELECT gen_random_uuid(), payment_pointer_id, asset_id, state, 0, gen_random_uuid(), expires_at,
          process_at, created_at, updated_at
        FROM incoming_payment, generate_series(1, 4000) WHERE id = $1`,
      [id]
    )
    await source.query('CREATE TABLE touched (count integer)')
    await source.query(`CREATE FUNCTION count_touched() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO touched SELECT count(*) FROM after; RETURN NULL; END $$`)
    await source.query(`CREATE TRIGGER count_touched AFTER UPDATE ON incoming_payment REFERENCING NEW TABLE AS after
      FOR EACH STATEMENT EXECUTE FUNCTION count_touched()`)
    const asset = await assetOf(api, (await createWallet(api)).asset.id)
    const accounts = { debitAccountId: asset.settlementAccountId, creditAccountId: asset.liquidityAccountId }
    const transfer = { type: 'transfer', id: randomUUID(), ...accounts, amount: 1n, code: 1 } as const
    const [, credited, { results }] = await Promise.all([
      deactivate(api, pointerId),
      receive(api, id, 1n),
      api.container.resolve(Ledger).submit({ commands: [transfer] }),
      writeDeadlines()
    ])
    expect({ credited, results }).toEqual({ credited: 'ok', results: ['ok'] })
    expect(await receive(api, id, 1n)).toBe('ok')
    await writeDeadlines()
    await source.query('DROP TRIGGER count_touched ON incoming_payment')
    expect(await source.query('SELECT count(*), max(count) <= 500 AS "inSteps" FROM touched')).toMatchObject([
      { inSteps: true }
    ])
    const late = `SELECT count(*) FROM incoming_payment WHERE payment_pointer_id = $1 AND expires_at <> $2`
    expect(await source.query(late, [pointerId, await deadline()])).toEqual([{ count: '0' }])
    expect(await pointer()).toMatchObject({ paymentsEndAt: null })
  })
})
