/**
 * Incoming payments as the Admin API makes and shows them.
 *
 * Goal: every check of a new payment in its order, what is stored and told with it, and what is shown later.
 * Method: the real schema on a real database, with a clock that the test sets.
 */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import { parseDateTime } from '../../src/services/payments/incoming/expiry'
import { ANSWER, TestApi, type Fields } from '../admin-v2/support'
import { createTestDatabase, type TestDatabase } from '../support/database'
import {
  askForPayment,
  createIncomingPayment,
  createWallet,
  deactivate,
  eventsOf,
  PAYMENT,
  secondsFromNow,
  shownPayment,
  storedPayment,
  type Wallet
} from './support'

const DAY_SECONDS = 86_400
const THIRTY_DAYS = 30 * DAY_SECONDS * 1_000

let database: TestDatabase
let api: TestApi
let wallet: Wallet
let pointerId: string

beforeAll(async () => {
  database = await createTestDatabase()
  api = await TestApi.open(database.url)
})

afterAll(async () => {
  await api?.close()
  await database?.drop()
})

beforeEach(async () => {
  wallet = await createWallet(api)
  pointerId = wallet.paymentPointer.id
})

function refusal(code: string, message: string): object {
  return { code, success: false, message, payment: null }
}

describe('case 83: a payment without expiry', () => {
  it('is pending for 30 days, with nothing received', async () => {
    const payment = await createIncomingPayment(api, pointerId)
    expect(payment).toMatchObject({
      paymentPointerId: pointerId,
      state: 'PENDING',
      incomingAmount: null,
      receivedAmount: { value: '0', ...wallet.unit },
      metadata: null
    })
    expect(Date.parse(payment.expiresAt as string) - Date.parse(payment.createdAt)).toBe(THIRTY_DAYS)
    expect(await shownPayment(api, payment.id)).toEqual(payment)
  })

  it('counts an empty expiry as none', async () => {
    const payment = await createIncomingPayment(api, pointerId, { expiresAt: '' })
    expect(Date.parse(payment.expiresAt as string) - Date.parse(payment.createdAt)).toBe(THIRTY_DAYS)
  })

  it('is told once, in the transaction that makes it', async () => {
    const payment = await createIncomingPayment(api, pointerId)
    const events = await eventsOf(api, payment.id)
    expect(events).toMatchObject([{ type: 'incoming_payment.created', withdrawalAmount: null }])
    expect(events[0]!.data).toEqual({
      incomingPayment: {
        id: payment.id,
        paymentPointerId: pointerId,
        createdAt: payment.createdAt,
        updatedAt: payment.createdAt,
        expiresAt: payment.expiresAt,
        receivedAmount: { value: '0', ...wallet.unit },
        completed: false
      }
    })
  })
})

describe('case 84: expiries that may not be', () => {
  const refused = refusal('400', 'invalid expiresAt')

  it('refuses the past, and more than the maximum', async () => {
    expect(await askForPayment(api, pointerId, { expiresAt: secondsFromNow(api, -1) })).toEqual(refused)
    const tooLate = secondsFromNow(api, 30 * DAY_SECONDS + 60)
    expect(await askForPayment(api, pointerId, { expiresAt: tooLate })).toEqual(refused)
  })

  it('refuses what is no date, although one could be read into it', async () => {
    const tomorrow = secondsFromNow(api, DAY_SECONDS)
    const [day] = tomorrow.split('T') as [string]
    const texts = [
      'tomorrow',
      String(Date.parse(tomorrow)),
      `${day}T25:00:00Z`,
      `${day}T10:00:00+99:00`,
      `${day}T10:00:00Z and more`,
      new Date(tomorrow).toUTCString(),
      `${tomorrow}\0`,
      tomorrow.repeat(99)
    ]
    for (const expiresAt of texts) expect(await askForPayment(api, pointerId, { expiresAt })).toEqual(refused)
  })

  it('knows the days of a month', () => {
    expect(parseDateTime('2024-02-29T00:00:00Z')).toEqual(new Date('2024-02-29T00:00:00Z'))
    expect(parseDateTime('2023-02-29T00:00:00Z')).toBeUndefined()
    expect(parseDateTime('2024-02-31T00:00:00Z')).toBeUndefined()
    expect(parseDateTime('2024-13-01')).toBeUndefined()
  })

  it('takes an offset into account, and UTC without one', async () => {
    const [instant] = secondsFromNow(api, 3 * DAY_SECONDS).split('.') as [string]
    const utc = await createIncomingPayment(api, pointerId, { expiresAt: instant })
    expect(utc.expiresAt).toBe(`${instant}.000Z`)
    const east = await createIncomingPayment(api, pointerId, { expiresAt: `${instant}+02:00` })
    expect(Date.parse(utc.expiresAt as string) - Date.parse(east.expiresAt as string)).toBe(7_200_000)
  })
})

describe('case 85: amounts that may not be', () => {
  const refused = refusal('400', 'invalid amount')

  it.each([
    ['zero', { value: '0' }],
    ['another code', { assetCode: 'OTHER' }],
    ['another scale', { assetScale: 7 }]
  ])('refuses %s', async (_, change) => {
    const incomingAmount = { value: '1', ...wallet.unit, ...change }
    expect(await askForPayment(api, pointerId, { incomingAmount })).toEqual(refused)
  })

  it('shows and tells the amount that is expected', async () => {
    const incomingAmount = { value: '18446744073709551615', ...wallet.unit }
    const payment = await createIncomingPayment(api, pointerId, { incomingAmount })
    expect(payment.incomingAmount).toEqual(incomingAmount)
    const [event] = await eventsOf(api, payment.id)
    expect(event!.data).toMatchObject({ incomingPayment: { incomingAmount } })
  })
})

describe('case 86: payment pointers that cannot receive', () => {
  it('refuses an unknown one, and what is no id', async () => {
    const refused = refusal('404', 'unknown payment pointer')
    expect(await askForPayment(api, randomUUID())).toEqual(refused)
    expect(await askForPayment(api, 'no id')).toEqual(refused)
  })

  it('refuses an inactive one, until it is active again', async () => {
    await deactivate(api, pointerId)
    expect(await askForPayment(api, pointerId)).toEqual(refusal('400', 'inactive payment pointer'))
    await deactivate(api, pointerId, 'ACTIVE')
    await createIncomingPayment(api, pointerId)
  })
})

describe('case 90: metadata', () => {
  it('reads back in queries, in payments and in webhooks', async () => {
    const metadata = { order: 'A 1', nested: { list: [1, null, 'x'], $date: 'kept', ü: '\u0000' }, '': {} }
    const payment = await createIncomingPayment(api, pointerId, { metadata })
    expect(payment.metadata).toEqual(metadata)
    expect((await shownPayment(api, payment.id)).metadata).toEqual(metadata)
    const { data } = await api.run(`{ payments(filter: { paymentPointerId: { in: ["${pointerId}"] } }) {
      edges { node { id metadata } } } }`)
    expect((data.payments as Fields).edges).toEqual([{ node: { id: payment.id, metadata } }])
    const [event] = await eventsOf(api, payment.id)
    expect(event!.data).toMatchObject({ incomingPayment: { metadata } })
  })
})

describe('the order of the checks', () => {
  it('is expiry, zero, pointer, status, asset of the amount', async () => {
    const wrong = { expiresAt: 'never', incomingAmount: { value: '0', assetCode: 'X', assetScale: 0 } }
    const labels: unknown[] = []
    const note = async (id: string, more: object): Promise<void> => {
      labels.push((await askForPayment(api, id, more)).message)
    }
    const foreign = { incomingAmount: { value: '1', assetCode: 'X', assetScale: 0 } }
    await note(randomUUID(), wrong)
    await note(randomUUID(), { ...wrong, expiresAt: null })
    await note(randomUUID(), foreign)
    await deactivate(api, pointerId)
    await note(pointerId, foreign)
    await deactivate(api, pointerId, 'ACTIVE')
    await note(pointerId, foreign)
    expect(labels).toEqual([
      'invalid expiresAt',
      'invalid amount',
      'unknown payment pointer',
      'inactive payment pointer',
      'invalid amount'
    ])
  })

  it('leaves nothing behind when it refuses', async () => {
    await askForPayment(api, pointerId, { incomingAmount: { value: '1', assetCode: 'X', assetScale: 0 } })
    const { data } = await api.run(`{ paymentPointer(id: "${pointerId}") { incomingPayments { edges { cursor } } } }`)
    expect(data.paymentPointer.incomingPayments).toEqual({ edges: [] })
  })
})

describe('a repeated request', () => {
  it('makes one payment and one event', async () => {
    const input = { idempotencyKey: randomUUID(), metadata: { a: 1 } }
    const answers = await Promise.all(Array.from({ length: 5 }, () => askForPayment(api, pointerId, input)))
    expect(new Set(answers.map((answer) => (answer.payment as Fields).id)).size).toBe(1)
    expect(answers[0]).toMatchObject({ code: '200', message: null })
    expect(await eventsOf(api, (answers[0]!.payment as Fields).id)).toHaveLength(1)
  })

  it('with another amount is refused', async () => {
    const idempotencyKey = randomUUID()
    await createIncomingPayment(api, pointerId, { idempotencyKey })
    const input = { paymentPointerId: pointerId, idempotencyKey, metadata: {} }
    const { errors } = await api.attempt('createIncomingPayment', 'CreateIncomingPaymentInput', input, ANSWER)
    expect(errors).toMatchObject([{ message: expect.stringContaining(idempotencyKey) as unknown }])
  })
})

describe('a payment that is not there', () => {
  it.each([randomUUID(), 'no id'])('is an error: %s', async (id) => {
    const reply = await api.run(`{ incomingPayment(id: "${id}") { ${PAYMENT} } }`)
    expect(reply.data.incomingPayment).toBeNull()
    expect(reply.errors).toMatchObject([{ message: 'payment does not exist' }])
  })
})

it('keeps a connection that names the payment to senders while it is open', async () => {
  const { id } = await createIncomingPayment(api, pointerId)
  const { connectionId, processAt, expiresAt } = await storedPayment(api, id)
  expect(connectionId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/)
  expect(processAt).toEqual(expiresAt)
})
