import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm'
import { wholeNumber } from '../transformers'
import { RampCountry } from './country'
import { RampCustomer } from './customer'
import { Merchant } from './merchant'
import {
  oneOf,
  RAMP_CURRENCIES,
  RAMP_DIRECTIONS,
  RAMP_SOURCES,
  WHOLE,
  type RampCurrency,
  type RampDirection,
  type RampSource
} from './order'

export const RAMP_REQUEST_STATUSES = ['created', 'picked_up', 'completed', 'canceled'] as const
export type RampRequestStatus = (typeof RAMP_REQUEST_STATUSES)[number]

/** An order as its merchant knows it. Agents know its assignments. */
@Entity('ramp_request')
@Unique('ramp_request_reference', ['merchantId', 'reference'])
@Unique('ramp_request_order_id', ['orderId'])
@Index('ramp_request_due', ['dueAt'], { where: 'due_at IS NOT NULL' })
@Check('ramp_request_payment_type', oneOf('payment_type', RAMP_DIRECTIONS))
@Check('ramp_request_source', oneOf('source', RAMP_SOURCES))
@Check('ramp_request_status', oneOf('status', RAMP_REQUEST_STATUSES))
@Check('ramp_request_currency', oneOf('currency', RAMP_CURRENCIES))
@Check('ramp_request_amounts', 'amount > 0 AND amount_usd > 0 AND fee >= 0')
@Check('ramp_request_assigned', `status IN ('created', 'canceled') OR payment_id IS NOT NULL`)
@Check('ramp_request_funded', `(payment_type = 'withdrawal') = (funding_account_id IS NOT NULL)`)
@Check('ramp_request_due_while_created', `(status = 'created') = (due_at IS NOT NULL)`)
export class RampRequest {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ramp_request_pkey' })
  id!: string

  @Column('uuid', { name: 'merchant_id' })
  @ForeignKey(() => Merchant, { name: 'ramp_request_merchant' })
  merchantId!: string

  @Column('uuid', { name: 'customer_id' })
  @ForeignKey(() => RampCustomer, { name: 'ramp_request_customer' })
  customerId!: string

  /** Where the fiat moves. */
  @Column('uuid', { name: 'country_id' })
  @ForeignKey(() => RampCountry, { name: 'ramp_request_country' })
  countryId!: string

  /** Ten characters, the same on all assignments. */
  @Column('text', { name: 'order_id' })
  orderId!: string

  @Column('text', { name: 'payment_type' })
  paymentType!: RampDirection

  @Column('text')
  source!: RampSource

  @Column('text')
  status!: RampRequestStatus

  /** What `amount` is stated in. */
  @Column('text')
  currency!: RampCurrency

  /** As it was asked for, in the smallest unit of what it is stated in. */
  @Column('numeric', { ...WHOLE, transformer: wholeNumber })
  amount!: bigint

  /** In millionths of a USD; null where it depends on a rate that is not locked yet. */
  @Column('numeric', { name: 'amount_usd', nullable: true, ...WHOLE, transformer: wholeNumber })
  amountUsd!: bigint | null

  /** What the order costs the merchant, in millionths of a USD; null as long as `amountUsd` is. */
  @Column('numeric', { nullable: true, ...WHOLE, transformer: wholeNumber })
  fee!: bigint | null

  /** The merchant's own name of it. */
  @Column('text')
  reference!: string

  /** Of everything that the reference stands for. */
  @Column('bytea', { name: 'arguments_hash' })
  argumentsHash!: Buffer

  /** What the merchant noted, echoed as it was sent. */
  @Column('json', { nullable: true })
  metadata!: Record<string, unknown> | null

  @Column('text', { name: 'redirect_url', nullable: true })
  redirectUrl!: string | null

  /** Whose balance a withdrawal is paid from; null for a deposit. */
  @Column('bigint', { name: 'funding_account_id', nullable: true, transformer: wholeNumber })
  fundingAccountId!: bigint | null

  /** The present assignment, or the last; null before the first. */
  @Column('uuid', { name: 'payment_id', nullable: true })
  paymentId!: string | null

  /** Where a deposit is delivered instead of the merchant's balance; all four are null without it. */
  @Column('text', { name: 'onchain_address', nullable: true })
  onchainAddress!: string | null

  /** A symbol. */
  @Column('text', { name: 'onchain_cryptocurrency', nullable: true })
  onchainCryptocurrency!: string | null

  @Column('text', { name: 'onchain_network', nullable: true })
  onchainNetwork!: string | null

  /** In millionths of a USD. */
  @Column('numeric', { name: 'onchain_fee', nullable: true, ...WHOLE, transformer: wholeNumber })
  onchainFee!: bigint | null

  /** The day, counted from the epoch in UTC, whose limit of the customer it is part of; null before the first assignment. */
  @Column('integer', { name: 'counted_day', nullable: true })
  countedDay!: number | null

  /** Why it came to nothing. */
  @Column('text', { name: 'cancel_reason', nullable: true })
  cancelReason!: string | null

  /** Until when it waits for the customer to choose a rail, and then when somebody looks at it next. */
  @Column('timestamptz', { name: 'due_at', nullable: true })
  dueAt!: Date | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date
}
