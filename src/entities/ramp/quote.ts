import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { wholeNumber } from '../transformers'
import { Agent } from './agent'
import { RampCustomer } from './customer'
import { Merchant } from './merchant'
import { oneOf, RAMP_CURRENCIES, RAMP_DIRECTIONS, WHOLE, type RampCurrency, type RampDirection } from './order'
import { RampPaymentMethod } from './payment-method'
import { RampRail } from './rail'

/** A rate that is promised to a customer for a while. It reserves nothing and makes one order at most. */
@Entity('ramp_quote')
@Index('ramp_quote_unused', ['expiresAt'], { where: 'request_id IS NULL' })
@Check('ramp_quote_payment_type', oneOf('payment_type', RAMP_DIRECTIONS))
@Check('ramp_quote_currency', oneOf('currency', RAMP_CURRENCIES))
@Check('ramp_quote_amounts', 'amount > 0 AND amount_usd > 0 AND amount_local > 0')
@Check('ramp_quote_rates', 'agent_rate > 0 AND exchange_rate > 0')
export class RampQuote {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ramp_quote_pkey' })
  id!: string

  @Column('uuid', { name: 'merchant_id' })
  @ForeignKey(() => Merchant, { name: 'ramp_quote_merchant' })
  merchantId!: string

  @Column('uuid', { name: 'customer_id' })
  @ForeignKey(() => RampCustomer, { name: 'ramp_quote_customer' })
  customerId!: string

  @Column('uuid', { name: 'rail_id' })
  @ForeignKey(() => RampRail, { name: 'ramp_quote_rail' })
  railId!: string

  @Column('text', { name: 'payment_type' })
  paymentType!: RampDirection

  /** What `amount` is stated in. */
  @Column('text')
  currency!: RampCurrency

  /** As it was asked for, in the smallest unit of what it is stated in. */
  @Column('numeric', { ...WHOLE, transformer: wholeNumber })
  amount!: bigint

  /** The agent who had the best rate, and the method that the order would go to. */
  @Column('uuid', { name: 'agent_id' })
  @ForeignKey(() => Agent, { name: 'ramp_quote_agent' })
  agentId!: string

  @Column('uuid', { name: 'agent_payment_method_id' })
  @ForeignKey(() => RampPaymentMethod, { name: 'ramp_quote_agent_payment_method' })
  agentPaymentMethodId!: string

  /** The agent's own rate, in millionths of local currency a USD. */
  @Column('numeric', { name: 'agent_rate', ...WHOLE, transformer: wholeNumber })
  agentRate!: bigint

  /** The customer's rate, likewise. */
  @Column('numeric', { name: 'exchange_rate', ...WHOLE, transformer: wholeNumber })
  exchangeRate!: bigint

  /** In millionths of a USD. */
  @Column('numeric', { name: 'amount_usd', ...WHOLE, transformer: wholeNumber })
  amountUsd!: bigint

  /** In hundredths of local currency. */
  @Column('numeric', { name: 'amount_local', ...WHOLE, transformer: wholeNumber })
  amountLocal!: bigint

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date

  /** Counts the refreshes, so that a quote is used as it was read or not at all. */
  @Column('integer')
  version!: number

  /** The order that was made of it; null while it can be used. */
  @Column('uuid', { name: 'request_id', nullable: true })
  requestId!: string | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
