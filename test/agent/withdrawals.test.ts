/**
 * Withdrawals as their agents see them (cases 36 to 48 and 51).
 *
 * Goal: every command does what it says to the order, to the money and to the fiat that is reserved, once, and
 * nothing where it is refused. Method: the agents through the real port of their API, the merchant through the use
 * cases, money read from the API and from the ledger, and a clock that the test sets.
 */
import { DataSource } from 'typeorm'
import { Balances } from '../../src/services/liquidity/balances'
import { AgentService } from '../../src/services/ramp/parties/agent-service'
import { PaymentMethodService } from '../../src/services/ramp/parties/payment-method-service'
import { RampKeyService } from '../../src/services/ramp/parties/ramp-key-service'
import { globalId } from '../../src/services/ramp/global-ids'
import { formatDecimal, USD_SCALE } from '../../src/services/ramp/money'
import type { PlacedOrder } from '../../src/services/ramp/orders/inputs'
import { valueOf } from '../support/answers'
import { openRamp, type Ramp, type TestAgent, type TestMerchant } from './support'

let ramp: Ramp
let agent: TestAgent
let merchant: TestMerchant

beforeEach(async () => {
  ramp = await openRamp()
  await ramp.market('NGN', '1540', '1535')
  agent = await ramp.agent({})
  merchant = await ramp.merchant({})
})
afterEach(() => ramp.close())

const side = (): { kind: 'merchant'; id: string } => ({ kind: 'merchant', id: merchant.id })

async function merchantBalance(): Promise<string> {
  const available = await ramp.container.resolve(Balances).available(merchant.balanceAccountId)
  return formatDecimal(available ?? 0n, USD_SCALE)
}

async function accepted(usd = '20'): Promise<PlacedOrder> {
  const order = await ramp.withdrawal(merchant, usd)
  expect(await agent.command('acceptWithdrawal', order.payment.id)).toBe(true)
  return order
}

const UNTOUCHED = { accountBalance: '1000.0', escrowBalance: '0.0' }

it('cases 36 to 39: assigned, accepted, paid out, received', async () => {
  const { payment, request } = await ramp.withdrawal(merchant, '20')
  expect(await merchantBalance()).toBe('479.7')
  expect(await agent.profile()).toEqual(UNTOUCHED)
  const assigned = await agent.payment(
    payment.id,
    `status paymentType exchangeRate amountUsd amountLocal agentAmountUsd expiresAt expiresAtSecs reassignAfterSecs
      customerName customerPaymentMethod { value localCurrencyAvailable designation type { identifier } }`
  )
  expect(assigned).toEqual({
    status: 'pending',
    paymentType: 'withdrawal',
    exchangeRate: '1530.0',
    amountUsd: '20.0',
    amountLocal: '30600.0',
    agentAmountUsd: '20.0',
    expiresAt: null,
    expiresAtSecs: null,
    reassignAfterSecs: expect.any(Number) as number,
    customerName: 'Jane Doe',
    customerPaymentMethod: {
      value: 'Jane Doe - 0987654321',
      localCurrencyAvailable: '0.0',
      designation: 'both',
      type: { identifier: 'bank_transfer_ng' }
    }
  })
  expect(assigned?.reassignAfterSecs).toBeLessThanOrEqual(300)
  expect(assigned?.reassignAfterSecs).toBeGreaterThan(200)

  for (let times = 0; times < 2; times++) {
    expect(await agent.command('acceptWithdrawal', payment.id)).toBe(true)
    expect(await agent.payment(payment.id, 'status acceptedAt expiresAt')).toEqual({
      status: 'accepted',
      acceptedAt: expect.any(String) as string,
      expiresAt: expect.any(String) as string
    })
    expect(await agent.available()).toBe('4969400.0')
    expect(await agent.profile()).toEqual(UNTOUCHED)
  }

  for (let times = 0; times < 2; times++) {
    expect(await agent.markPaid(payment.id, agent.methodId, 'https://bank.test/1')).toBe(true)
    expect(await agent.payment(payment.id, 'status receipt')).toEqual({
      status: 'paid',
      receipt: 'https://bank.test/1'
    })
    expect(await agent.available()).toBe('4969400.0')
  }

  valueOf(await ramp.orders.markWithdrawalReceived(ramp.context(), side(), request.id))
  expect((await ramp.orders.find(request.id))?.status).toBe('completed')
  expect(await merchantBalance()).toBe('479.7')
  const counted = 'withdrawalsCompleted bonusEarnings averageWithdrawalRate totalWithdrawalFiatAmount'
  expect(await agent.profile(`accountBalance escrowBalance ${counted}`)).toEqual({
    accountBalance: '1020.15',
    escrowBalance: '0.0',
    withdrawalsCompleted: 1,
    bonusEarnings: '0.15',
    averageWithdrawalRate: '1530.0',
    totalWithdrawalFiatAmount: '30600.0'
  })
})

it('an agent is told of what it accepts from when its key has a webhook URL, and accepts all the same without', async () => {
  const database = ramp.container.resolve(DataSource)
  const told = (): Promise<{ type: string; status: string }[]> =>
    database.query(
      `SELECT event.type, event.data ->> 'status' AS status FROM ramp_webhook_event AS event
        JOIN ramp_webhook_delivery AS delivery ON delivery.event_id = event.id
        WHERE event.bearer_id = $1 ORDER BY delivery.sequence`,
      [agent.id]
    )
  const unseen = await accepted()
  expect(await told()).toEqual([])
  const keys = ramp.container.resolve(RampKeyService)
  const bearer = { kind: 'agent', id: agent.id } as const
  valueOf(await keys.setWebhook(ramp.context(), bearer, { webhookUrl: 'https://agent.test/hook' }))
  const { payment } = await ramp.withdrawal(merchant, '20')
  expect(await agent.command('acceptWithdrawal', payment.id)).toBe(true)
  expect(await told()).toEqual([
    { type: 'payment.assigned', status: 'pending' },
    { type: 'p2p_payment.status.updated', status: 'accepted' }
  ])
  const rows = await database.query<Record<string, unknown>[]>(
    `SELECT status, extract(epoch FROM expires_at - accepted_at)::integer AS seconds, due_at = expires_at AS is_due,
        reassign_after, updated_at = accepted_at AS is_updated FROM ramp_payment WHERE id = ANY($1)`,
    [[unseen.payment.id, payment.id]]
  )
  const state = { status: 'accepted', seconds: 1_800, is_due: true, reassign_after: null, is_updated: true }
  expect(rows).toEqual([state, state])
})

it('cases 38 and 40: no step comes before the one that it needs', async () => {
  const { payment, request } = await ramp.withdrawal(merchant, '20')
  expect(await agent.markPaid(payment.id)).toBe('INVALID_STATUS')
  expect(await agent.payment(payment.id)).toEqual({ status: 'pending' })
  expect(await agent.command('acceptWithdrawal', payment.id)).toBe(true)
  const early = await ramp.orders.markWithdrawalReceived(ramp.context(), side(), request.id)
  expect(early).toMatchObject({ failure: 'INVALID_STATUS' })
})

it('case 41: given back with nobody else to take it, it is canceled and everything returned', async () => {
  const { payment, request } = await accepted()
  for (let times = 0; times < 2; times++) {
    expect(await agent.command('cancelWithdrawal', payment.id)).toBe(true)
    expect((await ramp.orders.find(request.id))?.status).toBe('canceled')
    expect(await merchantBalance()).toBe('500.0')
    expect(await agent.available()).toBe('5000000.0')
    expect(await agent.payment(payment.id, 'status reassigning')).toEqual({ status: 'canceled', reassigning: false })
  }
  expect(await agent.command('acceptWithdrawal', payment.id)).toBe('INVALID_STATUS')
})

it('case 42: given back, it goes to whoever else is no worse, and never returns', async () => {
  const { payment, request } = await accepted()
  const other = await ramp.agent({ rates: ['1560', '1530'] })
  expect(await agent.command('cancelWithdrawal', payment.id)).toBe(true)
  const placed = await ramp.orders.findOrder(request.id)
  expect(placed).toMatchObject({ request: { status: 'picked_up' }, payment: { agentId: other.id, status: 'pending' } })
  const next = placed?.payment.id ?? ''
  expect(next).not.toBe(payment.id)
  expect(await other.payment(next, 'status orderId')).toEqual({ status: 'pending', orderId: payment.orderId })
  expect(await agent.payment(payment.id, 'status orderId')).toEqual({ status: 'canceled', orderId: payment.orderId })
  expect(await merchantBalance()).toBe('479.7')
  expect(await agent.command('acceptWithdrawal', next)).toBe('NOT_FOUND')
  expect(await other.command('cancelWithdrawal', next)).toBe(true)
  expect((await ramp.orders.find(request.id))?.status).toBe('canceled')
  expect(await merchantBalance()).toBe('500.0')
})

it('case 43: what was paid out is not given back', async () => {
  const { payment } = await accepted()
  expect(await agent.markPaid(payment.id)).toBe(true)
  expect(await agent.command('cancelWithdrawal', payment.id)).toBe('INVALID_STATUS')
  expect(await agent.payment(payment.id)).toEqual({ status: 'paid' })
})

describe('case 44', () => {
  it('a withdrawal that nobody accepts in time is taken back', async () => {
    const { payment, request } = await ramp.withdrawal(merchant, '20')
    ramp.clock.advanceSeconds(5 * 60 + 1)
    expect(await agent.command('acceptWithdrawal', payment.id)).toBe('INVALID_STATUS')
    await ramp.passTime()
    expect(await agent.payment(payment.id, 'status cancelReason')).toEqual({
      status: 'canceled',
      cancelReason: 'expired'
    })
    expect((await ramp.orders.find(request.id))?.status).toBe('canceled')
    expect(await merchantBalance()).toBe('500.0')
    expect(await agent.command('acceptWithdrawal', payment.id)).toBe('INVALID_STATUS')
  })

  it('one that was accepted stays with its agent, late as it is', async () => {
    const { payment } = await accepted()
    ramp.clock.advanceSeconds(31 * 60)
    await ramp.passTime()
    expect(await agent.payment(payment.id, 'status expiresAtSecs')).toEqual({ status: 'accepted', expiresAtSecs: 0 })
    const { nodes } = await ramp.orders.overdue({ limit: 100 })
    expect(nodes.map(({ id }) => id)).toEqual([payment.id])
    expect(await agent.markPaid(payment.id)).toBe(true)
  })
})

it('case 45: no receipt where one is asked for', async () => {
  valueOf(await ramp.container.resolve(AgentService).update(ramp.context(), agent.id, { enforceReceiptUpload: true }))
  const { payment } = await accepted()
  for (const receipt of [undefined, '', '  ']) {
    expect(await agent.markPaid(payment.id, agent.methodId, receipt)).toBe('RECEIPT_REQUIRED')
  }
  expect(await agent.payment(payment.id)).toEqual({ status: 'accepted' })
  expect(await agent.markPaid(payment.id, agent.methodId, 'receipt 1')).toBe(true)
})

it('a receipt that is too long to be kept is refused, whether one is needed or not', async () => {
  const { payment } = await accepted()
  expect(await agent.markPaid(payment.id, agent.methodId, 'r'.repeat(2_049))).toBe('MISSING_FIELD')
  expect(await agent.payment(payment.id)).toEqual({ status: 'accepted' })
  expect(await agent.markPaid(payment.id, agent.methodId, 'r'.repeat(2_048))).toBe(true)
})

describe('case 46', () => {
  it("a method that is not the agent's own pays nothing", async () => {
    const { payment } = await accepted()
    const other = await ramp.agent({ verified: false })
    for (const method of [merchant.methodId, other.methodId, '3f2b0c1e-8d57-4c55-9a40-6d6b5e0a7d11']) {
      expect(['NOT_FOUND', 'INVALID_PAYMENT_METHOD']).toContain(await agent.markPaid(payment.id, method))
    }
    const wrong = { paymentMethod: globalId('P2PPayment', payment.id) }
    expect(await agent.command('markWithdrawalAsPaid', payment.id, wrong)).toBe('INVALID_GLOBAL_ID')
    const deleted = await ramp.agentMethod(agent.id, '0000011111')
    const methods = ramp.container.resolve(PaymentMethodService)
    valueOf(await methods.softDelete(ramp.context(), 'agent', agent.id, deleted))
    expect(await agent.markPaid(payment.id, deleted)).toBe('INVALID_PAYMENT_METHOD')
    expect(await agent.payment(payment.id)).toEqual({ status: 'accepted' })
    expect(await agent.available()).toBe('4969400.0')
  })

  it('another own method pays in place of the one reserved, if it has enough', async () => {
    const { payment } = await accepted()
    const second = await ramp.agentMethod(agent.id, '5555566666')
    expect(await agent.markPaid(payment.id, second)).toBe('INSUFFICIENT_LIQUIDITY')
    expect(await agent.payment(payment.id)).toEqual({ status: 'accepted' })
    const declared = await agent.ask(
      `mutation ($method: ID!) { updatePaymentMethodLiquidity(paymentMethod: $method, amountLocal: 40000) { id } }`,
      { method: globalId('P2PPaymentMethod', second) }
    )
    expect(declared.body.errors).toBeUndefined()
    expect(await agent.markPaid(payment.id, second)).toBe(true)
    const { paymentMethods } = await agent.profile('paymentMethods { localCurrencyAvailable }')
    expect(paymentMethods).toEqual([{ localCurrencyAvailable: '5000000.0' }, { localCurrencyAvailable: '9400.0' }])
    expect(await agent.markPaid(payment.id, second)).toBe(true)
    expect(await agent.markPaid(payment.id, agent.methodId)).toBe('INVALID_STATUS')
  })
})

it('case 47: what nobody confirms is completed after a day, once', async () => {
  const { payment, request } = await accepted()
  expect(await agent.markPaid(payment.id)).toBe(true)
  ramp.clock.advanceSeconds(24 * 3_600 + 1)
  await Promise.all([
    ramp.passTime(),
    ramp.orders.markWithdrawalReceived(ramp.context(), side(), request.id),
    ramp.passTime()
  ])
  expect(await agent.payment(payment.id)).toEqual({ status: 'completed' })
  expect(await agent.profile('accountBalance withdrawalsCompleted')).toEqual({
    accountBalance: '1020.15',
    withdrawalsCompleted: 1
  })
  expect(await merchantBalance()).toBe('479.7')
})

it('case 48: nothing is assigned that the merchant cannot pay for', async () => {
  merchant = await ramp.merchant({ usd: '20' })
  const { id } = await ramp.quote(merchant, 'withdrawal', '20')
  const input = { quoteId: id, paymentMethodId: merchant.methodId }
  expect(await ramp.orders.initiateWithdrawal(ramp.context(), merchant.id, input)).toMatchObject({
    failure: 'INSUFFICIENT_BALANCE'
  })
  const { body } = await agent.ask('{ orderHistory(page: 1) { pagination { total } } }')
  expect(body.data?.orderHistory).toEqual({ pagination: { total: 0 } })
  await ramp.fund({ kind: 'merchant', id: merchant.id }, '1')
  valueOf(await ramp.orders.initiateWithdrawal(ramp.context(), merchant.id, input))
})

it('case 51: fiat that is not there is not promised', async () => {
  await declare('40000')
  const { payment } = await ramp.withdrawal(merchant, '20')
  await expect(ramp.quote(merchant, 'withdrawal', '20')).rejects.toThrow('INSUFFICIENT_LIQUIDITY')
  await declare('10000')
  expect(await agent.command('acceptWithdrawal', payment.id)).toBe('INSUFFICIENT_LIQUIDITY')
  expect(await agent.payment(payment.id)).toEqual({ status: 'pending' })
  expect(await agent.available()).toBe('10000.0')
  await declare('30600')
  expect(await agent.command('acceptWithdrawal', payment.id)).toBe(true)
  expect(await agent.available()).toBe('0.0')
})

async function declare(amount: string): Promise<void> {
  const answer = await agent.ask(
    'mutation ($amount: Decimal!) { updatePaymentMethodLiquidity(paymentMethodType: "bank_transfer", amountLocal: $amount) { id } }',
    { amount }
  )
  expect(answer.body.errors).toBeUndefined()
}
