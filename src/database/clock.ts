/**
 * Whether this machine's clock goes with the database's. The time of holds and of leases is told by the clock of
 * whichever instance looks, so one that is ahead would end what is still another's.
 */
import type { Reader } from './reader'
import type { Statement } from './statement'

/** The clocks differ by more than what is harmless. */
export class ClockOff extends Error {
  constructor(milliseconds: number) {
    const seconds = (Math.abs(milliseconds) / 1_000).toFixed(1)
    super(`this machine's clock is ${seconds} s ${milliseconds > 0 ? 'ahead of' : 'behind'} the database's`)
    this.name = 'ClockOff'
  }
}

const DIFFERENCE_MILLISECONDS_MAX = 2_000

const CLOCK: Statement = {
  name: 'clock',
  text: 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS milliseconds',
  values: []
}

/**
 * However long the answer takes, the database's time lies between that of the question and that of the answer.
 *
 * @throws ClockOff
 */
export async function checkClock(reader: Reader, now: () => Date): Promise<void> {
  const asked = now().getTime()
  const [row] = await reader.rows<{ milliseconds: number }>(CLOCK)
  const [ahead, behind] = [asked - row!.milliseconds, row!.milliseconds - now().getTime()]
  if (ahead > DIFFERENCE_MILLISECONDS_MAX) throw new ClockOff(ahead)
  if (behind > DIFFERENCE_MILLISECONDS_MAX) throw new ClockOff(-behind)
}
