import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { PaymentPointer } from './payment-pointer'

/** A short-lived credential opened with an API key. The token itself is not stored. */
@Entity('session')
@Index('session_expires', ['expiresAt'])
@Check('session_token_hash_length', 'length(token_hash) = 32')
export class Session {
  /** HMAC-SHA-256 of the token. */
  @PrimaryColumn('bytea', { name: 'token_hash', primaryKeyConstraintName: 'session_pkey' })
  tokenHash!: Buffer

  /** Whose API key opened it. */
  @Column('uuid', { name: 'payment_pointer_id' })
  @ForeignKey(() => PaymentPointer, { name: 'session_payment_pointer_id', onDelete: 'CASCADE' })
  paymentPointerId!: string

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date
}
