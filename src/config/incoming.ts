/** Incoming payments, and money that comes in at payment pointers. */
import { integer, optionalInteger, type Setting } from './kinds'

const HOUR_MILLISECONDS = 3_600_000
const YEAR_MILLISECONDS = 31_536_000_000

export const INCOMING_SETTINGS = {
  incomingPaymentExpiryMaxMilliseconds: integer(
    'INCOMING_PAYMENT_EXPIRY_MAX_MS',
    [1, YEAR_MILLISECONDS],
    2_592_000_000,
    'Longest life of an incoming payment, and its life if none is asked for.'
  ),
  incomingPaymentSettlingMilliseconds: integer(
    'INCOMING_PAYMENT_SETTLING_MS',
    [0, HOUR_MILLISECONDS],
    30_000,
    'How long after its end the total of an incoming payment is announced.'
  ),
  incomingPaymentWorkers: integer(
    'INCOMING_PAYMENT_WORKERS',
    [0, 100],
    1,
    'Most loops that end and announce incoming payments; 0 leaves it to other instances.'
  ),
  incomingPaymentWorkerIdleMilliseconds: integer(
    'INCOMING_PAYMENT_WORKER_IDLE',
    [1, HOUR_MILLISECONDS],
    200,
    'How long such a loop sleeps when no payment is due.'
  ),
  deactivationGraceMilliseconds: integer(
    'PAYMENT_POINTER_DEACTIVATION_PAYMENT_GRACE_PERIOD_MS',
    [0, YEAR_MILLISECONDS],
    86_400_000,
    'How long the open incoming payments of a deactivated payment pointer go on at most.'
  ),
  withdrawalThrottleDelayMilliseconds: optionalInteger(
    'WITHDRAWAL_THROTTLE_DELAY',
    [0, YEAR_MILLISECONDS],
    'How long what a payment pointer received itself is collected, in milliseconds, before it is announced. Unset: only thresholds of assets make it due.'
  ),
  paymentPointerWorkers: integer(
    'PAYMENT_POINTER_WORKERS',
    [0, 100],
    1,
    'Most loops that announce what payment pointers received; 0 leaves it to `triggerPaymentPointerEvents`.'
  ),
  paymentPointerWorkerIdleMilliseconds: integer(
    'PAYMENT_POINTER_WORKER_IDLE',
    [1, HOUR_MILLISECONDS],
    200,
    'How long such a loop sleeps when no payment pointer is due.'
  )
} satisfies Record<string, Setting<unknown>>
