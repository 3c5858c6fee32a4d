/**
 * Goal: an event moves its money once, whoever asks for it and however often, and what belongs to that is
 * stored with it.
 * Method: the API on a database of the test's own, called alone and by many at once. After every test the
 * ledger is replayed.
 */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { EntityReader } from '../../src/database/entity-reader'
import { Ledger } from '../../src/ledger/ledger'
import { createLogger } from '../../src/logging'
import { OutgoingPaymentSender } from '../../src/services/payments/outgoing/outgoing-payment-sender'
import { NotificationListener } from '../../src/workers/notification-listener'
import { OutgoingPaymentWorker } from '../../src/workers/outgoing-payment-worker'
import { settlementBalance } from '../admin-v2/fixtures'
import { ANSWER, TestApi } from '../admin-v2/support'
import { verify } from '../ledger/support'
import { eventsOf, processDue, receive, shownPayment } from './support'
import { amountOf, Payments } from './outgoing-support'

let payments: Payments
beforeAll(async () => {
  payments = await Payments.open()
})
afterAll(() => payments.close())
afterEach(async () => {
  expect((await verify(payments.database.url)).firstBad).toBeUndefined()
})

const DEPOSITED = { code: '200', success: true, message: 'Deposited liquidity', error: null }
const WITHDREW = { code: '200', success: true, message: 'Withdrew liquidity', error: null }
const INVALID_ID = { code: '400', success: false, message: 'Invalid id', error: 'InvalidId' }
const TRANSFER_EXISTS = { code: '409', success: false, message: 'Transfer exists', error: 'TransferExists' }

async function unfunded(value = 20): Promise<{ id: string; eventId: string; assetId: string; receiverId: string }> {
  const route = await payments.domesticRoute()
  const { id: receiverId, url } = await payments.expectPayment(route, value)
  const { id } = await payments.createFor(route, url)
  return { id, eventId: await payments.eventId(id), assetId: route.sender.asset.id, receiverId }
}

describe('a deposit', () => {
  it('case 104: funds the payment of its event', async () => {
    const { id, eventId, assetId } = await unfunded()
    expect(await payments.deposit(eventId)).toEqual(DEPOSITED)
    expect(await payments.shown(id)).toMatchObject({ state: 'SENDING', sentAmount: { value: '0' } })
    const { liquidityAccountId } = await payments.stored(id)
    expect(await payments.account(liquidityAccountId)).toEqual({ posted: { debits: 0n, credits: 20n }, available: 20n })
    expect(await settlementBalance(payments.api, assetId)).toBe(20n)
  })

  it('case 105: of an unknown event, or an event of another type, is refused', async () => {
    const { receiverId } = await unfunded()
    const [incoming] = await eventsOf(payments.api, receiverId)
    for (const id of [randomUUID(), incoming!.id, 'none', '']) expect(await payments.deposit(id)).toEqual(INVALID_ID)
  })

  it('case 106: whose event has lent its id to another transfer is refused, and the payment goes on waiting', async () => {
    const { id, eventId, assetId } = await unfunded()
    const other = { assetId, amount: '5', id: eventId, idempotencyKey: randomUUID() }
    expect(await payments.api.mutate('addAssetLiquidity', 'AddAssetLiquidityInput', other, ANSWER)).toMatchObject({
      code: '200'
    })
    const key = randomUUID()
    expect(await payments.deposit(eventId, key)).toEqual(TRANSFER_EXISTS)
    expect(await payments.deposit(eventId, key)).toEqual(TRANSFER_EXISTS)
    expect(await payments.deposit(eventId)).toEqual(TRANSFER_EXISTS)
    expect(await payments.stored(id)).toMatchObject({ state: 'FUNDING', liquidityAccountId: null })
    expect(await settlementBalance(payments.api, assetId)).toBe(5n)
  })

  it('case 107: is made once; the second says that it exists', async () => {
    const { eventId, assetId } = await unfunded()
    const key = randomUUID()
    expect(await payments.deposit(eventId, key)).toEqual(DEPOSITED)
    expect(await payments.deposit(eventId)).toEqual(TRANSFER_EXISTS)
    await payments.step()
    expect(await payments.deposit(eventId)).toEqual(TRANSFER_EXISTS)
    expect(await payments.deposit(eventId, key)).toEqual(DEPOSITED)
    expect(await settlementBalance(payments.api, assetId)).toBe(20n)
  })

  it('case 107: is made once also when many ask at the same time, in two processes', async () => {
    const other = await TestApi.open(payments.database.url)
    try {
      const { id, eventId, assetId } = await unfunded()
      const input = (): object => ({ eventId, idempotencyKey: randomUUID() })
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, index) =>
          (index % 2 ? other : payments.api).mutate(
            'depositEventLiquidity',
            'DepositEventLiquidityInput',
            input(),
            `${ANSWER} error`
          )
        )
      )
      expect(answers.filter(({ code }) => code === '200')).toEqual([DEPOSITED])
      expect(answers.filter(({ code }) => code === '409')).toHaveLength(15)
      expect(await payments.stored(id)).toMatchObject({ state: 'SENDING' })
      expect(await settlementBalance(payments.api, assetId)).toBe(20n)
    } finally {
      await other.close()
    }
  })

  it('after the quote has expired is refused, and the payment waits in vain', async () => {
    const { id, eventId, assetId } = await unfunded()
    payments.api.clock.advanceSeconds(301)
    expect(await payments.deposit(eventId)).toMatchObject({ code: '400', success: false, error: null })
    expect(await payments.shown(id)).toMatchObject({ state: 'FUNDING' })
    expect(await settlementBalance(payments.api, assetId)).toBe(0n)
  })

  it('of a payment that is gone, or has another amount than the event, is refused', async () => {
    const gone = await unfunded()
    const changed = await unfunded()
    const silent = await unfunded()
    const source = payments.api.container.resolve(DataSource)
    await source.query('DELETE FROM outgoing_payment WHERE id = $1', [gone.id])
    await source.query('UPDATE quote SET send_amount = send_amount + 1 WHERE id = $1', [changed.id])
    await source.query('ALTER TABLE webhook_event DISABLE TRIGGER USER')
    await source.query(`UPDATE webhook_event SET data = '{"payment":{}}' WHERE id = $1`, [silent.eventId])
    await source.query('ALTER TABLE webhook_event ENABLE TRIGGER USER')
    const unknown = { code: '404', success: false, message: 'Unknown outgoing payment', error: 'UnknownPayment' }
    expect(await payments.deposit(gone.eventId)).toEqual(unknown)
    for (const { id, eventId } of [changed, silent]) {
      expect(await payments.deposit(eventId)).toMatchObject({ code: '400', success: false, error: null })
      expect(await payments.stored(id)).toMatchObject({ state: 'FUNDING', liquidityAccountId: null })
    }
  })

  it('wakes the worker, which sends the payment without waiting for its next look', async () => {
    await whileWorking(async () => {
      for (let count = 0; count < 3; count++) await sent(await unfunded())
    })
  })

  it('is sent in the hands of one worker, also after a crash of the database', async () => {
    const source = payments.api.container.resolve(DataSource)
    await source.query('CREATE TABLE claim_seen (synchronous_commit text)')
    await source.query(`CREATE FUNCTION see_claim() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO claim_seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$`)
    await source.query(`CREATE TRIGGER see_claim AFTER UPDATE ON outgoing_payment FOR EACH ROW
      WHEN (OLD.lease IS NULL AND NEW.lease IS NOT NULL) EXECUTE FUNCTION see_claim()`)
    await whileWorking(async () => sent(await unfunded()))
    await source.query('DROP TRIGGER see_claim ON outgoing_payment')
    expect(await source.query('SELECT * FROM claim_seen')).toEqual([{ synchronous_commit: 'on' }])
  })
})

/** Funds a payment and waits until the worker has sent it. */
async function sent({ id, eventId }: { id: string; eventId: string }): Promise<void> {
  expect(await payments.deposit(eventId)).toEqual(DEPOSITED)
  while ((await payments.stored(id)).state !== 'COMPLETED') await new Promise((resolve) => setTimeout(resolve, 5))
}

/** A worker that looks by itself only after far more than the patience of a test. */
async function whileWorking(work: () => Promise<void>): Promise<void> {
  const logger = createLogger({ level: 'silent' })
  const notifications = new NotificationListener({ url: payments.database.url, logger })
  const { container } = payments.api
  const worker = new OutgoingPaymentWorker(container.resolve(EntityReader), container.resolve(OutgoingPaymentSender), {
    databaseUrl: payments.database.url,
    concurrency: 4,
    idleMilliseconds: 3_000_000,
    leaseMilliseconds: 30_000,
    notifications,
    logger,
    now: () => payments.api.clock.now()
  })
  worker.start()
  try {
    await work()
  } finally {
    await worker.stop()
    await notifications.close()
  }
}

describe('a withdrawal', () => {
  async function completed(): Promise<{ eventId: string; assetId: string; accountId: bigint }> {
    const { id, eventId, assetId, receiverId } = await unfunded(30)
    expect(await payments.deposit(eventId)).toEqual(DEPOSITED)
    expect(await receive(payments.api, receiverId, 30n)).toBe('ok')
    await payments.step()
    const { liquidityAccountId } = await payments.stored(id)
    const event = await payments.event(id, 'outgoing_payment.completed')
    return { eventId: event.id, assetId, accountId: liquidityAccountId! }
  }

  it('case 109: takes out what is left of a payment, once', async () => {
    const { eventId, assetId, accountId } = await completed()
    const before = await settlementBalance(payments.api, assetId)
    const key = randomUUID()
    expect(await payments.withdraw(eventId, key)).toEqual(WITHDREW)
    expect(await payments.withdraw(eventId)).toEqual(TRANSFER_EXISTS)
    expect(await payments.withdraw(eventId, key)).toEqual(WITHDREW)
    expect(await settlementBalance(payments.api, assetId)).toBe(before - 30n)
    expect((await payments.account(accountId)).available).toBe(0n)
  })

  it('case 109: is final at once', async () => {
    const { eventId } = await completed()
    expect(await payments.withdraw(eventId)).toEqual(WITHDREW)
    for (const name of ['post', 'void']) {
      const type = name === 'post' ? 'PostLiquidityWithdrawalInput' : 'VoidLiquidityWithdrawalInput'
      const input = { withdrawalId: eventId, idempotencyKey: randomUUID() }
      expect(await payments.api.mutate(`${name}LiquidityWithdrawal`, type, input, `${ANSWER} error`)).toMatchObject({
        code: '409',
        error: 'AlreadyPosted'
      })
    }
  })

  it('case 110: of an event without money, or an unknown one, is refused', async () => {
    const { id, eventId } = await unfunded()
    expect(await payments.withdraw(eventId)).toEqual(INVALID_ID)
    expect(await payments.deposit(eventId)).toEqual(DEPOSITED)
    await payments.step()
    const { id: completedId } = await payments.event(id, 'outgoing_payment.completed')
    for (const id of [completedId, randomUUID(), 'none']) expect(await payments.withdraw(id)).toEqual(INVALID_ID)
  })

  it('case 111: takes out what an incoming payment received, which shows what it received all the same', async () => {
    const { eventId, assetId, receiverId } = await unfunded(44)
    expect(await payments.deposit(eventId)).toEqual(DEPOSITED)
    await payments.step()
    payments.api.clock.advanceSeconds(31)
    await processDue(payments.api)
    const event = (await eventsOf(payments.api, receiverId)).find(({ type }) => type === 'incoming_payment.completed')!
    const before = await settlementBalance(payments.api, assetId)
    expect(await payments.withdraw(event.id)).toEqual(WITHDREW)
    expect(await settlementBalance(payments.api, assetId)).toBe(before - 44n)
    expect(await shownPayment(payments.api, receiverId)).toMatchObject({ receivedAmount: { value: '44' } })
  })

  it('of more than the account holds is refused', async () => {
    const { eventId, assetId } = await completed()
    const source = payments.api.container.resolve(DataSource)
    await source.query('ALTER TABLE webhook_event DISABLE TRIGGER USER')
    await source.query('UPDATE webhook_event SET withdrawal_amount = 31 WHERE id = $1', [eventId])
    await source.query('ALTER TABLE webhook_event ENABLE TRIGGER USER')
    const before = await settlementBalance(payments.api, assetId)
    expect(await payments.withdraw(eventId)).toEqual({
      code: '403',
      success: false,
      message: 'Insufficient balance',
      error: 'InsufficientBalance'
    })
    expect(await settlementBalance(payments.api, assetId)).toBe(before)
  })

  it('of more than one transfer carries is made in several, together', async () => {
    const most = 2n ** 64n - 1n
    const route = await payments.domesticRoute()
    const ids: string[] = []
    for (let count = 0; count < 2; count++) {
      const { url } = await payments.expectPayment(route)
      ids.push((await payments.createFunded(route, url, { receiveAmount: amountOf(most, route.sender.unit) })).id)
    }
    const [first, second] = await Promise.all(ids.map((id) => payments.stored(id)))
    const ledger = payments.api.container.resolve(Ledger)
    const move = { debitAccountId: second!.liquidityAccountId!, creditAccountId: first!.liquidityAccountId! }
    const command = { type: 'transfer', id: randomUUID(), ...move, amount: most, code: 3 } as const
    expect((await ledger.submit({ commands: [command] })).results).toEqual(['ok'])
    const eventId = await payments.eventId(ids[0]!)
    const source = payments.api.container.resolve(DataSource)
    const event = randomUUID()
    await source.query(
      `INSERT INTO webhook_event (id, type, resource_id, data, withdrawal_account_id, withdrawal_asset_id,
          withdrawal_amount, created_at)
        SELECT $1, 'incoming_payment.completed', resource_id, data, $2, $3, $4, created_at
        FROM webhook_event WHERE id = $5`,
      [event, String(first!.liquidityAccountId), route.sender.asset.id, String(2n * most), eventId]
    )
    expect(await payments.withdraw(event)).toEqual(WITHDREW)
    expect(await payments.withdraw(event)).toEqual(TRANSFER_EXISTS)
    expect(await settlementBalance(payments.api, route.sender.asset.id)).toBe(0n)
  })
})
