import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm'
import { Asset } from './asset'
import { wholeNumber } from './transformers'

/** An account of a customer, reachable at a URL. */
@Entity('payment_pointer')
@Unique('payment_pointer_url', ['url'])
@Index('payment_pointer_created', ['createdAt', 'id'])
@Index('payment_pointer_payments_end', ['paymentsEndAt'], { where: 'payments_end_at IS NOT NULL' })
@Check('payment_pointer_payments_end_with_it', 'payments_end_at IS NULL OR deactivated_at IS NOT NULL')
export class PaymentPointer {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'payment_pointer_pkey' })
  id!: string

  @Column('uuid', { name: 'asset_id' })
  @ForeignKey(() => Asset, { name: 'payment_pointer_asset' })
  assetId!: string

  /** In its normal form. */
  @Column('text')
  url!: string

  @Column('text', { name: 'public_name', nullable: true })
  publicName!: string | null

  /** From this time on the pointer is inactive. */
  @Column('timestamptz', { name: 'deactivated_at', nullable: true })
  deactivatedAt!: Date | null

  /**
   * While the pointer is inactive and some of its open incoming payments would go on for longer: when they end all
   * the same. Null once they all say so themselves.
   */
  @Column('timestamptz', { name: 'payments_end_at', nullable: true })
  paymentsEndAt!: Date | null

  /** The ledger account of money sent straight to the pointer. Null until the first credit. */
  @Column('bigint', { name: 'web_monetization_account_id', nullable: true, transformer: wholeNumber })
  webMonetizationAccountId!: bigint | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
