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

/** What a transition looks at. */
export type PaymentState = Pick<RampPayment, 'id' | 'status' | 'paymentType'>

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

/** All that a transition changes. What is not in it stays as it is. */
export type PaymentPatch = PaymentChanges &
  Pick<RampPayment, 'status' | 'updatedAt'> &
  Partial<Pick<RampPayment, 'completedAt' | 'canceledAt'>>

export function isAllowed(name: TransitionName, payment: PaymentState): boolean {
  const { direction, from }: Transition = TRANSITIONS[name]
  return payment.paymentType === direction && from.includes(payment.status)
}

/** What a transition makes of a payment. What time would do to it next is nothing unless the changes say so. */
export function patchOf(name: TransitionName, payment: PaymentState, changes: PaymentChanges, now: Date): PaymentPatch {
  assert(isAllowed(name, payment), `${name} of payment ${payment.id}, which is ${payment.status}`)
  const { to }: Transition = TRANSITIONS[name]
  const patch: PaymentPatch = { status: to, dueAt: null, ...changes, updatedAt: now }
  if (to === 'completed') patch.completedAt = now
  if (to === 'canceled') patch.canceledAt = now
  return patch
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

/** What the names of statements that change a payment begin with. */
export const PAYMENT_TRANSITION = 'ramp_payment_transition'
export const REQUEST_TRANSITION = 'ramp_request_transition'

/** What patches may contain beside the state, and the columns of it. */
const PATCHED = [
  ['agentPaymentMethodId', 'agent_payment_method_id', 'uuid'],
  ['receipt', 'receipt', 'text'],
  ['cancelReason', 'cancel_reason', 'text'],
  ['expiresAt', 'expires_at', 'timestamptz'],
  ['reassignAfter', 'reassign_after', 'timestamptz'],
  ['acceptedAt', 'accepted_at', 'timestamptz'],
  ['paidAt', 'paid_at', 'timestamptz'],
  ['completedAt', 'completed_at', 'timestamptz'],
  ['canceledAt', 'canceled_at', 'timestamptz'],
  ['dueAt', 'due_at', 'timestamptz'],
  ['updatedAt', 'updated_at', 'timestamptz']
] as const satisfies readonly (readonly [keyof PaymentPatch, string, string])[]

interface PatchStatement {
  readonly name: string
  readonly text: string
  /** What differs from row to row. */
  readonly properties: readonly (keyof PaymentPatch)[]
}

/** By what they are named for. */
const patchStatements = new Map<string, PatchStatement>()

/** The states and what is emptied are the same for all rows of a statement, and stand in its text. */
function patchStatement(name: string, before: RampPaymentStatus, patch: PaymentPatch): PatchStatement {
  const changed = PATCHED.filter(([property]) => patch[property] !== undefined)
  const given = changed.filter(([property]) => patch[property] !== null)
  const settings = changed.map(
    ([property, column]) => `${column} = ${patch[property] === null ? 'NULL' : `fresh.${column}`}`
  )
  const arrays = ['$1::uuid[]', ...given.map(([, , type], index) => `$${index + 2}::${type}[]`)]
  return {
    name,
    text: `UPDATE ramp_payment AS payment SET ${[`status = '${patch.status}'`, ...settings].join(', ')}
      FROM unnest(${arrays.join(', ')}) AS fresh (${['id', ...given.map(([, column]) => column)].join(', ')})
      WHERE payment.id = fresh.id AND payment.status = '${before}'`,
    properties: given.map(([property]) => property)
  }
}

/** Two bits a column: whether it is given, and whether it is emptied. */
function shapeOf(patch: PaymentPatch): number {
  return PATCHED.reduce((bits, [property], index) => {
    const value = patch[property]
    return value === undefined ? bits : bits | ((value === null ? 2 : 1) << (2 * index))
  }, 0)
}

/** Changes the payment, if it still is in the state that it was. Orders that change alike are stored together. */
export function paymentStatement({ id, status }: PaymentState, patch: PaymentPatch): MergedRow {
  const key = `${PAYMENT_TRANSITION}_${status}_${patch.status}_${shapeOf(patch)}`
  let statement = patchStatements.get(key)
  if (!statement) patchStatements.set(key, (statement = patchStatement(key, status, patch)))
  const { name, text, properties } = statement
  return { name, text, row: [id, ...properties.map((property) => patch[property])] }
}

/** Makes the request what it became, if it still is in the state and with the assignment that were seen. */
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
