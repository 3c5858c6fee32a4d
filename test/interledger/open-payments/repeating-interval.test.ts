/**
 * Goal: the interval of a time is the one that a calendar shows.
 * Method: vectors by hand, and a property: intervals follow each other without a gap.
 */
import fc from 'fast-check'
import { intervalAt, type Interval } from '../../../src/services/payments/outgoing/repeating-interval'

function at(text: string, time: string): [string, string] | 'invalid' | undefined {
  const interval = intervalAt(text, new Date(time))
  return typeof interval === 'object' ? [interval.start.toISOString(), interval.end.toISOString()] : interval
}

const day = (text: string): string => `${text}T00:00:00.000Z`

test.each([
  ['R12/2026-01-31T00:00:00Z/P1M', day('2026-02-27'), [day('2026-01-31'), day('2026-02-28')]],
  ['R12/2026-01-31T00:00:00Z/P1M', day('2026-02-28'), [day('2026-02-28'), day('2026-03-31')]],
  ['R/2024-02-29T00:00:00Z/P1Y', day('2025-03-01'), [day('2025-02-28'), day('2026-02-28')]],
  [
    'R-1/2020-01-01T00:00:00Z/PT1S',
    '2026-05-05T05:05:05.500Z',
    ['2026-05-05T05:05:05.000Z', '2026-05-05T05:05:06.000Z']
  ],
  ['R2/2026-01-01/P1D', day('2026-01-02'), [day('2026-01-02'), day('2026-01-03')]],
  ['R2/2026-01-01/P1D', day('2026-01-03'), undefined],
  ['R0/2026-01-01/P1D', day('2026-01-01'), [day('2026-01-01'), day('2026-01-02')]],
  ['R/2026-01-01/P1D', '2025-12-31T23:59:59.999Z', undefined],
  ['R1/2026-01-01/2026-02-01', '2026-01-31T23:59:59.999Z', [day('2026-01-01'), day('2026-02-01')]],
  ['R1/2026-01-01/2026-02-01', day('2026-02-01'), undefined],
  ['R2/P1M/2026-03-31T00:00:00Z', day('2026-03-30'), [day('2026-02-28'), day('2026-03-31')]],
  ['R2/P1M/2026-03-31T00:00:00Z', day('2026-02-28'), [day('2026-02-28'), day('2026-03-31')]],
  ['R2/P1M/2026-03-31T00:00:00Z', day('2026-02-27'), [day('2026-01-31'), day('2026-02-28')]],
  ['R2/P1M/2026-03-31T00:00:00Z', day('2026-01-30'), undefined],
  ['R/P1M/2026-03-31T00:00:00Z', day('2026-03-31'), undefined],
  ['R/P1W/2026-03-31', day('2001-01-01'), [day('2000-12-26'), day('2001-01-02')]]
])('%s at %s', (text, time, expected) => {
  expect(at(text, time)).toEqual(expected)
})

test.each([
  '',
  'R',
  'R/',
  'R//',
  'R/P1D',
  'P1D/2026-01-01',
  'R/2026-01-01/P',
  'R/2026-01-01/PT',
  'R/2026-01-01/P0D',
  'R/2026-02-31/P1D',
  'R/2026-02-01/2026-01-01',
  'R-2/2026-01-01/P1D',
  'R/P1D/P1D',
  'R/2026-01-01/P1.5D',
  'R/2026-01-01/P1H'
])('%p says nothing', (text) => {
  expect(at(text, day('2026-01-01'))).toBe('invalid')
})

test('a time lies in its interval, and the end of one is the start of the next', () => {
  const durations = fc.constantFrom('P1M', 'P3M', 'P1Y2M10DT2H30M', 'P1W', 'PT1H', 'PT7S', 'P1D')
  const times = fc.date({ min: new Date('2000-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  fc.assert(
    fc.property(durations, times, times, fc.boolean(), (duration, anchor, time, isForward) => {
      const text = isForward ? `R/${anchor.toISOString()}/${duration}` : `R/${duration}/${anchor.toISOString()}`
      const interval = intervalAt(text, time) as Interval | undefined
      if (!interval) return isForward ? time < anchor : time >= anchor
      if (!(interval.start <= time && time < interval.end)) return false
      const next = intervalAt(text, interval.end) as Interval | undefined
      return next ? next.start.getTime() === interval.end.getTime() : !isForward && interval.end >= anchor
    }),
    { numRuns: 500 }
  )
})
