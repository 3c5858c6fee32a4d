/** Steps 11 and 12: how long the next hop has. */
import { PACKET_EXPIRED, Refusal } from './refusal'

/** Kept back at every hop, for the answer to travel on in time. */
const MARGIN_MILLISECONDS = 1_000
/**
 * Kept back for the reply to a neighbour. Some nodes of this generation end when their packet is not answered by
 * the time that it expires, so a neighbour is always answered before that, whatever is still being done.
 */
const REPLY_MARGIN_MILLISECONDS = 500
/** Longest time that a hop gets. */
export const HOP_MILLISECONDS_MAX = 30_000

/** The expiry that the next hop is given. @throws Refusal R02 */
export function outgoingExpiry(expiresAt: Date, now: Date): Date {
  const left = expiresAt.getTime() - now.getTime()
  checkExpiry(expiresAt, now)
  const given = Math.min(left - MARGIN_MILLISECONDS, HOP_MILLISECONDS_MAX)
  if (given < MARGIN_MILLISECONDS) {
    throw new Refusal('R02', `too little time to pass the packet on. expiry=${text(expiresAt)} now=${text(now)}`)
  }
  return new Date(now.getTime() + given)
}

/** When a neighbour has to have its reply. */
export function replyDeadline(expiresAt: Date): Date {
  return new Date(expiresAt.getTime() - REPLY_MARGIN_MILLISECONDS)
}

/** @throws Refusal R00 once it is too late to tell whoever sent the packet that it was fulfilled */
export function checkInTime(deadline: Date, now: Date): void {
  if (deadline <= now) throw new Refusal('R00', PACKET_EXPIRED)
}

/** @throws Refusal R02 */
export function checkExpiry(expiresAt: Date, now: Date): void {
  if (expiresAt <= now) throw new Refusal('R02', `the packet has expired. expiry=${text(expiresAt)} now=${text(now)}`)
}

function text(date: Date): string {
  return date.toISOString()
}

/**
 * What `work` resolves to, if that happens by the deadline. What it resolves to later goes to `late`.
 *
 * @throws Refusal R00
 */
export async function byDeadline<Value>(
  work: Promise<Value>,
  milliseconds: number,
  late: (value: Value) => void
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  let isLate = false
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true
      reject(new Refusal('R00', PACKET_EXPIRED))
    }, milliseconds)
  })
  work.then(
    (value) => isLate && late(value),
    () => undefined
  )
  try {
    return await Promise.race([work, passed])
  } finally {
    clearTimeout(timer)
  }
}
