/**
 * Quotes and direct orders as a merchant places them (cases 24–26, 30, 31, 33–36, 39, 40, 48).
 *
 * Goal: what is promised, reserved and answered is exact, and a command that is repeated, late or meant for another
 * order changes nothing. Method: both APIs on real ports over one database; the agent acts through its own API, and
 * the clock is the test's.
 */
import { globalId } from '../../src/services/ramp/global-ids'
import type { TestAgent, TestMerchant } from '../agent/support'
import { DEPOSIT, MerchantSide, WITHDRAWAL, type Fields } from './support'

let side: MerchantSide
let agent: TestAgent
let merchant: TestMerchant

beforeEach(async () => {
  side = await MerchantSide.open()
  await side.ramp.market('NGN', '1540', '1535')
  agent = await side.agent()
  merchant = await side.ramp.merchant({})
})

afterEach(async () => {
  await side.close()
  expect(side.failures).toEqual([])
})

describe('deposits', () => {
  it('case 24: a quote is placed as an order with an agent', async () => {
    const quote = await side.quote(merchant, 'deposit', 20)
    expect(quote).toMatchObject({ exchangeRate: '1550.0', paymentType: 'deposit' })
    const before = side.ramp.clock.now().getTime()
    const order = await side.value(merchant.key, DEPOSIT, { rampQuote: quote.id, reference: 'one' })
    expect(order).toMatchObject({
      status: 'pending',
      exchangeRate: '1550.0',
      amountLocal: '31000.0',
      amountUsd: '20.0'
    })
    expect(order.agent).toMatch(/\S/)
    expect(order.paymentDetails).toContain('0123456789')
    const left = new Date(order.expiresAt as string).getTime() - before
    expect(left).toBeGreaterThanOrEqual(30 * 60_000)
    expect(left).toBeLessThan(31 * 60_000)
    expect(await side.request(merchant, 'one')).toMatchObject({
      id: order.id,
      status: 'picked_up',
      paymentType: 'deposit',
      amount: '20.0',
      currency: 'usd',
      hostedLink: null,
      rampProcessingFee: '0.3',
      p2pPayment: { status: 'pending', exchangeRate: '1550.0', amount: '31000.0', amountUsd: '20.0', fee: '0.3' },
      customer: { email: 'jane@customers.test' }
    })
  })

  it('case 25: the USD is reserved from the agent, and the merchant has nothing yet', async () => {
    await side.deposit(merchant, '20')
    expect(await agent.profile()).toEqual({ accountBalance: '980.0', escrowBalance: '20.0' })
    expect(await side.balance(merchant)).toBe('500.0')
  })

  it('cases 26 and 27: paid by the customer, received by the agent', async () => {
    const { id } = await side.deposit(merchant, '20', { reference: 'one' })
    expect(await side.command(merchant, 'markDepositAsPaid', id, { receipt: 'slip' })).toBe(true)
    expect(await side.command(merchant, 'markDepositAsPaid', id)).toBe(true)
    expect(await side.balance(merchant)).toBe('500.0')
    const paymentId = await side.paymentOf(merchant, 'one')
    expect(await agent.payment(paymentId, 'status receipt')).toEqual({ status: 'paid', receipt: 'slip' })
    expect(await agent.command('markDepositAsReceived', paymentId)).toBe(true)
    expect(await side.request(merchant, 'one')).toMatchObject({
      status: 'completed',
      p2pPayment: { status: 'completed' }
    })
    expect(await side.balance(merchant)).toBe('519.7')
    expect(await agent.profile()).toEqual({ accountBalance: '980.15', escrowBalance: '0.0' })
  })

  it('case 30: taken back while it is pending, as often as one likes', async () => {
    const { id } = await side.deposit(merchant, '20', { reference: 'one' })
    expect(await side.command(merchant, 'cancelDeposit', id)).toBe(true)
    expect(await side.command(merchant, 'cancelDeposit', id)).toBe(true)
    expect(await side.request(merchant, 'one')).toMatchObject({
      status: 'canceled',
      p2pPayment: { status: 'canceled' }
    })
    expect(await agent.profile()).toEqual({ accountBalance: '1000.0', escrowBalance: '0.0' })
    expect(await agent.command('markDepositAsReceived', await side.paymentOf(merchant, 'one'))).toBe('INVALID_STATUS')
    expect(await side.command(merchant, 'markDepositAsPaid', id)).toBe('INVALID_STATUS')
  })

  it('case 31: not taken back once it is marked as paid', async () => {
    const { id } = await side.deposit(merchant, '20', { reference: 'one' })
    expect(await side.command(merchant, 'markDepositAsPaid', id)).toBe(true)
    expect(await side.command(merchant, 'cancelDeposit', id)).toBe('INVALID_STATUS')
    expect(await side.request(merchant, 'one')).toMatchObject({ status: 'picked_up' })
  })

  it('case 33: a quote has its time and is used once; a refresh, by query or by mutation, gives it another', async () => {
    const quote = await side.quote(merchant, 'deposit', '20')
    side.ramp.clock.advanceSeconds(181)
    expect(await side.refusal(merchant.key, DEPOSIT, { rampQuote: quote.id })).toBe('QUOTE_EXPIRED')
    for (const operation of ['query', 'mutation']) {
      const text = `${operation} ($rampQuote: ID!, $amount: Decimal) { refreshRampQuote(rampQuote: $rampQuote, amount: $amount) { id exchangeRate paymentType } }`
      const refreshed = await side.value(merchant.key, text, { rampQuote: quote.id })
      expect(refreshed).toEqual({ id: quote.id, exchangeRate: '1550.0', paymentType: 'deposit' })
      const other = await side.quote(merchant, 'deposit', '20')
      await side.value(merchant.key, text, { rampQuote: other.id, amount: 30 })
      expect(await side.value(merchant.key, DEPOSIT, { rampQuote: other.id })).toMatchObject({ amountUsd: '30.0' })
    }
    expect(await side.value(merchant.key, DEPOSIT, { rampQuote: quote.id })).toMatchObject({ amountUsd: '20.0' })
    expect(await side.refusal(merchant.key, DEPOSIT, { rampQuote: quote.id })).toBe('QUOTE_CONSUMED')
  })

  it('case 34: a reference names one order', async () => {
    const quote = await side.quote(merchant, 'deposit', '20')
    const order = await side.value(merchant.key, DEPOSIT, { rampQuote: quote.id, reference: 'one' })
    const again = await side.value(merchant.key, DEPOSIT, { rampQuote: quote.id, reference: 'one' })
    expect(again.id).toBe(order.id)
    expect(await agent.profile()).toEqual({ accountBalance: '980.0', escrowBalance: '20.0' })
    const other = await side.quote(merchant, 'deposit', '20')
    const variables = { rampQuote: other.id, reference: 'one' }
    expect(await side.refusal(merchant.key, DEPOSIT, variables)).toBe('DUPLICATE_REFERENCE')
    expect(await agent.profile()).toEqual({ accountBalance: '980.0', escrowBalance: '20.0' })
  })

  it('what is too long to be kept is refused: a reference, a receipt', async () => {
    const quote = await side.quote(merchant, 'deposit', '20')
    const place = (length: number): Fields => ({ rampQuote: quote.id, reference: 'r'.repeat(length) })
    expect(await side.refusal(merchant.key, DEPOSIT, place(256))).toBe('MISSING_FIELD')
    const { id } = await side.value(merchant.key, DEPOSIT, place(255))
    const paid = 'mutation ($id: ID!, $receipt: String) { markDepositAsPaid(paymentRequest: $id, receipt: $receipt) }'
    expect(await side.refusal(merchant.key, paid, { id, receipt: 'r'.repeat(2_049) })).toBe('MISSING_FIELD')
    expect(await side.value(merchant.key, paid, { id, receipt: 'r'.repeat(2_048) })).toBe(true)
  })

  it('case 34: also when both come at once', async () => {
    const quote = await side.quote(merchant, 'deposit', '20')
    const variables = { rampQuote: quote.id, reference: 'one' }
    const orders = await Promise.all(Array.from({ length: 8 }, () => side.value(merchant.key, DEPOSIT, variables)))
    expect(new Set(orders.map(({ id }) => id)).size).toBe(1)
    expect(await agent.profile()).toEqual({ accountBalance: '980.0', escrowBalance: '20.0' })
  })

  it('a quote is of one direction, and amounts are exact or refused', async () => {
    const withdrawal = await side.quote(merchant, 'withdrawal', '20')
    expect(await side.refusal(merchant.key, DEPOSIT, { rampQuote: withdrawal.id })).toBe('QUOTE_TYPE_MISMATCH')
    const quoted = (amount: string | number): Promise<unknown> =>
      side.quote(merchant, 'deposit', amount).catch(({ message }: Error) => /"message":"(\w+)"/.exec(message)?.[1])
    expect(await quoted(0)).toBe('INVALID_AMOUNT')
    expect(await quoted('-5')).toBe('INVALID_AMOUNT')
    expect(await quoted('20.0000001')).toBe('INVALID_AMOUNT')
    expect(await quoted('1.999999')).toBe('BELOW_MINIMUM')
    expect(await quoted('5000.000001')).toBe('ABOVE_MAXIMUM')
    const local = await side.quote(merchant, 'deposit', '31000', { currency: 'local_currency' })
    expect(await side.value(merchant.key, DEPOSIT, { rampQuote: local.id })).toMatchObject({ amountUsd: '20.0' })
  })
})

describe('withdrawals', () => {
  it('case 36: the merchant pays the amount and the fee, and an agent is asked', async () => {
    const quote = await side.quote(merchant, 'withdrawal', '20')
    expect(quote).toMatchObject({ exchangeRate: '1530.0', paymentType: 'withdrawal' })
    const paymentMethod = globalId('P2PPaymentMethod', merchant.methodId)
    const order = await side.value(merchant.key, WITHDRAWAL, { rampQuote: quote.id, paymentMethod, reference: 'one' })
    expect(order).toMatchObject({ status: 'accepted', amountLocal: '30600.0', amountUsd: '20.0', expiresAt: null })
    expect(order.paymentDetails).toContain('0987654321')
    expect(await agent.payment(await side.paymentOf(merchant, 'one'))).toEqual({ status: 'pending' })
    expect(await side.balance(merchant)).toBe('479.7')
    expect(await agent.profile()).toEqual({ accountBalance: '1000.0', escrowBalance: '0.0' })
  })

  it('case 35: commands of the other direction are refused', async () => {
    const { id } = await side.withdrawal(merchant, '20', { reference: 'one' })
    expect(await agent.command('markDepositAsReceived', await side.paymentOf(merchant, 'one'))).toBe(
      'INVALID_ORDER_TYPE'
    )
    expect(await side.command(merchant, 'markDepositAsPaid', id)).toBe('INVALID_ORDER_TYPE')
    expect(await side.command(merchant, 'cancelDeposit', id)).toBe('INVALID_ORDER_TYPE')
    const deposit = await side.deposit(merchant, '20')
    expect(await side.command(merchant, 'markWithdrawalAsReceived', deposit.id)).toBe('INVALID_ORDER_TYPE')
  })

  it('cases 37–40: accepted, paid, received', async () => {
    const { id } = await side.withdrawal(merchant, '20', { reference: 'one' })
    const paymentId = await side.paymentOf(merchant, 'one')
    expect(await agent.command('acceptWithdrawal', paymentId)).toBe(true)
    expect(await side.command(merchant, 'markWithdrawalAsReceived', id)).toBe('INVALID_STATUS')
    expect(await agent.markPaid(paymentId)).toBe(true)
    expect(await side.request(merchant, 'one')).toMatchObject({ status: 'picked_up', p2pPayment: { status: 'paid' } })
    expect(await side.command(merchant, 'markWithdrawalAsReceived', id)).toBe(true)
    expect(await side.command(merchant, 'markWithdrawalAsReceived', id)).toBe(true)
    expect(await side.request(merchant, 'one')).toMatchObject({ status: 'completed' })
    expect(await side.balance(merchant)).toBe('479.7')
    expect(await agent.profile()).toEqual({ accountBalance: '1020.15', escrowBalance: '0.0' })
  })

  it('case 41: given back by the only agent, it is canceled and the money is back', async () => {
    await side.withdrawal(merchant, '20', { reference: 'one' })
    const paymentId = await side.paymentOf(merchant, 'one')
    expect(await agent.command('acceptWithdrawal', paymentId)).toBe(true)
    expect(await agent.command('cancelWithdrawal', paymentId)).toBe(true)
    expect(await side.request(merchant, 'one')).toMatchObject({ status: 'canceled' })
    expect(await side.balance(merchant)).toBe('500.0')
  })

  it('case 48: without the fee there is no order, and the quote can still be used', async () => {
    const poor = await side.ramp.merchant({ usd: '20' })
    const quote = await side.quote(poor, 'withdrawal', '20')
    const paymentMethod = globalId('P2PPaymentMethod', poor.methodId)
    const variables = { rampQuote: quote.id, paymentMethod, reference: 'one' }
    expect(await side.refusal(poor.key, WITHDRAWAL, variables)).toBe('INSUFFICIENT_BALANCE')
    expect(await side.request(poor, 'one')).toBeNull()
    expect(await side.balance(poor)).toBe('20.0')
    await side.ramp.fund({ kind: 'merchant', id: poor.id }, '0.3')
    expect(await side.value(poor.key, WITHDRAWAL, variables)).toMatchObject({ status: 'accepted' })
    expect(await side.balance(poor)).toBe('0.0')
  })

  it("pays only the quote's customer, on the quote's rail", async () => {
    const other = await side.ramp.merchant({})
    const quote = await side.quote(merchant, 'withdrawal', '20')
    const paymentMethod = globalId('P2PPaymentMethod', other.methodId)
    const refusal = await side.refusal(merchant.key, WITHDRAWAL, { rampQuote: quote.id, paymentMethod })
    expect(['NOT_FOUND', 'INVALID_PAYMENT_METHOD']).toContain(refusal)
    expect(await side.balance(merchant)).toBe('500.0')
  })
})
