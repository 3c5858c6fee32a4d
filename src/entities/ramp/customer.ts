import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm'
import { RampCountry } from './country'
import { Merchant } from './merchant'

/** A person who pays through a merchant or is paid. Known to that merchant alone. */
@Entity('ramp_customer')
@Unique('ramp_customer_email', ['merchantId', 'email'])
@Index('ramp_customer_of_merchant', ['merchantId', 'createdAt', 'id'])
export class RampCustomer {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ramp_customer_pkey' })
  id!: string

  @Column('uuid', { name: 'merchant_id' })
  @ForeignKey(() => Merchant, { name: 'ramp_customer_merchant' })
  merchantId!: string

  /** In lower case. */
  @Column('text')
  email!: string

  @Column('text', { name: 'first_name' })
  firstName!: string

  @Column('text', { name: 'last_name' })
  lastName!: string

  @Column('uuid', { name: 'country_id' })
  @ForeignKey(() => RampCountry, { name: 'ramp_customer_country' })
  countryId!: string

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
