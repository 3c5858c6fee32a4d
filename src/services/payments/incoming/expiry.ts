/** A date, alone or with a time; a time without an offset is UTC. */
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:?\d\d)?)?$/
const WITH_OFFSET = /(?:[Zz]|[+-]\d\d:?\d\d)$/

/** The instant that an ISO 8601 text names, or undefined for what is none. */
export function parseDateTime(text: string): Date | undefined {
  const [, year, month, day] = DATE_TIME.exec(text) ?? []
  if (year === undefined || month === undefined || day === undefined) return undefined
  if (!isDay(Number(year), Number(month), Number(day))) return undefined
  const hasTime = text.length > 10
  const milliseconds = Date.parse(hasTime && !WITH_OFFSET.test(text.slice(10)) ? `${text}Z` : text)
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds)
}

/** `Date.parse` takes the 31st of February for a day in March. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/** How long a payment may live. */
export interface ExpiryPolicy {
  /** The life of a payment of which nothing is asked. */
  readonly defaultMilliseconds: number
  /** Longest life that may be asked for. Absent: any. */
  readonly maxMilliseconds?: number
}

/** When a payment expires: what is asked for, or by default. Undefined for what may not be asked for. */
export function expiryOf(asked: string | null | undefined, now: Date, policy: ExpiryPolicy): Date | undefined {
  const { defaultMilliseconds, maxMilliseconds } = policy
  if (asked == null || asked === '') return new Date(now.getTime() + defaultMilliseconds)
  const expiry = parseDateTime(asked)
  if (expiry === undefined || expiry <= now) return undefined
  const isTooLate = maxMilliseconds !== undefined && expiry.getTime() > now.getTime() + maxMilliseconds
  return isTooLate ? undefined : expiry
}
