import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { Asset } from './asset'
import { PaymentPointer } from './payment-pointer'
import { wholeNumber } from './transformers'

/** What a payment to a receiver would cost and deliver, promised until it expires. Never changed. */
@Entity('quote')
@Index('quote_of_payment_pointer', ['paymentPointerId', 'createdAt', 'id'])
@Check('quote_amounts', 'principal BETWEEN 1 AND send_amount AND receive_amount >= 1')
@Check('quote_rate', 'rate_numerator > 0 AND rate_denominator > 0')
@Check(
  'quote_path',
  `num_nonnulls(low_rate_numerator, low_rate_denominator, high_rate_numerator, high_rate_denominator, max_packet_amount)
    IN (0, 5) AND least(low_rate_numerator, low_rate_denominator, high_rate_numerator, high_rate_denominator,
    max_packet_amount) > 0`
)
export class Quote {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'quote_pkey' })
  id!: string

  @Column('uuid', { name: 'payment_pointer_id' })
  @ForeignKey(() => PaymentPointer, { name: 'quote_payment_pointer' })
  paymentPointerId!: string

  /** URL of what is to be paid. */
  @Column('text')
  receiver!: string

  /** The payment pointer's asset. An asset keeps its code and scale for ever, so they stand here too. */
  @Column('uuid', { name: 'send_asset_id' })
  @ForeignKey(() => Asset, { name: 'quote_send_asset' })
  sendAssetId!: string

  @Column('text', { name: 'send_asset_code' })
  sendAssetCode!: string

  @Column('smallint', { name: 'send_asset_scale' })
  sendAssetScale!: number

  @Column('text', { name: 'receive_asset_code' })
  receiveAssetCode!: string

  @Column('smallint', { name: 'receive_asset_scale' })
  receiveAssetScale!: number

  /** All that the payment costs, fees among it. */
  @Column('numeric', { name: 'send_amount', precision: 20, scale: 0, transformer: wholeNumber })
  sendAmount!: bigint

  /** What of the send amount is sent; the rest is fees. */
  @Column('numeric', { precision: 20, scale: 0, transformer: wholeNumber })
  principal!: bigint

  @Column('numeric', { name: 'receive_amount', precision: 20, scale: 0, transformer: wholeNumber })
  receiveAmount!: bigint

  /** Smallest units delivered for one smallest unit sent, at least, as an exact ratio. */
  @Column('numeric', { name: 'rate_numerator', transformer: wholeNumber })
  rateNumerator!: bigint

  @Column('numeric', { name: 'rate_denominator', transformer: wholeNumber })
  rateDenominator!: bigint

  /**
   * What probing the path to the receiver has found: rates that are at least, and always less than, these,
   * and the largest packet that gets there, 1 … 2^63 − 1. Null for a receiver on this instance.
   */
  @Column('numeric', { name: 'low_rate_numerator', nullable: true, transformer: wholeNumber })
  lowRateNumerator!: bigint | null

  @Column('numeric', { name: 'low_rate_denominator', nullable: true, transformer: wholeNumber })
  lowRateDenominator!: bigint | null

  @Column('numeric', { name: 'high_rate_numerator', nullable: true, transformer: wholeNumber })
  highRateNumerator!: bigint | null

  @Column('numeric', { name: 'high_rate_denominator', nullable: true, transformer: wholeNumber })
  highRateDenominator!: bigint | null

  @Column('numeric', {
    name: 'max_packet_amount',
    precision: 20,
    scale: 0,
    nullable: true,
    transformer: wholeNumber
  })
  maxPacketAmount!: bigint | null

  /** The client that made it through the Open Payments API; null: the operator made it. */
  @Column('text', { nullable: true })
  client!: string | null

  /** From this time on no payment can be made of the quote. */
  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
