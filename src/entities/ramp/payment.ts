import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { oneOf, type RampDirection } from './order'
import { RampPaymentMethod } from './payment-method'
import { RampPaymentTerms } from './payment-terms'

export const RAMP_PAYMENT_STATUSES = ['pending', 'accepted', 'paid', 'completed', 'canceled'] as const
export type RampPaymentStatus = (typeof RAMP_PAYMENT_STATUSES)[number]

/** Why an assignment became void. */
export const RAMP_CANCEL_REASONS = [
  /** The merchant or the customer took it back. */
  'canceled',
  /** The agent gave it back. */
  'declined',
  /** Its time was over. */
  'expired',
  /** The operator decided so. */
  'resolved'
] as const
export type RampCancelReason = (typeof RAMP_CANCEL_REASONS)[number]

/** What of the terms the state repeats, so that indexes can have it beside the status. */
const REPEATED = ['agentId', 'createdAt', 'id', 'paymentType'] as const

/**
 * How far an order in the hands of one agent is. It changes a few times, so it is kept apart from the terms, which are
 * many and never change.
 */
@Entity('ramp_payment')
@Index('ramp_payment_of_agent_status', ['agentId', 'status', 'createdAt', 'id'])
@Index('ramp_payment_offered', ['agentPaymentMethodId'], {
  where: `status = 'pending' AND payment_type = 'withdrawal'`
})
@Index('ramp_payment_due', ['dueAt'], { where: 'due_at IS NOT NULL' })
@Index('ramp_payment_ended', ['updatedAt'], { where: `status IN ('completed', 'canceled')` })
@Index('ramp_payment_overdue', ['overdueAt', 'id'], {
  where: `(status = 'accepted' OR (status = 'paid' AND payment_type = 'deposit')) AND overdue_at IS NOT NULL`
})
@ForeignKey(() => RampPaymentTerms, REPEATED, REPEATED, { name: 'ramp_payment_terms' })
@Check('ramp_payment_status', oneOf('status', RAMP_PAYMENT_STATUSES))
@Check('ramp_payment_cancel_reason', oneOf('cancel_reason', RAMP_CANCEL_REASONS))
@Check('ramp_payment_canceled', `(status = 'canceled') = (cancel_reason IS NOT NULL AND canceled_at IS NOT NULL)`)
export class RampPaymentState {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ramp_payment_pkey' })
  id!: string

  @Column('uuid', { name: 'agent_id' })
  agentId!: string

  @Column('text', { name: 'payment_type' })
  paymentType!: RampDirection

  @Column('text')
  status!: RampPaymentStatus

  /** Where the agent receives a deposit or pays a withdrawal from. */
  @Column('uuid', { name: 'agent_payment_method_id' })
  @ForeignKey(() => RampPaymentMethod, { name: 'ramp_payment_agent_payment_method' })
  agentPaymentMethodId!: string

  /** Of whoever paid, as it was given. */
  @Column('text', { nullable: true })
  receipt!: string | null

  @Column('text', { name: 'cancel_reason', nullable: true })
  cancelReason!: RampCancelReason | null

  /** When a deposit ends unpaid, or an accepted withdrawal should be paid out. */
  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null

  /** Until when a withdrawal can be accepted. */
  @Column('timestamptz', { name: 'reassign_after', nullable: true })
  reassignAfter!: Date | null

  @Column('timestamptz', { name: 'accepted_at', nullable: true })
  acceptedAt!: Date | null

  @Column('timestamptz', { name: 'paid_at', nullable: true })
  paidAt!: Date | null

  @Column('timestamptz', { name: 'completed_at', nullable: true })
  completedAt!: Date | null

  @Column('timestamptz', { name: 'canceled_at', nullable: true })
  canceledAt!: Date | null

  /** When the agent of an accepted withdrawal or of a paid deposit was found to be late; for the operator. */
  @Column('timestamptz', { name: 'overdue_at', nullable: true })
  overdueAt!: Date | null

  /** When time does something to it next; whoever takes that in hand moves it on a little. */
  @Column('timestamptz', { name: 'due_at', nullable: true })
  dueAt!: Date | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date
}

/** An order in the hands of one agent. A withdrawal that is given back gets another one of these. */
export type RampPayment = RampPaymentState & RampPaymentTerms
