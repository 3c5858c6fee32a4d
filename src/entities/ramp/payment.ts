import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm'
import { wholeNumber } from '../transformers'
import { Agent } from './agent'
import { RampCustomer } from './customer'
import { oneOf, RAMP_DIRECTIONS, RAMP_SOURCES, WHOLE, type RampDirection, type RampSource } from './order'
import { RampPaymentMethod } from './payment-method'
import { RampRail } from './rail'
import { RampRequest } from './request'

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

/** An order in the hands of one agent. A withdrawal that is given back gets another one of these. */
@Entity('ramp_payment')
@Unique('ramp_payment_assignment', ['requestId', 'assignment'])
@Index('ramp_payment_of_agent', ['agentId', 'createdAt', 'id'])
@Index('ramp_payment_of_agent_status', ['agentId', 'status', 'createdAt', 'id'])
@Index('ramp_payment_offered', ['agentPaymentMethodId'], {
  where: `status = 'pending' AND payment_type = 'withdrawal'`
})
@Index('ramp_payment_due', ['dueAt'], { where: 'due_at IS NOT NULL' })
@Index('ramp_payment_ended', ['updatedAt'], { where: `status IN ('completed', 'canceled')` })
@Index('ramp_payment_overdue', ['overdueAt', 'id'], {
  where: `(status = 'accepted' OR (status = 'paid' AND payment_type = 'deposit')) AND overdue_at IS NOT NULL`
})
@Check('ramp_payment_payment_type', oneOf('payment_type', RAMP_DIRECTIONS))
@Check('ramp_payment_source', oneOf('source', RAMP_SOURCES))
@Check('ramp_payment_status', oneOf('status', RAMP_PAYMENT_STATUSES))
@Check('ramp_payment_cancel_reason', oneOf('cancel_reason', RAMP_CANCEL_REASONS))
@Check('ramp_payment_canceled', `(status = 'canceled') = (cancel_reason IS NOT NULL AND canceled_at IS NOT NULL)`)
@Check('ramp_payment_amounts', 'amount_usd > 0 AND amount_local > 0 AND agent_amount_usd > 0')
@Check('ramp_payment_shares', 'fee >= agent_cut_of_fees AND agent_cut_of_fees >= 0 AND fx_spread_revenue >= 0')
@Check(
  'ramp_payment_held',
  `held_balance >= 0 AND held_credit >= 0
    AND held_balance + held_credit = CASE payment_type WHEN 'deposit' THEN agent_amount_usd ELSE 0 END`
)
export class RampPayment {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ramp_payment_pkey' })
  id!: string

  @Column('uuid', { name: 'request_id' })
  @ForeignKey(() => RampRequest, { name: 'ramp_payment_request' })
  requestId!: string

  /** Which time the order was assigned, from 1. */
  @Column('integer')
  assignment!: number

  /** The order's. */
  @Column('text', { name: 'order_id' })
  orderId!: string

  @Column('uuid', { name: 'agent_id' })
  @ForeignKey(() => Agent, { name: 'ramp_payment_agent' })
  agentId!: string

  @Column('uuid', { name: 'customer_id' })
  @ForeignKey(() => RampCustomer, { name: 'ramp_payment_customer' })
  customerId!: string

  @Column('uuid', { name: 'rail_id' })
  @ForeignKey(() => RampRail, { name: 'ramp_payment_rail' })
  railId!: string

  @Column('text', { name: 'payment_type' })
  paymentType!: RampDirection

  @Column('text')
  source!: RampSource

  @Column('text')
  status!: RampPaymentStatus

  /** Where the agent receives a deposit or pays a withdrawal from. */
  @Column('uuid', { name: 'agent_payment_method_id' })
  @ForeignKey(() => RampPaymentMethod, { name: 'ramp_payment_agent_payment_method' })
  agentPaymentMethodId!: string

  /** Where the customer of a withdrawal is paid; null for a deposit. */
  @Column('uuid', { name: 'customer_payment_method_id', nullable: true })
  @ForeignKey(() => RampPaymentMethod, { name: 'ramp_payment_customer_payment_method' })
  customerPaymentMethodId!: string | null

  /** As the agent's method was when the order was assigned: money arrives at once. */
  @Column('boolean')
  instant!: boolean

  /** What the customer gets or gives for a USD, in millionths of local currency; locked. */
  @Column('numeric', { name: 'exchange_rate', ...WHOLE, transformer: wholeNumber })
  exchangeRate!: bigint

  /** The agent's own rate at the lock. */
  @Column('numeric', { name: 'agent_rate', ...WHOLE, transformer: wholeNumber })
  agentRate!: bigint

  /** In millionths of a USD, like everything in USD below. */
  @Column('numeric', { name: 'amount_usd', ...WHOLE, transformer: wholeNumber })
  amountUsd!: bigint

  /** In hundredths of local currency: what moves between customer and agent. */
  @Column('numeric', { name: 'amount_local', ...WHOLE, transformer: wholeNumber })
  amountLocal!: bigint

  /** What the agent gives for a deposit or gets for a withdrawal, its share of the fee aside. */
  @Column('numeric', { name: 'agent_amount_usd', ...WHOLE, transformer: wholeNumber })
  agentAmountUsd!: bigint

  /** What the order costs the merchant. */
  @Column('numeric', { ...WHOLE, transformer: wholeNumber })
  fee!: bigint

  @Column('numeric', { name: 'agent_cut_of_fees', ...WHOLE, transformer: wholeNumber })
  agentCutOfFees!: bigint

  /** What the platform keeps of the surcharge. */
  @Column('numeric', { name: 'fx_spread_revenue', ...WHOLE, transformer: wholeNumber })
  fxSpreadRevenue!: bigint

  /** The local currency, by ISO 4217. */
  @Column('text')
  currency!: string

  /** What a deposit has reserved of the agent's own balance. */
  @Column('numeric', { name: 'held_balance', ...WHOLE, transformer: wholeNumber })
  heldBalance!: bigint

  /** And of its credit line. */
  @Column('numeric', { name: 'held_credit', ...WHOLE, transformer: wholeNumber })
  heldCredit!: bigint

  /** Where a deposit is said to come from. */
  @Column('text', { name: 'payer_phone_number', nullable: true })
  payerPhoneNumber!: string | null

  @Column('text', { name: 'payer_bank_account_number', nullable: true })
  payerBankAccountNumber!: string | null

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
