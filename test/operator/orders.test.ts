/**
 * Goal: what agents and merchants are told of real orders, and what the operator decides about them: disputes, late
 * agents, chargebacks and money on chain. After all of it the ramp is still sound.
 * Method: a running service with both APIs, receivers on loopback, and the ramp's clock moved by the operator.
 */
import { createHmac } from 'node:crypto'
import { parseGlobalId } from '../../src/services/ramp/global-ids'
import { Receiver } from '../webhooks/receiver'
import { RampShop, type ShopOptions } from './ramp-shop'
import { OperatedService, type Fields } from './support'

let operated: OperatedService
let receivers: Receiver[]
let shops: RampShop[]

beforeAll(async () => {
  operated = await OperatedService.open()
})

beforeEach(() => {
  receivers = []
  shops = []
})

afterEach(async () => {
  await operated.post('/clock', { offsetSeconds: 0 })
  await Promise.all(shops.map((shop) => shop.retire()))
  await Promise.all(receivers.map((receiver) => receiver.close()))
  expect((await operated.get('/report')).body).toMatchObject({ isSound: true, findings: [] })
})

afterAll(async () => {
  await operated.close()
})

async function openShop(options: ShopOptions = {}): Promise<RampShop> {
  const shop = await RampShop.open(operated, options)
  shops.push(shop)
  return shop
}

async function receiver(): Promise<Receiver> {
  const opened = await Receiver.open()
  receivers.push(opened)
  return opened
}

interface Told {
  readonly event_type: string
  readonly data: Record<string, unknown>
}

const told = ({ received }: Receiver): Told[] => received.map(({ body }) => JSON.parse(body) as Told)

async function post(path: string, body: object): Promise<Fields> {
  const answer = await operated.post(path, body)
  expect(answer.code).toBeUndefined()
  return answer.body
}

test('case 58: a deposit is told to the agent and the merchant, in order, signed over the raw bytes', async () => {
  const [agent, merchant] = [await receiver(), await receiver()]
  const shop = await openShop({ agentUrl: agent.url, merchantUrl: merchant.url })
  const arrivals = merchant.received.length
  await merchant.until(() => merchant.received.length >= 1)
  const request = await shop.deposit()
  await agent.until(() => agent.received.length >= 1)
  await shop.markPaid(request)
  await agent.until(() => agent.received.length >= 3)
  await shop.markReceived(request)
  await agent.until(() => agent.received.length >= 4)
  await merchant.until(() => merchant.received.length >= 3)
  expect(arrivals).toBeLessThanOrEqual(1)
  expect(told(agent).map(({ event_type: type, data }) => [type, data['previous_status'], data['status']])).toEqual([
    ['payment.assigned', null, 'pending'],
    ['payment.paid', 'pending', 'paid'],
    ['p2p_payment.status.updated', 'pending', 'paid'],
    ['p2p_payment.status.updated', 'paid', 'completed']
  ])
  expect(told(agent)[0]!.data).toMatchObject({
    id: await shop.assignment(request),
    payment_type: 'deposit',
    exchange_rate: '1550.0',
    amount: '31000.0',
    amount_usd: '20.0',
    agent_cut_of_fees: '0.15',
    currency: 'NGN',
    country: 'NG',
    customer: { name: 'Jane Doe' },
    payment_method: { type: 'bank_transfer_ng', value: 'Ade - 0123456789' }
  })
  const [arrival, picked, completed] = told(merchant)
  expect(arrival).toMatchObject({ event_type: 'onchain_payment.received' })
  expect(picked).toMatchObject({ event_type: 'payment_request.updated', data: { id: request, status: 'picked_up' } })
  expect(completed).toMatchObject({
    event_type: 'payment_request.updated',
    data: {
      id: request,
      status: 'completed',
      payment_type: 'deposit',
      p2p_payment: { exchange_rate: '1550.0', amount: '31000.0', amount_usd: '20.0', fee: '0.3' },
      customer: { email: 'jane@example.com', country: 'NG', currency: 'NGN' }
    }
  })
  for (const [{ received }, token] of [
    [agent, 'agent-token'],
    [merchant, 'merchant-token']
  ] as const) {
    for (const { body, headers } of received) {
      expect(headers['x-cashramp-token']).toBe(token)
      const signed = createHmac('sha256', token).update(body).digest('hex')
      expect(headers['x-cashramp-signature']).toBe(signed)
      const altered = createHmac('sha256', token).update(body.replace('{', '[')).digest('hex')
      expect(headers['x-cashramp-signature']).not.toBe(altered)
    }
  }
})

test('case 59: a receiver that fails twice gets the same bytes three times, and then nothing', async () => {
  const agent = await receiver()
  agent.answer = ({ time }) => (time < 3 ? 500 : 204)
  const shop = await openShop({ agentUrl: agent.url })
  await shop.deposit()
  await agent.until(() => agent.received.length >= 3)
  expect(new Set(agent.received.map(({ id }) => id)).size).toBe(1)
  expect(new Set(agent.received.map(({ body }) => body)).size).toBe(1)
  const path = `/webhooks?status=delivered&receiver=${encodeURIComponent(shop.agent)}`
  while ((await operated.get(path)).body.data.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  expect((await operated.get(path)).body.data).toMatchObject([{ attempts: 3, lastStatus: 204, lastError: null }])
  expect(agent.received).toHaveLength(3)
})

test('a disputed deposit is completed or canceled by the operator, once', async () => {
  const shop = await openShop()
  const [won, lost, open] = [await shop.deposit(), await shop.deposit(), await shop.deposit()]
  await shop.markPaid(won)
  await shop.markPaid(lost)
  expect(await post(`/orders/${won}/resolve`, { resolution: 'completed' })).toMatchObject({ status: 'completed' })
  expect(await post(`/orders/${lost}/resolve`, { resolution: 'canceled' })).toMatchObject({
    status: 'canceled',
    assignment: { status: 'canceled', cancelReason: 'resolved' }
  })
  expect(await post(`/orders/${won}/resolve`, { resolution: 'completed' })).toMatchObject({ status: 'completed' })
  expect(await operated.post(`/orders/${won}/resolve`, { resolution: 'canceled' })).toMatchObject({
    code: 'INVALID_STATUS'
  })
  expect(await operated.post(`/orders/${open}/resolve`, { resolution: 'canceled' })).toMatchObject({
    code: 'INVALID_STATUS'
  })
  expect(await operated.post('/orders/nonsense/resolve', { resolution: 'canceled' })).toMatchObject({
    code: 'NOT_FOUND'
  })
  expect(await shop.balances()).toEqual({ merchant: '519.7', agent: '960.15' })
})

/** What is late of a shop's orders, from pages of one. */
async function lateOf({ agent }: RampShop): Promise<Fields[]> {
  const late: Fields[] = []
  for (let after = ''; ;) {
    const { data, hasMore } = (await operated.get(`/orders/overdue?limit=1${after}`)).body
    late.push(...data)
    if (!hasMore) return late.filter((one) => one.agent === agent)
    after = `&after=${encodeURIComponent(data[0]!.id)}`
  }
}

async function untilLate(shop: RampShop, count: number): Promise<Fields[]> {
  for (;;) {
    const late = await lateOf(shop)
    if (late.length === count) return late
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('deposits that are paid and not answered are listed as late, and decided by the operator', async () => {
  const shop = await openShop()
  const requests = [await shop.deposit(), await shop.deposit()]
  for (const request of requests) await shop.markPaid(request)
  await post('/clock', { advanceSeconds: 31 * 60 })
  const late = await untilLate(shop, 2)
  expect(late.map(({ paymentRequest }) => paymentRequest).sort()).toEqual([...requests].sort())
  expect(late[0]).toMatchObject({ status: 'paid', amountUsd: '20.0' })
  for (const request of requests) await post(`/orders/${request}/resolve`, { resolution: 'canceled' })
  expect(await lateOf(shop)).toEqual([])
  expect(await shop.balances()).toEqual({ merchant: '500.0', agent: '1000.0' })
  expect(await operated.get('/orders/overdue?after=nonsense')).toMatchObject({ code: 'INVALID_GLOBAL_ID' })
})

test('a withdrawal that is accepted and not paid out is listed as late, and taken back by the operator', async () => {
  const shop = await openShop()
  const request = await shop.withdrawal()
  await shop.accept(request)
  expect(await operated.post(`/orders/${request}/resolve`, { resolution: 'canceled' })).toMatchObject({
    code: 'INVALID_STATUS'
  })
  await post('/clock', { advanceSeconds: 31 * 60 })
  const late = await untilLate(shop, 1)
  expect(late).toMatchObject([{ paymentRequest: request, status: 'accepted', amountLocal: '30600.0' }])
  expect(await post(`/orders/${request}/resolve`, { resolution: 'canceled' })).toMatchObject({ status: 'canceled' })
  expect(await lateOf(shop)).toEqual([])
  expect(await shop.balances()).toEqual({ merchant: '500.0', agent: '1000.0' })
})

describe('a chargeback', () => {
  async function completedDeposit(options: ShopOptions = {}): Promise<[RampShop, string]> {
    const shop = await openShop(options)
    const request = await shop.deposit()
    await shop.markReceived(request)
    return [shop, request]
  }

  test('that is lost takes the amount from the merchant to the agent, once', async () => {
    const merchant = await receiver()
    const [shop, request] = await completedDeposit({ merchantUrl: merchant.url })
    const opened = await operated.post('/chargebacks', { paymentRequest: request, reason: ' The bank took it back. ' })
    expect(opened).toMatchObject({
      status: 201,
      body: { amountUsd: '20.0', status: 'pending', recoveredUsd: null, owedUsd: '0.0' }
    })
    await merchant.until(() => told(merchant).some(({ event_type: type }) => type === 'chargeback.initiated'))
    const event = told(merchant).find(({ event_type: type }) => type === 'chargeback.initiated')!
    expect(event.data).toEqual({
      id: opened.body.id,
      status: 'pending',
      reason: 'The bank took it back.',
      payment_request: { id: request, reference: expect.any(String) as string, amount: 20, currency: 'usd' }
    })
    expect(parseGlobalId('MerchantChargeback', opened.body.id)).toBeDefined()
    expect(await operated.post('/chargebacks', { paymentRequest: request, reason: 'again' })).toMatchObject({
      code: 'INVALID_STATUS'
    })
    const path = `/chargebacks/${opened.body.id}/resolve`
    const answers = await Promise.all([1, 2, 3].map(() => operated.post(path, { outcome: 'lost' })))
    for (const { body } of answers) expect(body).toMatchObject({ status: 'lost', recoveredUsd: '20.0', owedUsd: '0.0' })
    expect(await operated.post(path, { outcome: 'won' })).toMatchObject({ code: 'INVALID_STATUS' })
    expect(await shop.balances()).toEqual({ merchant: '499.7', agent: '1000.15' })
    expect((await operated.get('/chargebacks')).body.data).toContainEqual(answers[0]!.body)
  })

  test('takes what the merchant has, and the rest is owed', async () => {
    const [shop, request] = await completedDeposit({ merchantHolds: '0.1' })
    const { id } = await chargeback(request)
    expect(await post(`/chargebacks/${id}/resolve`, { outcome: 'lost' })).toMatchObject({
      recoveredUsd: '19.8',
      owedUsd: '0.2'
    })
    expect(await shop.balances()).toEqual({ merchant: '0.0', agent: '999.95' })
  })

  test('takes nothing of what is reserved for a withdrawal on chain', async () => {
    const [shop, request] = await completedDeposit({ merchantHolds: '1' })
    const first = await chargeback(request)
    await post(`/chargebacks/${first.id}/resolve`, { outcome: 'lost' })
    const second = await shop.deposit()
    await shop.markReceived(second)
    const { id } = await chargeback(second, { amountUsd: '15' })
    await shop.asMerchant(
      'mutation { withdrawOnchain(address: "0x1111111111111111111111111111111111111111", amountUsd: "19", network: "CELO") { id } }'
    )
    const left = Number((await shop.balances()).merchant)
    expect(await post(`/chargebacks/${id}/resolve`, { outcome: 'lost' })).toMatchObject({
      recoveredUsd: expect.stringMatching(new RegExp(`^${left}`)) as string
    })
  })

  test('that is won changes nothing, and another one may follow', async () => {
    const [shop, request] = await completedDeposit()
    const before = await shop.balances()
    const { id } = await chargeback(request, { amountUsd: '5' })
    expect(await post(`/chargebacks/${id}/resolve`, { outcome: 'won' })).toMatchObject({
      status: 'won',
      recoveredUsd: null
    })
    expect(await shop.balances()).toEqual(before)
    await chargeback(request)
  })

  test('is only about a completed deposit, and not about more than it', async () => {
    const [shop, request] = await completedDeposit()
    const [open, withdrawal] = [await shop.deposit(), await shop.withdrawal()]
    const refusals: [object, string][] = [
      [{ paymentRequest: open }, 'INVALID_STATUS'],
      [{ paymentRequest: withdrawal }, 'INVALID_ORDER_TYPE'],
      [{ paymentRequest: 'nonsense' }, 'INVALID_GLOBAL_ID'],
      [{ paymentRequest: '5f0d3c1e-8a43-4b7e-9c55-2f1f0f6a7b11' }, 'NOT_FOUND'],
      [{ amountUsd: '20.000001' }, 'ABOVE_MAXIMUM'],
      [{ amountUsd: '0' }, 'INVALID_AMOUNT'],
      [{ reason: '  ' }, 'REQUIRED_ATTRIBUTES_MISSING'],
      [{ reason: 'no text\0' }, 'BAD_USER_INPUT']
    ]
    for (const [more, code] of refusals) {
      expect(await operated.post('/chargebacks', { paymentRequest: request, reason: 'x', ...more })).toMatchObject({
        code
      })
    }
  })

  test('has a reason of as many as 500 characters', async () => {
    const [, paymentRequest] = await completedDeposit()
    const opened = await operated.post('/chargebacks', { paymentRequest, reason: 'x'.repeat(600) })
    expect(opened).toMatchObject({ status: 201, body: { reason: 'x'.repeat(500) } })
  })

  async function chargeback(paymentRequest: string, more: object = {}): Promise<Fields> {
    const answer = await operated.post('/chargebacks', { paymentRequest, reason: 'reversed', ...more })
    expect(answer).toMatchObject({ status: 201 })
    return answer.body
  }
})

test('a withdrawal on chain is settled or failed by the operator, and the merchant is told', async () => {
  const merchant = await receiver()
  const shop = await openShop({ merchantUrl: merchant.url })
  const withdraw = async (): Promise<string> => {
    const what =
      'address: "0x1111111111111111111111111111111111111111", amountUsd: "200", network: "CELO", symbol: "USDC"'
    return (await shop.asMerchant<{ id: string }>(`mutation { withdrawOnchain(${what}) { id } }`)).id
  }
  const [settled, failed] = [await withdraw(), await withdraw()]
  expect((await shop.balances()).merchant).toBe('99.98')
  const pending = (await operated.get('/onchain_transactions')).body.data.map(({ id }) => id)
  expect(pending).toEqual(expect.arrayContaining([settled, failed]))
  const transactionHash = `0x${'ab'.repeat(32)}`
  expect(await post(`/onchain_transactions/${settled}/settle`, { transactionHash })).toMatchObject({
    status: 'completed',
    transactionHash
  })
  expect(await post(`/onchain_transactions/${failed}/fail`, { reason: 'no gas' })).toMatchObject({
    status: 'failed',
    reason: 'no gas'
  })
  expect(await operated.post(`/onchain_transactions/${settled}/fail`, { reason: 'x' })).toMatchObject({
    code: 'INVALID_STATUS'
  })
  expect((await shop.balances()).merchant).toBe('299.99')
  const updates = (): Told[] => told(merchant).filter(({ event_type: type }) => type === 'onchain_tx.updated')
  await merchant.until(() => updates().length === 2)
  expect(updates().find(({ data }) => data['id'] === settled)!.data).toMatchObject({
    status: 'completed',
    quantity: 200,
    fee: 0.01,
    txhash: transactionHash
  })
})

test('a bank account is activated or rejected by the operator, once, and the merchant sees it', async () => {
  const shop = await openShop()
  const request = async (): Promise<string> => {
    const wish = `mutation { requestVirtualBankAccount(customerId: "${shop.customer}") { id } }`
    return (await shop.asMerchant<{ id: string }>(wish)).id
  }
  const seen = (id: string): Promise<unknown> =>
    shop.asMerchant(`{ virtualBankAccount(id: "${id}") { status accountName accountNumber routingNumber city } }`)
  const [active, rejected] = [await request(), await request()]
  const listed = async (): Promise<unknown[]> => (await operated.get('/virtual_accounts')).body.data.map(({ id }) => id)
  expect(await listed()).toEqual([active, rejected])
  const details = {
    accountName: ' Jane Doe ',
    accountNumber: '000123',
    routingNumber: '021000021',
    bankName: 'Third',
    city: 'Reno'
  }
  for (const wrong of [
    { ...details, accountName: ' ' },
    { ...details, bankName: ' ' }
  ]) {
    expect(await operated.post(`/virtual_accounts/${active}/activate`, wrong)).toMatchObject({ code: 'MISSING_FIELD' })
  }
  for (const wrong of [{ ...details, routingNumber: '12345' }, { accountName: 'Jane' }]) {
    expect(await operated.post(`/virtual_accounts/${active}/activate`, wrong)).toMatchObject({ code: 'BAD_USER_INPUT' })
  }
  const shown = { id: active, status: 'active', fee: '3.0', details: { ...details, accountName: 'Jane Doe' } }
  for (let count = 0; count < 2; count++) {
    expect(await post(`/virtual_accounts/${active}/activate`, details)).toMatchObject(shown)
    expect(await post(`/virtual_accounts/${rejected}/reject`, {})).toMatchObject({ status: 'rejected', details: null })
  }
  for (const [path, body] of [
    [`${active}/activate`, { ...details, accountNumber: '000124' }],
    [`${active}/reject`, {}],
    [`${rejected}/activate`, details]
  ] as const) {
    expect(await operated.post(`/virtual_accounts/${path}`, body)).toMatchObject({ code: 'INVALID_STATUS' })
  }
  expect(await operated.post(`/virtual_accounts/${shop.customer}/reject`, {})).toMatchObject({ code: 'NOT_FOUND' })
  expect(await listed()).toEqual([])
  expect((await operated.get(`/virtual_accounts/${active}`)).body).toMatchObject(shown)
  const { bankName: _, ...visible } = shown.details
  expect(await seen(active)).toEqual({ status: 'active', ...visible })
  expect(await seen(rejected)).toMatchObject({ status: 'rejected', accountNumber: null })
  expect((await shop.balances()).merchant).toBe('494.0')
})
