/**
 * Money sent straight to a payment pointer (cases 79 to 82), and its announcement beside direct withdrawals.
 *
 * Goal: each unit received is announced at most once, when it is due, and nothing is announced that the account
 * cannot pay. Method: credits go through the ledger as those of packets do; time is set by the test.
 */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { PaymentPointer, PaymentPointerIncome, type WebhookEvent } from '../../src/entities'
import { wasOpenedMeanwhile } from '../../src/services/credit'
import { Ledger } from '../../src/ledger/ledger'
import { Balances } from '../../src/services/liquidity/balances'
import { PaymentPointerEvents } from '../../src/services/payment-pointers/events'
import { WebMonetizationCredits } from '../../src/services/payment-pointers/web-monetization'
import { ANSWER, TestApi, type Fields } from '../admin-v2/support'
import { assetOf, createWallet, deactivate, eventsOf, submitCredit, type Wallet } from '../payments/support'
import { createTestDatabase, type TestDatabase } from '../support/database'

const DELAY_SECONDS = 60

let database: TestDatabase
/** Announces a while after the first credit. */
let api: TestApi
/** Announces by thresholds only. */
let strict: TestApi

beforeAll(async () => {
  database = await createTestDatabase()
  const settings = { withdrawalThrottleDelayMilliseconds: DELAY_SECONDS * 1_000 }
  api = await TestApi.open(database.url, { settings })
  strict = await TestApi.open(database.url, { clock: api.clock })
})

afterAll(async () => {
  await strict?.close()
  await api?.close()
  await database?.drop()
})

/** Nothing of one test is due in another. */
afterEach(async () => {
  api.clock.advanceSeconds(DELAY_SECONDS)
  await trigger(1_000)
})

async function pay({ asset, paymentPointer: { id } }: Wallet, amount: bigint, via = api): Promise<void> {
  const { manager } = via.container.resolve(DataSource)
  const stored = await assetOf(via, asset.id)
  for (;;) {
    const pointer = await manager.findOneByOrFail(PaymentPointer, { id })
    const credits = via.container.resolve(WebMonetizationCredits)
    const credit = await credits.credit(pointer, stored, amount, via.clock.now())
    try {
      expect(await submitCredit(via, credit, amount, stored.settlementAccountId)).toEqual(['ok'])
      return
    } catch (error) {
      if (!wasOpenedMeanwhile(error)) throw error
    }
  }
}

async function trigger(limit: number, more: object = {}): Promise<Fields> {
  const input = { limit, ...more }
  const fields = `${ANSWER} count`
  return api.mutate('triggerPaymentPointerEvents', 'TriggerPaymentPointerEventsInput', input, fields)
}

function triggered(count: number): object {
  return { code: '200', success: true, message: 'Triggered Payment Pointer Events', count }
}

function eventsOfPointer(wallet: Wallet): Promise<WebhookEvent[]> {
  return eventsOf(api, wallet.paymentPointer.id)
}

async function announced(wallet: Wallet): Promise<(bigint | null)[]> {
  return (await eventsOfPointer(wallet)).map(({ withdrawalAmount }) => withdrawalAmount)
}

/** Compared with the ledger, which is the truth. */
async function incomeOf({ paymentPointer: { id } }: Wallet): Promise<PaymentPointerIncome> {
  const { manager } = api.container.resolve(DataSource)
  const income = await manager.findOneByOrFail(PaymentPointerIncome, { paymentPointerId: id })
  const { webMonetizationAccountId } = await manager.findOneByOrFail(PaymentPointer, { id })
  const account = await api.container.resolve(Ledger).account(webMonetizationAccountId!)
  expect(account?.creditsPosted).toBe(income.receivedAmount)
  return income
}

async function isScheduled(wallet: Wallet): Promise<boolean> {
  return (await incomeOf(wallet)).announceAt !== null
}

function withdrawAll({ paymentPointer }: Wallet, id: string): Promise<Fields> {
  const input = { paymentPointerId: paymentPointer.id, id, idempotencyKey: randomUUID() }
  const fields = `${ANSWER} error withdrawal { amount }`
  return api.mutate('createPaymentPointerWithdrawal', 'CreatePaymentPointerWithdrawalInput', input, fields)
}

async function post(withdrawalId: string): Promise<void> {
  const input = { withdrawalId, idempotencyKey: randomUUID() }
  const answer = await api.mutate('postLiquidityWithdrawal', 'PostLiquidityWithdrawalInput', input, ANSWER)
  expect(answer).toMatchObject({ code: '200' })
}

describe('announcements', () => {
  it('case 79: tell what was received, and may be withdrawn', async () => {
    const wallet = await createWallet(api)
    await pay(wallet, 4n)
    await pay(wallet, 6n)
    api.clock.advanceSeconds(DELAY_SECONDS)
    expect(await trigger(1)).toEqual(triggered(1))
    const { id, webMonetizationAccountId, createdAt } = await api.container
      .resolve(DataSource)
      .manager.findOneByOrFail(PaymentPointer, { id: wallet.paymentPointer.id })
    expect(await eventsOfPointer(wallet)).toMatchObject([
      {
        type: 'payment_pointer.web_monetization',
        data: { paymentPointer: { id, createdAt: createdAt.toISOString(), received: '10' } },
        withdrawalAccountId: webMonetizationAccountId,
        withdrawalAssetId: wallet.asset.id,
        withdrawalAmount: 10n
      }
    ])
    expect(await incomeOf(wallet)).toMatchObject({ receivedAmount: 10n, announcedAmount: 10n, announceAt: null })
  })

  it('case 80: tell only what none told before', async () => {
    const wallet = await createWallet(api)
    await pay(wallet, 1n)
    api.clock.advanceSeconds(DELAY_SECONDS)
    await trigger(1)
    await pay(wallet, 9n)
    api.clock.advanceSeconds(DELAY_SECONDS)
    await trigger(1)
    expect(await announced(wallet)).toEqual([1n, 9n])
  })

  it('case 81: are as many as asked for, of those that are due', async () => {
    const never = await createWallet(strict)
    await pay(never, 5n, strict)
    for (const [limit, count] of [
      [1, 1],
      [4, 4],
      [10, 4]
    ] as const) {
      const wallets = await Promise.all([1, 2, 3, 4].map(() => createWallet(api)))
      for (const wallet of wallets) await pay(wallet, 3n)
      api.clock.advanceSeconds(DELAY_SECONDS)
      const later = await createWallet(api)
      await pay(later, 1n)
      expect(await trigger(limit)).toEqual(triggered(count))
      const told = (await Promise.all(wallets.map(announced))).flat()
      expect(told).toEqual(Array.from({ length: count }, () => 3n))
      expect(await announced(later)).toEqual([])
      expect(await isScheduled(later)).toBe(true)
      api.clock.advanceSeconds(DELAY_SECONDS)
      expect(await trigger(10)).toEqual(triggered(5 - count))
    }
    expect(await announced(never)).toEqual([])
    expect(await isScheduled(never)).toBe(false)
  })

  it('are none for a limit of 0, and an error below it', async () => {
    const wallet = await createWallet(api)
    await pay(wallet, 1n)
    api.clock.advanceSeconds(DELAY_SECONDS)
    expect(await trigger(0)).toEqual(triggered(0))
    const message = 'Error trying to trigger payment pointer events'
    expect(await trigger(-1)).toEqual({ code: '500', success: false, message, count: null })
    expect(await announced(wallet)).toEqual([])
  })

  it('happen once for a repeated request', async () => {
    const wallets = await Promise.all([1, 2].map(() => createWallet(api)))
    for (const wallet of wallets) await pay(wallet, 3n)
    api.clock.advanceSeconds(DELAY_SECONDS)
    const idempotencyKey = randomUUID()
    expect(await trigger(1, { idempotencyKey })).toEqual(triggered(1))
    expect(await trigger(1, { idempotencyKey })).toEqual(triggered(1))
    expect((await Promise.all(wallets.map(announced))).flat()).toEqual([3n])
  })

  it('happen once each, whoever makes them at once, and miss no credit', async () => {
    const wallets = await Promise.all(Array.from({ length: 6 }, () => createWallet(api)))
    for (const wallet of wallets) await pay(wallet, 5n)
    api.clock.advanceSeconds(DELAY_SECONDS)
    const events = [api, strict].map(({ container }) => container.resolve(PaymentPointerEvents))
    const processing = events.flatMap((each) => [1, 2, 3].map(() => each.processDue(api.clock.now(), 6)))
    await Promise.all([...processing, ...wallets.map((wallet) => pay(wallet, 2n))])
    api.clock.advanceSeconds(DELAY_SECONDS)
    for (const each of events) await each.processDue(api.clock.now(), 10)
    for (const wallet of wallets) {
      expect((await announced(wallet)).reduce<bigint>((sum, amount) => sum + amount!, 0n)).toBe(7n)
      expect(await incomeOf(wallet)).toMatchObject({ announcedAmount: 7n, announceAt: null })
    }
  })
})

it('takes nothing for new that was announced after it was read', async () => {
  const wallet = await createWallet(api, { withdrawalThreshold: '1' })
  await pay(wallet, 10n)
  const balances = api.container.resolve(Balances)
  const slow = jest.spyOn(balances, 'available').mockImplementationOnce(async (accountId) => {
    const available = await Balances.prototype.available.call(balances, accountId)
    await strict.container.resolve(PaymentPointerEvents).processDue(api.clock.now(), 10)
    await pay(wallet, 3n)
    return available
  })
  try {
    expect(await trigger(10)).toEqual(triggered(0))
  } finally {
    slow.mockRestore()
  }
  expect(await trigger(10)).toEqual(triggered(1))
  expect(await announced(wallet)).toEqual([10n, 3n])
})

describe('case 82: when an announcement is due', () => {
  it('at once, when the threshold is reached', async () => {
    const wallet = await createWallet(strict, { withdrawalThreshold: '10' })
    await pay(wallet, 9n, strict)
    expect(await isScheduled(wallet)).toBe(false)
    await pay(wallet, 1n, strict)
    expect(await trigger(10)).toEqual(triggered(1))
    expect(await announced(wallet)).toEqual([10n])
    await pay(wallet, 9n, strict)
    expect(await isScheduled(wallet)).toBe(false)
  })

  it('at once for every credit, with a threshold of 0', async () => {
    const wallet = await createWallet(strict, { withdrawalThreshold: '0' })
    for (const amount of [1n, 2n]) {
      await pay(wallet, amount, strict)
      expect(await trigger(10)).toEqual(triggered(1))
    }
    expect(await announced(wallet)).toEqual([1n, 2n])
  })

  it('a while after the first credit, with a delay; the threshold overrides it', async () => {
    const wallet = await createWallet(api, { withdrawalThreshold: '10' })
    await pay(wallet, 4n)
    const { announceAt: first } = await incomeOf(wallet)
    api.clock.advanceSeconds(1)
    await pay(wallet, 4n)
    expect((await incomeOf(wallet)).announceAt).toEqual(first)
    expect(await trigger(10)).toEqual(triggered(0))
    await pay(wallet, 2n)
    expect(await trigger(10)).toEqual(triggered(1))
    expect(await announced(wallet)).toEqual([10n])
  })

  it('never, with neither', async () => {
    const wallet = await createWallet(strict)
    await pay(wallet, 1_000_000n, strict)
    expect(await isScheduled(wallet)).toBe(false)
  })

  it('also for an inactive pointer, which still takes what is on its way', async () => {
    const wallet = await createWallet(strict, { withdrawalThreshold: '1' })
    await deactivate(api, wallet.paymentPointer.id)
    await pay(wallet, 1n, strict)
    expect(await trigger(10)).toEqual(triggered(1))
    expect(await announced(wallet)).toEqual([1n])
  })

  it('for credits that come at once and open the account together', async () => {
    const wallet = await createWallet(strict, { withdrawalThreshold: '8' })
    await Promise.all(Array.from({ length: 8 }, () => pay(wallet, 1n, strict)))
    expect(await trigger(10)).toEqual(triggered(1))
    expect(await announced(wallet)).toEqual([8n])
  })
})

describe('direct withdrawals', () => {
  it('take what is then not announced any more', async () => {
    const wallet = await createWallet(api)
    await pay(wallet, 100n)
    const id = randomUUID()
    expect(await withdrawAll(wallet, id)).toMatchObject({ code: '200', withdrawal: { amount: '100' } })
    await post(id)
    api.clock.advanceSeconds(DELAY_SECONDS)
    expect(await trigger(10)).toEqual(triggered(1))
    expect(await announced(wallet)).toEqual([])
    expect(await isScheduled(wallet)).toBe(false)
    await pay(wallet, 7n)
    api.clock.advanceSeconds(DELAY_SECONDS)
    await trigger(10)
    expect(await announced(wallet)).toEqual([7n])
  })

  it('leave what comes after them to the announcement', async () => {
    const wallet = await createWallet(api)
    await pay(wallet, 100n)
    await withdrawAll(wallet, randomUUID())
    await pay(wallet, 30n)
    api.clock.advanceSeconds(DELAY_SECONDS)
    await trigger(10)
    expect(await announced(wallet)).toEqual([30n])
    await pay(wallet, 5n)
    api.clock.advanceSeconds(DELAY_SECONDS)
    await trigger(10)
    expect(await announced(wallet)).toEqual([30n, 5n])
  })

  it('never let two announcements promise the same money', async () => {
    const wallet = await createWallet(api)
    await pay(wallet, 60n)
    api.clock.advanceSeconds(DELAY_SECONDS)
    await trigger(10)
    await pay(wallet, 40n)
    await withdrawAll(wallet, randomUUID())
    await pay(wallet, 80n)
    api.clock.advanceSeconds(DELAY_SECONDS)
    await trigger(10)
    expect(await announced(wallet)).toEqual([60n, 80n])
    expect(await incomeOf(wallet)).toMatchObject({ receivedAmount: 180n, announcedAmount: 180n })
  })
})

it('pays out more than one transfer can carry in several withdrawals', async () => {
  const wallet = await createWallet(strict)
  const largest = 2n ** 64n - 1n
  await pay(wallet, largest, strict)
  await pay(wallet, 5n, strict)
  for (const amount of [largest, 5n]) {
    const id = randomUUID()
    expect(await withdrawAll(wallet, id)).toMatchObject({ code: '200', withdrawal: { amount: String(amount) } })
    await post(id)
  }
  expect(await withdrawAll(wallet, randomUUID())).toMatchObject({ code: '400', error: 'AmountZero' })
})

it('announces more than one transfer can carry in several events', async () => {
  const wallet = await createWallet(strict, { withdrawalThreshold: '0' })
  const largest = 2n ** 64n - 1n
  await pay(wallet, largest, strict)
  await pay(wallet, 5n, strict)
  expect(await trigger(1)).toEqual(triggered(1))
  expect(await trigger(1)).toEqual(triggered(1))
  expect(await announced(wallet)).toEqual([largest, 5n])
  expect(await trigger(1)).toEqual(triggered(0))
})
