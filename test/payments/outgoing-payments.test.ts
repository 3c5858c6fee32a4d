/**
 * Goal: an outgoing payment is made of a quote once, is told about, and fails only when there is no hope left.
 * Method: the API on a database of the test's own; attempts are made one at a time, on a clock that the test
 * sets. After every test the ledger is replayed.
 */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { IncomingPayment, PaymentPointer, Quote } from '../../src/entities'
import { OutgoingPaymentService } from '../../src/services/payments/outgoing/outgoing-payment-service'
import type { Fields } from '../admin-v2/support'
import { verify } from '../ledger/support'
import { deactivate, eventsOf, receive, secondsFromNow, shownPayment } from './support'
import { amountOf, LEASE_SECONDS, Payments, type Route } from './outgoing-support'

let payments: Payments
beforeAll(async () => {
  payments = await Payments.open()
})
afterAll(() => payments.close())
afterEach(async () => {
  expect((await verify(payments.database.url)).firstBad).toBeUndefined()
})

const INVALID_QUOTE = { code: '400', success: false, message: 'invalid quote', payment: null }

describe('creation', () => {
  it('case 102: makes a payment that waits to be funded, and tells the operator', async () => {
    const route = await payments.route('0.5')
    const { url } = await payments.expectPayment(route)
    const quote = await payments.quote(route, url, { receiveAmount: amountOf(56, route.receiver.unit) })
    const metadata = { order: 7, nested: { b: [1], a: null } }
    const payment = await payments.create(route, quote, { metadata })
    expect(payment).toEqual({
      id: quote.id,
      paymentPointerId: route.sender.paymentPointer.id,
      state: 'FUNDING',
      error: null,
      stateAttempts: 0,
      receiver: url,
      metadata,
      createdAt: payment.createdAt,
      sendAmount: quote.sendAmount,
      receiveAmount: quote.receiveAmount,
      sentAmount: amountOf(0, route.sender.unit),
      quote: { id: quote.id }
    })
    expect(await payments.shown(payment.id)).toEqual(payment)
    const events = await eventsOf(payments.api, payment.id)
    expect(events.map(({ type }) => type)).toEqual(['outgoing_payment.created'])
    expect(events[0]).toMatchObject({ withdrawalAccountId: null, withdrawalAmount: null })
    expect(events[0]!.data).toEqual({
      payment: {
        id: payment.id,
        paymentPointerId: route.sender.paymentPointer.id,
        state: 'FUNDING',
        receiver: url,
        sendAmount: amountOf(112, route.sender.unit),
        receiveAmount: amountOf(56, route.receiver.unit),
        sentAmount: amountOf(0, route.sender.unit),
        stateAttempts: 0,
        createdAt: payment.createdAt,
        updatedAt: payment.createdAt,
        balance: '0',
        metadata
      }
    })
  }, 20_000)

  it('tells of no metadata where there is none', async () => {
    const route = await payments.domesticRoute()
    const payment = await payments.createFor(route, (await payments.expectPayment(route, 5)).url)
    expect(payment.metadata).toBeNull()
    const { data } = await payments.event(payment.id, 'outgoing_payment.created')
    expect(data.payment).not.toHaveProperty('metadata')
    expect(data.payment).not.toHaveProperty('error')
  })

  it('case 103: refuses an unknown quote, and one that is used, expired or another payment pointer’s', async () => {
    const route = await payments.route('0.5')
    const other = await payments.route('0.5')
    const pointer = route.sender.paymentPointer.id
    const { url } = await payments.expectPayment(route, 10)
    for (const id of [randomUUID(), 'none']) {
      const unknown = { code: '404', success: false, message: 'unknown quote', payment: null }
      expect(await payments.askForPayment(pointer, id)).toEqual(unknown)
    }
    const used = await payments.quote(route, url)
    await payments.create(route, used)
    expect(await payments.askForPayment(pointer, used.id)).toEqual(INVALID_QUOTE)
    const foreign = await payments.quote(route, url)
    expect(await payments.askForPayment(other.sender.paymentPointer.id, foreign.id)).toEqual(INVALID_QUOTE)
    payments.api.clock.advanceSeconds(301)
    expect(await payments.askForPayment(pointer, foreign.id)).toEqual(INVALID_QUOTE)
  })

  it('case 103: refuses a receiver that is completed or expired by now', async () => {
    const route = await payments.route('0.5')
    const pointer = route.sender.paymentPointer.id
    const full = await payments.expectPayment(route, 10)
    const late = await payments.expectPayment(route, 10, { expiresAt: secondsFromNow(payments.api, 20) })
    const [fullQuote, lateQuote] = [await payments.quote(route, full.url), await payments.quote(route, late.url)]
    expect(await receive(payments.api, full.id, 10n)).toBe('ok')
    expect(await payments.askForPayment(pointer, fullQuote.id)).toEqual(INVALID_QUOTE)
    payments.api.clock.advanceSeconds(21)
    expect(await payments.askForPayment(pointer, lateQuote.id)).toEqual(INVALID_QUOTE)
    expect(await eventsOf(payments.api, fullQuote.id)).toEqual([])
  })

  it('case 103: refuses an unknown or inactive payment pointer; afterwards the quote is still good', async () => {
    const route = await payments.route('0.5')
    const pointer = route.sender.paymentPointer.id
    const quote = await payments.quote(route, (await payments.expectPayment(route, 10)).url)
    for (const id of [randomUUID(), 'none']) {
      const unknown = { code: '404', success: false, message: 'unknown payment pointer', payment: null }
      expect(await payments.askForPayment(id, quote.id)).toEqual(unknown)
    }
    await deactivate(payments.api, pointer)
    const inactive = { code: '400', success: false, message: 'inactive payment pointer', payment: null }
    expect(await payments.askForPayment(pointer, quote.id)).toEqual(inactive)
    await deactivate(payments.api, pointer, 'ACTIVE')
    await payments.create(route, quote)
  })

  it('makes one payment of a quote, however many ask at once', async () => {
    const route = await payments.domesticRoute()
    const quote = await payments.quote(route, (await payments.expectPayment(route, 10)).url)
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => payments.askForPayment(route.sender.paymentPointer.id, quote.id))
    )
    expect(answers.filter(({ code }) => code === '200')).toHaveLength(1)
    expect(answers.filter(({ message }) => message === 'invalid quote')).toHaveLength(7)
    expect(await payments.eventTypes(quote.id)).toEqual(['outgoing_payment.created'])
  })

  it('is repeated under its idempotency key', async () => {
    const route = await payments.domesticRoute()
    const quote = await payments.quote(route, (await payments.expectPayment(route, 10)).url)
    const key = { idempotencyKey: randomUUID(), metadata: { n: 1 } }
    const ask = (): Promise<Fields> => payments.askForPayment(route.sender.paymentPointer.id, quote.id, key)
    const first = await ask()
    expect(first).toMatchObject({ code: '200' })
    expect(await ask()).toEqual(first)
  })

  it('is listed under its payment pointer and among all payments', async () => {
    const route = await payments.domesticRoute()
    const { id, url } = await payments.expectPayment(route, 100)
    const made: Fields[] = []
    for (let count = 0; count < 3; count++) made.push(await payments.createFor(route, url))
    const query = `query ($id: String!, $ids: [String!]!, $after: String) {
      paymentPointer(id: $id) { outgoingPayments(first: 2, after: $after) {
        edges { node { id sendAmount { value } quote { id } } } pageInfo { hasNextPage endCursor } } }
      payments(filter: { paymentPointerId: { in: $ids } }) { edges { node { id type state } } } }`
    const pointers = [route.sender.paymentPointer.id, route.receiver.paymentPointer.id]
    const variables = { id: pointers[0], ids: pointers }
    const { data, errors } = await payments.api.run(query, variables)
    expect(errors).toEqual([])
    const page = (data.paymentPointer as unknown as { outgoingPayments: Page }).outgoingPayments
    expect(page.edges.map(({ node }) => node)).toEqual(
      made.slice(0, 2).map(({ id }) => ({ id, sendAmount: { value: '100' }, quote: { id } }))
    )
    expect(page.pageInfo).toEqual({ hasNextPage: true, endCursor: made[1]!.id })
    expect((data.payments as unknown as Page).edges.map(({ node }) => node)).toEqual([
      { id, type: 'INCOMING', state: 'PENDING' },
      ...made.map(({ id }) => ({ id, type: 'OUTGOING', state: 'FUNDING' }))
    ])
    const next = await payments.api.run(query, { ...variables, after: made[1]!.id })
    const last = (next.data.paymentPointer as unknown as { outgoingPayments: Page }).outgoingPayments
    expect(last.edges.map(({ node }) => node.id)).toEqual([made[2]!.id])
    expect(last.pageInfo.hasNextPage).toBe(false)
  })

  it('is found by its id only', async () => {
    for (const id of [randomUUID(), 'none']) {
      const { data, errors } = await payments.api.run('query ($id: String!) { outgoingPayment(id: $id) { id } }', {
        id
      })
      expect(data.outgoingPayment).toBeNull()
      expect(errors.map(({ message }) => message)).toEqual(['payment does not exist'])
    }
  })
})

interface Page {
  readonly edges: readonly { readonly node: Fields }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string }
}

describe('failures', () => {
  const SHORT = 'InsufficientLiquidity'

  /** A payment that cannot be delivered for want of liquidity. */
  async function shortPayment(): Promise<{ route: Route; payment: Fields; receiverId: string }> {
    const route = await payments.route('0.5', 9n)
    const { id, url } = await payments.expectPayment(route, 10)
    return { route, payment: await payments.createFunded(route, url), receiverId: id }
  }

  it('case 114: are retried after 10, 20, 30 and 40 seconds; the fifth is the last', async () => {
    const { payment } = await shortPayment()
    for (const [attempts, wait] of [
      [1, 10],
      [2, 20],
      [3, 30],
      [4, 40]
    ] as const) {
      expect(await payments.step()).toBe(1)
      expect(await payments.shown(payment.id)).toMatchObject({ state: 'SENDING', stateAttempts: attempts, error: null })
      payments.api.clock.advanceSeconds(wait - 2)
      expect(await payments.step()).toBe(0)
      payments.api.clock.advanceSeconds(3)
    }
    expect(await payments.step()).toBe(1)
    expect(await payments.shown(payment.id)).toMatchObject({ state: 'FAILED', stateAttempts: 0, error: SHORT })
    payments.api.clock.advanceSeconds(1_000)
    expect(await payments.step()).toBe(0)
  })

  it('case 112: deliver nothing, and leave all of the money to be withdrawn', async () => {
    const { route, payment, receiverId } = await shortPayment()
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(await payments.step()).toBe(1)
      payments.api.clock.advanceSeconds(61)
    }
    expect(await shownPayment(payments.api, receiverId)).toMatchObject({
      state: 'PENDING',
      receivedAmount: { value: '0' }
    })
    expect(await payments.liquidityOf(route.receiver)).toBe(9n)
    expect(await payments.liquidityOf(route.sender)).toBe(0n)
    expect(await payments.eventTypes(payment.id)).toEqual(['outgoing_payment.created', 'outgoing_payment.failed'])
    const event = await payments.event(payment.id, 'outgoing_payment.failed')
    expect(event.data.payment).toMatchObject({
      state: 'FAILED',
      error: SHORT,
      balance: '20',
      sentAmount: { value: '0' }
    })
    expect(await payments.withdraw(event.id)).toMatchObject({ code: '200' })
    expect(await payments.shown(payment.id)).toMatchObject({ sentAmount: { value: '0' } })
  })

  it('are over as soon as there is liquidity', async () => {
    const { route, payment, receiverId } = await shortPayment()
    await payments.step()
    await payments.addLiquidity(route.receiver, 1n)
    payments.api.clock.advanceSeconds(11)
    expect(await payments.step()).toBe(1)
    expect(await payments.shown(payment.id)).toMatchObject({ state: 'COMPLETED', stateAttempts: 0, error: null })
    expect(await shownPayment(payments.api, receiverId)).toMatchObject({ receivedAmount: { value: '10' } })
  })

  it('case 115: of the sending asset are final at once', async () => {
    const route = await payments.route('0.5')
    const other = await payments.domesticRoute()
    const payment = await payments.createFunded(route, (await payments.expectPayment(route, 10)).url)
    const { manager } = payments.api.container.resolve(DataSource)
    await manager.update(PaymentPointer, { id: payment.paymentPointerId as string }, { assetId: other.sender.asset.id })
    await payments.step()
    expect(await payments.shown(payment.id)).toMatchObject({
      state: 'FAILED',
      error: 'SourceAssetConflict',
      stateAttempts: 0
    })
    expect((await payments.event(payment.id, 'outgoing_payment.failed')).data.payment).toMatchObject({
      error: 'SourceAssetConflict',
      balance: '20'
    })
  })

  it('case 115: of the receiving asset are final at once', async () => {
    const route = await payments.route('0.5')
    const other = await payments.domesticRoute()
    const { id, url } = await payments.expectPayment(route, 10)
    const payment = await payments.createFunded(route, url)
    const { manager } = payments.api.container.resolve(DataSource)
    await manager.update(IncomingPayment, { id }, { assetId: other.sender.asset.id })
    await payments.step()
    expect(await payments.shown(payment.id)).toMatchObject({ state: 'FAILED', error: 'DestinationAssetConflict' })
  })

  it('to find the receiver are told from its end: an unknown one does not complete the payment', async () => {
    const route = await payments.route('0.5')
    const { id, url } = await payments.expectPayment(route, 10)
    const payment = await payments.createFunded(route, url)
    const { manager } = payments.api.container.resolve(DataSource)
    await manager.update(Quote, { id: payment.id }, { receiver: url.replace(id, randomUUID()) })
    await payments.step()
    expect(await payments.shown(payment.id)).toMatchObject({
      state: 'FAILED',
      error: 'UnknownReceiver',
      sentAmount: { value: '0' }
    })
  })

  it('that nobody expected are retried, logged, and tell nothing of their cause', async () => {
    const route = await payments.route('0.5')
    const payment = await payments.createFunded(route, (await payments.expectPayment(route, 10)).url)
    const source = payments.api.container.resolve(DataSource)
    await source.query('ALTER TABLE incoming_payment RENAME TO hidden')
    try {
      await payments.step()
    } finally {
      await source.query('ALTER TABLE hidden RENAME TO incoming_payment')
    }
    expect(await payments.shown(payment.id)).toMatchObject({ state: 'SENDING', stateAttempts: 1, error: null })
    expect(payments.api.lines.at(-1)).toMatchObject({ level: 'error', facts: { paymentId: payment.id } })
    payments.api.clock.advanceSeconds(11)
    await payments.step()
    expect(await payments.shown(payment.id)).toMatchObject({ state: 'COMPLETED' })
  })
})

describe('several workers', () => {
  it('never have one payment in hand at the same time', async () => {
    const route = await payments.domesticRoute()
    const { url } = await payments.expectPayment(route)
    const made = new Set<string>()
    for (let count = 0; count < 6; count++) {
      made.add((await payments.createFunded(route, url, { receiveAmount: amountOf(1, route.sender.unit) })).id)
    }
    const claims = await Promise.all(Array.from({ length: 10 }, () => payments.claim(2)))
    const claimed = claims.flat().map(({ id }) => id)
    expect(claimed).toHaveLength(6)
    expect(new Set(claimed)).toEqual(made)
    await Promise.all(claims.flat().map((payment) => payments.send(payment)))
    expect(await payments.claim()).toEqual([])
  })

  it('send once what a dead one had in hand; its late attempt changes nothing', async () => {
    const route = await payments.domesticRoute()
    const { id, url } = await payments.expectPayment(route)
    const payment = await payments.createFunded(route, url, { receiveAmount: amountOf(5, route.sender.unit) })
    const [late] = await payments.claim()
    expect(await payments.claim()).toEqual([])
    payments.api.clock.advanceSeconds(LEASE_SECONDS + 1)
    const [taken] = await payments.claim()
    expect(taken!.id).toBe(payment.id)
    await payments.send(late!)
    expect(await payments.shown(payment.id)).toMatchObject({ state: 'SENDING', stateAttempts: 0 })
    await payments.send(taken!)
    await payments.send(late!)
    expect(await payments.shown(payment.id)).toMatchObject({ state: 'COMPLETED', sentAmount: { value: '5' } })
    expect(await shownPayment(payments.api, id)).toMatchObject({ receivedAmount: { value: '5' } })
    expect(await payments.eventTypes(payment.id)).toEqual(['outgoing_payment.created', 'outgoing_payment.completed'])
  })
})

describe('a payment that was not funded', () => {
  it('can be given up, once, and is told about', async () => {
    const route = await payments.domesticRoute()
    const payment = await payments.createFor(route, (await payments.expectPayment(route, 5)).url)
    const service = payments.api.container.resolve(OutgoingPaymentService)
    const cancel = (id: string): ReturnType<typeof service.cancel> => service.cancel(payments.api.context(), id)
    const answers = await Promise.all([cancel(payment.id), cancel(payment.id)])
    expect(answers.filter(({ done }) => done)).toHaveLength(1)
    expect(await cancel(payment.id)).toEqual({ done: false, failure: 'wrong_state' })
    expect(await cancel(randomUUID())).toEqual({ done: false, failure: 'unknown_payment' })
    expect(await payments.shown(payment.id)).toMatchObject({ state: 'FAILED', error: 'Cancelled' })
    const event = await payments.event(payment.id, 'outgoing_payment.failed')
    expect(event.data.payment).toMatchObject({ balance: '0', error: 'Cancelled' })
    expect(event.withdrawalAmount).toBeNull()
    const deposit = await payments.deposit(await payments.eventId(payment.id))
    expect(deposit).toMatchObject({ code: '400', success: false, error: null })
  })
})
