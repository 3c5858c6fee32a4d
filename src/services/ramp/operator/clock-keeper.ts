/**
 * Moves the ramp's clock in test mode. How far it is ahead is kept in the database, so that all instances agree;
 * each of them reads it at its start and when it is told that it was moved.
 */
import type { Reader } from '../../../database/reader'
import type { UnitOfWork } from '../../../database/unit-of-work'
import { done, refused, type Answer } from '../../answer'
import type { RampClock } from './ramp-clock'

/** Notified when the clock was moved. */
export const CLOCK_CHANNEL = 'ramp_clock'

const OFFSET = { name: 'ramp_clock', text: 'SELECT offset_milliseconds::text AS offset FROM ramp_clock', values: [] }

const MOVE = `WITH moved AS (
    INSERT INTO ramp_clock (offset_milliseconds) VALUES ($1)
    ON CONFLICT (is_only) DO UPDATE SET offset_milliseconds =
      CASE WHEN $2 THEN ramp_clock.offset_milliseconds ELSE 0 END + excluded.offset_milliseconds
    RETURNING offset_milliseconds)
  SELECT pg_notify('${CLOCK_CHANNEL}', '') FROM moved`

export interface ClockReading {
  readonly now: Date
  readonly offsetMilliseconds: number
}

export class ClockKeeper {
  constructor(
    private readonly clock: RampClock,
    private readonly reader: Reader,
    private readonly unitOfWork: UnitOfWork,
    readonly isTestMode: boolean
  ) {}

  /** Takes over what the database says. Outside test mode the clock is the machine's, whatever that is. */
  async load(): Promise<void> {
    if (!this.isTestMode) return
    const [row] = await this.reader.rows<{ offset: string }>(OFFSET)
    this.clock.move(Number(row?.offset ?? 0))
  }

  read(): ClockReading {
    return { now: this.clock.now(), offsetMilliseconds: this.clock.offsetMilliseconds }
  }

  /** Moves it by so much, or to so much ahead of the machine's clock. This instance goes by it at once. */
  async move(milliseconds: number, from: 'here' | 'machine'): Promise<Answer<ClockReading, 'FORBIDDEN'>> {
    if (!this.isTestMode) return refused('FORBIDDEN')
    await this.unitOfWork.run((manager) => manager.query(MOVE, [milliseconds, from === 'here']))
    await this.load()
    return done(this.read())
  }
}
