import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { wholeNumber } from '../transformers'
import { RampCustomer } from './customer'

/** What a customer's orders of one day come to, those aside that were canceled. */
@Entity('ramp_customer_day')
@Index('ramp_customer_day_of_day', ['day'])
@Check('ramp_customer_day_amount', 'amount_usd >= 0')
export class RampCustomerDay {
  @PrimaryColumn('uuid', { name: 'customer_id', primaryKeyConstraintName: 'ramp_customer_day_pkey' })
  @ForeignKey(() => RampCustomer, { name: 'ramp_customer_day_customer' })
  customerId!: string

  /** Counted from the epoch, in UTC. */
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'ramp_customer_day_pkey' })
  day!: number

  /** In millionths of a USD. */
  @Column('numeric', { name: 'amount_usd', precision: 39, scale: 0, transformer: wholeNumber })
  amountUsd!: bigint
}
