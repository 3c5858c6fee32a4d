/**
 * The states of an order in the hands of an agent, as one table.
 *
 * A transition is a compare-and-set on the rows: it counts only if the order is still in the state that whoever
 * decided on it saw. It travels with its ledger transfers and with what agents and merchants are told.
 */
import assert from 'node:assert'
import type { Statement } from '../../../database/statement'
import type { RampPayment, RampRequest } from '../../../entities'
import type { RampDirection } from '../../../entities/ramp/order'
import type { RampCancelReason, RampPaymentStatus } from '../../../entities/ramp/payment'
import type { RampRequestStatus } from '../../../entities/ramp/request'
import type { RampEventType } from '../../../entities/ramp/webhook-event'

interface Transition {
  readonly direction: RampDirection
  readonly from: readonly RampPaymentStatus[]
  readonly to: RampPaymentStatus
  /** What the agent is told, in this order. */
  readonly events: readonly RampEventType[]
}

const CHANGED = 'p2p_payment.status.updated'

export const TRANSITIONS = {
  /** The customer says that it paid. */
  mark_deposit_paid: { direction: 'deposit', from: ['pending'], to: 'paid', events: ['payment.paid', CHANGED] },
  /** The agent got the fiat. */
  complete_deposit: { direction: 'deposit', from: ['pending', 'paid'], to: 'completed', events: [CHANGED] },
  /** Taken back by the customer's side, or out of time. */
  cancel_deposit: { direction: 'deposit', from: ['pending'], to: 'canceled', events: ['payment.canceled', CHANGED] },
  /** The operator found that it was not paid after all. */
  void_deposit: { direction: 'deposit', from: ['paid'], to: 'canceled', events: ['payment.canceled', CHANGED] },
  /** The agent commits to paying out. */
  accept_withdrawal: { direction: 'withdrawal', from: ['pending'], to: 'accepted', events: [CHANGED] },
  /** Given back by the agent, out of time, or taken off it: another agent gets it, or it ends. */
  return_withdrawal: {
    direction: 'withdrawal',
    from: ['pending', 'accepted'],
    to: 'canceled',
    events: ['payment.canceled', CHANGED]
  },
  /** The agent says that it paid. */
  mark_withdrawal_paid: {
    direction: 'withdrawal',
    from: ['accepted'],
    to: 'paid',
    events: ['payment.paid', CHANGED]
  },
  /** The customer got the fiat, or did not object in time. */
  complete_withdrawal: { direction: 'withdrawal', from: ['paid'], to: 'completed', events: [CHANGED] },
  /** The operator found that it was not paid out after all. */
  void_withdrawal: { direction: 'withdrawal', from: ['paid'], to: 'canceled', events: ['payment.canceled', CHANGED] }
} as const satisfies Record<string, Transition>

export type TransitionName = keyof typeof TRANSITIONS

/** What a transition changes beside the state. */
export type PaymentChanges = Partial<
  Pick<
    RampPayment,
    | 'agentPaymentMethodId'
    | 'receipt'
    | 'cancelReason'
    | 'expiresAt'
    | 'reassignAfter'
    | 'acceptedAt'
    | 'paidAt'
    | 'dueAt'
  >
>

export function isAllowed(name: TransitionName, payment: RampPayment): boolean {
  const { direction, from }: Transition = TRANSITIONS[name]
  return payment.paymentType === direction && from.includes(payment.status)
}

/** The payment after a transition. What time would do to it next is nothing unless the changes say so. */
export function advanced(name: TransitionName, payment: RampPayment, changes: PaymentChanges, now: Date): RampPayment {
  assert(isAllowed(name, payment), `${name} of payment ${payment.id}, which is ${payment.status}`)
  const { to }: Transition = TRANSITIONS[name]
  return {
    ...payment,
    dueAt: null,
    ...changes,
    status: to,
    completedAt: to === 'completed' ? now : payment.completedAt,
    canceledAt: to === 'canceled' ? now : payment.canceledAt,
    updatedAt: now
  }
}

/** Whoever cancels says why. */
export function canceled(
  name: TransitionName,
  payment: RampPayment,
  cancelReason: RampCancelReason,
  now: Date
): RampPayment {
  return advanced(name, payment, { cancelReason }, now)
}

/** What orders may become, as the merchant sees them. `picked_up` again is another agent. */
const REQUEST_TRANSITIONS: Readonly<Record<RampRequestStatus, readonly RampRequestStatus[]>> = {
  created: ['picked_up', 'canceled'],
  picked_up: ['picked_up', 'completed', 'canceled'],
  completed: [],
  canceled: []
}

export type RequestChanges = Partial<
  Pick<RampRequest, 'paymentId' | 'amountUsd' | 'fee' | 'countedDay' | 'cancelReason'>
>

export function requestAdvanced(
  request: RampRequest,
  status: RampRequestStatus,
  changes: RequestChanges,
  now: Date
): RampRequest {
  assert(REQUEST_TRANSITIONS[request.status].includes(status), `request ${request.id}: ${request.status} → ${status}`)
  return { ...request, ...changes, status, dueAt: null, updatedAt: now }
}

export const PAYMENT_TRANSITION = 'ramp_payment_transition'
export const REQUEST_TRANSITION = 'ramp_request_transition'

/** Makes the payment what it became, if it still is what it was. */
export function paymentStatement(before: RampPayment, after: RampPayment): Statement {
  return {
    name: PAYMENT_TRANSITION,
    text: `UPDATE ramp_payment SET status = $3, agent_payment_method_id = $4, receipt = $5, cancel_reason = $6,
        expires_at = $7, reassign_after = $8, accepted_at = $9, paid_at = $10, completed_at = $11, canceled_at = $12,
        due_at = $13, updated_at = $14
      WHERE id = $1 AND status = $2`,
    values: [
      after.id,
      before.status,
      after.status,
      after.agentPaymentMethodId,
      after.receipt,
      after.cancelReason,
      after.expiresAt,
      after.reassignAfter,
      after.acceptedAt,
      after.paidAt,
      after.completedAt,
      after.canceledAt,
      after.dueAt,
      after.updatedAt
    ],
    rowsExpected: 1
  }
}

/** The same of the request: also the assignment has to be the one that was seen. */
export function requestStatement(before: RampRequest, after: RampRequest): Statement {
  return {
    name: REQUEST_TRANSITION,
    text: `UPDATE ramp_request SET status = $4, payment_id = $5, amount_usd = $6, fee = $7, counted_day = $8,
        cancel_reason = $9, due_at = $10, updated_at = $11
      WHERE id = $1 AND status = $2 AND payment_id IS NOT DISTINCT FROM $3::uuid`,
    values: [
      after.id,
      before.status,
      before.paymentId,
      after.status,
      after.paymentId,
      after.amountUsd,
      after.fee,
      after.countedDay,
      after.cancelReason,
      after.dueAt,
      after.updatedAt
    ],
    rowsExpected: 1
  }
}
