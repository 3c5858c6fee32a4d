import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm'
import { wholeNumber } from '../transformers'

/** Somebody whose customers turn fiat into USD and back. */
@Entity('ramp_merchant')
@Unique('ramp_merchant_email', ['email'])
@Index('ramp_merchant_created', ['createdAt', 'id'])
@Check('ramp_merchant_fee_range', 'fee_basis_points BETWEEN 0 AND 9999')
export class Merchant {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ramp_merchant_pkey' })
  id!: string

  @Column('text')
  name!: string

  /** In lower case. */
  @Column('text')
  email!: string

  /** The ledger account of the merchant's USD. */
  @Column('bigint', { name: 'balance_account_id', transformer: wholeNumber })
  balanceAccountId!: bigint

  /** Where stablecoins for the balance are sent. */
  @Column('text', { name: 'deposit_address', nullable: true })
  depositAddress!: string | null

  /** Is refused everything. */
  @Column('boolean', { name: 'is_restricted' })
  isRestricted!: boolean

  /** What an order costs, in hundredths of a per cent; null for what everybody pays. */
  @Column('integer', { name: 'fee_basis_points', nullable: true })
  feeBasisPoints!: number | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
