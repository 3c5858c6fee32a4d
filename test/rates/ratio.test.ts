/**
 * Goal: rates are exact, and rounding never gives anybody a unit that was not paid for.
 * Method: properties over arbitrary amounts and decimal texts, checked in whole numbers only.
 */
import fc from 'fast-check'
import {
  divideUp,
  dividedBy,
  multiplyDown,
  parseRatio,
  powerOfTen,
  ratioOf,
  times,
  toNumber
} from '../../src/services/rates/ratio'

const amount = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n })
const ratio = fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 40n }), fc.bigInt({ min: 1n, max: 10n ** 40n }))

describe('decimal texts', () => {
  it('are read digit by digit', () => {
    expect(parseRatio('1.16')).toEqual({ numerator: 29n, denominator: 25n })
    expect(parseRatio('0.1')).toEqual({ numerator: 1n, denominator: 10n })
    expect(parseRatio('2.5e-7')).toEqual({ numerator: 1n, denominator: 4_000_000n })
    expect(parseRatio('3E2')).toEqual({ numerator: 300n, denominator: 1n })
    expect(parseRatio('12345678901234567890.123456789')).toEqual({
      numerator: 12345678901234567890123456789n,
      denominator: 1_000_000_000n
    })
  })

  it.each(['0', '0.000', '0e5', '-1', '', '.5', '1.', 'NaN', 'Infinity', '1e101', '1e-101', '0x10', '1'.repeat(101)])(
    'that are no positive rate are refused: %s',
    (text) => {
      expect(parseRatio(text)).toBeUndefined()
    }
  )

  it('keep every digit, whatever the number', () => {
    fc.assert(
      fc.property(amount, fc.nat(30), (digits, places) => {
        const text = digits.toString().padStart(places + 1, '0')
        const decimal = places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`
        expect(parseRatio(decimal)).toEqual(ratioOf(digits, 10n ** BigInt(places)))
      })
    )
  })
})

describe('conversions', () => {
  it('never credit more than the rate gives', () => {
    fc.assert(
      fc.property(amount, ratio, (source, [numerator, denominator]) => {
        const rate = ratioOf(numerator, denominator)
        const credited = multiplyDown(source, rate)
        expect(credited * denominator <= source * numerator).toBe(true)
        expect((credited + 1n) * denominator > source * numerator).toBe(true)
      })
    )
  })

  it('charge the least that delivers an amount', () => {
    fc.assert(
      fc.property(amount, ratio, (target, [numerator, denominator]) => {
        const rate = ratioOf(numerator, denominator)
        const cost = divideUp(target, rate)
        expect(multiplyDown(cost, rate) >= target).toBe(true)
        expect(multiplyDown(cost - 1n, rate) < target).toBe(true)
      })
    )
  })

  it('there and back make no money', () => {
    fc.assert(
      fc.property(amount, ratio, (source, [numerator, denominator]) => {
        const rate = ratioOf(numerator, denominator)
        const back = multiplyDown(multiplyDown(source, rate), ratioOf(denominator, numerator))
        expect(back <= source).toBe(true)
      })
    )
  })

  it('compose exactly', () => {
    fc.assert(
      fc.property(ratio, ratio, (first, second) => {
        const left = ratioOf(...first)
        const right = ratioOf(...second)
        expect(dividedBy(times(left, right), right)).toEqual(left)
      })
    )
    expect(times(powerOfTen(-3), powerOfTen(3))).toEqual({ numerator: 1n, denominator: 1n })
  })
})

it('a ratio is positive', () => {
  expect(() => ratioOf(0n, 1n)).toThrow(RangeError)
  expect(() => ratioOf(1n, -1n)).toThrow(RangeError)
})

it('a ratio is shown as the nearest number', () => {
  expect(toNumber(ratioOf(1n, 2n))).toBe(0.5)
  expect(toNumber(ratioOf(29n, 25n))).toBe(1.16)
  expect(toNumber(ratioOf(1n, 3n))).toBe(1 / 3)
  expect(toNumber(powerOfTen(-30))).toBe(1e-30)
  expect(toNumber(powerOfTen(250))).toBe(1e250)
})
