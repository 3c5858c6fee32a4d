/** The ramp's clock, in test mode. */
import { done, refused } from '../../../services/answer'
import type { ClockReading } from '../../../services/ramp/operator/clock-keeper'
import { operation } from '../operation'
import { integer, moment, named, object, optional, type ValueOf } from '../shape'

const YEAR_SECONDS = 31_536_000

const CLOCK = named(
  'Clock',
  object({
    now: moment('What the ramp takes the time to be.'),
    offsetSeconds: integer('How far that is ahead of the time, in seconds.', -YEAR_SECONDS, YEAR_SECONDS)
  })
)

function shown({ now, offsetMilliseconds }: ClockReading): ValueOf<typeof CLOCK> {
  return { now: now.toISOString(), offsetSeconds: Math.round(offsetMilliseconds / 1_000) }
}

export const readClock = operation({
  id: 'readClock',
  method: 'GET',
  path: '/clock',
  tag: 'Clock',
  summary: 'Tells what the ramp takes the time to be.',
  answer: CLOCK,
  failures: [],
  run: ({ services }) => Promise.resolve(done(shown(services.clock.read())))
})

export const setClock = operation({
  id: 'setClock',
  method: 'POST',
  path: '/clock',
  tag: 'Clock',
  summary: 'Moves the clock of the ramp, in test mode only.',
  description: 'What time does to orders happens as if the time had passed. Webhooks keep their own time.',
  body: {
    advanceSeconds: optional(integer('Moves it on by so much.', 0, YEAR_SECONDS)),
    offsetSeconds: optional(integer('Moves it to so much ahead of the time.', -YEAR_SECONDS, YEAR_SECONDS))
  },
  answer: CLOCK,
  failures: ['FORBIDDEN', 'REQUIRED_ATTRIBUTES_MISSING'],
  run: async ({ services, body: { advanceSeconds, offsetSeconds } }) => {
    const seconds = advanceSeconds ?? offsetSeconds
    if (seconds === undefined) return refused('REQUIRED_ATTRIBUTES_MISSING')
    const moved = await services.clock.move(seconds * 1_000, advanceSeconds === undefined ? 'machine' : 'here')
    return moved.done ? done(shown(moved.value)) : moved
  }
})
