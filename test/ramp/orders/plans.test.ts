/**
 * Goal: a step of an order costs a few looks into indexes, however many orders there are.
 * Method: the statements that the services send, explained with the settings that they are sent with.
 */
import { DataSource } from 'typeorm'
import { Reader } from '../../../src/database/reader'
import type { Attachment, Statement } from '../../../src/database/statement'
import { Ledger } from '../../../src/ledger/ledger'
import { OrderHistory } from '../../../src/services/ramp/history/order-history'
import { valueOf } from '../../support/answers'
import { plansOf, type Plans } from '../../support/plans'
import { Scene, type TestAgent, type TestMerchant } from './scene'

let scene: Scene
let agent: TestAgent
let merchant: TestMerchant

beforeAll(async () => {
  scene = await Scene.open()
  agent = await scene.agent()
  merchant = await scene.merchant()
})
afterAll(() => scene.close())

/** A row that shares its statement with others as it is sent when there are none. */
function statementOf(attachment: Attachment): Statement {
  if (!('row' in attachment)) return attachment
  const { name, text, row } = attachment
  return { name, text, values: row.map((value) => [value]) }
}

interface Cost extends Plans {
  /** How many statements were read with. */
  readonly reads: number
}

/** Of what is read, and of what travels with submissions to the ledger; of indexes, those of orders. */
async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const { container } = scene.parties.api
  const sent = jest.spyOn(container.resolve(Reader), 'rows')
  const submitted = jest.spyOn(container.resolve(Ledger), 'submit')
  await work()
  const reads = sent.mock.calls.map(([statement]) => statement)
  const writes = submitted.mock.calls.flatMap(([{ commands, attach }]) => {
    const results = commands.map(() => 'ok' as const)
    return (attach?.({ results, recordedMicroseconds: 0n }) ?? []).map(statementOf)
  })
  sent.mockRestore()
  submitted.mockRestore()
  const { whole, indexes } = await plansOf(container.resolve(DataSource), [...reads, ...writes])
  const orders = /^ramp_(quote|request|payment|customer_day)_(?!method)/
  return { reads: reads.length, whole, indexes: [...new Set(indexes.filter((name) => orders.test(name)))] }
}

const side = (): { kind: 'merchant'; id: string } => ({ kind: 'merchant', id: merchant.id })

test('a deposit is a few reads: three for its quote, two to place it, one for each step', async () => {
  const quoting = await costOf(() => scene.quote(merchant, 'deposit'))
  expect(quoting).toEqual({ reads: 3, whole: [], indexes: [] })
  const { id: quoteId } = valueOf(await scene.quote(merchant, 'deposit'))
  const placing = await costOf(() =>
    scene.orders.initiateDeposit(scene.context, merchant.id, { quoteId, reference: 'plans' })
  )
  expect(placing).toEqual({ reads: 2, whole: [], indexes: ['ramp_quote_pkey', 'ramp_request_reference'] })
  const { request, payment } = await scene.deposit(merchant)
  const paying = await costOf(() => scene.orders.markDepositPaid(scene.context, side(), request.id))
  expect(paying).toEqual({
    reads: 1,
    whole: [],
    indexes: ['ramp_payment_pkey', 'ramp_payment_terms_pkey', 'ramp_request_pkey']
  })
  const receiving = await costOf(() => scene.orders.markDepositReceived(scene.context, agent.id, payment.id))
  expect(receiving).toEqual({
    reads: 1,
    whole: [],
    indexes: ['ramp_payment_pkey', 'ramp_payment_terms_pkey', 'ramp_request_pkey']
  })
})

test('what is offered of a method is found by the method', async () => {
  const { payment } = await scene.withdrawal(merchant)
  const quoting = await costOf(() => scene.quote(merchant, 'withdrawal'))
  expect(quoting).toMatchObject({ whole: [], indexes: ['ramp_payment_offered', 'ramp_payment_terms_pkey'] })
  const returning = await costOf(() => scene.orders.cancelWithdrawal(scene.context, agent.id, payment.id))
  expect(returning.whole).toEqual([])
  expect(returning.indexes).toEqual(expect.arrayContaining(['ramp_customer_day_pkey', 'ramp_payment_terms_assignment']))
})

test('what is due and what is overdue are found by their time', async () => {
  const passing = await costOf(() => scene.passTime())
  expect(passing).toEqual({
    reads: 2,
    whole: [],
    indexes: ['ramp_payment_due', 'ramp_payment_pkey', 'ramp_request_due', 'ramp_request_pkey']
  })
  const overdue = await costOf(() => scene.orders.overdue({ limit: 50 }))
  expect(overdue).toEqual({ reads: 1, whole: [], indexes: ['ramp_payment_overdue', 'ramp_payment_terms_pkey'] })
  const { payment } = await scene.deposit(merchant)
  const next = await costOf(() => scene.orders.overdue({ cursor: payment.id, limit: 50 }))
  expect(next).toEqual({
    reads: 1,
    whole: [],
    indexes: ['ramp_payment_overdue', 'ramp_payment_pkey', 'ramp_payment_terms_pkey']
  })
})

test('what an agent was assigned of one order is found by what people call it', async () => {
  const { payment } = await scene.deposit(merchant)
  // One agent has them all, and the planner knows it.
  await scene.parties.query('ANALYZE ramp_payment, ramp_payment_terms, ramp_request')
  const history = scene.parties.api.container.resolve(OrderHistory)
  const looking = await costOf(() => history.page(payment.agentId, { page: 1, filter: { orderId: payment.orderId } }))
  expect(looking).toEqual({
    reads: 1,
    whole: [],
    indexes: ['ramp_payment_pkey', 'ramp_payment_terms_assignment', 'ramp_payment_terms_pkey', 'ramp_request_order_id']
  })
})
