/**
 * How rates follow from what an agent asks for (the worked examples, as far as they need no database).
 *
 * Goal: each example gives its outcome, and the rules hold for whatever is asked. Method: the examples as a
 * table; then random wishes and markets against the rules, computed here with fractions of whole units.
 */
import fc from 'fast-check'
import { deriveRates, RATE_LIMIT, type RateWishes } from '../../../src/services/ramp/rates/derivation'

const MICRO = 1_000_000n
const MARKET = { buy: 1540n * MICRO, sell: 1535n * MICRO }

type Pair = readonly [rate: number, margin: number]

function pair([rate, margin]: Pair): { rate: bigint; margin: bigint } {
  return { rate: BigInt(Math.round(rate * 1e6)), margin: BigInt(Math.round(margin * 1e6)) }
}

const DONE: readonly [string, RateWishes, Pair | undefined, Pair | undefined][] = [
  ['E1', { depositRate: '1550', withdrawalRate: '1530' }, [1550, 10], [1530, 5]],
  ['E2', { depositRate: '1530' }, [1530, 0], undefined],
  ['E3', { withdrawalRate: '1600' }, undefined, [1600, 0]],
  ['E4', { depositMargin: '12.5' }, [1552.5, 12.5], undefined],
  ['E5', { withdrawalMargin: '12.5' }, undefined, [1522.5, 12.5]],
  ['E6', { depositRate: '1550', depositMargin: '99' }, [1550, 10], undefined],
  ['E7', { withdrawalRate: '1530', withdrawalMargin: '99' }, undefined, [1530, 5]],
  ['E8', { depositRate: '1550', withdrawalMargin: '20' }, [1550, 10], [1515, 20]],
  ['E9', { depositMargin: '7', withdrawalMargin: '7' }, [1547, 7], [1528, 7]],
  ['E12', { depositRate: null, depositMargin: '10' }, [1550, 10], undefined],
  ['E13', { depositMargin: '0' }, [1540, 0], undefined],
  ['E14', { depositRate: '1540' }, [1540, 0], undefined],
  ['E17', { depositRate: '1550', depositMargin: '-5' }, [1550, 10], undefined],
  ['E21', { depositRate: '1550.25' }, [1550.25, 10.25], undefined],
  ['an ignored margin of any form', { depositRate: '1550', depositMargin: '0.12345678' }, [1550, 10], undefined]
]

it.each(DONE)('%s: %j', (_, wishes, deposit, withdrawal) => {
  expect(deriveRates(wishes, MARKET)).toEqual({
    done: true,
    value: { deposit: deposit && pair(deposit), withdrawal: withdrawal && pair(withdrawal) }
  })
})

const NULLS = { depositRate: null, depositMargin: null, withdrawalRate: null, withdrawalMargin: null }

const REFUSED: readonly [string, RateWishes, string][] = [
  ['E10', {}, 'REQUIRED_ATTRIBUTES_MISSING'],
  ['E11', NULLS, 'REQUIRED_ATTRIBUTES_MISSING'],
  ['E15', { depositRate: '0' }, 'INVALID_RATE'],
  ['E15', { depositRate: '-1' }, 'INVALID_RATE'],
  ['E16', { depositMargin: '-5' }, 'INVALID_MARGIN'],
  ['E18', { withdrawalMargin: '1535' }, 'INVALID_RATE'],
  ['E19', { withdrawalMargin: '1600' }, 'INVALID_RATE'],
  ['E20', { depositRate: '1550', withdrawalMargin: '9999' }, 'INVALID_RATE'],
  ['E22', { depositRate: '1550.1234567' }, 'INVALID_RATE'],
  ['a rate of 10^9', { withdrawalRate: '1000000000' }, 'INVALID_RATE'],
  ['a derived rate of 10^9', { depositMargin: '999998460' }, 'INVALID_RATE'],
  ['a margin of seven decimals', { depositMargin: '0.1234567' }, 'INVALID_MARGIN'],
  ['one good side and a bad one', { depositRate: '1550', withdrawalMargin: '-1' }, 'INVALID_MARGIN']
]

it.each(REFUSED)('%s is refused: %j', (_, wishes, failure) => {
  expect(deriveRates(wishes, MARKET)).toEqual({ done: false, failure })
})

it('E25: nothing can be measured without a market', () => {
  expect(deriveRates({ depositRate: '1550' }, undefined)).toEqual({ done: false, failure: 'MARKET_RATE_UNAVAILABLE' })
  expect(deriveRates({ withdrawalMargin: '1' }, undefined)).toMatchObject({ failure: 'MARKET_RATE_UNAVAILABLE' })
  expect(deriveRates({}, undefined)).toMatchObject({ failure: 'REQUIRED_ATTRIBUTES_MISSING' })
})

it('whatever is asked, the rules hold for each side alone', () => {
  const amount = fc.bigInt({ min: -10n * MICRO, max: 3_000n * MICRO })
  const wish = fc.option(amount, { nil: undefined })
  const market = fc.record({
    buy: fc.bigInt({ min: 1n, max: 2_000n * MICRO }),
    sell: fc.bigInt({ min: 1n, max: 2_000n * MICRO })
  })
  fc.assert(
    fc.property(wish, wish, market, (rate, margin, { buy, sell }) => {
      const text = (value: bigint | undefined): string | undefined =>
        value === undefined ? undefined : `${value < 0n ? '-' : ''}${digits(value < 0n ? -value : value)}`
      const deposit = deriveRates({ depositRate: text(rate), depositMargin: text(margin) }, { buy, sell })
      const withdrawal = deriveRates({ withdrawalRate: text(rate), withdrawalMargin: text(margin) }, { buy, sell })
      expect(deposit).toEqual(
        expected(
          'deposit',
          rate,
          margin,
          (distance) => buy + distance,
          (own) => own - buy
        )
      )
      expect(withdrawal).toEqual(
        expected(
          'withdrawal',
          rate,
          margin,
          (distance) => sell - distance,
          (own) => sell - own
        )
      )
    })
  )
})

function digits(value: bigint): string {
  return `${value / MICRO}.${String(value % MICRO).padStart(6, '0')}`
}

function expected(
  side: string,
  rate: bigint | undefined,
  margin: bigint | undefined,
  rateAt: (margin: bigint) => bigint,
  marginOf: (rate: bigint) => bigint
): unknown {
  if (rate === undefined && margin === undefined) return { done: false, failure: 'REQUIRED_ATTRIBUTES_MISSING' }
  if (rate === undefined && (margin ?? 0n) < 0n) return { done: false, failure: 'INVALID_MARGIN' }
  const own = rate ?? rateAt(margin ?? 0n)
  if (own <= 0n || own >= RATE_LIMIT) return { done: false, failure: 'INVALID_RATE' }
  const distance = rate === undefined ? (margin ?? 0n) : marginOf(rate)
  const value = {
    deposit: undefined,
    withdrawal: undefined,
    [side]: { rate: own, margin: distance > 0n ? distance : 0n }
  }
  return { done: true, value }
}
