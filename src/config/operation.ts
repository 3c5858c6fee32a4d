/** What happens while the service runs, and its end. */
import { choice, integer, type Setting } from './kinds'

const HOUR_MILLISECONDS = 3_600_000
const YEAR_MILLISECONDS = 31_536_000_000
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export const OPERATION_SETTINGS = {
  subscriptionsMax: integer('SUBSCRIPTIONS_MAX', [0, 10_000], 100, 'Most subscriptions at a time in this instance.'),
  subscriptionIdleMilliseconds: integer(
    'SUBSCRIPTION_IDLE_MS',
    [1, HOUR_MILLISECONDS],
    1_000,
    'How long an instance with subscriptions waits at most before it looks for changes.'
  ),
  changeLifetimeMilliseconds: integer(
    'CHANGE_LIFETIME_MS',
    [HOUR_MILLISECONDS, YEAR_MILLISECONDS],
    604_800_000,
    'How far back a subscription can begin.'
  ),
  drainMilliseconds: integer(
    'DRAIN_MS',
    [0, HOUR_MILLISECONDS],
    20_000,
    'How long requests under way get to finish once the service is told to stop; packets get 20 seconds more.'
  ),
  logLevel: choice('LOG_LEVEL', LOG_LEVELS, 'info', 'How much is logged.')
} satisfies Record<string, Setting<unknown>>
