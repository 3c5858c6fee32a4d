/**
 * Goal: what an order comes to is exact to the last digit, for customer, merchant, agent and platform.
 * Method: the worked examples by hand, the edges of rounding, and for random orders that nothing is lost or made.
 */
import fc from 'fast-check'
import { parseDecimal, RATE_SCALE, USD_SCALE, LOCAL_SCALE } from '../../../src/services/ramp/money'
import { customerRate, feesOf, isNoWorse, termsOf } from '../../../src/services/ramp/orders/amounts'
import { creditSplit, holdSplit } from '../../../src/services/ramp/orders/credit'

const usd = (text: string): bigint => parseDecimal(text, USD_SCALE)!
const local = (text: string): bigint => parseDecimal(text, LOCAL_SCALE)!
const rate = (text: string): bigint => parseDecimal(text, RATE_SCALE)!

function terms(
  direction: 'deposit' | 'withdrawal',
  currency: 'usd' | 'local_currency',
  amount: bigint,
  agentRate: bigint,
  surchargeBasisPoints: number
): ReturnType<typeof termsOf> {
  const exchangeRate = customerRate(direction, agentRate, surchargeBasisPoints)
  return termsOf(direction, { currency, amount }, { exchangeRate, agentRate, hasSurcharge: surchargeBasisPoints > 0 })
}

describe('worked examples', () => {
  test('a deposit of 20 USD at 1550 without a surcharge', () => {
    expect(terms('deposit', 'usd', usd('20'), rate('1550'), 0)).toEqual({
      exchangeRate: rate('1550'),
      agentRate: rate('1550'),
      amountUsd: usd('20'),
      amountLocal: local('31000'),
      agentAmountUsd: usd('20'),
      spread: 0n
    })
    expect(feesOf(usd('20'), 150, 5000)).toEqual({ fee: usd('0.3'), agentCut: usd('0.15') })
  })

  test('case 52: a deposit of 20 USD at 1550 with a surcharge of 1 %', () => {
    expect(terms('deposit', 'usd', usd('20'), rate('1550'), 100)).toEqual({
      exchangeRate: rate('1565.5'),
      agentRate: rate('1550'),
      amountUsd: usd('20'),
      amountLocal: local('31310'),
      agentAmountUsd: usd('20.2'),
      spread: usd('0.2')
    })
  })

  test('case 52: a withdrawal of 20 USD at 1530 with a surcharge of 1 %', () => {
    expect(terms('withdrawal', 'usd', usd('20'), rate('1530'), 100)).toEqual({
      exchangeRate: rate('1514.7'),
      agentRate: rate('1530'),
      amountUsd: usd('20'),
      amountLocal: local('30294'),
      agentAmountUsd: usd('19.8'),
      spread: usd('0.2')
    })
  })
})

describe('rounding', () => {
  test('local currency makes USD rounded down for a deposit and up for a withdrawal', () => {
    expect(terms('deposit', 'local_currency', local('100'), rate('3'), 0).amountUsd).toBe(33_333_333n)
    expect(terms('withdrawal', 'local_currency', local('100'), rate('3'), 0).amountUsd).toBe(33_333_334n)
  })

  test('USD makes local currency rounded half up', () => {
    expect(terms('deposit', 'usd', usd('1'), rate('1.005'), 0).amountLocal).toBe(101n)
    expect(terms('withdrawal', 'usd', usd('1'), rate('1.004999'), 0).amountLocal).toBe(100n)
  })

  test("the customer's rate is rounded half to even", () => {
    expect(customerRate('deposit', 50n, 100)).toBe(50n)
    expect(customerRate('deposit', 150n, 100)).toBe(152n)
    expect(customerRate('withdrawal', 50n, 100)).toBe(50n)
  })

  test('a fee is rounded half up, and the share of it down', () => {
    expect(feesOf(100n, 150, 5000)).toEqual({ fee: 2n, agentCut: 1n })
    expect(feesOf(99n, 150, 5000)).toEqual({ fee: 1n, agentCut: 0n })
  })
})

test('a lower rate is better for whoever deposits, a higher one for whoever withdraws', () => {
  expect([isNoWorse('deposit', 1n, 2n), isNoWorse('deposit', 2n, 2n), isNoWorse('deposit', 3n, 2n)]).toEqual([
    true,
    true,
    false
  ])
  expect([isNoWorse('withdrawal', 1n, 2n), isNoWorse('withdrawal', 2n, 2n), isNoWorse('withdrawal', 3n, 2n)]).toEqual([
    false,
    true,
    true
  ])
})

test('the platform never pays for a spread, and the fee is never more than the amount', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('deposit', 'withdrawal'),
      fc.constantFrom('usd', 'local_currency'),
      fc.bigInt(1n, 10n ** 12n),
      fc.bigInt(1n, 10n ** 12n),
      fc.integer({ min: 0, max: 9_999 }),
      (direction, currency, amount, agentRate, surcharge) => {
        fc.pre(customerRate(direction, agentRate, surcharge) > 0n)
        const { amountUsd, agentAmountUsd, spread } = terms(direction, currency, amount, agentRate, surcharge)
        expect(spread >= 0n).toBe(true)
        const [given, taken] = direction === 'deposit' ? [agentAmountUsd, amountUsd] : [amountUsd, agentAmountUsd]
        expect(given).toBe(taken + spread)
        const { fee, agentCut } = feesOf(amountUsd, 150, 5_000)
        expect(fee <= amountUsd && agentCut <= fee).toBe(true)
      }
    )
  )
})

describe('credit lines', () => {
  const totals = (creditsPosted: string, debitsPosted = '0', debitsPending = '0'): Parameters<typeof holdSplit>[1] => ({
    creditsPosted: usd(creditsPosted),
    debitsPosted: usd(debitsPosted),
    creditsPending: 0n,
    debitsPending: usd(debitsPending)
  })

  test("case 50: 20 USD reserve the agent's 15 and 5 of its line of 10", () => {
    expect(holdSplit(usd('20'), totals('15'), totals('10'))).toEqual({ balance: usd('15'), credit: usd('5') })
    expect(holdSplit(usd('20'), totals('15'), totals('4.999999'))).toBeUndefined()
    expect(holdSplit(usd('20'), totals('15', '0', '1'), totals('10', '0', '4'))).toEqual({
      balance: usd('14'),
      credit: usd('6')
    })
  })

  test('case 50: what is drawn for good is refilled first, what is only reserved is not', () => {
    expect(creditSplit(usd('0.15'), usd('10'), totals('10', '0', '5'), usd('5'))).toEqual({
      balance: 0n,
      credit: usd('0.15')
    })
    expect(creditSplit(usd('8.06'), usd('10'), totals('10.15', '5'), 0n)).toEqual({
      balance: usd('3.21'),
      credit: usd('4.85')
    })
    expect(creditSplit(usd('1'), usd('10'), totals('10', '0', '5'), 0n)).toEqual({ balance: usd('1'), credit: 0n })
    expect(creditSplit(usd('1'), 0n, totals('0'), 0n)).toEqual({ balance: usd('1'), credit: 0n })
  })
})
