/**
 * Goal: deposits, from the quote to their end, move exactly what they say and tell whom they should.
 * Method: the services on a database of their own, by case, with a clock that the test sets.
 */
import { OrderClock } from '../../../src/services/ramp/orders/order-clock'
import { valueOf } from '../../support/answers'
import { local, minutes, Scene, usd, type TestAgent, type TestMerchant } from './scene'

let scene: Scene
let agent: TestAgent
let merchant: TestMerchant

beforeEach(async () => {
  scene = await Scene.open()
  agent = await scene.agent()
  merchant = await scene.merchant()
})
afterEach(async () => {
  expect(await scene.findings()).toEqual([])
  await scene.close()
})

const side = (): { kind: 'merchant'; id: string } => ({ kind: 'merchant', id: merchant.id })

test('cases 24 to 28 and 58: a deposit from quote to completion', async () => {
  const quote = valueOf(await scene.quote(merchant, 'deposit'))
  expect(quote).toMatchObject({ exchangeRate: 1_550_000_000n, amountUsd: usd('20'), amountLocal: 3_100_000n })
  const input = { quoteId: quote.id, phoneNumber: ' 080 1 ' }
  const placed = valueOf(await scene.orders.initiateDeposit(scene.context, merchant.id, input))
  const { request, payment } = placed
  expect(payment).toMatchObject({ status: 'pending', amountLocal: 3_100_000n, payerPhoneNumber: '080 1' })
  expect(request).toMatchObject({ status: 'picked_up', source: 'direct', fee: usd('0.3') })
  expect(payment.expiresAt!.getTime() - payment.createdAt.getTime()).toBe(1_800_000)
  expect(request.orderId).toMatch(/^[0-9A-Z]{10}$/)
  expect(request.reference).toMatch(/^[0-9a-f]{16}$/)
  expect(placed.agent).toBe(agent.agent.name)
  expect(placed.paymentDetails).toContain('0123456789')
  expect(await scene.money(agent)).toMatchObject({ balance: '980.0', escrow: '20.0' })
  expect(await scene.merchantMoney(merchant)).toBe('500.0')

  expect(await scene.orders.markDepositPaid(scene.context, side(), request.id, 'receipt 7')).toMatchObject({
    done: true
  })
  expect(await scene.orders.markDepositPaid(scene.context, side(), request.id)).toMatchObject({ done: true })
  expect(await scene.payment(payment.id)).toMatchObject({ status: 'paid', receipt: 'receipt 7' })
  expect(await scene.merchantMoney(merchant)).toBe('500.0')

  valueOf(await scene.orders.markDepositReceived(scene.context, agent.id, payment.id))
  const settled = { balance: '980.15', escrow: '0.0', liquidity: '5031000.0' }
  expect(await scene.money(agent)).toMatchObject(settled)
  expect(await scene.merchantMoney(merchant)).toBe('519.7')
  expect(await scene.platform('platform:fees')).toBe('0.15')
  expect(await scene.platform('p2p:clearing')).toBe('0.0')
  expect((await scene.request(request.id)).status).toBe('completed')
  const row = await scene.agentRow(agent.id)
  expect(row).toMatchObject({ depositsCompleted: 1, bonusEarnings: usd('0.15'), totalDepositUsd: usd('20') })
  expect(row.totalDepositFiat).toBe(3_100_000n)

  valueOf(await scene.orders.markDepositReceived(scene.context, agent.id, payment.id))
  expect(await scene.money(agent)).toMatchObject(settled)
  const toAgent = await scene.told(agent.id)
  expect(toAgent.map(({ type, data }) => `${type} ${data.previous_status} ${data.status}`)).toEqual([
    'payment.assigned null pending',
    'payment.paid pending paid',
    'p2p_payment.status.updated pending paid',
    'p2p_payment.status.updated paid completed'
  ])
  expect(toAgent[0]!.data).toMatchObject({
    order_id: request.orderId,
    exchange_rate: '1550.0',
    amount: '31000.0',
    amount_usd: '20.0',
    agent_amount_usd: '20.0',
    currency: 'NGN',
    country: 'NG',
    agent_cut_of_fees: '0.15',
    fx_spread_revenue: '0.0',
    source: 'direct',
    customer: { name: 'Jane Doe', phone_number: '080 1', bank_account_number: null },
    payment_method: { type: 'bank_transfer_ng', value: 'Jane Doe - 0123456789' }
  })
  const toMerchant = await scene.told(merchant.id)
  expect(toMerchant.map(({ data }) => data.status)).toEqual(['picked_up', 'completed'])
  expect(toMerchant[1]!.data).toMatchObject({
    reference: request.reference,
    customer: { country: 'NG', currency: 'NGN' },
    p2p_payment: { exchange_rate: '1550.0', amount: '31000.0', amount_usd: '20.0', fee: '0.3' },
    payment_link: null,
    payment_type: 'deposit',
    metadata: {}
  })
})

test('case 22: an order completes at the rate that it was locked at', async () => {
  const { payment } = await scene.deposit(merchant)
  const quote = valueOf(await scene.quote(merchant, 'deposit'))
  await scene.rates(agent.id, ['1600', '1500'])
  // What was promised before is kept, too.
  const later = valueOf(await scene.orders.initiateDeposit(scene.context, merchant.id, { quoteId: quote.id }))
  expect(later.payment).toMatchObject({ exchangeRate: 1_550_000_000n, agentRate: 1_550_000_000n })
  expect(valueOf(await scene.quote(merchant, 'deposit')).exchangeRate).toBe(1_600_000_000n)
  valueOf(await scene.orders.markDepositReceived(scene.context, agent.id, payment.id))
  expect((await scene.money(agent)).liquidity).toBe('5031000.0')
})

test('case 29: a deposit completes straight from pending', async () => {
  const { payment } = await scene.deposit(merchant)
  valueOf(await scene.orders.markDepositReceived(scene.context, agent.id, payment.id))
  expect(await scene.merchantMoney(merchant)).toBe('519.7')
})

test('case 30: a deposit that is taken back releases everything', async () => {
  const { request, payment } = await scene.deposit(merchant)
  valueOf(await scene.orders.cancelDeposit(scene.context, side(), request.id))
  expect(await scene.money(agent)).toMatchObject({ balance: '1000.0', escrow: '0.0' })
  const received = await scene.orders.markDepositReceived(scene.context, agent.id, payment.id)
  expect(received).toMatchObject({ failure: 'INVALID_STATUS' })
  expect(await scene.orders.cancelDeposit(scene.context, side(), request.id)).toMatchObject({ done: true })
  expect((await scene.told(agent.id)).slice(1).map(({ type }) => type)).toEqual([
    'payment.canceled',
    'p2p_payment.status.updated'
  ])
  expect((await scene.told(merchant.id)).map(({ data }) => data.status)).toEqual(['picked_up', 'canceled'])
})

test('case 31: once it is paid a deposit is not taken back', async () => {
  const { request } = await scene.deposit(merchant)
  valueOf(await scene.orders.markDepositPaid(scene.context, side(), request.id))
  const canceled = await scene.orders.cancelDeposit(scene.context, side(), request.id)
  expect(canceled).toMatchObject({ failure: 'INVALID_STATUS' })
})

test('case 32: a deposit that nobody pays expires, one that is paid does not', async () => {
  const [unpaid, paid] = [await scene.deposit(merchant), await scene.deposit(merchant)]
  valueOf(await scene.orders.markDepositPaid(scene.context, side(), paid.request.id))
  await scene.passTime(minutes(29))
  expect((await scene.payment(unpaid.payment.id)).status).toBe('pending')
  await scene.passTime(minutes(2))
  expect(await scene.payment(unpaid.payment.id)).toMatchObject({ status: 'canceled', cancelReason: 'expired' })
  expect((await scene.payment(paid.payment.id)).status).toBe('paid')
  expect(await scene.money(agent)).toMatchObject({ balance: '980.0', escrow: '20.0' })
})

test('a deposit that is paid and not answered stays so, and is shown to the operator until it is', async () => {
  const [answered, decided] = [await scene.deposit(merchant), await scene.deposit(merchant)]
  for (const { request } of [answered, decided]) {
    valueOf(await scene.orders.markDepositPaid(scene.context, side(), request.id))
    await scene.passTime(minutes(1))
  }
  await scene.passTime(minutes(27))
  expect(await scene.overdue()).toEqual([])
  await scene.passTime(minutes(1))
  expect(await scene.overdue()).toEqual([answered.payment.id])
  await scene.passTime(minutes(24 * 60))
  expect(await scene.overdue()).toEqual([answered.payment.id, decided.payment.id])
  expect((await scene.payment(answered.payment.id)).status).toBe('paid')
  expect(await scene.money(agent)).toMatchObject({ balance: '960.0', escrow: '40.0' })
  valueOf(await scene.orders.markDepositReceived(scene.context, agent.id, answered.payment.id))
  expect(await scene.overdue()).toEqual([decided.payment.id])
  valueOf(await scene.orders.resolve(scene.context, decided.request.id, 'canceled'))
  expect(await scene.overdue()).toEqual([])
})

test('case 33: quotes expire, are refreshed, and are used once', async () => {
  const quote = valueOf(await scene.quote(merchant, 'deposit'))
  const initiate = (): ReturnType<typeof scene.orders.initiateDeposit> =>
    scene.orders.initiateDeposit(scene.context, merchant.id, { quoteId: quote.id })
  scene.clock.advanceSeconds(61)
  expect(await initiate()).toMatchObject({ failure: 'QUOTE_EXPIRED' })
  await scene.rates(agent.id, ['1560', '1530'])
  const fresh = valueOf(await scene.orders.refreshQuote(scene.context, merchant.id, quote.id))
  expect(fresh).toMatchObject({ id: quote.id, exchangeRate: 1_560_000_000n, amountLocal: 3_120_000n })
  expect(valueOf(await scene.orders.refreshQuote(scene.context, merchant.id, quote.id, '40')).amountUsd).toBe(usd('40'))
  valueOf(await initiate())
  expect(await initiate()).toMatchObject({ failure: 'QUOTE_CONSUMED' })
  const late = await scene.orders.refreshQuote(scene.context, merchant.id, quote.id)
  expect(late).toMatchObject({ failure: 'QUOTE_CONSUMED' })
})

test('quotes that nobody used are removed long after they expired', async () => {
  const clock = scene.parties.api.container.resolve(OrderClock)
  const { payment } = await scene.deposit(merchant)
  const quote = valueOf(await scene.quote(merchant, 'deposit'))
  const count = (): Promise<{ count: string }[]> => scene.parties.query('SELECT count(*) FROM ramp_quote')
  scene.clock.advanceSeconds(minutes(29 * 24 * 60))
  await clock.removeOldQuotes(scene.clock.now())
  valueOf(await scene.orders.refreshQuote(scene.context, merchant.id, quote.id))
  scene.clock.advanceSeconds(minutes(31 * 24 * 60))
  await clock.removeOldQuotes(scene.clock.now())
  expect(await count()).toEqual([{ count: '1' }])
  expect((await scene.payment(payment.id)).status).toBe('pending')
})

test('case 34: a reference is one order', async () => {
  const [quote, other] = [
    valueOf(await scene.quote(merchant, 'deposit')),
    valueOf(await scene.quote(merchant, 'deposit'))
  ]
  const initiate = (quoteId: string): ReturnType<typeof scene.orders.initiateDeposit> =>
    scene.orders.initiateDeposit(scene.context, merchant.id, { quoteId, reference: 'order 1' })
  const first = valueOf(await initiate(quote.id))
  expect(valueOf(await initiate(quote.id)).request.id).toBe(first.request.id)
  expect(await initiate(other.id)).toMatchObject({ failure: 'DUPLICATE_REFERENCE' })
  expect(await scene.money(agent)).toMatchObject({ balance: '980.0', escrow: '20.0' })
  const found = await scene.orders.findByReference(merchant.id, 'order 1')
  expect(found?.id).toBe(first.request.id)
  // Another merchant's references are its own.
  const neighbour = await scene.merchant()
  expect(await scene.orders.findByReference(neighbour.id, 'order 1')).toBeUndefined()
})

test('case 34: of several at once under one reference one places the order and all get it', async () => {
  const quote = valueOf(await scene.quote(merchant, 'deposit'))
  const input = { quoteId: quote.id, reference: 'order 1' }
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => scene.orders.initiateDeposit(scene.context, merchant.id, input))
  )
  expect(new Set(answers.map((answer) => valueOf(answer).request.id)).size).toBe(1)
  expect(await scene.money(agent)).toMatchObject({ balance: '980.0', escrow: '20.0' })
})

test('case 35: commands of the other direction are refused', async () => {
  const [deposit, withdrawal] = [await scene.deposit(merchant), await scene.withdrawal(merchant)]
  const { orders, context } = scene
  const refused = { failure: 'INVALID_ORDER_TYPE' }
  expect(await orders.markDepositReceived(context, agent.id, withdrawal.payment.id)).toMatchObject(refused)
  expect(await orders.acceptWithdrawal(context, agent.id, deposit.payment.id)).toMatchObject(refused)
  expect(await orders.cancelWithdrawal(context, agent.id, deposit.payment.id)).toMatchObject(refused)
  expect(await orders.markDepositPaid(context, side(), withdrawal.request.id)).toMatchObject(refused)
  expect(await orders.cancelDeposit(context, side(), withdrawal.request.id)).toMatchObject(refused)
  expect(await orders.markWithdrawalReceived(context, side(), deposit.request.id)).toMatchObject(refused)
  const quote = valueOf(await scene.quote(merchant, 'deposit'))
  expect(await scene.initiateWithdrawal(merchant, quote.id)).toMatchObject({ failure: 'QUOTE_TYPE_MISMATCH' })
})

test('case 49: of two orders that an agent has money for once, one is placed', async () => {
  await scene.parties.agents.update(scene.context, agent.id, { isSuspended: true })
  const poor = await scene.agent({ usd: '30' })
  const quotes = [valueOf(await scene.quote(merchant, 'deposit')), valueOf(await scene.quote(merchant, 'deposit'))]
  const answers = await Promise.all(
    quotes.map(({ id }) => scene.orders.initiateDeposit(scene.context, merchant.id, { quoteId: id }))
  )
  expect(answers.filter(({ done }) => done)).toHaveLength(1)
  expect(answers.filter(({ done }) => !done)).toMatchObject([{ failure: 'INSUFFICIENT_LIQUIDITY' }])
  expect(await scene.money(poor)).toMatchObject({ balance: '10.0', escrow: '20.0' })
})

test('case 52: what a surcharge of 1 % brings', async () => {
  valueOf(await scene.parties.countries.setSurcharge(scene.context, 'NG', 100))
  const { payment } = await scene.deposit(merchant)
  expect(payment).toMatchObject({
    exchangeRate: 1_565_500_000n,
    agentRate: 1_550_000_000n,
    amountLocal: 3_131_000n,
    agentAmountUsd: usd('20.2'),
    fxSpreadRevenue: usd('0.2')
  })
  valueOf(await scene.orders.markDepositReceived(scene.context, agent.id, payment.id))
  expect(await scene.merchantMoney(merchant)).toBe('519.7')
  expect(await scene.money(agent)).toMatchObject({ balance: '979.95', escrow: '0.0' })
  expect(await scene.platform('platform:fees')).toBe('0.15')
  expect(await scene.platform('platform:fx_spread')).toBe('0.2')
})

describe('selection', () => {
  test('the best rate wins, then whoever waited longest, then the id', async () => {
    const [dear, better, other] = [
      await scene.agent({ rates: ['1560', '1530'] }),
      await scene.agent({ rates: ['1545', '1530'] }),
      await scene.agent({ rates: ['1545', '1530'] })
    ]
    const chosen: string[] = []
    for (let count = 0; count < 4; count++) chosen.push((await scene.deposit(merchant)).payment.agentId)
    const twins = [better.id, other.id].sort()
    expect(chosen).toEqual([...twins, ...twins])
    expect(chosen).not.toContain(dear.id)
  })

  test('an order whose agent cannot have it any more goes to another one at the promised rate', async () => {
    const quote = valueOf(await scene.quote(merchant, 'deposit'))
    const [worse, noWorse] = [
      await scene.agent({ rates: ['1551', '1530'] }),
      await scene.agent({ rates: ['1549', '1530'] })
    ]
    await scene.parties.agents.update(scene.context, agent.id, { isSuspended: true })
    const { payment } = valueOf(await scene.orders.initiateDeposit(scene.context, merchant.id, { quoteId: quote.id }))
    expect(payment).toMatchObject({ agentId: noWorse.id, exchangeRate: 1_550_000_000n, agentRate: 1_549_000_000n })
    const again = valueOf(await scene.quote(merchant, 'deposit'))
    await scene.parties.agents.update(scene.context, noWorse.id, { isSuspended: true })
    const alone = await scene.orders.initiateDeposit(scene.context, merchant.id, { quoteId: again.id })
    expect(alone).toMatchObject({ failure: 'INSUFFICIENT_LIQUIDITY' })
    // The quote can still be used.
    await scene.parties.agents.update(scene.context, noWorse.id, { isSuspended: false })
    valueOf(await scene.orders.initiateDeposit(scene.context, merchant.id, { quoteId: again.id }))
    expect((await scene.money(worse)).escrow).toBe('0.0')
  })

  test('a rate at which nothing is left to pay keeps nobody from the rates of others', async () => {
    await scene.agent({ rates: ['0.0001', '1530'] })
    const { payment } = await scene.deposit(merchant)
    expect(payment).toMatchObject({ agentId: agent.id, amountLocal: local('31000') })
  })

  test('a method for withdrawals alone, a deleted one and an unverified agent are not offered deposits', async () => {
    await scene.parties.agents.update(scene.context, agent.id, { verificationStatus: 'pending' })
    expect(await scene.quote(merchant, 'deposit')).toMatchObject({ failure: 'INSUFFICIENT_LIQUIDITY' })
    await scene.parties.agents.update(scene.context, agent.id, { verificationStatus: 'verified' })
    valueOf(await scene.quote(merchant, 'deposit'))
    valueOf(await scene.parties.methods.softDelete(scene.context, 'agent', agent.id, agent.method.id))
    expect(await scene.quote(merchant, 'deposit')).toMatchObject({ failure: 'INSUFFICIENT_LIQUIDITY' })
    await scene.parties.method(agent.agent, { designation: 'withdrawal' })
    expect(await scene.quote(merchant, 'deposit')).toMatchObject({ failure: 'INSUFFICIENT_LIQUIDITY' })
  })
})

describe('amounts', () => {
  test.each([
    ['0', 'INVALID_AMOUNT'],
    ['-1', 'INVALID_AMOUNT'],
    ['nonsense', 'INVALID_AMOUNT'],
    ['1.0000001', 'INVALID_AMOUNT'],
    ['1.99', 'BELOW_MINIMUM'],
    ['5000.01', 'ABOVE_MAXIMUM'],
    ['4000', 'INSUFFICIENT_LIQUIDITY']
  ])('%s USD: %s', async (amount, failure) => {
    expect(await scene.quote(merchant, 'deposit', amount)).toMatchObject({ failure })
  })

  test('local currency has two decimals and the limits of its USD', async () => {
    expect(valueOf(await scene.quote(merchant, 'deposit', '31000', 'local_currency')).amountUsd).toBe(usd('20'))
    const quote = (amount: string): ReturnType<typeof scene.quote> =>
      scene.quote(merchant, 'deposit', amount, 'local_currency')
    expect(await quote('31000.001')).toMatchObject({ failure: 'INVALID_AMOUNT' })
    expect(await quote('3000')).toMatchObject({ failure: 'BELOW_MINIMUM' })
  })

  test("a customer's day has a limit, and what was canceled does not count", async () => {
    const rich = await scene.agent({ usd: '100000', rates: ['1540', '1530'] })
    const [first, second] = [await scene.deposit(merchant, '5000'), await scene.deposit(merchant, '4990')]
    const { id } = valueOf(await scene.quote(merchant, 'deposit', '20'))
    const initiate = (): ReturnType<typeof scene.orders.initiateDeposit> =>
      scene.orders.initiateDeposit(scene.context, merchant.id, { quoteId: id })
    expect(await initiate()).toMatchObject({ failure: 'DAILY_LIMIT_EXCEEDED' })
    expect((await scene.money(rich)).escrow).toBe('9990.0')
    valueOf(await scene.orders.cancelDeposit(scene.context, side(), first.request.id))
    valueOf(await initiate())
    expect((await scene.payment(second.payment.id)).status).toBe('pending')
  })
})

describe('on a page', () => {
  const wish = {
    paymentType: 'deposit',
    amount: '20',
    countryCode: 'ng',
    firstName: 'Ada',
    lastName: 'Obi',
    email: 'Ada@Example.com',
    reference: 'page 1',
    metadata: { cart: [1, 2] }
  } as const

  test('case 56: nobody is told until a rail is chosen, and until then it can be canceled', async () => {
    const { orders, context } = scene
    const request = valueOf(await orders.initiateHosted(context, merchant.id, wish))
    expect(request).toMatchObject({ status: 'created', source: 'hosted', metadata: { cart: [1, 2] } })
    expect(valueOf(await orders.initiateHosted(context, merchant.id, wish)).id).toBe(request.id)
    const other = await orders.initiateHosted(context, merchant.id, { ...wish, amount: '21' })
    expect(other).toMatchObject({ failure: 'DUPLICATE_REFERENCE' })
    expect(await scene.told(merchant.id)).toEqual([])
    valueOf(await orders.cancelHosted(context, merchant.id, request.id))
    expect((await scene.told(merchant.id)).map(({ data }) => [data.status, data.p2p_payment])).toEqual([
      ['canceled', null]
    ])
    const pickUp = await orders.pickUp(context, request.id, { paymentMethodType: 'bank_transfer' })
    expect(pickUp).toMatchObject({ failure: 'INVALID_STATUS' })
  })

  test('the rate is locked when a rail is chosen, and then the merchant cannot cancel', async () => {
    const { orders, context } = scene
    const request = valueOf(await orders.initiateHosted(context, merchant.id, wish))
    await scene.rates(agent.id, ['1560', '1530'])
    const placed = valueOf(await orders.pickUp(context, request.id, { paymentMethodType: 'bank_transfer' }))
    expect(placed.payment).toMatchObject({ exchangeRate: 1_560_000_000n, source: 'hosted' })
    expect(placed.request).toMatchObject({ id: request.id, status: 'picked_up' })
    const canceled = await orders.cancelHosted(context, merchant.id, request.id)
    expect(canceled).toMatchObject({ failure: 'INVALID_STATUS' })
    const [event] = await scene.told(merchant.id)
    expect(event!.data.payment_link).toContain('/pay/')
    valueOf(await orders.markDepositPaid(context, { kind: 'customer' }, request.id))
    valueOf(await orders.markDepositReceived(context, agent.id, placed.payment.id))
    expect(await scene.merchantMoney(merchant)).toBe('519.7')
  })

  test('a page that nobody uses closes by itself', async () => {
    const request = valueOf(await scene.orders.initiateHosted(scene.context, merchant.id, wish))
    await scene.passTime(minutes(24 * 60 + 1))
    expect(await scene.request(request.id)).toMatchObject({ status: 'canceled', cancelReason: 'expired' })
  })
})
