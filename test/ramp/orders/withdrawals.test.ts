/**
 * Goal: withdrawals, from the quote to their end, move exactly what they say, find another agent where there is one,
 * and never take fiat or USD that is not there.
 * Method: the services on a database of their own, by case, with a clock that the test sets.
 */
import { valueOf } from '../../support/answers'
import { minutes, Scene, usd, type TestAgent, type TestMerchant } from './scene'

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
const accept = (paymentId: string, by = agent): ReturnType<typeof scene.orders.acceptWithdrawal> =>
  scene.orders.acceptWithdrawal(scene.context, by.id, paymentId)
const decline = (paymentId: string, by = agent): ReturnType<typeof scene.orders.cancelWithdrawal> =>
  scene.orders.cancelWithdrawal(scene.context, by.id, paymentId)
const pay = (paymentId: string, receipt?: string, by = agent): ReturnType<typeof scene.orders.markWithdrawalPaid> =>
  scene.orders.markWithdrawalPaid(scene.context, by.id, paymentId, by.method.id, receipt)
const confirm = (requestId: string): ReturnType<typeof scene.orders.markWithdrawalReceived> =>
  scene.orders.markWithdrawalReceived(scene.context, side(), requestId)

test('cases 36 to 39: a withdrawal from quote to completion', async () => {
  const quote = valueOf(await scene.quote(merchant, 'withdrawal'))
  expect(quote.exchangeRate).toBe(1_530_000_000n)
  const { request, payment, paymentDetails } = valueOf(await scene.initiateWithdrawal(merchant, quote.id))
  expect(payment).toMatchObject({ status: 'pending', amountLocal: 3_060_000n, expiresAt: null })
  expect(payment.reassignAfter!.getTime() - payment.createdAt.getTime()).toBe(300_000)
  expect(paymentDetails).toContain('0123456789')
  expect(request.status).toBe('picked_up')
  expect(await scene.merchantMoney(merchant)).toBe('479.7')
  expect(await scene.money(agent)).toMatchObject({ balance: '1000.0', escrow: '0.0', liquidity: '5000000.0' })

  expect(await pay(payment.id)).toMatchObject({ failure: 'INVALID_STATUS' })
  valueOf(await accept(payment.id))
  valueOf(await accept(payment.id))
  const accepted = await scene.payment(payment.id)
  expect(accepted).toMatchObject({ status: 'accepted', reassignAfter: null })
  expect(accepted.expiresAt!.getTime() - accepted.acceptedAt!.getTime()).toBe(1_800_000)
  expect(await scene.money(agent)).toMatchObject({ balance: '1000.0', liquidity: '4969400.0' })
  expect(await confirm(request.id)).toMatchObject({ failure: 'INVALID_STATUS' })

  valueOf(await pay(payment.id, 'https://receipts.example/7'))
  valueOf(await pay(payment.id))
  expect(await scene.payment(payment.id)).toMatchObject({ status: 'paid', receipt: 'https://receipts.example/7' })
  expect(await decline(payment.id)).toMatchObject({ failure: 'INVALID_STATUS' })

  valueOf(await confirm(request.id))
  valueOf(await confirm(request.id))
  expect((await scene.request(request.id)).status).toBe('completed')
  expect(await scene.merchantMoney(merchant)).toBe('479.7')
  expect(await scene.money(agent)).toMatchObject({ balance: '1020.15', liquidity: '4969400.0' })
  expect(await scene.platform('platform:fees')).toBe('0.15')
  expect(await scene.platform('p2p:clearing')).toBe('0.0')
  expect(await scene.agentRow(agent.id)).toMatchObject({
    withdrawalsCompleted: 1,
    totalWithdrawalUsd: usd('20'),
    totalWithdrawalFiat: 3_060_000n,
    bonusEarnings: usd('0.15'),
    depositsCompleted: 0
  })
  expect((await scene.told(agent.id)).map(({ type, data }) => `${type} ${data.status}`)).toEqual([
    'payment.assigned pending',
    'p2p_payment.status.updated accepted',
    'payment.paid paid',
    'p2p_payment.status.updated paid',
    'p2p_payment.status.updated completed'
  ])
  expect((await scene.told(merchant.id)).map(({ data }) => data.status)).toEqual(['picked_up', 'completed'])
})

test('case 40: it is confirmed only once it is paid', async () => {
  const { request, payment } = await scene.withdrawal(merchant)
  valueOf(await accept(payment.id))
  expect(await confirm(request.id)).toMatchObject({ failure: 'INVALID_STATUS' })
})

test.each(['pending', 'accepted'])('case 41: given back from %s by the only agent, it is canceled', async (status) => {
  const { request, payment } = await scene.withdrawal(merchant)
  if (status === 'accepted') valueOf(await accept(payment.id))
  valueOf(await decline(payment.id))
  valueOf(await decline(payment.id))
  expect(await scene.request(request.id)).toMatchObject({ status: 'canceled', cancelReason: 'declined' })
  expect(await scene.merchantMoney(merchant)).toBe('500.0')
  expect((await scene.money(agent)).liquidity).toBe('5000000.0')
  expect((await scene.told(merchant.id)).map(({ data }) => data.status)).toEqual(['picked_up', 'canceled'])
})

describe('case 42: given back, it goes to another agent', () => {
  test('who is no worse for the customer, silently and at the same amounts', async () => {
    const { request, payment } = await scene.withdrawal(merchant)
    await scene.agent({ rates: ['1550', '1529'] })
    const other = await scene.agent({ rates: ['1550', '1531'] })
    valueOf(await accept(payment.id))
    valueOf(await decline(payment.id))
    expect(await scene.assignments(request.id)).toEqual([
      { id: payment.id, agent_id: agent.id, status: 'canceled', order_id: payment.orderId },
      { id: expect.any(String) as string, agent_id: other.id, status: 'pending', order_id: payment.orderId }
    ])
    const [, next] = await scene.assignments(request.id)
    const { exchangeRate, amountUsd, amountLocal, agentAmountUsd, fee } = payment
    expect(await scene.payment(next!.id)).toMatchObject({ exchangeRate, amountUsd, amountLocal, agentAmountUsd, fee })
    expect(await scene.merchantMoney(merchant)).toBe('479.7')
    expect((await scene.request(request.id)).status).toBe('picked_up')
    expect((await scene.told(merchant.id)).map(({ data }) => data.status)).toEqual(['picked_up'])
    expect((await scene.told(agent.id)).slice(-2).map(({ type }) => type)).toEqual([
      'payment.canceled',
      'p2p_payment.status.updated'
    ])
    expect((await scene.told(other.id)).map(({ type }) => type)).toEqual(['payment.assigned'])

    // The first agent never gets it again, whoever gives it back.
    valueOf(await decline(next!.id, other))
    expect((await scene.request(request.id)).status).toBe('canceled')
    expect(await scene.merchantMoney(merchant)).toBe('500.0')
    // What it did before stays done, and is not done again.
    valueOf(await decline(payment.id))
    expect(await accept(payment.id)).toMatchObject({ failure: 'INVALID_STATUS' })
  })

  test('at most to so many', async () => {
    const agents = [agent, ...(await Promise.all([scene.agent(), scene.agent(), scene.agent()]))]
    const { request } = await scene.withdrawal(merchant)
    for (let count = 0; count < 3; count++) {
      const { id, agent_id: agentId } = (await scene.assignments(request.id)).at(-1)!
      valueOf(
        await decline(
          id,
          agents.find((one) => one.id === agentId)
        )
      )
    }
    expect(await scene.assignments(request.id)).toHaveLength(3)
    expect((await scene.request(request.id)).status).toBe('canceled')
  })
})

describe('case 44: time', () => {
  test('nobody accepts: it is canceled, and too late to accept', async () => {
    const { request, payment } = await scene.withdrawal(merchant)
    scene.clock.advanceSeconds(minutes(5))
    expect(await accept(payment.id)).toMatchObject({ failure: 'INVALID_STATUS' })
    await scene.passTime()
    expect(await scene.payment(payment.id)).toMatchObject({ status: 'canceled', cancelReason: 'expired' })
    expect((await scene.request(request.id)).status).toBe('canceled')
    expect(await scene.merchantMoney(merchant)).toBe('500.0')
    // It lapsed: the agent has not given it back.
    expect(await decline(payment.id)).toMatchObject({ failure: 'INVALID_STATUS' })
  })

  test('nobody accepts: another agent gets it', async () => {
    const { request } = await scene.withdrawal(merchant)
    const other = await scene.agent()
    await scene.passTime(minutes(5))
    expect((await scene.assignments(request.id)).map(({ agent_id: id, status }) => [id, status])).toEqual([
      [agent.id, 'canceled'],
      [other.id, 'pending']
    ])
  })

  test('accepted and not paid: it is overdue, and can still be paid', async () => {
    const { request, payment } = await scene.withdrawal(merchant)
    valueOf(await accept(payment.id))
    expect(await scene.overdue()).toEqual([])
    await scene.passTime(minutes(31))
    expect((await scene.payment(payment.id)).status).toBe('accepted')
    expect(await scene.overdue()).toEqual([payment.id])
    valueOf(await pay(payment.id))
    expect(await scene.overdue()).toEqual([])
    valueOf(await confirm(request.id))
  })

  test('case 47: paid and not confirmed for a day, it completes, once', async () => {
    const { request, payment } = await scene.withdrawal(merchant)
    valueOf(await accept(payment.id))
    valueOf(await pay(payment.id))
    await scene.passTime(minutes(24 * 60 - 1))
    expect((await scene.payment(payment.id)).status).toBe('paid')
    scene.clock.advanceSeconds(minutes(1))
    await Promise.all([scene.passTime(), confirm(request.id), scene.passTime()])
    expect((await scene.request(request.id)).status).toBe('completed')
    expect(await scene.money(agent)).toMatchObject({ balance: '1020.15' })
    expect((await scene.told(merchant.id)).map(({ data }) => data.status)).toEqual(['picked_up', 'completed'])
  })
})

describe('paying', () => {
  test('case 45: an agent that has to show receipts', async () => {
    const { payment } = await scene.withdrawal(merchant)
    valueOf(await accept(payment.id))
    await scene.parties.agents.update(scene.context, agent.id, { enforceReceiptUpload: true })
    expect(await pay(payment.id)).toMatchObject({ failure: 'RECEIPT_REQUIRED' })
    expect(await pay(payment.id, '  ')).toMatchObject({ failure: 'RECEIPT_REQUIRED' })
    expect((await scene.payment(payment.id)).status).toBe('accepted')
    valueOf(await pay(payment.id, 'receipt'))
  })

  test("case 46: from somebody else's method, or from one that cannot pay", async () => {
    const { payment } = await scene.withdrawal(merchant)
    valueOf(await accept(payment.id))
    const other = await scene.agent()
    const from = (methodId: string): ReturnType<typeof scene.orders.markWithdrawalPaid> =>
      scene.orders.markWithdrawalPaid(scene.context, agent.id, payment.id, methodId)
    expect(await from(merchant.method.id)).toMatchObject({ failure: 'NOT_FOUND' })
    expect(await from(other.method.id)).toMatchObject({ failure: 'NOT_FOUND' })
    const receiving = await scene.parties.method(agent.agent, { designation: 'deposit' })
    expect(await from(receiving.id)).toMatchObject({ failure: 'INVALID_PAYMENT_METHOD' })
    const gone = await scene.parties.method(agent.agent)
    valueOf(await scene.parties.methods.softDelete(scene.context, 'agent', agent.id, gone.id))
    expect(await from(gone.id)).toMatchObject({ failure: 'INVALID_PAYMENT_METHOD' })
    expect((await scene.payment(payment.id)).status).toBe('accepted')
    expect((await scene.money(agent)).liquidity).toBe('4969400.0')
  })

  test('from another own method: the reservation moves, or nothing does', async () => {
    const { request, payment } = await scene.withdrawal(merchant)
    valueOf(await accept(payment.id))
    const method = await scene.parties.method(agent.agent)
    const second = { ...agent, method }
    expect(await pay(payment.id, undefined, second)).toMatchObject({ failure: 'INSUFFICIENT_LIQUIDITY' })
    expect((await scene.money(agent)).liquidity).toBe('4969400.0')
    await scene.declare(second, '40000')
    valueOf(await pay(payment.id, undefined, second))
    expect((await scene.money(agent)).liquidity).toBe('5000000.0')
    expect((await scene.money(second)).liquidity).toBe('9400.0')
    expect((await scene.payment(payment.id)).agentPaymentMethodId).toBe(method.id)
    // The same again is done; with the other method it never was.
    valueOf(await pay(payment.id, undefined, second))
    expect(await pay(payment.id)).toMatchObject({ failure: 'INVALID_STATUS' })
    valueOf(await confirm(request.id))
  })
})

describe('money that is not there', () => {
  test('case 48: the merchant cannot pay for it, and can use the quote later', async () => {
    const poor = await scene.merchant('20')
    const { id } = valueOf(await scene.quote(poor, 'withdrawal'))
    expect(await scene.initiateWithdrawal(poor, id, 'ref')).toMatchObject({ failure: 'INSUFFICIENT_BALANCE' })
    expect(await scene.orders.findByReference(poor.id, 'ref')).toBeUndefined()
    await scene.parties.fund({ kind: 'merchant', id: poor.id }, usd('0.3'))
    valueOf(await scene.initiateWithdrawal(poor, id, 'ref'))
    expect(await scene.merchantMoney(poor)).toBe('0.0')
  })

  test('case 51: fiat that is promised is not offered again', async () => {
    await scene.declare(agent, '40000')
    const [quote, other] = [
      valueOf(await scene.quote(merchant, 'withdrawal')),
      valueOf(await scene.quote(merchant, 'withdrawal'))
    ]
    const { payment } = valueOf(await scene.initiateWithdrawal(merchant, quote.id))
    expect(await scene.initiateWithdrawal(merchant, other.id)).toMatchObject({ failure: 'INSUFFICIENT_LIQUIDITY' })
    expect(await scene.quote(merchant, 'withdrawal')).toMatchObject({ failure: 'INSUFFICIENT_LIQUIDITY' })
    await scene.declare(agent, '10000')
    expect(await accept(payment.id)).toMatchObject({ failure: 'INSUFFICIENT_LIQUIDITY' })
    expect((await scene.payment(payment.id)).status).toBe('pending')
    await scene.declare(agent, '30600')
    valueOf(await accept(payment.id))
    expect((await scene.money(agent)).liquidity).toBe('0.0')
  })

  test("a payout goes to the quote's customer, on the quote's rail", async () => {
    const { id } = valueOf(await scene.quote(merchant, 'withdrawal'))
    const stranger = await scene.parties.customer(merchant.id)
    const theirs = await scene.bank(stranger)
    const to = (paymentMethodId: string): ReturnType<typeof scene.orders.initiateWithdrawal> =>
      scene.orders.initiateWithdrawal(scene.context, merchant.id, { quoteId: id, paymentMethodId })
    expect(await to(theirs.id)).toMatchObject({ failure: 'NOT_FOUND' })
    expect(await to(agent.method.id)).toMatchObject({ failure: 'NOT_FOUND' })
    const elsewhere = await scene.bank(merchant.customer, 'bank_transfer_gh')
    expect(await to(elsewhere.id)).toMatchObject({ failure: 'INVALID_PAYMENT_METHOD' })
  })
})

test('case 52: what a surcharge of 1 % brings', async () => {
  valueOf(await scene.parties.countries.setSurcharge(scene.context, 'NG', 100))
  const { request, payment } = await scene.withdrawal(merchant)
  expect(payment).toMatchObject({
    exchangeRate: 1_514_700_000n,
    amountLocal: 3_029_400n,
    agentAmountUsd: usd('19.8'),
    fxSpreadRevenue: usd('0.2')
  })
  valueOf(await accept(payment.id))
  valueOf(await pay(payment.id))
  valueOf(await confirm(request.id))
  expect(await scene.merchantMoney(merchant)).toBe('479.7')
  expect(await scene.money(agent)).toMatchObject({ balance: '1019.95' })
  expect(await scene.platform('platform:fx_spread')).toBe('0.2')
  expect(await scene.platform('platform:fees')).toBe('0.15')
})

test('case 50: credit is reserved after the own balance, and refilled before it', async () => {
  await scene.parties.agents.update(scene.context, agent.id, { isSuspended: true })
  const poor = await scene.agent({ usd: '15', creditLine: '10' })
  const { payment } = await scene.deposit(merchant)
  expect(payment).toMatchObject({ heldBalance: usd('15'), heldCredit: usd('5') })
  expect(await scene.money(poor)).toMatchObject({ balance: '0.0', escrow: '20.0', usedCredit: '5.0' })
  valueOf(await scene.orders.markDepositReceived(scene.context, poor.id, payment.id))
  expect(await scene.money(poor)).toMatchObject({ balance: '0.0', escrow: '0.0', usedCredit: '4.85' })

  const withdrawal = await scene.withdrawal(merchant, '8')
  valueOf(await accept(withdrawal.payment.id, poor))
  valueOf(await pay(withdrawal.payment.id, undefined, poor))
  valueOf(await confirm(withdrawal.request.id))
  expect(await scene.money(poor)).toMatchObject({ balance: '3.21', usedCredit: '0.0' })
  // 13.21 are what balance and line have together.
  expect(await scene.quote(merchant, 'deposit', '13.22')).toMatchObject({ failure: 'INSUFFICIENT_LIQUIDITY' })
  valueOf(await scene.quote(merchant, 'deposit', '13.21'))
})

describe('the operator', () => {
  const paidWithdrawal = async (): Promise<Awaited<ReturnType<typeof scene.withdrawal>>> => {
    const placed = await scene.withdrawal(merchant)
    valueOf(await accept(placed.payment.id))
    valueOf(await pay(placed.payment.id))
    return placed
  }
  const resolve = (id: string, to: 'completed' | 'canceled'): ReturnType<typeof scene.orders.resolve> =>
    scene.orders.resolve(scene.context, id, to)

  test('ends a paid withdrawal either way', async () => {
    const [one, other] = [await paidWithdrawal(), await paidWithdrawal()]
    valueOf(await resolve(one.request.id, 'completed'))
    valueOf(await resolve(one.request.id, 'completed'))
    expect(await resolve(one.request.id, 'canceled')).toMatchObject({ failure: 'INVALID_STATUS' })
    valueOf(await resolve(other.request.id, 'canceled'))
    valueOf(await resolve(other.request.id, 'canceled'))
    expect(await scene.payment(other.payment.id)).toMatchObject({ status: 'canceled', cancelReason: 'resolved' })
    expect(await scene.merchantMoney(merchant)).toBe('479.7')
    expect(await scene.money(agent)).toMatchObject({ balance: '1020.15', liquidity: '4969400.0' })
  })

  test('ends a paid deposit either way', async () => {
    const [one, other] = [await scene.deposit(merchant), await scene.deposit(merchant)]
    for (const { request } of [one, other]) {
      expect(await resolve(request.id, 'canceled')).toMatchObject({ failure: 'INVALID_STATUS' })
      valueOf(await scene.orders.markDepositPaid(scene.context, side(), request.id))
    }
    valueOf(await resolve(one.request.id, 'completed'))
    valueOf(await resolve(other.request.id, 'canceled'))
    expect(await scene.merchantMoney(merchant)).toBe('519.7')
    expect(await scene.money(agent)).toMatchObject({ balance: '980.15', escrow: '0.0' })
  })

  test('takes an overdue withdrawal from its agent, and no other', async () => {
    const { request, payment } = await scene.withdrawal(merchant)
    valueOf(await accept(payment.id))
    expect(await resolve(request.id, 'canceled')).toMatchObject({ failure: 'INVALID_STATUS' })
    await scene.passTime(minutes(31))
    expect(await resolve(request.id, 'completed')).toMatchObject({ failure: 'INVALID_STATUS' })
    const other = await scene.agent()
    valueOf(await resolve(request.id, 'canceled'))
    expect((await scene.assignments(request.id)).map(({ agent_id: id, status }) => [id, status])).toEqual([
      [agent.id, 'canceled'],
      [other.id, 'pending']
    ])
    expect((await scene.money(agent)).liquidity).toBe('5000000.0')
  })
})

test("what is another's is not there", async () => {
  const { request, payment } = await scene.withdrawal(merchant)
  const [stranger, shop] = [await scene.agent(), await scene.merchant()]
  const missing = { failure: 'NOT_FOUND' }
  expect(await accept(payment.id, stranger)).toMatchObject(missing)
  expect(await decline(payment.id, stranger)).toMatchObject(missing)
  const other = { kind: 'merchant', id: shop.id } as const
  expect(await scene.orders.markWithdrawalReceived(scene.context, other, request.id)).toMatchObject(missing)
  const { id } = valueOf(await scene.quote(merchant, 'withdrawal'))
  expect(await scene.orders.refreshQuote(scene.context, shop.id, id)).toMatchObject(missing)
  expect(await scene.initiateWithdrawal(shop, id)).toMatchObject(missing)
  expect(await scene.quote({ ...merchant, id: shop.id }, 'deposit')).toMatchObject(missing)
})
