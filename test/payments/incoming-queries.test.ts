/**
 * What the operations about incoming payments cost in queries.
 *
 * Goal: none sends more than is written down here, however many payments it shows or announces. Method: every
 * statement that any connection of the process sends is counted.
 */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import { ANSWER, TestApi } from '../admin-v2/support'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { recordStatements } from '../support/statements'
import { createIncomingPayment, createWallet, PAYMENT, processDue, receive, type Wallet } from './support'

/** What only begins, limits or ends a transaction. */
const FRAME = /^(BEGIN|COMMIT|ROLLBACK|START TRANSACTION|SET TRANSACTION|SELECT set_config|SELECT pg_advisory)/

let database: TestDatabase
let api: TestApi
let wallet: Wallet
let sent: string[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  api = await TestApi.open(database.url)
  wallet = await createWallet(api)
  for (let count = 0; count < 25; count++) {
    await createIncomingPayment(api, wallet.paymentPointer.id, { incomingAmount: { value: '1', ...wallet.unit } })
  }
  recordStatements(({ text }) => sent.push(text))
})

afterAll(async () => {
  jest.restoreAllMocks()
  await api?.close()
  await database?.drop()
})

async function countOf(work: () => Promise<unknown>): Promise<number> {
  sent = []
  await work()
  return sent.filter((text) => !FRAME.test(text)).length
}

function mutation(name: string, type: string, input: object): () => Promise<unknown> {
  return () => api.mutate(name, type, { ...input, idempotencyKey: randomUUID() }, ANSWER)
}

it('lists a page of payments with their amounts in three, whatever its length', async () => {
  for (const first of [1, 20]) {
    const source = `query ($id: String!) { paymentPointer(id: $id) {
      incomingPayments(first: ${first}) { edges { node { ${PAYMENT} } } pageInfo { hasNextPage hasPreviousPage } } } }`
    expect(await countOf(() => api.run(source, { id: wallet.paymentPointer.id }))).toBe(3)
  }
})

it('lists payments of both kinds in one', async () => {
  const source = `{ payments { edges { node { id type state metadata } } pageInfo { hasNextPage } } }`
  expect(await countOf(() => api.run(source))).toBe(1)
})

it('makes a payment, and a receiver, in seven: three reads, payment with its pointer held, event, delivery, record', async () => {
  const { id: paymentPointerId, url: paymentPointerUrl } = wallet.paymentPointer
  const payment = mutation('createIncomingPayment', 'CreateIncomingPaymentInput', { paymentPointerId })
  expect(await countOf(payment)).toBe(7)
  const receiver = mutation('createReceiver', 'CreateReceiverInput', { paymentPointerUrl })
  expect(await countOf(receiver)).toBe(7)
})

it('announces many payments with as many queries as one', async () => {
  const announce = async (payments: number): Promise<number> => {
    for (let count = 0; count < payments; count++) {
      const incomingAmount = { value: '1', ...wallet.unit }
      const { id } = await createIncomingPayment(api, wallet.paymentPointer.id, { incomingAmount })
      await receive(api, id, 1n)
    }
    api.clock.advanceSeconds(30)
    return countOf(() => processDue(api))
  }
  const one = await announce(1)
  expect(await announce(9)).toBe(one)
})
