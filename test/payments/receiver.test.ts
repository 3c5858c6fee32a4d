/**
 * Receivers at payment pointers that are known by their URL (cases 91 and 92).
 *
 * Goal: a receiver on this instance is an incoming payment like any other; what is not on it is not known.
 * Method: the real schema on a real database.
 */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import { ANSWER, TestApi, type Fields } from '../admin-v2/support'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { AMOUNT, createWallet, deactivate, eventsOf, secondsFromNow, shownPayment, type Wallet } from './support'

const RECEIVER = `id paymentPointerUrl completed incomingAmount ${AMOUNT} receivedAmount ${AMOUNT} expiresAt metadata createdAt updatedAt`

let database: TestDatabase
let api: TestApi
let wallet: Wallet

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
})

function ask(paymentPointerUrl: string, more: object = {}): Promise<Fields> {
  const input = { paymentPointerUrl, ...more }
  return api.mutate('createReceiver', 'CreateReceiverInput', input, `${ANSWER} receiver { ${RECEIVER} }`)
}

function refusal(code: string, message: string): object {
  return { code, success: false, message, receiver: null }
}

describe('case 91: a payment pointer of this instance', () => {
  it('gets an incoming payment, which is told of', async () => {
    const { url } = wallet.paymentPointer
    const terms = {
      incomingAmount: { value: '56', ...wallet.unit },
      expiresAt: secondsFromNow(api, 60),
      metadata: { order: 1 }
    }
    const answer = await ask(url, terms)
    expect(answer).toMatchObject({ code: '200', success: true, message: null })
    const receiver = answer.receiver as Fields
    const [, id] = new RegExp(`^${url}/incoming-payments/([0-9a-f-]{36})$`).exec(receiver.id)!
    expect(receiver).toEqual({
      ...terms,
      id: receiver.id,
      paymentPointerUrl: url,
      completed: false,
      receivedAmount: { value: '0', ...wallet.unit },
      createdAt: receiver.createdAt,
      updatedAt: receiver.createdAt
    })
    expect(await shownPayment(api, id!)).toMatchObject({
      ...terms,
      paymentPointerId: wallet.paymentPointer.id,
      state: 'PENDING',
      createdAt: receiver.createdAt
    })
    expect(await eventsOf(api, id!)).toMatchObject([{ type: 'incoming_payment.created' }])
  })

  it('is known however its URL is written', async () => {
    const { url } = wallet.paymentPointer
    const { code, receiver } = await ask(`${url.replace('wallet.test', 'WALLET.test')}/`)
    expect(code).toBe('200')
    expect(receiver).toMatchObject({ paymentPointerUrl: url, incomingAmount: null, metadata: null })
  })

  it('refuses what its incoming payments refuse', async () => {
    const { url, id } = wallet.paymentPointer
    expect(await ask(url, { expiresAt: secondsFromNow(api, -1) })).toEqual(refusal('400', 'invalid expiresAt'))
    const amounts = [
      { value: '0', ...wallet.unit },
      { ...wallet.unit, value: '1', assetCode: 'X' }
    ]
    for (const incomingAmount of amounts) {
      expect(await ask(url, { incomingAmount })).toEqual(refusal('400', 'invalid amount'))
    }
    await deactivate(api, id)
    expect(await ask(url)).toEqual(refusal('400', 'inactive payment pointer'))
  })

  it('gives the same receiver to a repeated request', async () => {
    const { url } = wallet.paymentPointer
    const idempotencyKey = randomUUID()
    const answers = await Promise.all([1, 2, 3].map(() => ask(url, { idempotencyKey, metadata: { n: 1 } })))
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
    const { data } = await api.run(
      `{ paymentPointer(id: "${wallet.paymentPointer.id}") { incomingPayments { edges { cursor } } } }`
    )
    expect((data.paymentPointer.incomingPayments as Fields).edges).toHaveLength(1)
  })
})

describe('case 92: a payment pointer that cannot be reached', () => {
  it.each(['https://elsewhere.test/alice', 'http://wallet.test/alice', '$wallet.test/alice', 'no url', ''])(
    'is unknown: %s',
    async (url) => {
      expect(await ask(url)).toEqual(refusal('404', 'unknown payment pointer'))
    }
  )

  it('may become known later', async () => {
    const url = `https://wallet.test/${randomUUID()}`
    expect(await ask(url)).toEqual(refusal('404', 'unknown payment pointer'))
    const input = { assetId: wallet.asset.id, url }
    await api.mutate('createPaymentPointer', 'CreatePaymentPointerInput', input, ANSWER)
    expect(await ask(url)).toMatchObject({ code: '200' })
  })
})
