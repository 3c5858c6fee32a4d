import { Check, Column, Entity, PrimaryColumn } from 'typeorm'
import { wholeNumber } from '../transformers'

/** What one USD costs a buyer and brings a seller on the market, in millionths of local currency. */
@Entity('ramp_market_rate')
@Check('ramp_market_rate_range', 'buy > 0 AND sell > 0')
export class MarketRate {
  @PrimaryColumn('text', { name: 'currency_code', primaryKeyConstraintName: 'ramp_market_rate_pkey' })
  currencyCode!: string

  @Column('numeric', { precision: 20, scale: 0, transformer: wholeNumber })
  buy!: bigint

  @Column('numeric', { precision: 20, scale: 0, transformer: wholeNumber })
  sell!: bigint

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date
}
