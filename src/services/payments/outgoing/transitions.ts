/**
 * The states of an outgoing payment, as one table.
 *
 * A transition is a compare-and-set on the row: it counts only if the payment is still in the state, and in the
 * hands of the worker, that whoever decided on it saw. It travels with everything else that it stands for.
 */
import assert from 'node:assert'
import type { MergedRow } from '../../../database/statement'
import type { OutgoingPayment } from '../../../entities'
import type { OutgoingPaymentState } from '../../../entities/outgoing-payment'
import type { PaymentErrorName } from '../methods/payment-error'
import { OUTGOING_PAYMENT_CHANNEL } from './outgoing-payment-claims'

interface Transition {
  readonly from: OutgoingPaymentState
  readonly to: OutgoingPaymentState
}

export const TRANSITIONS = {
  /** The operator put the send amount into the payment's account. */
  fund: { from: 'FUNDING', to: 'SENDING' },
  /** Given up before it was funded. */
  cancel: { from: 'FUNDING', to: 'FAILED' },
  /** An attempt failed, and there will be another one. */
  retry: { from: 'SENDING', to: 'SENDING' },
  /** Let go of without an attempt that failed. */
  release: { from: 'SENDING', to: 'SENDING' },
  complete: { from: 'SENDING', to: 'COMPLETED' },
  fail: { from: 'SENDING', to: 'FAILED' }
} as const satisfies Record<string, Transition>

export type TransitionName = keyof typeof TRANSITIONS

/** How far a payment has come. */
export interface Progress {
  /** In the sending asset. */
  readonly sentAmount: bigint
  /** In the receiving asset. */
  readonly deliveredAmount: bigint
}

/** What a transition changes beside the state. */
export interface Changes {
  readonly fund: { readonly liquidityAccountId: bigint }
  readonly cancel: { readonly error: PaymentErrorName }
  readonly retry: Progress & { readonly dueAt: Date }
  readonly release: Progress & { readonly dueAt: Date; readonly stateAttempts: number }
  readonly complete: Progress
  readonly fail: Progress & { readonly error: PaymentErrorName }
}

export interface Transitioned {
  readonly payment: OutgoingPayment
  readonly statement: MergedRow
}

/** Tells the workers of every process that a payment is due; one notification a commit. */
const WAKE = `, (SELECT pg_notify('${OUTGOING_PAYMENT_CHANNEL}', '')) AS wake`

function textOf(more: string): string {
  return `UPDATE outgoing_payment AS payment SET state = change.state, state_attempts = change.state_attempts,
      error = change.error, sent_amount = change.sent_amount, delivered_amount = change.delivered_amount,
      liquidity_account_id = change.liquidity_account_id, due_at = change.due_at, lease = NULL,
      updated_at = change.updated_at
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::smallint[], $6::text[], $7::numeric[],
        $8::numeric[], $9::bigint[], $10::timestamptz[], $11::timestamptz[])
      AS change (id, state_before, lease_before, state, state_attempts, error, sent_amount, delivered_amount,
        liquidity_account_id, due_at, updated_at)${more}
    WHERE payment.id = change.id AND payment.state = change.state_before
      AND payment.lease IS NOT DISTINCT FROM change.lease_before`
}

export const TRANSITION_STATEMENT = 'outgoing_payment_transition'
export const FUND_STATEMENT = 'outgoing_payment_fund'

const STATEMENT = { name: TRANSITION_STATEMENT, text: textOf('') } as const
const STATEMENTS: Readonly<Partial<Record<TransitionName, { readonly name: string; readonly text: string }>>> = {
  fund: { name: FUND_STATEMENT, text: textOf(WAKE) }
}

/** The payment after a transition, and the statement that makes it so or touches no row. */
export function transition<Name extends TransitionName>(
  name: Name,
  before: OutgoingPayment,
  changes: Changes[Name],
  now: Date
): Transitioned {
  const { from, to }: Transition = TRANSITIONS[name]
  assert.equal(before.state, from, `${name} of payment ${before.id}`)
  const payment: OutgoingPayment = {
    ...before,
    state: to,
    stateAttempts: from === to ? before.stateAttempts + 1 : 0,
    dueAt: to === 'SENDING' ? now : null,
    lease: null,
    updatedAt: now,
    ...changes
  }
  const row = [
    payment.id,
    from,
    before.lease,
    payment.state,
    payment.stateAttempts,
    payment.error,
    String(payment.sentAmount),
    String(payment.deliveredAmount),
    payment.liquidityAccountId === null ? null : String(payment.liquidityAccountId),
    payment.dueAt,
    payment.updatedAt
  ]
  return { payment, statement: { ...(STATEMENTS[name] ?? STATEMENT), row } }
}
