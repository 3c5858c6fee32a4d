import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { Asset } from './asset'
import { wholeNumber } from './transformers'

export const FEE_TYPES = ['SENDING', 'RECEIVING'] as const
export type FeeType = (typeof FEE_TYPES)[number]

/** What the operator charges. A new record replaces the last one of its asset and type; none is ever changed. */
@Entity('fee')
@Index('fee_latest', ['assetId', 'type', 'createdAt', 'id'])
@Check('fee_type', `type IN ('SENDING', 'RECEIVING')`)
@Check('fee_fixed_range', 'fixed >= 0')
@Check('fee_basis_points_range', 'basis_points BETWEEN 0 AND 10000')
export class Fee {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'fee_pkey' })
  id!: string

  @Column('uuid', { name: 'asset_id' })
  @ForeignKey(() => Asset, { name: 'fee_asset' })
  assetId!: string

  @Column('text')
  type!: FeeType

  /** In the asset's smallest unit. */
  @Column('numeric', { precision: 20, scale: 0, transformer: wholeNumber })
  fixed!: bigint

  /** Hundredths of a percent, 0 … 10000. */
  @Column('integer', { name: 'basis_points' })
  basisPoints!: number

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
