import { Check, Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm'
import { wholeNumber } from '../transformers'
import { Agent } from './agent'
import { RampCustomer } from './customer'
import { oneOf, RAMP_DIRECTIONS, RAMP_SOURCES, WHOLE, type RampDirection, type RampSource } from './order'
import { RampPaymentMethod } from './payment-method'
import { RampRail } from './rail'
import { RampRequest } from './request'

/** What was agreed and locked when an order was given to an agent. Nothing of it ever changes. */
@Entity('ramp_payment_terms')
@Unique('ramp_payment_terms_assignment', ['requestId', 'assignment'])
@Unique('ramp_payment_terms_of_agent', ['agentId', 'createdAt', 'id', 'paymentType'])
@Check('ramp_payment_terms_payment_type', oneOf('payment_type', RAMP_DIRECTIONS))
@Check('ramp_payment_terms_source', oneOf('source', RAMP_SOURCES))
@Check('ramp_payment_terms_amounts', 'amount_usd > 0 AND amount_local > 0 AND agent_amount_usd > 0')
@Check('ramp_payment_terms_shares', 'fee >= agent_cut_of_fees AND agent_cut_of_fees >= 0 AND fx_spread_revenue >= 0')
@Check(
  'ramp_payment_terms_held',
  `held_balance >= 0 AND held_credit >= 0
    AND held_balance + held_credit = CASE payment_type WHEN 'deposit' THEN agent_amount_usd ELSE 0 END`
)
export class RampPaymentTerms {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ramp_payment_terms_pkey' })
  id!: string

  @Column('uuid', { name: 'request_id' })
  @ForeignKey(() => RampRequest, { name: 'ramp_payment_terms_request' })
  requestId!: string

  /** Which time the order was assigned, from 1. */
  @Column('integer')
  assignment!: number

  /** The order's. */
  @Column('text', { name: 'order_id' })
  orderId!: string

  @Column('uuid', { name: 'agent_id' })
  @ForeignKey(() => Agent, { name: 'ramp_payment_terms_agent' })
  agentId!: string

  @Column('uuid', { name: 'customer_id' })
  @ForeignKey(() => RampCustomer, { name: 'ramp_payment_terms_customer' })
  customerId!: string

  @Column('uuid', { name: 'rail_id' })
  @ForeignKey(() => RampRail, { name: 'ramp_payment_terms_rail' })
  railId!: string

  @Column('text', { name: 'payment_type' })
  paymentType!: RampDirection

  @Column('text')
  source!: RampSource

  /** Where the customer of a withdrawal is paid; null for a deposit. */
  @Column('uuid', { name: 'customer_payment_method_id', nullable: true })
  @ForeignKey(() => RampPaymentMethod, { name: 'ramp_payment_terms_customer_payment_method' })
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

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
