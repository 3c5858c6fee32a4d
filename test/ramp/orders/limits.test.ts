/**
 * Goal: orders keep the limits that the operator set, and the Merchant API shows those.
 * Method: the services on a database of their own, by case, with limits that only the test has.
 */
import { ReferenceResolver } from '../../../src/resolvers/merchant/reference-resolver'
import { HostedPages } from '../../../src/services/ramp/hosted/hosted-pages'
import { valueOf } from '../../support/answers'
import { Scene, usd, type TestMerchant } from './scene'

let scene: Scene
let merchant: TestMerchant

beforeEach(async () => {
  scene = await Scene.open({
    rampDepositMinimumUsd: usd('10'),
    rampDepositMaximumUsd: usd('100'),
    rampWithdrawalMinimumUsd: usd('20'),
    rampWithdrawalMaximumUsd: usd('50'),
    rampDailyLimitUsd: usd('120')
  })
  merchant = await scene.merchant()
})
afterEach(async () => {
  expect(await scene.findings()).toEqual([])
  await scene.close()
})

test('the limits are those that were set, and are shown', async () => {
  await scene.agent()
  for (const [direction, amount, failure] of [
    ['deposit', '9.999999', 'BELOW_MINIMUM'],
    ['deposit', '100.000001', 'ABOVE_MAXIMUM'],
    ['withdrawal', '19.999999', 'BELOW_MINIMUM'],
    ['withdrawal', '50.000001', 'ABOVE_MAXIMUM']
  ] as const) {
    expect(await scene.quote(merchant, direction, amount)).toMatchObject({ failure })
  }
  await scene.withdrawal(merchant, '20')
  await scene.deposit(merchant, '100')
  const { id } = valueOf(await scene.quote(merchant, 'deposit', '10'))
  expect(await scene.orders.initiateDeposit(scene.context, merchant.id, { quoteId: id })).toMatchObject({
    failure: 'DAILY_LIMIT_EXCEEDED'
  })
  expect(scene.parties.api.container.resolve(ReferenceResolver).rampLimits()).toEqual({
    minimumDepositUsd: '10.0',
    maximumDepositUsd: '100.0',
    minimumWithdrawalUsd: '20.0',
    maximumWithdrawalUsd: '50.0',
    dailyLimitUsd: '120.0'
  })
})

describe('an amount in local currency', () => {
  const wish = {
    paymentType: 'deposit',
    currency: 'local_currency',
    countryCode: 'NG',
    firstName: 'Ada',
    lastName: 'Obi',
    email: 'ada@example.com'
  } as const

  test('goes to the best agent with whom it is within the limits, however many stand before', async () => {
    for (let count = 0; count < 9; count++) await scene.agent({ rates: ['1550', '1530'] })
    const dear = await scene.agent({ rates: ['1600', '1500'] })
    expect(await scene.quote(merchant, 'deposit', '156000', 'local_currency')).toMatchObject({
      value: { agentId: dear.id, amountUsd: usd('97.5') }
    })
    const { orders, context } = scene
    const hosted = valueOf(await orders.initiateHosted(context, merchant.id, { ...wish, amount: '156000' }))
    const { rails } = (await scene.parties.api.container.resolve(HostedPages).view(context, hosted.id))!
    expect(rails).toContainEqual(expect.objectContaining({ identifier: 'bank_transfer_ng', amountUsd: '97.5' }))
    const placed = valueOf(await orders.pickUp(context, hosted.id, { paymentMethodType: 'bank_transfer' }))
    expect(placed.payment).toMatchObject({ agentId: dear.id, amountUsd: usd('97.5') })
  })

  test.each([
    ['170000', 'ABOVE_MAXIMUM'],
    ['15000', 'BELOW_MINIMUM']
  ])('of %s is within the limits with nobody: %s', async (amount, failure) => {
    await scene.agent({ rates: ['1550', '1530'] })
    await scene.agent({ rates: ['1600', '1500'] })
    expect(await scene.quote(merchant, 'deposit', amount, 'local_currency')).toMatchObject({ failure })
    const { orders, context } = scene
    const hosted = valueOf(await orders.initiateHosted(context, merchant.id, { ...wish, amount }))
    const pickUp = await orders.pickUp(context, hosted.id, { paymentMethodType: 'bank_transfer' })
    expect(pickUp).toMatchObject({ failure })
  })
})
