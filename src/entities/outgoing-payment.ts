import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { OutgoingPaymentGrant } from './outgoing-payment-grant'
import { PaymentPointer } from './payment-pointer'
import { Peer } from './peer'
import { Quote } from './quote'
import { wholeNumber } from './transformers'

export const OUTGOING_PAYMENT_STATES = ['FUNDING', 'SENDING', 'COMPLETED', 'FAILED'] as const
export type OutgoingPaymentState = (typeof OUTGOING_PAYMENT_STATES)[number]

/** A payment made of a quote. It has the quote's id, so a quote makes one payment at most. */
@Entity('outgoing_payment')
@Index('outgoing_payment_created', ['createdAt', 'id'])
@Index('outgoing_payment_of_payment_pointer', ['paymentPointerId', 'createdAt', 'id'])
@Index('outgoing_payment_of_client', ['paymentPointerId', 'client', 'createdAt', 'id'], {
  where: 'client IS NOT NULL'
})
@Index('outgoing_payment_of_grant', ['grantId', 'createdAt'], { where: 'grant_id IS NOT NULL' })
@Index('outgoing_payment_of_peer', ['peerId'], { where: 'peer_id IS NOT NULL' })
@Index('outgoing_payment_due', ['dueAt'], { where: 'due_at IS NOT NULL' })
@Check('outgoing_payment_state', `state IN ('FUNDING', 'SENDING', 'COMPLETED', 'FAILED')`)
@Check('outgoing_payment_due_while_sending', `(state = 'SENDING') = (due_at IS NOT NULL)`)
@Check('outgoing_payment_funded', `state IN ('FUNDING', 'FAILED') OR liquidity_account_id IS NOT NULL`)
@Check('outgoing_payment_grant_of_client', 'grant_id IS NULL OR client IS NOT NULL')
@Check('outgoing_payment_sent_amount', 'sent_amount >= 0')
@Check('outgoing_payment_delivered_amount', 'delivered_amount >= 0')
export class OutgoingPayment {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'outgoing_payment_pkey' })
  @ForeignKey(() => Quote, { name: 'outgoing_payment_quote' })
  id!: string

  @Column('uuid', { name: 'payment_pointer_id' })
  @ForeignKey(() => PaymentPointer, { name: 'outgoing_payment_payment_pointer' })
  paymentPointerId!: string

  @Column('text')
  state!: OutgoingPaymentState

  /** How often the payment was tried in its present state without success. */
  @Column('smallint', { name: 'state_attempts' })
  stateAttempts!: number

  /** Why the payment failed. */
  @Column('text', { nullable: true })
  error!: string | null

  @Column('json', { nullable: true })
  metadata!: Record<string, unknown> | null

  /** What was delivered has cost so much, in the smallest unit of the sending asset. */
  @Column('numeric', { name: 'sent_amount', precision: 20, scale: 0, transformer: wholeNumber })
  sentAmount!: bigint

  /**
   * What of it has arrived for certain, in the smallest unit of the receiving asset. As old as the sent amount:
   * what was sent since then is known by the ledger.
   */
  @Column('numeric', {
    name: 'delivered_amount',
    precision: 20,
    scale: 0,
    default: 0,
    transformer: wholeNumber
  })
  deliveredAmount!: bigint

  /** The ledger account that the payment is made from. Null until it is funded. */
  @Column('bigint', { name: 'liquidity_account_id', nullable: true, transformer: wholeNumber })
  liquidityAccountId!: bigint | null

  /** When somebody is to work on the payment next. A worker that takes it up moves this to the end of its lease. */
  @Column('timestamptz', { name: 'due_at', nullable: true })
  dueAt!: Date | null

  /** Names the worker's claim. What it writes counts only while it still holds the claim. */
  @Column('uuid', { nullable: true })
  lease!: string | null

  /** The client that made it through the Open Payments API; null: the operator made it. */
  @Column('text', { nullable: true })
  client!: string | null

  /** The grant that it was made under. */
  @Column('text', { name: 'grant_id', nullable: true })
  @ForeignKey(() => OutgoingPaymentGrant, { name: 'outgoing_payment_grant_id' })
  grantId!: string | null

  /** The peer behind which the receiver was when the payment was made; null: none, or nobody could tell. */
  @Column('uuid', { name: 'peer_id', nullable: true })
  @ForeignKey(() => Peer, { name: 'outgoing_payment_peer' })
  peerId!: string | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date
}
