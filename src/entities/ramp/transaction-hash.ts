import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { RampRequest } from './request'

/** A transaction on chain that somebody said pays for an order. Each names one order, for good. */
@Entity('ramp_transaction_hash')
@Index('ramp_transaction_hash_of_request', ['requestId'], { unique: true })
export class RampTransactionHash {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'ramp_transaction_hash_pkey' })
  hash!: string

  @Column('uuid', { name: 'request_id' })
  @ForeignKey(() => RampRequest, { name: 'ramp_transaction_hash_request' })
  requestId!: string

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
