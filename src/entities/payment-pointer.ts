import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm'
import { Asset } from './asset'
import { wholeNumber } from './transformers'

/** An account of a customer, reachable at a URL. */
@Entity('payment_pointer')
@Unique('payment_pointer_url', ['url'])
@Index('payment_pointer_created', ['createdAt', 'id'])
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

  /** The ledger account of money sent straight to the pointer. Null until the first credit. */
  @Column('bigint', { name: 'web_monetization_account_id', nullable: true, transformer: wholeNumber })
  webMonetizationAccountId!: bigint | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
