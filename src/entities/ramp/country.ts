import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm'

/** A country in which orders can be placed, with its one currency. */
@Entity('ramp_country')
@Unique('ramp_country_code', ['code'])
@Check('ramp_country_surcharge_range', 'surcharge_basis_points BETWEEN 0 AND 9999')
export class RampCountry {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ramp_country_pkey' })
  id!: string

  /** Two letters by ISO 3166, in capitals. */
  @Column('text')
  code!: string

  /** In English. */
  @Column('text')
  name!: string

  /** By ISO 4217. */
  @Column('text', { name: 'currency_code' })
  currencyCode!: string

  @Column('text', { name: 'currency_name' })
  currencyName!: string

  /** The platform's spread between the agent's rate and the customer's, in hundredths of a per cent. */
  @Column('integer', { name: 'surcharge_basis_points' })
  surchargeBasisPoints!: number
}
