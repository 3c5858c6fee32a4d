import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { PaymentPointer } from './payment-pointer'
import { wholeNumber } from './transformers'

/** What a payment pointer received itself, other than through incoming payments, and how much of it was announced. */
@Entity('payment_pointer_income')
@Index('payment_pointer_income_due', ['announceAt'], { where: 'announce_at IS NOT NULL' })
@Check('payment_pointer_income_amounts', 'announced_amount BETWEEN 0 AND received_amount')
export class PaymentPointerIncome {
  @PrimaryColumn('uuid', { name: 'payment_pointer_id', primaryKeyConstraintName: 'payment_pointer_income_pkey' })
  @ForeignKey(() => PaymentPointer, { name: 'payment_pointer_income_payment_pointer' })
  paymentPointerId!: string

  /**
   * All that was ever credited, in the asset's smallest unit. Written together with the ledger's transfers, so
   * it equals the posted credits of the account.
   */
  @Column('numeric', { name: 'received_amount', precision: 39, scale: 0, transformer: wholeNumber })
  receivedAmount!: bigint

  /** How much of it needs no announcement any more: events told of it, or it was withdrawn without one. */
  @Column('numeric', { name: 'announced_amount', precision: 39, scale: 0, transformer: wholeNumber })
  announcedAmount!: bigint

  /** When the rest is to be announced; null while nothing is planned. */
  @Column('timestamptz', { name: 'announce_at', nullable: true })
  announceAt!: Date | null
}
