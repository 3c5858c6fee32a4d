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

/** When a payment expires: what is asked for, or as late as may be. Undefined for what may not be asked for. */
export function expiryOf(
  asked: string | null | undefined,
  now: Date,
  lifetimeMillisecondsMax: number
): Date | undefined {
  const latest = new Date(now.getTime() + lifetimeMillisecondsMax)
  if (asked == null || asked === '') return latest
  const expiry = parseDateTime(asked)
  return expiry !== undefined && expiry > now && expiry <= latest ? expiry : undefined
}
