/**
 * Goal: payments between the customers of a wallet are settled by webhooks alone, in one currency and across two, and
 * the wallet's books agree with the ledger to the line.
 * Method: the service and the wallet as processes; customers, payments and their balances over HTTP.
 */
import {
  DepositEventLiquidityDocument,
  ReplayWebhookEventDocument,
  WebhookDeliveriesDocument,
  WebhookEventsDocument
} from '../../clients/typescript'
import { until } from '../support/wait'
import { Town } from './support'

let town: Town

beforeEach(async () => (town = await Town.open({}, { KES: 150 })))
afterEach(() => town.close())

async function settled(id: string): Promise<boolean> {
  const { state } = await town.outgoing(id)
  return state === 'COMPLETED' || state === 'FAILED'
}

async function eventOf(type: string): Promise<string> {
  const { webhookEvents } = await town.client.request(WebhookEventsDocument, { filter: { type: { in: [type] } } })
  return webhookEvents.edges[0]!.node.id
}

test('in one currency: what the payer loses is what the payee gets', async () => {
  const alice = await town.customer('alice', 'USD', 100_00)
  const bob = await town.customer('bob', 'USD')
  const { id, receiver } = await town.request(bob, 40_00)
  const payment = await town.pay(alice, receiver)
  await until(() => settled(payment))
  expect(await town.outgoing(payment)).toEqual({ state: 'COMPLETED', sent: '4000' })
  expect(await town.received(id)).toBe('4000')
  await until(async () => (await town.balances())['USD/2 customer/bob'] === '4000')
  expect(await town.balances()).toEqual({
    'USD/2 customer/alice': '6000',
    'USD/2 customer/bob': '4000',
    'USD/2 outside': '-10000'
  })
  expect(await town.reconcile()).toMatchObject({ 'USD/2': { wallet: '0', settlement: '0', others: '0' } })
})

test('across currencies: liquidity of one pool grows by what the payer sends, the other shrinks by what arrives', async () => {
  await town.asset('KES', 1_000_000n)
  const alice = await town.customer('alice', 'USD', 100_00)
  const chipo = await town.customer('chipo', 'KES')
  const { receiver } = await town.request(chipo, 3_000_00)
  const payment = await town.pay(alice, receiver)
  await until(async () => (await town.balances())['KES/2 customer/chipo'] !== undefined)
  expect(await town.outgoing(payment)).toEqual({ state: 'COMPLETED', sent: '2000' })
  expect(await town.balances()).toEqual({
    'USD/2 customer/alice': '8000',
    'USD/2 outside': '-10000',
    'USD/2 service': '2000',
    'KES/2 customer/chipo': '300000',
    'KES/2 service': '-300000'
  })
  expect(await town.reconcile()).toMatchObject({
    'USD/2': { wallet: '2000', settlement: '2000', others: '0' },
    'KES/2': { wallet: '-300000', settlement: '700000', others: '1000000' }
  })
})

test('who has not the money pays nothing', async () => {
  const alice = await town.customer('alice', 'USD', 39_99)
  const bob = await town.customer('bob', 'USD')
  const payment = await town.pay(alice, (await town.request(bob, 40_00)).receiver)
  const event = await eventOf('outgoing_payment.created')
  await until(async () => (await town.wallet.get<{ outcome: string }>(`/events/${event}`)).outcome === 'declined')
  expect(await town.outgoing(payment)).toEqual({ state: 'FUNDING', sent: '0' })
  expect(await town.balances()).toEqual({ 'USD/2 customer/alice': '3999', 'USD/2 outside': '-3999' })
  await town.reconcile()
})

test('of two payments of one bill one goes through, and the money of the other comes back', async () => {
  const alice = await town.customer('alice', 'USD', 100_00)
  const bob = await town.customer('bob', 'USD')
  const { id, receiver } = await town.request(bob, 40_00)
  await town.wallet.kill('SIGTERM')
  const payments = [await town.pay(alice, receiver), await town.pay(alice, receiver)]
  await town.startWallet()
  for (const payment of payments) await until(() => settled(payment))
  const sent = await Promise.all(payments.map(async (payment) => (await town.outgoing(payment)).sent))
  expect(sent.sort()).toEqual(['0', '4000'])
  expect(await town.received(id)).toBe('4000')
  const end = { 'USD/2 customer/alice': '6000', 'USD/2 customer/bob': '4000', 'USD/2 outside': '-10000' }
  await until(async () => JSON.stringify(await town.balances()) === JSON.stringify(end))
  await town.reconcile()
})

test('an event that comes again is not acted on again', async () => {
  const alice = await town.customer('alice', 'USD', 100_00)
  const bob = await town.customer('bob', 'USD')
  await town.pay(alice, (await town.request(bob, 40_00)).receiver)
  await until(async () => (await town.balances())['USD/2 customer/bob'] === '4000')
  const before = await town.balances()
  for (const type of ['outgoing_payment.created', 'incoming_payment.completed']) {
    const { delivery } = await town.client.mutate(ReplayWebhookEventDocument, { input: { id: await eventOf(type) } })
    expect(delivery).toBeTruthy()
  }
  const pending = { filter: { status: ['PENDING' as const] } }
  await until(
    async () => (await town.client.request(WebhookDeliveriesDocument, pending)).webhookDeliveries.edges.length === 0
  )
  expect(await town.balances()).toEqual(before)
  await town.reconcile()
})

test('a deposit that somebody else made counts once', async () => {
  const alice = await town.customer('alice', 'USD', 100_00)
  const bob = await town.customer('bob', 'USD')
  await town.wallet.kill('SIGKILL')
  const payment = await town.pay(alice, (await town.request(bob, 40_00)).receiver)
  const eventId = await eventOf('outgoing_payment.created')
  await town.client.mutate(DepositEventLiquidityDocument, { input: { eventId, idempotencyKey: 'another hand' } })
  await town.startWallet()
  await until(() => settled(payment))
  await until(async () => (await town.balances())['USD/2 customer/bob'] === '4000')
  await until(async () => (await town.balances())['USD/2 customer/alice'] === '6000')
  expect(await town.reconcile()).toMatchObject({ 'USD/2': { wallet: '0', settlement: '0' } })
})
