/**
 * Goal: whatever step of funding, sending or withdrawing is the last one before the lights go out, all of it is
 * stored or nothing, and repeating it finishes it once.
 * Method: a trigger on one table after the other that fails, or kills the server's side of the connection, right
 * after the step that writes this table; and a wire that loses the answer to COMMIT or the COMMIT itself.
 */
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { ANSWER, TestApi, type Fields } from '../admin-v2/support'
import { verify } from '../ledger/support'
import { DatabaseProxy, type CommitFate } from '../support/proxy'
import { shownPayment } from './support'
import { LEASE_SECONDS, Payments, type Route } from './outgoing-support'

type Fault = 'failure' | 'kill' | 'failure at commit' | 'kill at commit'

const FAULTS: readonly Fault[] = ['failure', 'kill']
const LEDGER_STEPS = ['ledger_transfer', 'ledger_account', 'ledger_batch'] as const

let payments: Payments
let sql: Client
beforeAll(async () => {
  payments = await Payments.open()
  sql = new Client({ connectionString: payments.database.url })
  await sql.connect()
  await sql.query('CREATE SEQUENCE fault_count')
  // A sequence does not roll back, so only the first attempt is killed, however the transaction ends.
  await sql.query(`
    CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_ARGV[0] LIKE 'failure%' THEN RAISE EXCEPTION 'the lights are out' USING ERRCODE = 'XX000'; END IF;
      IF nextval('fault_count') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
      RETURN NULL;
    END $$`)
})
afterAll(async () => {
  await sql.end()
  await payments.close()
})
afterEach(async () => {
  while ((await payments.step()) > 0);
  expect((await verify(payments.database.url)).firstBad).toBeUndefined()
})

/** Runs `work` while the step that writes a table is the last one. */
async function faulty<Result>(table: string, fault: Fault, work: () => Promise<Result>): Promise<Result> {
  await sql.query('ALTER SEQUENCE fault_count RESTART')
  await sql.query(
    fault.endsWith('at commit')
      ? `CREATE CONSTRAINT TRIGGER fault AFTER INSERT OR UPDATE ON ${table} DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION fault('${fault}')`
      : `CREATE TRIGGER fault AFTER INSERT OR UPDATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION fault('${fault}')`
  )
  try {
    return await work()
  } finally {
    await sql.query(`DROP TRIGGER fault ON ${table}`)
  }
}

const TRACES = `SELECT
  (SELECT json_agg(row ORDER BY id) FROM (SELECT id, state, sent_amount, liquidity_account_id FROM outgoing_payment) AS row) AS outgoing,
  (SELECT json_agg(row ORDER BY id) FROM (SELECT id, state, received_amount FROM incoming_payment) AS row) AS incoming,
  (SELECT json_agg(row ORDER BY id) FROM (SELECT * FROM ledger_account) AS row) AS accounts,
  (SELECT count(*) FROM ledger_transfer) AS transfers,
  (SELECT count(*) FROM ledger_batch) AS batches,
  (SELECT count(*) FROM ledger_balance) AS balances,
  (SELECT count(*) FROM webhook_event) AS events,
  (SELECT count(*) FROM webhook_delivery) AS deliveries`

/** Everything that a payment leaves in the database, other than attempts that failed. */
async function traces(): Promise<unknown> {
  return (await sql.query(TRACES)).rows[0]
}

async function records(key: string): Promise<number> {
  return (await sql.query('SELECT FROM idempotency_record WHERE key = $1', [key])).rowCount!
}

async function prepare(): Promise<{ route: Route; receiverId: string; quote: Fields }> {
  const route = await payments.route('0.5')
  const { id, url } = await payments.expectPayment(route, 10)
  return { route, receiverId: id, quote: await payments.quote(route, url) }
}

/** Every step under every fault. */
function cases(steps: readonly string[], last: string): [Fault, string][] {
  const during = steps.flatMap((table) => FAULTS.map((fault): [Fault, string] => [fault, table]))
  return [...during, ['failure at commit', last], ['kill at commit', last]]
}

describe('creating a payment', () => {
  const steps = ['outgoing_payment', 'webhook_event', 'webhook_delivery', 'idempotency_record']
  it.each(cases(steps, 'webhook_event'))('%s after %s', async (fault, table) => {
    const { route, quote } = await prepare()
    const idempotencyKey = randomUUID()
    const ask = (): Promise<Fields> =>
      payments.askForPayment(route.sender.paymentPointer.id, quote.id, { idempotencyKey })
    const before = await traces()
    expect(await faulty(table, fault, ask)).toMatchObject({ code: '500', payment: null })
    expect(await traces()).toEqual(before)
    expect(await records(idempotencyKey)).toBe(0)
    expect(await ask()).toMatchObject({ code: '200' })
    expect(await payments.eventTypes(quote.id)).toEqual(['outgoing_payment.created'])
  })
})

describe('funding a payment', () => {
  const steps = [...LEDGER_STEPS, 'ledger_balance', 'outgoing_payment', 'idempotency_record']
  it.each(cases(steps, 'outgoing_payment'))('%s after %s', async (fault, table) => {
    const { route, quote } = await prepare()
    const { id } = await payments.create(route, quote)
    const eventId = await payments.eventId(id)
    const key = randomUUID()
    const before = await traces()
    const answer = await faulty(table, fault, () => payments.deposit(eventId, key))
    if (fault.startsWith('failure')) {
      expect(answer).toMatchObject({ code: '400', success: false, error: null })
      expect(await traces()).toEqual(before)
      expect(await records(key)).toBe(0)
    }
    // A connection that dies is overcome by the ledger itself.
    else expect(answer).toMatchObject({ code: '200' })
    expect(await payments.deposit(eventId, key)).toMatchObject({ code: '200' })
    const { liquidityAccountId, state } = await payments.stored(id)
    expect(state).toBe('SENDING')
    expect(await payments.account(liquidityAccountId)).toMatchObject({ available: 20n })
    expect(await payments.deposit(eventId)).toMatchObject({ code: '409', error: 'TransferExists' })
  })
})

describe('sending a payment', () => {
  const steps = [
    ...LEDGER_STEPS,
    'ledger_balance',
    'outgoing_payment',
    'incoming_payment',
    'webhook_event',
    'webhook_delivery'
  ]
  it.each(cases(steps, 'incoming_payment'))('%s after %s', async (fault, table) => {
    const { route, receiverId, quote } = await prepare()
    const { id } = await payments.create(route, quote)
    expect(await payments.deposit(await payments.eventId(id))).toMatchObject({ code: '200' })
    const [claimed] = await payments.claim()
    const before = await traces()
    // With its own table out of order not even the attempt can be counted.
    await faulty(table, fault, () => payments.send(claimed!)).catch(
      (error: unknown) => expect(table).toBe('outgoing_payment') ?? error
    )
    if (fault.startsWith('failure')) {
      expect(await traces()).toEqual(before)
      payments.api.clock.advanceSeconds(LEASE_SECONDS + 1)
      expect(await payments.step()).toBe(1)
    }
    expect(await payments.shown(id)).toMatchObject({ state: 'COMPLETED', sentAmount: { value: '20' } })
    expect(await shownPayment(payments.api, receiverId)).toMatchObject({
      state: 'COMPLETED',
      receivedAmount: { value: '10' }
    })
    expect(await payments.eventTypes(id)).toEqual(['outgoing_payment.created', 'outgoing_payment.completed'])
    expect(await payments.liquidityOf(route.receiver)).toBe(999_990n)
    expect(await payments.step()).toBe(0)
  })
})

describe('ending a payment that could not be sent', () => {
  const steps = ['outgoing_payment', 'webhook_event', 'webhook_delivery']
  it.each(cases(steps, 'outgoing_payment'))('%s after %s', async (fault, table) => {
    const { route, quote } = await prepare()
    const { id } = await payments.create(route, quote)
    expect(await payments.deposit(await payments.eventId(id))).toMatchObject({ code: '200' })
    await sql.query('UPDATE quote SET receiver = $2 WHERE id = $1', [id, 'https://nowhere.test/a/incoming-payments/b'])
    const [claimed] = await payments.claim()
    const before = await traces()
    await expect(faulty(table, fault, () => payments.send(claimed!))).rejects.toThrow()
    expect(await traces()).toEqual(before)
    payments.api.clock.advanceSeconds(LEASE_SECONDS + 1)
    expect(await payments.step()).toBe(1)
    expect(await payments.shown(id)).toMatchObject({ state: 'FAILED', error: 'UnknownReceiver' })
    expect(await payments.eventTypes(id)).toEqual(['outgoing_payment.created', 'outgoing_payment.failed'])
  })
})

describe('withdrawing what an event leaves', () => {
  it.each(cases([...LEDGER_STEPS, 'ledger_balance', 'idempotency_record'], 'idempotency_record'))(
    '%s after %s',
    async (fault, table) => {
      const { route, quote } = await prepare()
      const { id } = await payments.create(route, quote)
      expect(await payments.deposit(await payments.eventId(id))).toMatchObject({ code: '200' })
      await sql.query('UPDATE quote SET receiver = $2 WHERE id = $1', [
        id,
        'https://nowhere.test/a/incoming-payments/b'
      ])
      await payments.step()
      const { id: eventId } = await payments.event(id, 'outgoing_payment.failed')
      const key = randomUUID()
      const before = await traces()
      const answer = await faulty(table, fault, () => payments.withdraw(eventId, key))
      if (fault.startsWith('failure')) {
        expect(answer).toMatchObject({ code: '400', success: false, error: null })
        expect(await traces()).toEqual(before)
        expect(await records(key)).toBe(0)
      } else expect(answer).toMatchObject({ code: '200' })
      expect(await payments.withdraw(eventId, key)).toMatchObject({ code: '200' })
      expect(await payments.withdraw(eventId)).toMatchObject({ code: '409', error: 'TransferExists' })
      expect((await payments.account((await payments.stored(id)).liquidityAccountId)).available).toBe(0n)
    }
  )
})

describe('a wire that is cut at COMMIT', () => {
  it.each<CommitFate>(['lose answer', 'lose request'])('%s: the deposit is made once', async (fate) => {
    const proxy = await DatabaseProxy.open(payments.database.url)
    const behind = await TestApi.open(proxy.url, { clock: payments.api.clock, recoveryMilliseconds: 2_000 })
    try {
      const { route, quote } = await prepare()
      const { id } = await payments.create(route, quote)
      const input = { eventId: await payments.eventId(id), idempotencyKey: randomUUID() }
      const deposit = (): Promise<Fields> =>
        behind.mutate('depositEventLiquidity', 'DepositEventLiquidityInput', input, `${ANSWER} error`)
      proxy.nextCommit = fate
      const cuts = proxy.cuts
      expect(await deposit()).toMatchObject({ code: '200' })
      expect(proxy.cuts).toBe(cuts + 1)
      expect(await deposit()).toMatchObject({ code: '200' })
      expect(await payments.step()).toBe(1)
      expect(await payments.shown(id)).toMatchObject({ state: 'COMPLETED' })
    } finally {
      await behind.close()
      await proxy.close()
    }
  })

  it.each<CommitFate>(['lose answer', 'lose request'])('%s: the payment is made of its quote once', async (fate) => {
    const proxy = await DatabaseProxy.open(payments.database.url)
    const behind = await TestApi.open(proxy.url, { clock: payments.api.clock })
    try {
      const { route, quote } = await prepare()
      const input = {
        paymentPointerId: route.sender.paymentPointer.id,
        quoteId: quote.id,
        idempotencyKey: randomUUID()
      }
      const create = (): Promise<Fields> =>
        behind.mutate('createOutgoingPayment', 'CreateOutgoingPaymentInput', input, `${ANSWER} payment { id }`)
      proxy.nextCommit = fate
      expect(await create()).toMatchObject({ code: '500', payment: null })
      expect(await create()).toMatchObject({ code: '200', payment: { id: quote.id } })
      expect(await payments.eventTypes(quote.id)).toEqual(['outgoing_payment.created'])
    } finally {
      await behind.close()
      await proxy.close()
    }
  })
})
