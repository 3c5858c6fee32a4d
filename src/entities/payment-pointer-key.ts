import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { PaymentPointer } from './payment-pointer'

/** An Ed25519 public key that signs Open Payments requests in a payment pointer's name. */
@Entity('payment_pointer_key')
@Index('payment_pointer_key_active_kid', ['paymentPointerId', 'kid'], { unique: true, where: 'revoked_at IS NULL' })
export class PaymentPointerKey {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'payment_pointer_key_pkey' })
  id!: string

  @Column('uuid', { name: 'payment_pointer_id' })
  @ForeignKey(() => PaymentPointer, { name: 'payment_pointer_key_payment_pointer' })
  paymentPointerId!: string

  /** The key's name, unique among the pointer's keys that are not revoked. */
  @Column('text')
  kid!: string

  /** The public key: 32 bytes in base64url. */
  @Column('text')
  x!: string

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt!: Date | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
