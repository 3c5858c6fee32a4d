/**
 * Repeating intervals of ISO 8601, by which a grant's limits begin anew: `R[n]/start/duration`,
 * `R[n]/duration/end` and `R[n]/start/end`. They are `n` intervals one after the other, at least one; without a
 * number, or with -1, there is no last one. With a duration and an end they lie before the end. A start belongs
 * to its interval, an end to the next one. Calendar arithmetic is in UTC.
 */
import { parseDateTime } from '../incoming/expiry'

export interface Interval {
  readonly start: Date
  readonly end: Date
}

interface Duration {
  readonly months: number
  readonly milliseconds: number
}

/** Where one interval ends and the next begins, `number` durations from where counting begins. */
type Boundary = (number: number) => number

const FORM = /^R(-1|\d{0,9})\/([^/]+)\/([^/]+)$/
const DURATION =
  /^P(?=.)(?:(\d{1,5})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,7})D)?(?:T(?=.)(?:(\d{1,8})H)?(?:(\d{1,9})M)?(?:(\d{1,10})S)?)?$/
const DAY_MILLISECONDS = 86_400_000
const MONTH_MILLISECONDS_MIN = 28 * DAY_MILLISECONDS

/** Whether a text is a repeating interval at all. */
export function isRepeatingInterval(text: string): boolean {
  return intervalAt(text, new Date(0)) !== 'invalid'
}

/** The interval that a time lies in, or undefined when it lies in none. `invalid`: the text says nothing. */
export function intervalAt(text: string, time: Date): Interval | 'invalid' | undefined {
  const [, repetitions, first, second] = FORM.exec(text) ?? []
  if (repetitions === undefined || first === undefined || second === undefined) return 'invalid'
  const count = repetitions === '' || repetitions === '-1' ? Infinity : Math.max(1, Number(repetitions))
  const [start, end] = [parseDateTime(first), parseDateTime(second)]
  if (start) {
    const duration = end ? between(start, end) : parseDuration(second)
    return duration ? forward(start, duration, count, time) : 'invalid'
  }
  const duration = parseDuration(first)
  return duration && end ? backward(end, duration, count, time) : 'invalid'
}

function forward(start: Date, duration: Duration, count: number, time: Date): Interval | undefined {
  const boundary: Boundary = (number) => moved(start, duration, number)
  if (time < start) return undefined
  const number = lastNotAfter(boundary, time.getTime(), estimate(time.getTime() - start.getTime(), duration))
  return number < count ? intervalOf(boundary(number), boundary(number + 1)) : undefined
}

function backward(end: Date, duration: Duration, count: number, time: Date): Interval | undefined {
  if (time >= end) return undefined
  // Counted from the end, an interval's far boundary is the first one that is not after the time.
  const boundary: Boundary = (number) => -moved(end, duration, -number)
  const number = lastBefore(boundary, -time.getTime(), estimate(end.getTime() - time.getTime(), duration))
  return number < count ? intervalOf(-boundary(number + 1), -boundary(number)) : undefined
}

function intervalOf(start: number, end: number): Interval {
  return { start: new Date(start), end: new Date(end) }
}

/** At least the number of durations that fit into a time. */
function estimate(milliseconds: number, { months, milliseconds: rest }: Duration): number {
  return Math.floor(milliseconds / (months * MONTH_MILLISECONDS_MIN + rest)) + 1
}

/** The largest number up to a bound whose boundary is at most `value`. */
function lastNotAfter(boundary: Boundary, value: number, bound: number): number {
  return last((number) => boundary(number) <= value, bound)
}

function lastBefore(boundary: Boundary, value: number, bound: number): number {
  return last((number) => boundary(number) < value, bound)
}

/** The largest number for which `holds`, which holds for 0 and up to some number. */
function last(holds: (number: number) => boolean, bound: number): number {
  let [low, high] = [0, bound]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (holds(middle)) low = middle
    else high = middle - 1
  }
  return low
}

function between(start: Date, end: Date): Duration | undefined {
  const milliseconds = end.getTime() - start.getTime()
  return milliseconds > 0 ? { months: 0, milliseconds } : undefined
}

function parseDuration(text: string): Duration | undefined {
  const found = DURATION.exec(text)
  if (!found) return undefined
  const [years, months, weeks, days, hours, minutes, seconds] = found.slice(1).map((digits) => Number(digits ?? 0))
  const duration = {
    months: 12 * years! + months!,
    milliseconds: (7 * weeks! + days!) * DAY_MILLISECONDS + ((hours! * 60 + minutes!) * 60 + seconds!) * 1_000
  }
  return duration.months + duration.milliseconds > 0 ? duration : undefined
}

/** A time moved by so many durations. A day that the month has not becomes its last one. */
function moved(from: Date, { months, milliseconds }: Duration, number: number): number {
  const total = from.getUTCFullYear() * 12 + from.getUTCMonth() + months * number
  const [year, month] = [Math.floor(total / 12), ((total % 12) + 12) % 12]
  const day = Math.min(from.getUTCDate(), new Date(Date.UTC(year, month + 1, 0)).getUTCDate())
  const midnight = Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate())
  return Date.UTC(year, month, day) + (from.getTime() - midnight) + milliseconds * number
}
