/**
 * Deposits as their agents see them (cases 22, 25 to 32, 34, 35, 49, 50 and 52).
 *
 * Goal: every command does what it says to the order and to the money, once, and nothing where it is refused.
 * Method: the agent through the real port of its API, the merchant through the use cases, money read from the API
 * and from the ledger, and a clock that the test sets.
 */
import type { PlacedOrder } from '../../src/services/ramp/orders/inputs'
import { Balances } from '../../src/services/liquidity/balances'
import { Ledger } from '../../src/ledger/ledger'
import { CountryService } from '../../src/services/ramp/parties/country-service'
import { RampAccounts, type SingleAccount } from '../../src/services/ramp/parties/ramp-accounts'
import { formatDecimal, USD_SCALE } from '../../src/services/ramp/money'
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

/** What was posted to one of the platform's accounts. */
async function platform(name: SingleAccount): Promise<string> {
  const account = await ramp.container.resolve(Ledger).account(await ramp.container.resolve(RampAccounts).id(name))
  return formatDecimal((account?.creditsPosted ?? 0n) - (account?.debitsPosted ?? 0n), USD_SCALE)
}

const START = { accountBalance: '1000.0', escrowBalance: '0.0' }
const HELD = { accountBalance: '980.0', escrowBalance: '20.0' }
const SETTLED = { accountBalance: '980.15', escrowBalance: '0.0' }

it('cases 25 to 28: assigned, paid, received, and received again', async () => {
  const { payment, request } = await ramp.deposit(merchant, '20')
  expect(await agent.profile()).toEqual(HELD)
  expect(await merchantBalance()).toBe('500.0')
  expect(
    await agent.payment(
      payment.id,
      `status paymentType exchangeRate exchangeRateMinusSurcharge source instant amountUsd amountLocal agentAmountUsd
      currency agentCutOfFees fxSpreadRevenue expiresAtSecs reassigning reassignAfter reassignAfterSecs customerName
      customerPaymentMethod { id } agentPaymentMethod { displayValue } acceptedAt paidAt receipt cancelReason`
    )
  ).toEqual({
    status: 'pending',
    paymentType: 'deposit',
    exchangeRate: '1550.0',
    exchangeRateMinusSurcharge: '1550.0',
    source: 'direct',
    instant: false,
    amountUsd: '20.0',
    amountLocal: '31000.0',
    agentAmountUsd: '20.0',
    currency: 'NGN',
    agentCutOfFees: '0.15',
    fxSpreadRevenue: '0.0',
    expiresAtSecs: expect.any(Number) as number,
    reassigning: false,
    reassignAfter: null,
    reassignAfterSecs: null,
    customerName: 'Jane Doe',
    customerPaymentMethod: null,
    agentPaymentMethod: { displayValue: 'Agent Smith - ******6789' },
    acceptedAt: null,
    paidAt: null,
    receipt: null,
    cancelReason: null
  })

  valueOf(await ramp.orders.markDepositPaid(ramp.context(), side(), request.id))
  expect(await agent.payment(payment.id)).toEqual({ status: 'paid' })
  expect(await merchantBalance()).toBe('500.0')

  for (let times = 0; times < 2; times++) {
    expect(await agent.command('markDepositAsReceived', payment.id)).toBe(true)
    expect(await agent.payment(payment.id, 'status expiresAtSecs')).toMatchObject({ status: 'completed' })
    expect((await ramp.orders.find(request.id))?.status).toBe('completed')
    expect(await merchantBalance()).toBe('519.7')
    const counted = 'depositsCompleted bonusEarnings averageDepositRate totalDepositFiatAmount totalDepositUsdAmount'
    expect(await agent.profile(`accountBalance escrowBalance ${counted}`)).toEqual({
      ...SETTLED,
      depositsCompleted: 1,
      bonusEarnings: '0.15',
      averageDepositRate: '1550.0',
      totalDepositFiatAmount: '31000.0',
      totalDepositUsdAmount: '20.0'
    })
    expect(await agent.available()).toBe('5031000.0')
    expect([await platform('platform:fees'), await platform('p2p:clearing')]).toEqual(['0.15', '0.0'])
  }
})

it('case 28: many who say at once that it was received are all told so, and it is done once', async () => {
  const { payment } = await ramp.deposit(merchant, '20')
  const answers = await Promise.all(Array.from({ length: 8 }, () => agent.command('markDepositAsReceived', payment.id)))
  expect(answers).toEqual(Array.from({ length: 8 }, () => true))
  expect(await agent.profile('accountBalance escrowBalance depositsCompleted')).toEqual({
    ...SETTLED,
    depositsCompleted: 1
  })
})

it('case 29: a deposit that nobody said was paid can be received', async () => {
  const { payment } = await ramp.deposit(merchant, '20')
  expect(await agent.command('markDepositAsReceived', payment.id)).toBe(true)
  expect(await agent.profile()).toEqual(SETTLED)
})

it('case 30: a canceled deposit gives everything back and cannot be received', async () => {
  const { payment, request } = await ramp.deposit(merchant, '20')
  valueOf(await ramp.orders.cancelDeposit(ramp.context(), side(), request.id))
  expect(await agent.profile()).toEqual(START)
  expect(await agent.command('markDepositAsReceived', payment.id)).toBe('INVALID_STATUS')
  expect(await agent.profile()).toEqual(START)
  expect(await agent.payment(payment.id, 'status reassigning canceledAt cancelReason')).toEqual({
    status: 'canceled',
    reassigning: false,
    canceledAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    cancelReason: 'canceled'
  })
})

it('case 31: a deposit that is paid is not canceled', async () => {
  const { payment, request } = await ramp.deposit(merchant, '20')
  valueOf(await ramp.orders.markDepositPaid(ramp.context(), side(), request.id))
  expect(await ramp.orders.cancelDeposit(ramp.context(), side(), request.id)).toMatchObject({
    failure: 'INVALID_STATUS'
  })
  expect(await agent.payment(payment.id)).toEqual({ status: 'paid' })
  expect(await agent.profile()).toEqual(HELD)
})

it('case 32: time ends what is pending, and nothing that is paid', async () => {
  const late = await ramp.deposit(merchant, '20')
  const paid = await ramp.deposit(merchant, '20')
  valueOf(await ramp.orders.markDepositPaid(ramp.context(), side(), paid.request.id))
  ramp.clock.advanceSeconds(31 * 60)
  await ramp.passTime()
  expect(await agent.payment(late.payment.id, 'status cancelReason expiresAtSecs')).toEqual({
    status: 'canceled',
    cancelReason: 'expired',
    expiresAtSecs: 0
  })
  expect(await agent.payment(paid.payment.id)).toEqual({ status: 'paid' })
  expect(await agent.profile()).toEqual(HELD)
  expect(await agent.command('markDepositAsReceived', late.payment.id)).toBe('INVALID_STATUS')
  expect(await agent.command('markDepositAsReceived', paid.payment.id)).toBe(true)
})

it('case 34: the same order asked for again reserves once', async () => {
  const { id: quoteId } = await ramp.quote(merchant, 'deposit', '20')
  const input = { quoteId, reference: 'order 1' }
  const first = valueOf(await ramp.orders.initiateDeposit(ramp.context(), merchant.id, input))
  const again = valueOf(await ramp.orders.initiateDeposit(ramp.context(), merchant.id, input))
  expect(again.request.id).toBe(first.request.id)
  expect(await agent.profile()).toEqual(HELD)
})

it('case 35: the commands of the other direction are refused', async () => {
  const deposit = await ramp.deposit(merchant, '20')
  const withdrawal = await ramp.withdrawal(merchant, '20')
  expect(await agent.command('markDepositAsReceived', withdrawal.payment.id)).toBe('INVALID_ORDER_TYPE')
  for (const command of ['acceptWithdrawal', 'cancelWithdrawal']) {
    expect(await agent.command(command, deposit.payment.id)).toBe('INVALID_ORDER_TYPE')
  }
  expect(await agent.markPaid(deposit.payment.id)).toBe('INVALID_ORDER_TYPE')
})

it('case 22: an order keeps the rate that it was locked at, the next one has the new one', async () => {
  const before = await ramp.deposit(merchant, '20')
  const answer = await agent.ask('mutation { updateRates(depositRate: 1600) }')
  expect(answer.body).toEqual({ data: { updateRates: true } })
  expect((await ramp.quote(merchant, 'deposit', '20')).exchangeRate).toBe(1_600_000_000n)
  expect(await agent.command('markDepositAsReceived', before.payment.id)).toBe(true)
  expect(await agent.payment(before.payment.id, 'exchangeRate amountLocal')).toEqual({
    exchangeRate: '1550.0',
    amountLocal: '31000.0'
  })
  expect(await agent.available()).toBe('5031000.0')
  const after = await ramp.deposit(merchant, '20')
  expect(await agent.payment(after.payment.id, 'exchangeRate amountLocal')).toEqual({
    exchangeRate: '1600.0',
    amountLocal: '32000.0'
  })
})

it('case 49: an agent is never asked for more than it has', async () => {
  const poor = await onlyAgent({ usd: '30' })
  const quotes = [await ramp.quote(merchant, 'deposit', '20'), await ramp.quote(merchant, 'deposit', '20')]
  const answers = await Promise.all(
    quotes.map(({ id }) => ramp.orders.initiateDeposit(ramp.context(), merchant.id, { quoteId: id }))
  )
  expect(answers.filter(({ done }) => done)).toHaveLength(1)
  expect(answers.find(({ done }) => !done)).toMatchObject({ failure: 'INSUFFICIENT_LIQUIDITY' })
  expect(await poor.profile()).toEqual({ accountBalance: '10.0', escrowBalance: '20.0' })
})

it('case 50: credit is drawn after the own balance, and refilled first', async () => {
  const poor = await onlyAgent({ usd: '15', creditLine: '10' })
  const credit = 'accountBalance escrowBalance creditLine usedCreditLine'
  const { payment } = await ramp.deposit(merchant, '20')
  expect(await poor.profile(credit)).toEqual({
    accountBalance: '0.0',
    escrowBalance: '20.0',
    creditLine: '10.0',
    usedCreditLine: '5.0'
  })
  expect(await poor.command('markDepositAsReceived', payment.id)).toBe(true)
  expect(await poor.profile(credit)).toEqual({
    accountBalance: '0.0',
    escrowBalance: '0.0',
    creditLine: '10.0',
    usedCreditLine: '4.85'
  })
  const withdrawal = await ramp.withdrawal(merchant, '8')
  expect(await poor.command('acceptWithdrawal', withdrawal.payment.id)).toBe(true)
  expect(await poor.markPaid(withdrawal.payment.id)).toBe(true)
  valueOf(await ramp.orders.markWithdrawalReceived(ramp.context(), side(), withdrawal.request.id))
  expect(await poor.profile(credit)).toEqual({
    accountBalance: '3.21',
    escrowBalance: '0.0',
    creditLine: '10.0',
    usedCreditLine: '0.0'
  })
})

it('case 52: what the platform keeps of a surcharge', async () => {
  const countries = ramp.container.resolve(CountryService)
  valueOf(await countries.setSurcharge(ramp.context(), 'NG', 100))
  const { payment } = await ramp.deposit(merchant, '20')
  const fields = 'exchangeRate exchangeRateMinusSurcharge amountLocal agentAmountUsd fxSpreadRevenue agentCutOfFees'
  expect(await agent.payment(payment.id, fields)).toEqual({
    exchangeRate: '1565.5',
    exchangeRateMinusSurcharge: '1550.0',
    amountLocal: '31310.0',
    agentAmountUsd: '20.2',
    fxSpreadRevenue: '0.2',
    agentCutOfFees: '0.15'
  })
  expect(await agent.profile()).toEqual({ accountBalance: '979.8', escrowBalance: '20.2' })
  expect(await agent.command('markDepositAsReceived', payment.id)).toBe(true)
  expect(await agent.profile()).toEqual({ accountBalance: '979.95', escrowBalance: '0.0' })
  expect([await platform('platform:fees'), await platform('platform:fx_spread')]).toEqual(['0.15', '0.2'])
  expect(await merchantBalance()).toBe('519.7')

  const withdrawal = await ramp.withdrawal(merchant, '20')
  expect(await agent.payment(withdrawal.payment.id, fields)).toEqual({
    exchangeRate: '1514.7',
    exchangeRateMinusSurcharge: '1530.0',
    amountLocal: '30294.0',
    agentAmountUsd: '19.8',
    fxSpreadRevenue: '0.2',
    agentCutOfFees: '0.15'
  })
  await settle(withdrawal)
  expect(await agent.profile()).toEqual({ accountBalance: '999.9', escrowBalance: '0.0' })
  expect([await platform('platform:fees'), await platform('platform:fx_spread')]).toEqual(['0.3', '0.4'])
})

async function settle({ payment, request }: PlacedOrder): Promise<void> {
  expect(await agent.command('acceptWithdrawal', payment.id)).toBe(true)
  expect(await agent.markPaid(payment.id)).toBe(true)
  valueOf(await ramp.orders.markWithdrawalReceived(ramp.context(), side(), request.id))
}

/** In a service where nobody else could do it. */
async function onlyAgent(options: { usd: string; creditLine?: string }): Promise<TestAgent> {
  await ramp.suspend(agent.id)
  return ramp.agent(options)
}
