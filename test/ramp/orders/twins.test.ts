/**
 * Goal: an order that is asked for several times at once is one order, and whoever asked for it gets it, also where
 * the first call takes the last of what the others would need.
 * Method: eight callers, in two instances of the service on one database, and just enough for one.
 */
import type { RampAnswer } from '../../../src/services/ramp/failures'
import type { PlacedOrder } from '../../../src/services/ramp/orders/inputs'
import { valueOf } from '../../support/answers'
import { Scene, usd, type AgentOptions } from './scene'

const ROUNDS = 4
const CALLERS = 8

let scenes: readonly [Scene, Scene]

beforeEach(async () => {
  const one = await Scene.open({ rampDailyLimitUsd: usd('30') })
  scenes = [one, await one.twin()]
})
afterEach(async () => {
  const [one, other] = scenes
  expect(await one.findings()).toEqual([])
  await other.close()
  await one.close()
})

/** All at the same moment, every other one in the other instance. */
function together<Result>(call: (scene: Scene) => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: CALLERS }, (_, index) => call(scenes[index % 2]!)))
}

function outcomeOf(answer: RampAnswer<unknown>): string {
  return answer.done ? 'done' : answer.failure
}

describe('the same reference again', () => {
  test.each<[string, 'deposit' | 'withdrawal', AgentOptions, string]>([
    ['a withdrawal that takes what the merchant has', 'withdrawal', { usd: '0' }, '25'],
    ['a deposit that takes what the agent has', 'deposit', { usd: '25' }, '0'],
    ['a deposit that fills the day', 'deposit', { usd: '1000' }, '0']
  ])('%s', async (_, direction, options, funds) => {
    const [one] = scenes
    for (let round = 0; round < ROUNDS; round++) {
      const agent = await one.agent(options)
      const merchant = await one.merchant(funds)
      const { id: quoteId } = valueOf(await one.quote(merchant, direction))
      const place = ({ orders, context }: Scene): Promise<RampAnswer<PlacedOrder>> =>
        direction === 'deposit'
          ? orders.initiateDeposit(context, merchant.id, { quoteId, reference: 'one' })
          : orders.initiateWithdrawal(context, merchant.id, {
              quoteId,
              paymentMethodId: merchant.method.id,
              reference: 'one'
            })
      const answers = await together(place)
      expect(answers.map(outcomeOf)).toEqual(Array.from({ length: CALLERS }, () => 'done'))
      expect(new Set(answers.map((answer) => valueOf(answer).request.id)).size).toBe(1)
      await one.parties.agents.update(one.context, agent.id, { isSuspended: true })
    }
  })

  test('a withdrawal on a page that takes what the merchant has', async () => {
    const person = { firstName: 'Ada', lastName: 'Obi', email: 'ada@example.com', countryCode: 'NG' }
    const wish = { ...person, paymentType: 'withdrawal', amount: '20', reference: 'page' } as const
    for (let round = 0; round < ROUNDS; round++) {
      const merchant = await scenes[0].merchant('25')
      const answers = await together(({ orders, context }) => orders.initiateHosted(context, merchant.id, wish))
      expect(answers.map(outcomeOf)).toEqual(Array.from({ length: CALLERS }, () => 'done'))
      expect(new Set(answers.map((answer) => valueOf(answer).id)).size).toBe(1)
    }
  })
})

test('a rail that is chosen several times at once is chosen once, and then it is too late', async () => {
  const [one] = scenes
  const person = { firstName: 'Ada', lastName: 'Obi', email: 'ada@example.com', countryCode: 'NG' }
  for (let round = 0; round < ROUNDS; round++) {
    const agent = await one.agent({ usd: '25' })
    const merchant = await one.merchant('0')
    const wish = { ...person, paymentType: 'deposit', amount: '20' } as const
    const request = valueOf(await one.orders.initiateHosted(one.context, merchant.id, wish))
    const answers = await together(({ orders, context }) =>
      orders.pickUp(context, request.id, { paymentMethodType: 'bank_transfer' })
    )
    const late = Array.from({ length: CALLERS - 1 }, () => 'INVALID_STATUS')
    expect(answers.map(outcomeOf).sort()).toEqual([...late, 'done'])
    await one.parties.agents.update(one.context, agent.id, { isSuspended: true })
  }
})

test('what is refused for its own reasons is refused', async () => {
  const [one] = scenes
  await one.agent()
  const merchant = await one.merchant('0')
  await one.deposit(merchant)
  const { id: quoteId } = valueOf(await one.quote(merchant, 'deposit'))
  const answers = await together(({ orders, context }) =>
    orders.initiateDeposit(context, merchant.id, { quoteId, reference: 'second' })
  )
  expect(new Set(answers.map(outcomeOf))).toEqual(new Set(['DAILY_LIMIT_EXCEEDED']))
})
