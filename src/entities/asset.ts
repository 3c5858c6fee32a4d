import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm'
import { wholeNumber } from './transformers'

/** Highest ledger number of an asset, and so the number of assets there can be. */
export const ASSET_LEDGER_MAX = 32_767

/** A unit of account: a code with a scale, its own ledger, and the accounts through which money enters and leaves. */
@Entity('asset')
@Unique('asset_code_scale', ['code', 'scale'])
@Unique('asset_ledger', ['ledger'])
@Index('asset_created', ['createdAt', 'id'])
@Check('asset_scale_range', 'scale BETWEEN 0 AND 255')
@Check('asset_ledger_range', `ledger BETWEEN 1 AND ${ASSET_LEDGER_MAX}`)
@Check('asset_withdrawal_threshold_range', 'withdrawal_threshold >= 0')
export class Asset {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'asset_pkey' })
  id!: string

  @Column('text')
  code!: string

  /** How many decimal places the smallest unit has, 0 … 255. */
  @Column('smallint')
  scale!: number

  /** Smallest unannounced amount, in the smallest unit, that makes a payment pointer's withdrawal due. */
  @Column('numeric', {
    name: 'withdrawal_threshold',
    precision: 20,
    scale: 0,
    nullable: true,
    transformer: wholeNumber
  })
  withdrawalThreshold!: bigint | null

  /** The ledger's number of this unit of account, 1 … 32767. */
  @Column('integer')
  ledger!: number

  /** The ledger account through which all money of this asset enters and leaves the service. */
  @Column('bigint', { name: 'settlement_account_id', transformer: wholeNumber })
  settlementAccountId!: bigint

  /** The ledger account of the money that the operator lends to conversions. */
  @Column('bigint', { name: 'liquidity_account_id', transformer: wholeNumber })
  liquidityAccountId!: bigint

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
