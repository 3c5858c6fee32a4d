/**
 * Goal: of two commands that compete for an order one wins and the other is told so, whichever process they come to.
 * Method: two instances of the service on one database, each pair of commands at the same moment, several times.
 */
import type { RequestContext } from '../../../src/services/context'
import type { RampAnswer } from '../../../src/services/ramp/failures'
import type { PlacedOrder } from '../../../src/services/ramp/orders/inputs'
import { valueOf } from '../../support/answers'
import { minutes, Scene, type TestAgent, type TestMerchant } from './scene'

const ROUNDS = 6

let one: Scene
let other: Scene
let agent: TestAgent
let merchant: TestMerchant

beforeAll(async () => {
  one = await Scene.open()
  other = await one.twin()
  agent = await one.agent({ usd: '100000', liquidity: '100000000' })
  merchant = await one.merchant('100000')
})
afterAll(async () => {
  expect(await one.findings()).toEqual([])
  await other.close()
  await one.close()
})

const side = (): { kind: 'merchant'; id: string } => ({ kind: 'merchant', id: merchant.id })
type Outcome = string | true

function outcomeOf(answer: RampAnswer<unknown>): Outcome {
  return answer.done ? true : answer.failure
}

type Command = (scene: Scene, order: PlacedOrder, context: RequestContext) => Promise<RampAnswer<unknown>>

const COMMANDS = {
  markDepositPaid: (scene, { request }, context) => scene.orders.markDepositPaid(context, side(), request.id),
  cancelDeposit: (scene, { request }, context) => scene.orders.cancelDeposit(context, side(), request.id),
  markDepositReceived: (scene, { payment }, context) => scene.orders.markDepositReceived(context, agent.id, payment.id),
  acceptWithdrawal: (scene, { payment }, context) => scene.orders.acceptWithdrawal(context, agent.id, payment.id),
  cancelWithdrawal: (scene, { payment }, context) => scene.orders.cancelWithdrawal(context, agent.id, payment.id),
  markWithdrawalPaid: (scene, { payment }, context) =>
    scene.orders.markWithdrawalPaid(context, agent.id, payment.id, agent.method.id),
  markWithdrawalReceived: (scene, { request }, context) =>
    scene.orders.markWithdrawalReceived(context, side(), request.id),
  complete: (scene, { request }, context) => scene.orders.resolve(context, request.id, 'completed'),
  cancel: (scene, { request }, context) => scene.orders.resolve(context, request.id, 'canceled')
} satisfies Record<string, Command>

type Name = keyof typeof COMMANDS

async function acceptedWithdrawal(): Promise<PlacedOrder> {
  const placed = await one.withdrawal(merchant)
  valueOf(await COMMANDS.acceptWithdrawal(one, placed, one.context))
  return placed
}

const PREPARATIONS = {
  'a pending deposit': () => one.deposit(merchant),
  'a paid deposit': async () => {
    const placed = await one.deposit(merchant)
    valueOf(await COMMANDS.markDepositPaid(one, placed, one.context))
    return placed
  },
  'a pending withdrawal': () => one.withdrawal(merchant),
  'an accepted withdrawal': acceptedWithdrawal,
  'a paid withdrawal': async () => {
    const placed = await acceptedWithdrawal()
    valueOf(await COMMANDS.markWithdrawalPaid(one, placed, one.context))
    return placed
  }
} satisfies Record<string, () => Promise<PlacedOrder>>

/** Both at once, from two processes, the one that starts first taking turns. */
async function race(round: number, order: PlacedOrder, left: Name, right: Name): Promise<[Outcome, Outcome]> {
  const run = async (name: Name, scene: Scene): Promise<Outcome> =>
    outcomeOf(await COMMANDS[name](scene, order, scene.context))
  if (round % 2 === 0) return Promise.all([run(left, one), run(right, other)])
  const [second, first] = await Promise.all([run(right, one), run(left, other)])
  return [first, second]
}

describe('one wins, the other is refused', () => {
  test.each<[keyof typeof PREPARATIONS, Name, Name]>([
    ['a pending deposit', 'cancelDeposit', 'markDepositReceived'],
    ['a pending deposit', 'cancelDeposit', 'markDepositPaid'],
    ['a paid deposit', 'markDepositReceived', 'cancel'],
    ['an accepted withdrawal', 'cancelWithdrawal', 'markWithdrawalPaid'],
    ['a paid withdrawal', 'markWithdrawalReceived', 'cancel']
  ])('%s: %s and %s', async (prepared, left, right) => {
    for (let round = 0; round < ROUNDS; round++) {
      const order = await PREPARATIONS[prepared]()
      const outcomes = await race(round, order, left, right)
      expect(outcomes.filter((outcome) => outcome === true)).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome !== true)).toEqual(['INVALID_STATUS'])
      // Whoever won has told of it, once.
      const { status } = await one.payment(order.payment.id)
      const told = (await one.told(agent.id)).filter(({ data }) => data.order_id === order.request.orderId)
      expect(
        told.filter(({ type, data }) => type === 'p2p_payment.status.updated' && data.status === status)
      ).toHaveLength(1)
    }
  })
})

describe('both are right, and it happens once', () => {
  test.each<[keyof typeof PREPARATIONS, Name, Name]>([
    ['a pending deposit', 'markDepositPaid', 'markDepositPaid'],
    ['a paid deposit', 'markDepositReceived', 'complete'],
    ['a pending deposit', 'cancelDeposit', 'cancelDeposit'],
    ['a pending withdrawal', 'acceptWithdrawal', 'acceptWithdrawal'],
    ['an accepted withdrawal', 'markWithdrawalPaid', 'markWithdrawalPaid'],
    ['an accepted withdrawal', 'cancelWithdrawal', 'cancelWithdrawal'],
    ['a paid withdrawal', 'markWithdrawalReceived', 'complete']
  ])('%s: %s and %s', async (prepared, left, right) => {
    for (let round = 0; round < ROUNDS; round++) {
      const order = await PREPARATIONS[prepared]()
      expect(await race(round, order, left, right)).toEqual([true, true])
      const told = (await one.told(agent.id)).filter(({ data }) => data.order_id === order.request.orderId)
      const statuses = told.filter(({ type }) => type === 'p2p_payment.status.updated').map(({ data }) => data.status)
      expect(new Set(statuses).size).toBe(statuses.length)
    }
  })
})

test('accepted and given back at once: it ends canceled, and was accepted only before that', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const order = await one.withdrawal(merchant)
    const [accepted, declined] = await race(round, order, 'acceptWithdrawal', 'cancelWithdrawal')
    expect(declined).toBe(true)
    expect([true, 'INVALID_STATUS']).toContain(accepted)
    const payment = await one.payment(order.payment.id)
    expect([payment.status, payment.acceptedAt !== null]).toEqual(['canceled', accepted === true])
  }
})

test('time and a command: one of them decides', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const [deposit, withdrawal] = [await one.deposit(merchant), await one.withdrawal(merchant)]
    const before = one.clock.now()
    // The clock of the process that the agent asks is a little behind.
    const late: RequestContext = { ...other.context, now: () => before }
    one.clock.advanceSeconds(minutes(31))
    const [received, accepted] = await Promise.all([
      COMMANDS.markDepositReceived(other, deposit, late).then(outcomeOf),
      COMMANDS.acceptWithdrawal(other, withdrawal, late).then(outcomeOf),
      one.passTime(),
      other.passTime()
    ])
    const [depositEnd, withdrawalEnd] = [
      await one.payment(deposit.payment.id),
      await one.payment(withdrawal.payment.id)
    ]
    expect([depositEnd.status, received]).toEqual(
      received === true ? ['completed', true] : ['canceled', 'INVALID_STATUS']
    )
    expect([withdrawalEnd.status, accepted]).toEqual(
      accepted === true ? ['accepted', true] : ['canceled', 'INVALID_STATUS']
    )
  }
})

test('a page is canceled or picked up', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const wish = { paymentType: 'deposit', amount: '20', countryCode: 'NG', firstName: 'A', lastName: 'B' } as const
    const hosted = { ...wish, email: 'page@example.com' }
    const request = valueOf(await one.orders.initiateHosted(one.context, merchant.id, hosted))
    const [pickedUp, canceled] = await Promise.all([
      one.orders.pickUp(one.context, request.id, { paymentMethodType: 'bank_transfer' }).then(outcomeOf),
      other.orders.cancelHosted(other.context, merchant.id, request.id).then(outcomeOf)
    ])
    expect([pickedUp, canceled].sort()).toEqual(['INVALID_STATUS', true])
  }
})

test('a quote makes one order, without a reference too', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { id: quoteId } = valueOf(await one.quote(merchant, 'deposit'))
    const outcomes = await Promise.all(
      [one, other, one, other].map((scene) =>
        scene.orders.initiateDeposit(scene.context, merchant.id, { quoteId }).then(outcomeOf)
      )
    )
    expect(outcomes.sort()).toEqual(['QUOTE_CONSUMED', 'QUOTE_CONSUMED', 'QUOTE_CONSUMED', true])
  }
})

test('of N who spend all that an agent has, one does', async () => {
  const poor = await one.agent({ usd: '20', rates: ['1545', '1500'] })
  for (const callers of [2, 8, 32]) {
    const quotes = await Promise.all(
      Array.from({ length: callers }, () => one.quote(merchant, 'deposit').then(valueOf))
    )
    expect(quotes.every(({ agentId }) => agentId === poor.id)).toBe(true)
    await one.parties.agents.update(one.context, agent.id, { isSuspended: true })
    const answers = await Promise.all(
      quotes.map(({ id: quoteId }, index) => {
        const scene = index % 2 === 0 ? one : other
        return scene.orders.initiateDeposit(scene.context, merchant.id, { quoteId })
      })
    )
    const placed = answers.flatMap((answer) => (answer.done ? [answer.value] : []))
    expect(placed).toHaveLength(1)
    expect(new Set(answers.map(outcomeOf))).toEqual(new Set([true, 'INSUFFICIENT_LIQUIDITY']))
    valueOf(await COMMANDS.cancelDeposit(one, placed[0]!, one.context))
    await one.parties.agents.update(one.context, agent.id, { isSuspended: false })
  }
})

test('orders that draw on one credit line complete beside each other, and it is refilled exactly', async () => {
  const poor = await one.agent({ usd: '10', creditLine: '1000', rates: ['1541', '1500'] })
  const orders: PlacedOrder[] = []
  for (let count = 0; count < 32; count++) orders.push(await one.deposit(merchant))
  expect(orders.every(({ payment }) => payment.agentId === poor.id)).toBe(true)
  const answers = await Promise.all(
    orders.map(({ payment }, index) => {
      const scene = index % 2 === 0 ? one : other
      return scene.orders.markDepositReceived(scene.context, poor.id, payment.id)
    })
  )
  expect(answers.every(({ done }) => done)).toBe(true)
  // 640 were given, 10 of them its own; the shares of the fees, 32 times 0.15, are back.
  expect(await one.money(poor)).toMatchObject({ balance: '0.0', escrow: '0.0', usedCredit: '625.2' })
  await one.parties.agents.update(one.context, poor.id, { isSuspended: true })
})

test('an agent is not passed over for an order that its credit line covers', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const lent = await one.agent({ usd: '30', creditLine: '100', rates: ['1541', '1500'] })
    const quotes = [valueOf(await one.quote(merchant, 'deposit')), valueOf(await one.quote(merchant, 'deposit'))]
    // Its own balance covers either of the two.
    const placed = await Promise.all(
      quotes.map(async ({ id: quoteId }, index) => {
        const { orders, context } = index === 0 ? one : other
        return valueOf(await orders.initiateDeposit(context, merchant.id, { quoteId }))
      })
    )
    expect(placed.map(({ payment }) => payment.agentId)).toEqual([lent.id, lent.id])
    expect(await one.money(lent)).toMatchObject({ balance: '0.0', escrow: '40.0', usedCredit: '10.0' })
    await one.parties.agents.update(one.context, lent.id, { isSuspended: true })
  }
})

test('of N who spend all that an agent has and may borrow, one does, and the others are told', async () => {
  const lent = await one.agent({ usd: '15', creditLine: '10', rates: ['1541', '1500'] })
  const quotes = await Promise.all(Array.from({ length: 8 }, () => one.quote(merchant, 'deposit').then(valueOf)))
  await one.parties.agents.update(one.context, agent.id, { isSuspended: true })
  const answers = await Promise.all(
    quotes.map(({ id: quoteId }, index) => {
      const { orders, context } = index % 2 === 0 ? one : other
      return orders.initiateDeposit(context, merchant.id, { quoteId })
    })
  )
  const refusals = Array.from({ length: 7 }, () => 'INSUFFICIENT_LIQUIDITY')
  expect(answers.map(outcomeOf).sort()).toEqual([...refusals, true])
  expect(await one.money(lent)).toMatchObject({ balance: '0.0', escrow: '20.0', usedCredit: '5.0' })
  await one.parties.agents.update(one.context, agent.id, { isSuspended: false })
})
