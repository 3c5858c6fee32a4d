/**
 * Goal: a payment that is delivered bit by bit is never delivered twice and never forgets a bit, wherever an
 * attempt ends: in a failure, in a crash, in the end of the process, or while something is still under way.
 * Method: a payment method of the test's own moves real money in the ledger, a bit at a time, and ends as each
 * test says; the worker's step is made by the test, on a clock that it sets.
 */
import { randomUUID } from 'node:crypto'
import type { Asset, OutgoingPayment } from '../../src/entities'
import { Reader } from '../../src/database/reader'
import { Ledger } from '../../src/ledger/ledger'
import { TRANSFER_CODES } from '../../src/services/ledger-codes'
import type {
  AttemptResult,
  PaymentAttempt,
  PaymentMethod,
  Receiver,
  Resolution,
  Terms
} from '../../src/services/payments/methods/payment-method'
import { PaymentMethods } from '../../src/services/payments/methods/payment-methods'
import type { PaymentErrorName } from '../../src/services/payments/methods/payment-error'
import { Lease } from '../../src/services/payments/outgoing/lease'
import { OutgoingPaymentSender } from '../../src/services/payments/outgoing/outgoing-payment-sender'
import { ratioOf } from '../../src/services/rates/ratio'
import { amountOf, Payments, type Route } from './outgoing-support'
import { assetOf } from './support'

const RECEIVER = 'https://gradual.example/incoming-payments/1'

type Script = (method: GradualMethod, attempt: PaymentAttempt) => Promise<AttemptResult>

/** What is sent is what arrives; quotes promise a hundredth less. */
class GradualMethod implements PaymentMethod {
  script: Script = () => Promise.reject(new Error('no attempt was expected'))
  resolution: Resolution['state'] = 'open'
  remaining: bigint | undefined
  readonly attempts: { readonly receiveAmount: bigint; readonly principal: bigint }[] = []

  constructor(
    private readonly ledger: Ledger,
    private readonly asset: Asset
  ) {}

  resolve(_context: unknown, url: string): Promise<Resolution | undefined> {
    if (url !== RECEIVER) return Promise.resolve(undefined)
    if (this.resolution !== 'open') return Promise.resolve({ state: this.resolution })
    const unit = { assetCode: this.asset.code, assetScale: this.asset.scale }
    const receiver: Receiver = { unit, incomingAmount: undefined, remaining: this.remaining, expiresAt: undefined }
    return Promise.resolve({ state: 'open', receiver })
  }

  quote(): Promise<Terms> {
    const path = { low: ratioOf(1n, 1n), high: ratioOf(1_001n, 1_000n), maxPacketAmount: 10n }
    return Promise.resolve({ principal: 102n, receiveAmount: 100n, rate: ratioOf(99n, 100n), path })
  }

  pay(_context: unknown, _receiver: Receiver, attempt: PaymentAttempt): Promise<AttemptResult> {
    this.attempts.push({ receiveAmount: attempt.receiveAmount, principal: attempt.principal })
    return this.script(this, attempt)
  }

  /** One bit, which takes as much of the payment's money. Returns its id. */
  async move(payment: OutgoingPayment, amount: bigint, pending = false): Promise<string> {
    const id = randomUUID()
    const { results } = await this.ledger.submit({
      commands: [
        {
          type: 'transfer',
          id,
          debitAccountId: payment.liquidityAccountId!,
          creditAccountId: this.asset.liquidityAccountId,
          amount,
          code: TRANSFER_CODES.PACKET,
          ...(pending && { pending, holdSeconds: 90 })
        }
      ]
    })
    expect(results).toEqual(['ok'])
    return id
  }
}

let payments: Payments
let route: Route
let method: GradualMethod

beforeAll(async () => {
  payments = await Payments.open()
  payments.api.clock.stop()
})
afterAll(() => payments.close())

beforeEach(async () => {
  const { container } = payments.api
  route = await payments.domesticRoute()
  method = new GradualMethod(container.resolve(Ledger), await assetOf(payments.api, route.sender.asset.id))
  container.resolve(PaymentMethods).addFirst(method)
})

async function funded(): Promise<string> {
  return (await payments.createFunded(route, RECEIVER, { receiveAmount: amountOf(100, route.sender.unit) })).id
}

const fails =
  (error: PaymentErrorName, delivered: bigint): Script =>
  async (gradual, { payment }) => {
    if (delivered > 0n) await gradual.move(payment, delivered)
    return { state: 'failed', error, delivered }
  }

const delivers: Script = async (gradual, { payment, receiveAmount }) => {
  await gradual.move(payment, receiveAmount)
  return { state: 'delivered', delivered: receiveAmount }
}

/** The payment's next attempt, when its time has come. */
async function next(seconds = 0): Promise<void> {
  payments.api.clock.advanceSeconds(seconds)
  expect(await payments.step()).toBe(1)
}

test('what is delivered in one attempt is the end of it, and the rest is left', async () => {
  method.script = delivers
  const id = await funded()
  await next()
  expect(await payments.shown(id)).toMatchObject({ state: 'COMPLETED', sentAmount: { value: '100' } })
  expect(await payments.stored(id)).toMatchObject({ sentAmount: 100n, deliveredAmount: 100n })
  expect((await payments.event(id, 'outgoing_payment.completed')).data).toMatchObject({ payment: { balance: '2' } })
})

test('the next attempt sends what the one before has not', async () => {
  method.script = fails('IdleTimeout', 40n)
  const id = await funded()
  await next()
  expect(await payments.shown(id)).toMatchObject({ state: 'SENDING', stateAttempts: 1, sentAmount: { value: '40' } })
  method.script = delivers
  await next(10)
  expect(method.attempts).toEqual([
    { receiveAmount: 100n, principal: 102n },
    { receiveAmount: 60n, principal: 62n }
  ])
  expect(await payments.stored(id)).toMatchObject({ state: 'COMPLETED', sentAmount: 100n, deliveredAmount: 100n })
})

test('after a crash the ledger knows what was sent', async () => {
  method.script = async (gradual, { payment }) => {
    await gradual.move(payment, 50n)
    return new Promise(() => undefined)
  }
  const id = await funded()
  const [claimed] = await payments.claim()
  void payments.send(claimed!)
  await payments.api.container.resolve(Ledger).submit({ commands: [] })
  while ((await payments.account((await payments.stored(id)).liquidityAccountId)).posted.debits < 50n);
  expect(await payments.step()).toBe(0)
  method.script = delivers
  await next(31)
  // Of what the dead attempt sent, at least what the quote demands of one unit less has arrived: 48.51 of 50.
  expect(method.attempts[1]).toEqual({ receiveAmount: 51n, principal: 52n })
  expect(await payments.stored(id)).toMatchObject({ state: 'COMPLETED', sentAmount: 101n })
})

test('what was delivered and not told is delivered once', async () => {
  method.script = async (gradual, { payment }) => {
    await gradual.move(payment, 100n)
    throw new Error('lost')
  }
  const id = await funded()
  await next()
  expect(await payments.stored(id)).toMatchObject({ state: 'SENDING', sentAmount: 100n, deliveredAmount: 99n })
  method.remaining = 0n
  await next(10)
  expect(method.attempts).toHaveLength(1)
  expect(await payments.stored(id)).toMatchObject({ state: 'COMPLETED', sentAmount: 100n })
})

test('while something is under way there is no other attempt, and none is counted', async () => {
  let held = ''
  method.script = async (gradual, { payment }) => {
    await gradual.move(payment, 30n)
    held = await gradual.move(payment, 20n, true)
    throw new Error('lost')
  }
  const id = await funded()
  await next()
  method.script = delivers
  await next(10)
  await next(5)
  expect(method.attempts).toHaveLength(1)
  expect(await payments.stored(id)).toMatchObject({ state: 'SENDING', stateAttempts: 1, sentAmount: 30n, error: null })
  const ledger = payments.api.container.resolve(Ledger)
  await ledger.submit({ commands: [{ type: 'post', id: randomUUID(), holdId: held }] })
  await next(5)
  // It was counted in two parts, 28.71 of 30 and 18.81 of 20.
  expect(method.attempts[1]).toEqual({ receiveAmount: 52n, principal: 52n })
  expect(await payments.stored(id)).toMatchObject({ state: 'COMPLETED', sentAmount: 102n })
})

test('what is under way for ever comes back after its hold, and is sent then', async () => {
  method.script = async (gradual, { payment }) => {
    await gradual.move(payment, 100n, true)
    throw new Error('lost')
  }
  const id = await funded()
  await next()
  method.script = delivers
  await next(10)
  payments.api.clock.advanceSeconds(90)
  await payments.api.container.resolve(Ledger).sweep()
  await next()
  expect(method.attempts[1]).toEqual({ receiveAmount: 100n, principal: 102n })
  expect(await payments.stored(id)).toMatchObject({ state: 'COMPLETED', sentAmount: 100n })
})

test('five failures are the end: what was not sent may be withdrawn', async () => {
  method.script = fails('ConnectorError', 10n)
  const id = await funded()
  for (const seconds of [0, 10, 20, 30, 40]) {
    expect((await payments.stored(id)).state).toBe('SENDING')
    await next(seconds)
  }
  expect(await payments.shown(id)).toMatchObject({
    state: 'FAILED',
    error: 'ConnectorError',
    sentAmount: { value: '50' }
  })
  const failed = await payments.event(id, 'outgoing_payment.failed')
  expect(failed.data).toMatchObject({ payment: { balance: '52', sentAmount: { value: '50' } } })
  expect(await payments.withdraw(failed.id)).toMatchObject({ code: '200', success: true })
  expect(await payments.shown(id)).toMatchObject({ sentAmount: { value: '50' } })
  expect((await payments.account((await payments.stored(id)).liquidityAccountId)).available).toBe(0n)
})

test('an attempt comes back no earlier than its pause says', async () => {
  method.script = fails('InsufficientExchangeRate', 0n)
  await funded()
  await next()
  payments.api.clock.advanceSeconds(9)
  expect(await payments.step()).toBe(0)
  await next(1)
  payments.api.clock.advanceSeconds(19)
  expect(await payments.step()).toBe(0)
  method.script = delivers
  await next(1)
})

test.each<PaymentErrorName>(['ReceiverProtocolViolation', 'IncompatibleReceiveMax'])('%s is final', async (error) => {
  method.script = fails(error, 20n)
  const id = await funded()
  await next()
  expect(await payments.shown(id)).toMatchObject({ state: 'FAILED', error, sentAmount: { value: '20' } })
})

test('a receiver that cannot be reached is tried again, and one that is gone ends the payment', async () => {
  method.script = fails('IdleTimeout', 10n)
  const id = await funded()
  await next()
  method.resolution = 'unreachable'
  await next(10)
  expect(await payments.stored(id)).toMatchObject({ state: 'SENDING', stateAttempts: 2, sentAmount: 10n })
  method.resolution = 'gone'
  await next(20)
  expect(await payments.stored(id)).toMatchObject({ state: 'COMPLETED', sentAmount: 10n, deliveredAmount: 10n })
})

test('a receiver that expired ends the payment short of what was quoted, and not one that delivered all of it', async () => {
  method.script = fails('IdleTimeout', 10n)
  const short = await funded()
  await next()
  method.script = fails('IdleTimeout', 100n)
  const whole = await funded()
  await next()
  method.resolution = 'expired'
  payments.api.clock.advanceSeconds(20)
  expect(await payments.step()).toBe(2)
  const failed = { state: 'FAILED', error: 'IncomingPaymentExpired', sentAmount: 10n, deliveredAmount: 10n }
  expect(await payments.stored(short)).toMatchObject(failed)
  expect(await payments.stored(whole)).toMatchObject({ state: 'COMPLETED', sentAmount: 100n, deliveredAmount: 100n })
})

test('a receiver takes no more than it asks for', async () => {
  method.script = fails('IdleTimeout', 10n)
  const id = await funded()
  await next()
  method.remaining = 33n
  method.script = delivers
  await next(10)
  expect(method.attempts[1]).toEqual({ receiveAmount: 33n, principal: 34n })
  expect(await payments.stored(id)).toMatchObject({ state: 'COMPLETED', sentAmount: 43n })
})

test('an attempt that lost its lease stores nothing: another one may be under way', async () => {
  const id = await funded()
  const [late] = await payments.claim()
  payments.api.clock.advanceSeconds(31)
  const [taken] = await payments.claim()
  expect(taken!.id).toBe(id)
  const seen: boolean[] = []
  method.script = async (gradual, attempt) => {
    seen.push(attempt.isStopped())
    return attempt.isStopped()
      ? { state: 'failed', error: 'ConnectorError', delivered: 0n }
      : delivers(gradual, attempt)
  }
  await payments.send(late!)
  expect(await payments.stored(id)).toMatchObject({ state: 'SENDING', lease: taken!.lease, stateAttempts: 0 })
  await payments.send(taken!)
  expect(seen).toEqual([true, false])
  expect(await payments.stored(id)).toMatchObject({ state: 'COMPLETED', sentAmount: 100n })
})

test('a lease that is renewed shows how far the payment has come; one that was lost is not', async () => {
  const id = await funded()
  const [claimed] = await payments.claim()
  const [reader, context] = [payments.api.container.resolve(Reader), payments.api.context()]
  const progress = () => Promise.resolve({ sentAmount: 12n, deliveredAmount: 11n })
  const lease = new Lease(reader, context, claimed!, progress)
  payments.api.clock.advanceSeconds(20)
  await lease.renew()
  expect(lease.isHeld()).toBe(true)
  expect(await payments.shown(id)).toMatchObject({ state: 'SENDING', sentAmount: { value: '12' } })
  payments.api.clock.advanceSeconds(20)
  expect(await payments.claim()).toEqual([])
  payments.api.clock.advanceSeconds(11)
  const [taken] = await payments.claim()
  await lease.renew()
  expect(lease.isHeld()).toBe(false)
  expect(await payments.stored(id)).toMatchObject({ lease: taken!.lease, deliveredAmount: 11n })
  lease.end()
  // What the books say counts, whatever was shown.
  method.script = delivers
  await payments.send({ ...taken!, sentAmount: 0n, deliveredAmount: 0n })
  expect(await payments.stored(id)).toMatchObject({ state: 'COMPLETED', sentAmount: 100n, deliveredAmount: 100n })
})

test('an attempt that takes too long ends, and the next one goes on', async () => {
  const short = await Payments.open({ outgoingPaymentDurationMillisecondsMax: 1 })
  try {
    const { container } = short.api
    const domestic = await short.domesticRoute()
    const gradual = new GradualMethod(container.resolve(Ledger), await assetOf(short.api, domestic.sender.asset.id))
    container.resolve(PaymentMethods).addFirst(gradual)
    gradual.script = async (self, attempt) => {
      while (!attempt.isStopped()) await new Promise(setImmediate)
      await self.move(attempt.payment, 10n)
      return { state: 'failed', error: 'ConnectorError', delivered: 10n }
    }
    const { id } = await short.createFunded(domestic, RECEIVER, {
      receiveAmount: amountOf(100, domestic.sender.unit)
    })
    for (const seconds of [0, 10, 20, 30, 40]) {
      short.api.clock.advanceSeconds(seconds)
      expect(await short.step()).toBe(1)
    }
    expect(await short.shown(id)).toMatchObject({
      state: 'FAILED',
      error: 'DurationExceeded',
      sentAmount: { value: '50' }
    })
  } finally {
    await short.close()
  }
})

// The last test: the service does not go on after it.
test('the end of the process lets go of a payment at once, for another one to go on', async () => {
  const id = await funded()
  method.script = async (gradual, attempt) => {
    await gradual.move(attempt.payment, 30n)
    payments.api.container.resolve(OutgoingPaymentSender).interrupt()
    expect(attempt.isStopped()).toBe(true)
    return { state: 'failed', error: 'ConnectorError', delivered: 30n }
  }
  await next()
  expect(await payments.stored(id)).toMatchObject({ state: 'SENDING', stateAttempts: 0, lease: null, sentAmount: 30n })
  expect((await payments.claim()).map((claimed) => claimed.id)).toEqual([id])
})
