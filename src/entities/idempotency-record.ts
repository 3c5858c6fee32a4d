import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm'

/** What was answered to the first request with a key, written in the transaction of what that request did. */
@Entity('idempotency_record')
@Index('idempotency_record_expires', ['expiresAt'])
@Check('idempotency_record_arguments_hash', 'length(arguments_hash) = 32')
export class IdempotencyRecord {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'idempotency_record_pkey' })
  key!: string

  @Column('text')
  operation!: string

  /** SHA-256 of the canonical arguments. */
  @Column('bytea', { name: 'arguments_hash' })
  argumentsHash!: Buffer

  /** The use case's answer, from which every API makes its own. */
  @Column('json')
  answer!: unknown

  @Column('timestamptz', { name: 'recorded_at' })
  recordedAt!: Date

  /** From this time on the key counts as new. */
  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date
}
