import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { PaymentPointer } from './payment-pointer'

/** A secret that opens sessions for a payment pointer. The secret itself is not stored. */
@Entity('api_key')
@Index('api_key_hash', ['hash'], { unique: true })
@Index('api_key_payment_pointer', ['paymentPointerId'])
@Check('api_key_hash_length', 'length(hash) = 32')
export class ApiKey {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'api_key_pkey' })
  id!: string

  /** HMAC-SHA-256 of the secret. */
  @Column('bytea')
  hash!: Buffer

  @Column('uuid', { name: 'payment_pointer_id' })
  @ForeignKey(() => PaymentPointer, { name: 'api_key_payment_pointer_id', onDelete: 'CASCADE' })
  paymentPointerId!: string

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
