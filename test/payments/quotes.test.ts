/**
 * Goal: a quote for a receiver on this instance is exact, includes the fees, and is refused for the first thing
 * that is wrong with it.
 * Method: the API on a database of the test's own, with a rates server and a clock that the test sets.
 */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { ANSWER, type Fields } from '../admin-v2/support'
import { deactivate, receive, secondsFromNow } from './support'
import { amountOf, Payments, QUOTE, type Route } from './outgoing-support'

let payments: Payments
beforeAll(async () => {
  payments = await Payments.open()
})
afterAll(() => payments.close())

const INVALID_AMOUNT = { code: '400', success: false, message: 'invalid amount', quote: null }
const INVALID_RECEIVER = { code: '400', success: false, message: 'invalid receiver', quote: null }

describe('amounts', () => {
  it('case 93: a fixed send of 123 at 0.5 delivers 61', async () => {
    const route = await payments.route('0.5')
    const { url } = await payments.expectPayment(route)
    const quote = await payments.quote(route, url, { sendAmount: amountOf(123, route.sender.unit) })
    expect(quote).toMatchObject({
      paymentPointerId: route.sender.paymentPointer.id,
      receiver: url,
      sendAmount: amountOf(123, route.sender.unit),
      receiveAmount: amountOf(61, route.receiver.unit),
      minExchangeRate: 0.5,
      lowEstimatedExchangeRate: 0.5,
      highEstimatedExchangeRate: 0.5,
      maxPacketAmount: '9223372036854775807'
    })
  })

  it('case 94: a fixed receive of 56 at 0.5 costs 112, and an incoming amount of 1000 costs 2000', async () => {
    const route = await payments.route('0.5')
    const open = await payments.expectPayment(route)
    const asked = await payments.expectPayment(route, 1000)
    expect(await payments.quote(route, open.url, { receiveAmount: amountOf(56, route.receiver.unit) })).toMatchObject({
      sendAmount: amountOf(112, route.sender.unit),
      receiveAmount: amountOf(56, route.receiver.unit)
    })
    expect(await payments.quote(route, asked.url)).toMatchObject({
      sendAmount: amountOf(2000, route.sender.unit),
      receiveAmount: amountOf(1000, route.receiver.unit)
    })
  })

  it('with neither amount are what the receiver still asks for', async () => {
    const route = await payments.route('0.5')
    const { id, url } = await payments.expectPayment(route, 1000)
    expect(await receive(payments.api, id, 300n)).toBe('ok')
    expect(await payments.quote(route, url)).toMatchObject({
      sendAmount: amountOf(1400, route.sender.unit),
      receiveAmount: amountOf(700, route.receiver.unit)
    })
  })

  it.each([
    // rate, scales, receive, cost: the sender pays the fraction of a unit.
    ['3', [2, 2], 100, '34'],
    ['1.16', [2, 2], 1, '1'],
    ['0.000000001', [0, 9], 7, '7'],
    ['1', [0, 18], 1, '1'],
    ['0.1', [18, 0], 1, '10000000000000000000'],
    ['1.000000000000000000000000000001', [2, 2], '18446744073709551615', '18446744073709551615']
  ] as const)('at a rate of %s between scales %p: %s costs %s', async (rate, scales, receiveAmount, cost) => {
    const route = await payments.route(rate, 0n, scales)
    const { url } = await payments.expectPayment(route)
    const quote = await payments.quote(route, url, { receiveAmount: amountOf(receiveAmount, route.receiver.unit) })
    expect(quote.sendAmount).toEqual(amountOf(cost, route.sender.unit))
  })

  it('within one asset are equal, without rates', async () => {
    const route = await payments.domesticRoute()
    const { url } = await payments.expectPayment(route)
    for (const amounts of [
      { sendAmount: amountOf(100, route.sender.unit) },
      { receiveAmount: amountOf(100, route.sender.unit) }
    ]) {
      expect(await payments.quote(route, url, amounts)).toMatchObject({
        sendAmount: amountOf(100, route.sender.unit),
        receiveAmount: amountOf(100, route.sender.unit),
        minExchangeRate: 1
      })
    }
  })
})

describe('sending fees', () => {
  async function routeWithFee(fixed: number, basisPoints: number): Promise<{ route: Route; url: string }> {
    const route = await payments.route('0.5')
    for (const [type, fee] of [
      ['SENDING', { fixed: '1000', basisPoints: 1 }],
      ['SENDING', { fixed: String(fixed), basisPoints }],
      ['RECEIVING', { fixed: '5', basisPoints: 500 }]
    ] as const) {
      const input = { assetId: route.sender.asset.id, type, fee }
      expect(await payments.api.mutate('setFee', 'SetFeeInput', input, ANSWER)).toMatchObject({ code: '200' })
      payments.api.clock.advanceSeconds(1)
    }
    return { route, url: (await payments.expectPayment(route)).url }
  }

  it('are taken out of a fixed send before the conversion', async () => {
    // 100 − (3 + ⌈100 × 1.25 %⌉) = 95, at 0.5: 47.
    const { route, url } = await routeWithFee(3, 125)
    expect(await payments.quote(route, url, { sendAmount: amountOf(100, route.sender.unit) })).toMatchObject({
      sendAmount: amountOf(100, route.sender.unit),
      fee: amountOf(5, route.sender.unit),
      receiveAmount: amountOf(47, route.receiver.unit)
    })
  })

  it('are added to a fixed receive', async () => {
    // ⌈50 ÷ 0.5⌉ = 100, and 3 + ⌈100 × 1.25 %⌉ = 5.
    const { route, url } = await routeWithFee(3, 125)
    expect(await payments.quote(route, url, { receiveAmount: amountOf(50, route.receiver.unit) })).toMatchObject({
      sendAmount: amountOf(105, route.sender.unit),
      fee: amountOf(5, route.sender.unit),
      receiveAmount: amountOf(50, route.receiver.unit)
    })
  })

  it.each([
    [100, 0],
    [0, 10_000],
    [101, 0]
  ])('that leave nothing of 100 refuse the quote: %i fixed, %i basis points', async (fixed, basisPoints) => {
    const { route, url } = await routeWithFee(fixed, basisPoints)
    const sendAmount = amountOf(100, route.sender.unit)
    expect(await payments.askForQuote(route, url, { sendAmount })).toEqual(INVALID_AMOUNT)
  })

  it('of zero are none', async () => {
    const { route, url } = await routeWithFee(0, 0)
    expect((await payments.quote(route, url, { sendAmount: amountOf(2, route.sender.unit) })).receiveAmount).toEqual(
      amountOf(1, route.receiver.unit)
    )
  })
})

describe('refusals', () => {
  it('case 95: both amounts, a zero or another asset', async () => {
    const route = await payments.route('0.5')
    const { url } = await payments.expectPayment(route)
    const send = (value: number): object => ({ sendAmount: amountOf(value, route.sender.unit) })
    const deliver = (value: number): object => ({ receiveAmount: amountOf(value, route.receiver.unit) })
    const otherScale = (amount: object): object => ({ ...amount, assetScale: 3 })
    for (const amounts of [
      { ...send(1), ...deliver(1) },
      send(0),
      deliver(0),
      { sendAmount: amountOf(1, route.receiver.unit) },
      { sendAmount: otherScale(amountOf(1, route.sender.unit)) },
      { receiveAmount: amountOf(1, route.sender.unit) },
      { receiveAmount: otherScale(amountOf(1, route.receiver.unit)) }
    ]) {
      expect(await payments.askForQuote(route, url, amounts)).toEqual(INVALID_AMOUNT)
    }
  })

  it('case 96: no amount at all, or a receiver that is unknown, completed or expired', async () => {
    const route = await payments.route('0.5')
    const other = await payments.route('0.5')
    const open = await payments.expectPayment(route)
    const completed = await payments.expectPayment(route, 5)
    const expired = await payments.expectPayment(route, 5, { expiresAt: secondsFromNow(payments.api, 10) })
    expect(await receive(payments.api, completed.id, 5n)).toBe('ok')
    payments.api.clock.advanceSeconds(11)
    expect(await payments.askForQuote(route, open.url)).toEqual(INVALID_RECEIVER)
    const pointer = route.receiver.paymentPointer.url
    const receiveAmount = amountOf(1, route.receiver.unit)
    for (const receiver of [
      completed.url,
      expired.url,
      `${pointer}/incoming-payments/${randomUUID()}`,
      `${pointer}/incoming-payments/none`,
      `${other.receiver.paymentPointer.url}/incoming-payments/${open.id}`,
      `https://nowhere.test/alice/incoming-payments/${open.id}`,
      `http://127.0.0.1:3003/connections/${randomUUID()}`,
      'http://127.0.0.1:3003/connections/none',
      pointer,
      'none',
      `${'x'.repeat(3_000)}/incoming-payments/${open.id}`,
      ''
    ]) {
      expect(await payments.askForQuote(route, receiver, { receiveAmount })).toEqual(INVALID_RECEIVER)
    }
  })

  it('case 97: more than the receiver still takes, also when it is the send amount that delivers it', async () => {
    const route = await payments.route('0.5')
    const { id, url } = await payments.expectPayment(route, 100)
    expect(await receive(payments.api, id, 40n)).toBe('ok')
    const ask = (amounts: object): Promise<Fields> => payments.askForQuote(route, url, amounts)
    expect(await ask({ receiveAmount: amountOf(61, route.receiver.unit) })).toEqual(INVALID_AMOUNT)
    expect(await ask({ sendAmount: amountOf(122, route.sender.unit) })).toEqual(INVALID_AMOUNT)
    expect(await ask({ receiveAmount: amountOf(60, route.receiver.unit) })).toMatchObject({ code: '200' })
    expect(await ask({ sendAmount: amountOf(121, route.sender.unit) })).toMatchObject({ code: '200' })
  })

  it('case 101: an unknown or inactive payment pointer, before anything about the amounts or the receiver', async () => {
    const route = await payments.route('0.5')
    const { url } = await payments.expectPayment(route)
    const bad = { receiver: 'none', sendAmount: amountOf(0, route.sender.unit) }
    for (const paymentPointerId of [randomUUID(), 'none']) {
      const input = { paymentPointerId, ...bad }
      const answer = await payments.api.mutate('createQuote', 'CreateQuoteInput', input, `${ANSWER} quote { id }`)
      expect(answer).toEqual({ code: '404', success: false, message: 'unknown payment pointer', quote: null })
    }
    await deactivate(payments.api, route.sender.paymentPointer.id)
    const inactive = { code: '400', success: false, message: 'inactive payment pointer', quote: null }
    expect(await payments.askForQuote(route, 'none', { sendAmount: bad.sendAmount })).toEqual(inactive)
    await deactivate(payments.api, route.sender.paymentPointer.id, 'ACTIVE')
    expect(await payments.askForQuote(route, url, { sendAmount: amountOf(9, route.sender.unit) })).toMatchObject({
      code: '200'
    })
  })

  it('an amount that delivers nothing, or costs more than can be sent', async () => {
    const route = await payments.route('0.5')
    const { url } = await payments.expectPayment(route)
    expect(await payments.askForQuote(route, url, { sendAmount: amountOf(1, route.sender.unit) })).toEqual(
      INVALID_AMOUNT
    )
    const receiveAmount = amountOf('9223372036854775808', route.receiver.unit)
    expect(await payments.askForQuote(route, url, { receiveAmount })).toEqual(INVALID_AMOUNT)
  })

  it('no rate between the assets, with a label of its own; rates that cannot be had', async () => {
    const route = await payments.route('0')
    const { url } = await payments.expectPayment(route)
    const receiveAmount = amountOf(1, route.receiver.unit)
    const none = { code: '400', success: false, message: 'no exchange rate', quote: null }
    expect(await payments.askForQuote(route, url, { receiveAmount })).toEqual(none)
    const dark = await payments.route('1')
    payments.setRates(dark.sender.unit.assetCode, { [dark.receiver.unit.assetCode]: null })
    const darkUrl = (await payments.expectPayment(dark)).url
    const unavailable = { code: '500', success: false, message: 'exchange rates unavailable', quote: null }
    const darkAmount = { receiveAmount: amountOf(1, dark.receiver.unit) }
    expect(await payments.askForQuote(dark, darkUrl, darkAmount)).toEqual(unavailable)
    payments.setRates(dark.sender.unit.assetCode, { [dark.receiver.unit.assetCode]: 2 })
    expect(await payments.askForQuote(dark, darkUrl, darkAmount)).toMatchObject({ code: '200' })
  })

  it('leave no quote behind', async () => {
    const route = await payments.route('0.5')
    const { url } = await payments.expectPayment(route)
    await payments.askForQuote(route, url)
    await payments.askForQuote(route, 'none', { receiveAmount: amountOf(1, route.receiver.unit) })
    expect(await quotesOf(route)).toEqual([])
  })
})

describe('a quote', () => {
  it('case 100: expires after its lifetime, or with the incoming payment', async () => {
    const route = await payments.route('0.5')
    const long = await payments.expectPayment(route, 10)
    const short = await payments.expectPayment(route, 10, { expiresAt: secondsFromNow(payments.api, 60) })
    const quote = await payments.quote(route, long.url)
    expect(Date.parse(quote.expiresAt as string) - Date.parse(quote.createdAt)).toBe(300_000)
    const { expiresAt } = await payments.quote(route, short.url)
    const { data } = await payments.api.run('query ($id: String!) { incomingPayment(id: $id) { expiresAt } }', {
      id: short.id
    })
    expect(expiresAt).toBe((data.incomingPayment as Fields).expiresAt)
  })

  it('for a connection knows no amounts and no expiry of the payment behind it', async () => {
    const route = await payments.route('0.5')
    const { id } = await payments.expectPayment(route, 10, { expiresAt: secondsFromNow(payments.api, 60) })
    const rows = await payments.api.container
      .resolve(DataSource)
      .query<{ connection_id: string }[]>('SELECT connection_id FROM incoming_payment WHERE id = $1', [id])
    const url = `http://127.0.0.1:3003/connections/${rows[0]!.connection_id}`
    expect(await payments.askForQuote(route, url)).toEqual(INVALID_RECEIVER)
    const quote = await payments.quote(route, url, { sendAmount: amountOf(200, route.sender.unit) })
    expect(quote).toMatchObject({ receiver: url, receiveAmount: amountOf(100, route.receiver.unit) })
    expect(Date.parse(quote.expiresAt as string) - Date.parse(quote.createdAt)).toBe(300_000)
  })

  it('is found, also after its expiry, and listed under its payment pointer', async () => {
    const route = await payments.route('0.5')
    const { url } = await payments.expectPayment(route, 10)
    const first = await payments.quote(route, url)
    payments.api.clock.advanceSeconds(301)
    const second = await payments.quote(route, url)
    const { data, errors } = await payments.api.run(`query ($id: String!) { quote(id: $id) { ${QUOTE} } }`, {
      id: first.id
    })
    expect(errors).toEqual([])
    expect(data.quote).toEqual(first)
    expect(await quotesOf(route)).toEqual([first.id, second.id])
    for (const id of [randomUUID(), 'none']) {
      const missing = await payments.api.run('query ($id: String!) { quote(id: $id) { id } }', { id })
      expect(missing.data.quote).toBeNull()
      expect(missing.errors.map(({ message }) => message)).toEqual(['quote does not exist'])
    }
  })

  it('is the same for the same idempotency key', async () => {
    const route = await payments.route('0.5')
    const { url } = await payments.expectPayment(route, 10)
    const key = { idempotencyKey: randomUUID() }
    const answers = await Promise.all(Array.from({ length: 5 }, () => payments.askForQuote(route, url, key)))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(await quotesOf(route)).toHaveLength(1)
  })
})

async function quotesOf({ sender }: Route): Promise<string[]> {
  const { data, errors } = await payments.api.run(
    'query ($id: String!) { paymentPointer(id: $id) { quotes { edges { node { id } } } } }',
    { id: sender.paymentPointer.id }
  )
  expect(errors).toEqual([])
  const { edges } = (data.paymentPointer as unknown as { quotes: { edges: { node: { id: string } }[] } }).quotes
  return edges.map(({ node }) => node.id)
}
