/**
 * The states of an order in the hands of an agent, as one table.
 *
 * A transition is a compare-and-set on the rows: it counts only if the order is still in the state that whoever
 * decided on it saw. It travels with its ledger transfers and with what agents and merchants are told.
 */
import assert from 'node:assert'
import type { MergedRow } from '../../../database/statement'
import type { RampPayment, RampRequest } from '../../../entities'
import type { RampDirection } from '../../../entities/ramp/order'
import type { RampPaymentStatus } from '../../../entities/ramp/payment'
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

/** What a transition looks at, changes or writes: the part of a payment that is its state. */
export const STATE_PROPERTIES = [
  'id',
  'status',
  'paymentType',
  'agentPaymentMethodId',
  'receipt',
  'cancelReason',
  'expiresAt',
  'reassignAfter',
  'acceptedAt',
  'paidAt',
  'completedAt',
  'canceledAt',
  'dueAt',
  'updatedAt'
] as const satisfies readonly (keyof RampPayment)[]
export type PaymentState = Pick<RampPayment, (typeof STATE_PROPERTIES)[number]>

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

export function isAllowed(name: TransitionName, payment: PaymentState): boolean {
  const { direction, from }: Transition = TRANSITIONS[name]
  return payment.paymentType === direction && from.includes(payment.status)
}

/** The payment after a transition. What time would do to it next is nothing unless the changes say so. */
export function advanced<Payment extends PaymentState>(
  name: TransitionName,
  payment: Payment,
  changes: PaymentChanges,
  now: Date
): Payment {
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

/** Makes the payment what it became, if it still is what it was. Orders that are stored together share it. */
export function paymentStatement(before: PaymentState, after: PaymentState): MergedRow {
  return {
    name: PAYMENT_TRANSITION,
    text: `UPDATE ramp_payment AS payment SET status = fresh.status,
        agent_payment_method_id = fresh.agent_payment_method_id, receipt = fresh.receipt,
        cancel_reason = fresh.cancel_reason, expires_at = fresh.expires_at, reassign_after = fresh.reassign_after,
        accepted_at = fresh.accepted_at, paid_at = fresh.paid_at, completed_at = fresh.completed_at,
        canceled_at = fresh.canceled_at, due_at = fresh.due_at, updated_at = fresh.updated_at
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[],
          $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[],
          $13::timestamptz[], $14::timestamptz[])
        AS fresh (id, before, status, agent_payment_method_id, receipt, cancel_reason, expires_at, reassign_after,
          accepted_at, paid_at, completed_at, canceled_at, due_at, updated_at)
      WHERE payment.id = fresh.id AND payment.status = fresh.before`,
    row: [
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
    ]
  }
}

/** The same of the request: also the assignment has to be the one that was seen. */
export function requestStatement(before: RampRequest, after: RampRequest): MergedRow {
  return {
    name: REQUEST_TRANSITION,
    text: `UPDATE ramp_request AS request SET status = fresh.status, payment_id = fresh.payment_id,
        amount_usd = fresh.amount_usd, fee = fresh.fee, counted_day = fresh.counted_day,
        cancel_reason = fresh.cancel_reason, due_at = fresh.due_at, updated_at = fresh.updated_at
      FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::numeric[], $7::numeric[],
          $8::integer[], $9::text[], $10::timestamptz[], $11::timestamptz[])
        AS fresh (id, before, payment_before, status, payment_id, amount_usd, fee, counted_day, cancel_reason,
          due_at, updated_at)
      WHERE request.id = fresh.id AND request.status = fresh.before
        AND request.payment_id IS NOT DISTINCT FROM fresh.payment_before`,
    row: [
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
    ]
  }
}
