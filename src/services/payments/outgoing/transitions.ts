/**
 * The states of an outgoing payment, as one table.
 *
 * A transition is a compare-and-set on the row: it counts only if the payment is still in the state, and in the
 * hands of the worker, that whoever decided on it saw. It travels with everything else that it stands for.
 */
import assert from 'node:assert'
import type { Statement } from '../../../database/statement'
import type { OutgoingPayment } from '../../../entities'
import type { OutgoingPaymentState } from '../../../entities/outgoing-payment'
import type { WebhookEventType } from '../../../entities/webhook-event'
import type { PaymentErrorName } from '../methods/payment-error'

interface Transition {
  readonly from: OutgoingPaymentState
  readonly to: OutgoingPaymentState
  /** What the operator is told. */
  readonly event?: WebhookEventType
}

export const TRANSITIONS = {
  /** The operator put the send amount into the payment's account. */
  fund: { from: 'FUNDING', to: 'SENDING' },
  /** Given up before it was funded. */
  cancel: { from: 'FUNDING', to: 'FAILED', event: 'outgoing_payment.failed' },
  /** An attempt failed, and there will be another one. */
  retry: { from: 'SENDING', to: 'SENDING' },
  complete: { from: 'SENDING', to: 'COMPLETED', event: 'outgoing_payment.completed' },
  fail: { from: 'SENDING', to: 'FAILED', event: 'outgoing_payment.failed' }
} as const satisfies Record<string, Transition>

export type TransitionName = keyof typeof TRANSITIONS

/** What a transition changes beside the state. */
export interface Changes {
  readonly fund: { readonly liquidityAccountId: bigint }
  readonly cancel: { readonly error: PaymentErrorName }
  readonly retry: { readonly dueAt: Date }
  readonly complete: { readonly sentAmount: bigint }
  readonly fail: { readonly error: PaymentErrorName }
}

export interface Transitioned {
  readonly payment: OutgoingPayment
  readonly statement: Statement
}

const TEXT = `UPDATE outgoing_payment SET state = $4, state_attempts = $5, error = $6, sent_amount = $7,
    liquidity_account_id = $8, due_at = $9, lease = NULL, updated_at = $10
  WHERE id = $1 AND state = $2 AND lease IS NOT DISTINCT FROM $3::uuid`

export const TRANSITION_STATEMENT = 'outgoing_payment_transition'

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
  const values = [
    payment.id,
    from,
    before.lease,
    payment.state,
    payment.stateAttempts,
    payment.error,
    String(payment.sentAmount),
    payment.liquidityAccountId === null ? null : String(payment.liquidityAccountId),
    payment.dueAt,
    payment.updatedAt
  ]
  return { payment, statement: { name: TRANSITION_STATEMENT, text: TEXT, values, rowsExpected: 1 } }
}
