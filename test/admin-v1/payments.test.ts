/**
 * Payment pointer events, incoming payments, quotes and outgoing payments (cases 38 to 46).
 *
 * Goal: every outcome of the operations, with its code and text; the texts on a payment are the metadata of the
 * second generation, both ways. Method: through both schemas of one service, against PostgreSQL.
 */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { PaymentPointer } from '../../src/entities'
import { WebMonetizationCredits } from '../../src/services/payment-pointers/web-monetization'
import { ANSWER, type Fields, type TestApi } from '../admin-v2/support'
import { amountOf, Payments, type Route } from '../payments/outgoing-support'
import { AMOUNT, assetOf, createWallet, deactivate, eventsOf, shownPayment, submitCredit } from '../payments/support'
import { call, rowsOf, v1Of, without } from './support'

const INCOMING = `id paymentPointerId state expiresAt description externalRef createdAt incomingAmount ${AMOUNT} receivedAmount ${AMOUNT}`
const QUOTE = `id paymentPointerId receiver sendAmount ${AMOUNT} receiveAmount ${AMOUNT} maxPacketAmount
  minExchangeRate lowEstimatedExchangeRate highEstimatedExchangeRate createdAt expiresAt`
const OUTGOING = `id paymentPointerId state error stateAttempts receiver description externalRef createdAt
  sendAmount ${AMOUNT} receiveAmount ${AMOUNT} sentAmount ${AMOUNT} quote { ${QUOTE} }`
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const DAY = 86_400_000
const LONG = 'x'.repeat(256)

let payments: Payments
let v2: TestApi
let v1: TestApi

beforeAll(async () => {
  payments = await Payments.open({ withdrawalThrottleDelayMilliseconds: 0 })
  v2 = payments.api
  v1 = v1Of(v2)
})

afterAll(() => payments.close())

const failure = (code: string, message: string, payload: string): object => ({
  code,
  success: false,
  message,
  [payload]: null
})

function askForIncoming(input: object): Promise<Fields> {
  return v1.mutate('createIncomingPayment', 'CreateIncomingPaymentInput', input, `${ANSWER} payment { ${INCOMING} }`)
}

function askForQuote(input: object): Promise<Fields> {
  return v1.mutate('createQuote', 'CreateQuoteInput', input, `${ANSWER} quote { ${QUOTE} }`)
}

function askForOutgoing(input: object): Promise<Fields> {
  return v1.mutate('createOutgoingPayment', 'CreateOutgoingPaymentInput', input, `${ANSWER} payment { ${OUTGOING} }`)
}

async function shown(name: string, id: string, fields: string): Promise<Fields> {
  const { data, errors } = await v1.run(`query ($id: String!) { ${name}(id: $id) { ${fields} } }`, { id })
  expect(errors).toEqual([])
  return data[name] as Fields
}

async function errorsOf(name: string, id: string): Promise<string[]> {
  const { errors } = await v1.run(`query ($id: String!) { ${name}(id: $id) { id } }`, { id })
  return errors.map(({ message }) => message)
}

describe('triggerPaymentPointerEvents', () => {
  const trigger = (limit: number): Promise<Fields> =>
    call(v1, 'triggerPaymentPointerEvents', 'Int', { limit }, `${ANSWER} count`)
  const triggered = (count: number): object => ({
    code: '200',
    success: true,
    message: 'Triggered Payment Pointer Events',
    count
  })

  it('case 38: announces what is due, as much as it is asked to', async () => {
    const wallets = await Promise.all([createWallet(v2), createWallet(v2), createWallet(v2)])
    const paid = wallets.slice(0, 2)
    for (const { asset, paymentPointer } of paid) {
      const { manager } = v2.container.resolve(DataSource)
      const pointer = await manager.findOneByOrFail(PaymentPointer, { id: paymentPointer.id })
      const stored = await assetOf(v2, asset.id)
      const credits = v2.container.resolve(WebMonetizationCredits)
      const credit = await credits.credit(pointer, stored, 7n, v2.clock.now())
      expect(await submitCredit(v2, credit, 7n, stored.settlementAccountId)).toEqual(['ok'])
    }
    expect(await trigger(0)).toEqual(triggered(0))
    expect(await trigger(1)).toEqual(triggered(1))
    expect(await trigger(5)).toEqual(triggered(1))
    expect(await trigger(5)).toEqual(triggered(0))
    for (const { paymentPointer } of paid) {
      const events = await eventsOf(v2, paymentPointer.id)
      expect(events.map(({ type, withdrawalAmount }) => [type, withdrawalAmount])).toEqual([
        ['payment_pointer.web_monetization', 7n]
      ])
      const select = 'SELECT announced_amount, announce_at FROM payment_pointer_income WHERE payment_pointer_id = $1'
      expect(await rowsOf(v2, select, [paymentPointer.id])).toEqual([{ announced_amount: '7', announce_at: null }])
    }
    expect(await eventsOf(v2, wallets[2]!.paymentPointer.id)).toEqual([])
  })

  it('case 39: answers what it did not expect, and a limit below nothing', async () => {
    const unexpected = failure('500', 'Error trying to trigger payment pointer events', 'count')
    expect(await trigger(-1)).toEqual(unexpected)
    expect(await without(v2, 'payment_pointer_income', () => trigger(1))).toEqual(unexpected)
  })
})

describe('createIncomingPayment', () => {
  it('case 40: creates a payment with one of its options', async () => {
    const { paymentPointer, unit } = await createWallet(v2)
    const expiresAt = new Date(v2.clock.now().getTime() + 200 * DAY).toISOString()
    const options = [
      {},
      { description: 'rent' },
      { externalRef: '#7' },
      { expiresAt },
      { incomingAmount: { value: '123', ...unit } }
    ]
    for (const option of options) {
      const answer = await askForIncoming({ paymentPointerId: paymentPointer.id, ...option })
      expect(answer).toMatchObject({ code: '200', success: true, message: null })
      expect(answer.payment).toMatchObject({
        paymentPointerId: paymentPointer.id,
        state: 'PENDING',
        description: null,
        externalRef: null,
        incomingAmount: null,
        receivedAmount: { value: '0', ...unit },
        ...option
      })
    }
  })

  it('lets a payment live 90 days if nothing is said', async () => {
    const { paymentPointer } = await createWallet(v2)
    for (const expiresAt of [undefined, null, '']) {
      const { payment } = await askForIncoming({ paymentPointerId: paymentPointer.id, expiresAt })
      const { createdAt, expiresAt: shownExpiry } = payment as Fields & { expiresAt: string }
      expect(Date.parse(shownExpiry) - Date.parse(createdAt)).toBe(90 * DAY)
    }
  })

  it('keeps its texts as metadata, which each generation reads in its way', async () => {
    const { paymentPointer } = await createWallet(v2)
    const texts = { description: 'rent', externalRef: '#7' }
    const { payment } = await askForIncoming({ paymentPointerId: paymentPointer.id, ...texts })
    expect(await shownPayment(v2, (payment as Fields).id)).toMatchObject({ metadata: texts })
    const plain = await askForIncoming({ paymentPointerId: paymentPointer.id })
    expect(await shownPayment(v2, (plain.payment as Fields).id)).toMatchObject({ metadata: null })
    const metadata = { description: 'theirs', externalRef: 7, more: true }
    const input = { paymentPointerId: paymentPointer.id, metadata }
    await v2.mutate('createIncomingPayment', 'CreateIncomingPaymentInput', input, 'payment { id }')
    const fields = 'incomingPayments { edges { node { description externalRef } } }'
    const { edges } = (await shown('paymentPointer', paymentPointer.id, fields)).incomingPayments as Fields
    expect(edges.map(({ node }) => node)).toEqual([
      texts,
      { description: null, externalRef: null },
      { description: 'theirs', externalRef: null }
    ])
  })

  it('case 41: refuses in the order of its checks', async () => {
    const { paymentPointer, unit } = await createWallet(v2)
    const known = { paymentPointerId: paymentPointer.id }
    const unknown = { paymentPointerId: randomUUID() }
    const past = { expiresAt: new Date(v2.clock.now().getTime() - 1_000).toISOString() }
    const zero = { incomingAmount: { value: '0', ...unit } }
    const elsewhere = { incomingAmount: { value: '1', ...unit, assetScale: 9 } }
    const unexpected: [string, string] = ['500', 'Error trying to create incoming payment']
    const rows: [object, string, string][] = [
      [{ ...unknown, ...past, ...zero }, '400', 'invalid expiresAt'],
      [{ ...unknown, ...zero }, '400', 'invalid amount'],
      [unknown, '404', 'unknown payment pointer'],
      [{ ...known, ...elsewhere }, '400', 'invalid amount'],
      [{ ...known, incomingAmount: { value: '1', ...unit, assetScale: -1 } }, '400', 'invalid amount'],
      [{ ...known, expiresAt: 'tomorrow' }, ...unexpected],
      [{ paymentPointerId: 'nonsense' }, ...unexpected],
      [{ ...known, description: LONG }, ...unexpected],
      [{ ...known, externalRef: LONG }, ...unexpected]
    ]
    for (const [input, code, message] of rows) {
      expect(await askForIncoming(input)).toEqual(failure(code, message, 'payment'))
    }
    const lost = await without(v2, 'incoming_payment', () => askForIncoming(known))
    expect(lost).toEqual(failure(...unexpected, 'payment'))
    await deactivate(v2, paymentPointer.id)
    expect(await askForIncoming(known)).toEqual(failure('400', 'inactive payment pointer', 'payment'))
    expect(
      await rowsOf(v2, 'SELECT 1 FROM incoming_payment WHERE payment_pointer_id = $1', [paymentPointer.id])
    ).toEqual([])
  })
})

describe('createQuote', () => {
  it('case 42, case 44: quotes what is sent, what arrives, or what the receiver asks for, and shows it', async () => {
    const route = await payments.route('0.5')
    const { url } = await payments.expectPayment(route, 56)
    const open = await payments.expectPayment(route)
    const base = { paymentPointerId: route.sender.paymentPointer.id }
    const cases: [object, string, string][] = [
      [{ receiver: open.url, sendAmount: amountOf(123, route.sender.unit) }, '123', '61'],
      [{ receiver: open.url, receiveAmount: amountOf(56, route.receiver.unit) }, '112', '56'],
      [{ receiver: url }, '112', '56']
    ]
    for (const [input, send, receive] of cases) {
      const answer = await askForQuote({ ...base, ...input })
      expect(answer).toMatchObject({ code: '200', success: true, message: null })
      const quote = answer.quote as Fields
      expect(quote).toMatchObject({
        ...base,
        sendAmount: { value: send, ...route.sender.unit },
        receiveAmount: { value: receive, ...route.receiver.unit },
        minExchangeRate: 0.5,
        createdAt: expect.stringMatching(ISO) as string,
        expiresAt: expect.stringMatching(ISO) as string,
        maxPacketAmount: expect.stringMatching(/^\d+$/) as string
      })
      expect(await shown('quote', quote.id, QUOTE)).toEqual(quote)
    }
    for (const id of [randomUUID(), 'nonsense']) expect(await errorsOf('quote', id)).toEqual(['quote does not exist'])
  })

  it('case 43: refuses in the order of its checks', async () => {
    const route = await payments.domesticRoute()
    const { unit, paymentPointer } = route.sender
    const { url: receiver } = await payments.expectPayment(route)
    const known = { paymentPointerId: paymentPointer.id, receiver }
    const unknown = { paymentPointerId: randomUUID(), receiver }
    const [one, zero] = [amountOf(1, unit), amountOf(0, unit)]
    const unexpected: [string, string] = ['500', 'Error trying to create quote']
    const rows: [object, string, string][] = [
      [{ ...unknown, sendAmount: one, receiveAmount: one }, '400', 'invalid amount'],
      [{ ...unknown, sendAmount: zero }, '404', 'unknown payment pointer'],
      [{ ...known, sendAmount: zero }, '400', 'invalid amount'],
      [{ ...known, receiveAmount: zero }, '400', 'invalid amount'],
      [{ ...known, sendAmount: { ...one, assetScale: 9 } }, '400', 'invalid amount'],
      [{ ...known, receiver: 'nonsense', receiveAmount: one }, '400', 'invalid receiver'],
      [{ ...known, receiveAmount: { ...one, assetCode: 'OTHER' } }, '400', 'invalid amount'],
      [known, '400', 'invalid receiver'],
      [{ ...known, paymentPointerId: 'nonsense' }, ...unexpected]
    ]
    for (const [input, code, message] of rows) expect(await askForQuote(input)).toEqual(failure(code, message, 'quote'))
    const input = { ...known, sendAmount: one }
    expect(await without(v2, 'quote', () => askForQuote(input))).toEqual(failure(...unexpected, 'quote'))
    await deactivate(v2, paymentPointer.id)
    expect(await askForQuote(input)).toEqual(failure('400', 'inactive payment pointer', 'quote'))
  })

  it('has no word for rates that are missing', async () => {
    const route = await payments.route(1)
    const { url: receiver } = await payments.expectPayment(route, 5)
    payments.setRates(route.sender.unit.assetCode, {})
    expect(await askForQuote({ paymentPointerId: route.sender.paymentPointer.id, receiver })).toEqual(
      failure('500', 'Error trying to create quote', 'quote')
    )
  })
})

describe('outgoing payments', () => {
  async function quoted(value = 20): Promise<{ route: Route; quote: Fields; paymentPointerId: string }> {
    const route = await payments.domesticRoute()
    const { url } = await payments.expectPayment(route, value)
    const paymentPointerId = route.sender.paymentPointer.id
    const { quote } = await askForQuote({ paymentPointerId, receiver: url })
    return { route, quote: quote as Fields, paymentPointerId }
  }

  it('case 46: makes a payment of a quote', async () => {
    const { quote, paymentPointerId } = await quoted()
    const texts = { description: 'rent', externalRef: '#7' }
    const answer = await askForOutgoing({ paymentPointerId, quoteId: quote.id, ...texts })
    expect(answer).toMatchObject({ code: '200', success: true, message: null })
    expect(answer.payment).toMatchObject({ id: quote.id, state: 'FUNDING', ...texts, quote })
    expect(await payments.shown(quote.id)).toMatchObject({ metadata: texts })
    expect(await payments.eventTypes(quote.id)).toEqual(['outgoing_payment.created'])
  })

  it('case 46: refuses, the quote first', async () => {
    const { quote, paymentPointerId, route } = await quoted()
    const [unknown, quoteId] = [randomUUID(), quote.id]
    const unexpected: [string, string] = ['500', 'Error trying to create outgoing payment']
    const other = (await quoted()).paymentPointerId
    const good = { paymentPointerId, quoteId }
    const rows: [object, string, string][] = [
      [{ paymentPointerId: unknown, quoteId: unknown }, '404', 'unknown quote'],
      [{ paymentPointerId, quoteId: unknown }, '404', 'unknown quote'],
      [{ paymentPointerId: unknown, quoteId }, '404', 'unknown payment pointer'],
      [{ paymentPointerId: other, quoteId }, '400', 'invalid quote'],
      [{ paymentPointerId: 'nonsense', quoteId }, ...unexpected],
      [{ paymentPointerId, quoteId: 'nonsense' }, ...unexpected],
      [{ ...good, description: LONG }, ...unexpected]
    ]
    for (const [input, code, message] of rows) {
      expect(await askForOutgoing(input)).toEqual(failure(code, message, 'payment'))
    }
    const lost = await without(v2, 'outgoing_payment', () => askForOutgoing(good))
    expect(lost).toEqual(failure(...unexpected, 'payment'))
    expect(await askForOutgoing(good)).toMatchObject({ code: '200' })
    expect(await askForOutgoing(good)).toEqual(failure('400', 'invalid quote', 'payment'))
    const { url } = await payments.expectPayment(route, 5)
    const late = (await askForQuote({ paymentPointerId, receiver: url })).quote as Fields
    v2.clock.advanceSeconds(301)
    const answer = await askForOutgoing({ paymentPointerId, quoteId: late.id })
    expect(answer).toEqual(failure('400', 'invalid quote', 'payment'))
  })

  it.each(
    ['FUNDING', 'SENDING', 'COMPLETED', 'FAILED'].flatMap((state) => [
      [state, null] as const,
      [state, 'BadState'] as const
    ])
  )('case 45: shows a payment in the state %s with the error %s', async (state, error) => {
    const { quote, paymentPointerId } = await quoted()
    await askForOutgoing({ paymentPointerId, quoteId: quote.id, description: 'rent' })
    if (state !== 'FUNDING') {
      expect(await payments.deposit(await payments.eventId(quote.id))).toMatchObject({ code: '200' })
    }
    if (state === 'COMPLETED') expect(await payments.step()).toBe(1)
    const end = state === 'FAILED' ? `, state = 'FAILED', due_at = NULL` : ''
    await rowsOf(v2, `UPDATE outgoing_payment SET error = $2${end} WHERE id = $1`, [quote.id, error])
    const { sendAmount, receiveAmount, receiver } = quote
    expect(await shown('outgoingPayment', quote.id, OUTGOING)).toMatchObject({
      id: quote.id,
      state,
      error,
      sendAmount,
      receiveAmount,
      receiver,
      description: 'rent',
      externalRef: null,
      quote,
      sentAmount: { ...(sendAmount as object), value: state === 'COMPLETED' ? '20' : '0' }
    })
    // Nothing is left to be sent in another test.
    if (state === 'SENDING') expect(await payments.step()).toBe(1)
  })

  it('case 45: has none of another id', async () => {
    for (const id of [randomUUID(), 'nonsense']) {
      expect(await errorsOf('outgoingPayment', id)).toEqual(['payment does not exist'])
    }
  })
})
