/** Goal: amounts keep every digit, and are rounded once and in the stated direction. */
import {
  divide,
  formatDecimal,
  LOCAL_SCALE,
  localToUsd,
  parseDecimal,
  RATE_SCALE,
  shareOf,
  USD_SCALE,
  usdToLocal
} from '../../src/services/ramp/money'

const usd = (text: string): bigint => parseDecimal(text, USD_SCALE)!
const local = (text: string): bigint => parseDecimal(text, LOCAL_SCALE)!
const rate = (text: string): bigint => parseDecimal(text, RATE_SCALE)!

test.each([
  ['1550', 6, 1_550_000_000n],
  ['1550.25', 6, 1_550_250_000n],
  ['0.000001', 6, 1n],
  ['-1', 2, -100n],
  ['-0.01', 2, -1n],
  ['007.50', 2, 750n],
  ['0', 2, 0n],
  ['12345678901234567890.123456', 6, 12345678901234567890123456n]
])('%s at scale %i is read', (text, scale, value) => {
  expect(parseDecimal(text, scale)).toBe(value)
})

test.each([
  '',
  ' 1',
  '1 ',
  '1.',
  '.5',
  '+1',
  '1e3',
  'NaN',
  'Infinity',
  '0x10',
  '1,5',
  '--1',
  '١',
  '1'.repeat(65),
  '1.0000001'
])('%p is no amount of USD', (text) => {
  expect(parseDecimal(text, USD_SCALE)).toBeUndefined()
})

test.each([
  [159_000_000n, 6, '159.0'],
  [795n, 2, '7.95'],
  [300_000n, 6, '0.3'],
  [1n, 6, '0.000001'],
  [0n, 2, '0.0'],
  [-150_000n, 6, '-0.15'],
  [-100n, 2, '-1.0'],
  [12345678901234567890123456n, 6, '12345678901234567890.123456']
])('%p at scale %i is written', (value, scale, text) => {
  expect(formatDecimal(value, scale)).toBe(text)
  expect(parseDecimal(text, scale)).toBe(value)
})

test.each([
  [7n, 2n, { down: 3n, up: 4n, half_up: 4n, half_even: 4n }],
  [5n, 2n, { down: 2n, up: 3n, half_up: 3n, half_even: 2n }],
  [4n, 3n, { down: 1n, up: 2n, half_up: 1n, half_even: 1n }],
  [5n, 3n, { down: 1n, up: 2n, half_up: 2n, half_even: 2n }],
  [6n, 3n, { down: 2n, up: 2n, half_up: 2n, half_even: 2n }],
  [0n, 3n, { down: 0n, up: 0n, half_up: 0n, half_even: 0n }]
])('%p / %p is rounded', (dividend, divisor, expected) => {
  for (const rounding of ['down', 'up', 'half_up', 'half_even'] as const) {
    expect(divide(dividend, divisor, rounding)).toBe(expected[rounding])
  }
})

test('nothing negative is divided, and nothing by zero', () => {
  expect(() => divide(-1n, 2n, 'down')).toThrow(RangeError)
  expect(() => divide(1n, 0n, 'down')).toThrow(RangeError)
})

test('amounts are converted as in the worked examples', () => {
  expect(usdToLocal(usd('20'), rate('1550'), 'half_up')).toBe(local('31000'))
  expect(usdToLocal(usd('20'), rate('1565.5'), 'half_up')).toBe(local('31310'))
  expect(localToUsd(local('31310'), rate('1550'), 'half_even')).toBe(usd('20.2'))
  expect(localToUsd(local('30294'), rate('1530'), 'half_even')).toBe(usd('19.8'))
  expect(localToUsd(local('1'), rate('1530'), 'down')).toBe(653n)
  expect(localToUsd(local('1'), rate('1530'), 'up')).toBe(654n)
  expect(shareOf(usd('20'), 150, 'half_up')).toBe(usd('0.3'))
  expect(shareOf(usd('0.3'), 5_000, 'down')).toBe(usd('0.15'))
})
