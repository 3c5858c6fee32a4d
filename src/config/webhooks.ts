/** Webhooks to the operator. */
import { choice, flag, integer, optionalHttpUrl, secret, type Setting } from './kinds'

const HOUR_MILLISECONDS = 3_600_000
const DAY_MILLISECONDS = 24 * HOUR_MILLISECONDS
const WEBHOOK_PAYLOADS = ['v2', 'v1'] as const

export const WEBHOOKS_SETTINGS = {
  webhookUrl: optionalHttpUrl(
    'WEBHOOK_URL',
    'Where webhooks are sent. Unset: events are stored and listed, and not delivered.'
  ),
  webhookPayload: choice(
    'WEBHOOK_PAYLOAD',
    WEBHOOK_PAYLOADS,
    'v2',
    'Which events are written, and how: those of Admin API v1 are six, with `description` and `externalRef` in place of `metadata`.'
  ),
  webhookTimeoutMilliseconds: integer(
    'WEBHOOK_TIMEOUT',
    [1, 600_000],
    2_000,
    'How long the receiver of a webhook has to answer, in milliseconds.'
  ),
  webhookAcceptsAny2xx: flag(
    'WEBHOOK_ACCEPT_2XX',
    false,
    'Counts every status from 200 to 299 as a delivery; otherwise only 200 is one.'
  ),
  webhookWorkers: integer(
    'WEBHOOK_WORKERS',
    [0, 100],
    1,
    'Loops that deliver webhooks; 0 leaves it to other instances.'
  ),
  webhookConcurrency: integer(
    'WEBHOOK_CONCURRENCY',
    [1, 1_000],
    32,
    'Most first attempts that such a loop has under way at a time, and as many further ones.'
  ),
  webhookWorkerIdleMilliseconds: integer(
    'WEBHOOK_WORKER_IDLE',
    [1, HOUR_MILLISECONDS],
    200,
    'How long such a loop sleeps when no webhook is due.'
  ),
  webhookAttemptsMax: integer(
    'WEBHOOK_ATTEMPTS_MAX',
    [1, 100_000],
    500,
    'Attempts after which a webhook is given up until it is replayed. The default lasts more than three days.'
  ),
  webhookRetryMillisecondsMin: integer(
    'WEBHOOK_RETRY_MIN_MS',
    [1, HOUR_MILLISECONDS],
    10_000,
    'Pause after the first failed attempt; it doubles with each further one.'
  ),
  webhookRetryMillisecondsMax: integer(
    'WEBHOOK_RETRY_MAX_MS',
    [1, DAY_MILLISECONDS],
    600_000,
    'Longest pause between two attempts.'
  ),
  webhookLifetimeMilliseconds: integer(
    'WEBHOOK_LIFETIME_MS',
    [DAY_MILLISECONDS, 3_650 * DAY_MILLISECONDS],
    90 * DAY_MILLISECONDS,
    'How long webhooks are kept once they have arrived, also those to agents and merchants, and at least for `CHANGE_LIFETIME_MS`. What waits or was given up stays, and so does an event whose money has not moved.'
  ),
  signatureSecret: secret('SIGNATURE_SECRET', 'Signs webhooks. Unset: they are not signed.'),
  signatureVersion: integer('SIGNATURE_VERSION', [1, 1_000], 1, 'Version that the signature header names.')
} satisfies Record<string, Setting<unknown>>
