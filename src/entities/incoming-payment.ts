import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm'
import { Asset } from './asset'
import { PaymentPointer } from './payment-pointer'
import { wholeNumber } from './transformers'

export const INCOMING_PAYMENT_STATES = ['PENDING', 'PROCESSING', 'COMPLETED', 'EXPIRED'] as const
export type IncomingPaymentState = (typeof INCOMING_PAYMENT_STATES)[number]

/** Money expected by a payment pointer. */
@Entity('incoming_payment')
@Unique('incoming_payment_connection', ['connectionId'])
@Index('incoming_payment_created', ['createdAt', 'id'], { where: 'removed_at IS NULL' })
@Index('incoming_payment_of_payment_pointer', ['paymentPointerId', 'createdAt', 'id'], { where: 'removed_at IS NULL' })
@Index('incoming_payment_of_client', ['paymentPointerId', 'client', 'createdAt', 'id'], {
  where: 'client IS NOT NULL AND removed_at IS NULL'
})
@Index('incoming_payment_open', ['paymentPointerId', 'expiresAt'], { where: `state IN ('PENDING', 'PROCESSING')` })
@Index('incoming_payment_due', ['processAt'], { where: 'process_at IS NOT NULL' })
@Check('incoming_payment_state', `state IN ('PENDING', 'PROCESSING', 'COMPLETED', 'EXPIRED')`)
@Check('incoming_payment_incoming_amount', 'incoming_amount > 0')
@Check('incoming_payment_received_amount', 'received_amount BETWEEN 0 AND 18446744073709551615')
@Check('incoming_payment_received_on_account', 'received_amount = 0 OR account_id IS NOT NULL')
@Check('incoming_payment_pending_is_empty', `state <> 'PENDING' OR received_amount = 0`)
@Check(
  'incoming_payment_expires_when_open',
  `state IN ('COMPLETED', 'EXPIRED') OR process_at IS NOT DISTINCT FROM expires_at`
)
@Check('incoming_payment_connection_when_open', `(state IN ('COMPLETED', 'EXPIRED')) = (connection_id IS NULL)`)
@Check('incoming_payment_removed_is_empty', `removed_at IS NULL OR (state = 'EXPIRED' AND received_amount = 0)`)
export class IncomingPayment {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'incoming_payment_pkey' })
  id!: string

  @Column('uuid', { name: 'payment_pointer_id' })
  @ForeignKey(() => PaymentPointer, { name: 'incoming_payment_payment_pointer' })
  paymentPointerId!: string

  /** The payment pointer's asset. */
  @Column('uuid', { name: 'asset_id' })
  @ForeignKey(() => Asset, { name: 'incoming_payment_asset' })
  assetId!: string

  @Column('text')
  state!: IncomingPaymentState

  /** What is expected, in the asset's smallest unit; null if any amount is welcome. */
  @Column('numeric', { name: 'incoming_amount', precision: 20, scale: 0, nullable: true, transformer: wholeNumber })
  incomingAmount!: bigint | null

  /**
   * All that was ever credited, in the asset's smallest unit. Written together with the ledger's transfers, so
   * it equals the posted credits of the account.
   */
  @Column('numeric', { name: 'received_amount', precision: 20, scale: 0, transformer: wholeNumber })
  receivedAmount!: bigint

  /** The ledger account of what was received. Null until there is something to receive. */
  @Column('bigint', { name: 'account_id', nullable: true, transformer: wholeNumber })
  accountId!: bigint | null

  /** Names the payment to senders while it can be paid. */
  @Column('uuid', { name: 'connection_id', nullable: true })
  connectionId!: string | null

  /** From this time on nothing is received. */
  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date

  /** When time takes the payment a step further: to its expiry, or to the announcement of what it received. */
  @Column('timestamptz', { name: 'process_at', nullable: true })
  processAt!: Date | null

  /** Since then the payment is not shown any more: it expired without having received anything. */
  @Column('timestamptz', { name: 'removed_at', nullable: true })
  removedAt!: Date | null

  /** What the payment's creator wrote on it. */
  @Column('json', { nullable: true })
  metadata!: Record<string, unknown> | null

  /** The client that made it through the Open Payments API; null: the operator made it. */
  @Column('text', { nullable: true })
  client!: string | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date
}
