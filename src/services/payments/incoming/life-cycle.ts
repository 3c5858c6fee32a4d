/**
 * The states of an incoming payment, as one table.
 *
 *   PENDING ──▶ PROCESSING ──▶ COMPLETED
 *      └─────────────┴───────▶ EXPIRED
 *
 * A transition is one UPDATE made of the table's rows: it takes the first row whose guard holds, on the payment
 * as it is at that moment, or touches nothing. So credits that arrive at once need not agree beforehand.
 */
import type { IncomingPaymentState } from '../../../entities/incoming-payment'

export type Trigger =
  /** Money arrived. */
  | 'credit'
  /** The receiver says that it needs no more. */
  | 'complete'
  /** The time of expiry has come. */
  | 'expire'

/**
 * What time does next.
 * - `expiry`: it ends the payment, as it would have anyway.
 * - `announcement`: what was received is announced once all that was under way has settled.
 * - `nothing`.
 */
type Next = 'expiry' | 'announcement' | 'nothing'

interface Transition {
  readonly on: Trigger
  readonly from: readonly IncomingPaymentState[]
  /** Over the columns as they were; `$amount` is what arrives. */
  readonly when?: string
  readonly to: IncomingPaymentState
  readonly next: Next
  /** The payment is not shown any more. */
  readonly removed?: true
}

const OPEN: readonly IncomingPaymentState[] = ['PENDING', 'PROCESSING']
const RECEIVED = 'received_amount > 0'

/** Whether a payment still takes money, as far as its state says. */
export function isOpen({ state }: { readonly state: IncomingPaymentState }): boolean {
  return OPEN.includes(state)
}

export const TRANSITIONS: readonly Transition[] = [
  {
    on: 'credit',
    from: OPEN,
    when: 'received_amount + $amount >= incoming_amount',
    to: 'COMPLETED',
    next: 'announcement'
  },
  { on: 'credit', from: OPEN, to: 'PROCESSING', next: 'expiry' },
  { on: 'complete', from: OPEN, when: RECEIVED, to: 'COMPLETED', next: 'announcement' },
  { on: 'complete', from: OPEN, to: 'COMPLETED', next: 'nothing' },
  { on: 'expire', from: OPEN, when: RECEIVED, to: 'EXPIRED', next: 'announcement' },
  { on: 'expire', from: OPEN, to: 'EXPIRED', next: 'nothing', removed: true }
]

/** The end of an open payment, which may have come nearer by the deactivation of its payment pointer. */
const EXPIRY = 'least(expires_at, payments_end_at)'

/**
 * What must hold whatever the state. A credit past the expiry is refused, also when nobody processed it yet. Of a
 * credit made of several amounts all but the last must fit into what is asked for.
 */
const CONDITIONS: Readonly<Record<Trigger, string>> = {
  credit: `${EXPIRY} > $now AND coalesce(account_id, $account) = $account
      AND coalesce(received_amount + $amount - $last < incoming_amount, true)`,
  complete: 'true',
  expire: 'process_at <= $now'
}

/** What else a trigger writes. */
const CHANGES: Readonly<Record<Trigger, string>> = {
  credit: ', received_amount = received_amount + $amount, account_id = $account',
  complete: '',
  expire: ''
}

const NEXT: Readonly<Record<Next, string>> = {
  expiry: EXPIRY,
  announcement: '$announceAt',
  nothing: 'NULL::timestamptz'
}

const PARAMETERS = {
  $ids: '$1::uuid[]',
  $now: '$2::timestamptz',
  $announceAt: '$3::timestamptz',
  $amount: '$4::numeric',
  $account: '$5::bigint',
  $last: '$6::numeric'
} as const

/** The UPDATE of a trigger. Parameters: ids, now, time of the announcement; of a credit also amount, account and last part. */
export function transitionText(trigger: Trigger): string {
  const rows = TRANSITIONS.filter(({ on }) => on === trigger)
  const chosen = (valueOf: (transition: Transition) => string): string =>
    `CASE ${rows.map((row) => `WHEN ${guardOf(row)} THEN ${valueOf(row)}`).join(' ')} END`
  const text = `UPDATE incoming_payment SET
      state = ${chosen(({ to }) => `'${to}'`)},
      expires_at = ${EXPIRY},
      process_at = ${chosen(({ next }) => NEXT[next])},
      connection_id = ${chosen(({ to }) => (OPEN.includes(to) ? 'connection_id' : 'NULL::uuid'))},
      removed_at = ${chosen(({ removed }) => (removed ? '$now' : 'removed_at'))},
      updated_at = $now${CHANGES[trigger]}
    FROM payment_pointer AS pointer
    WHERE incoming_payment.id = ANY($ids) AND pointer.id = payment_pointer_id AND ${CONDITIONS[trigger]} AND (${rows.map(guardOf).join(' OR ')})`
  return text.replace(/\$[a-zA-Z]+/g, (name) => PARAMETERS[name as keyof typeof PARAMETERS])
}

function guardOf({ from, when }: Transition): string {
  const states = `state IN (${from.map((state) => `'${state}'`).join(', ')})`
  return when === undefined ? `(${states})` : `(${states} AND ${when})`
}
