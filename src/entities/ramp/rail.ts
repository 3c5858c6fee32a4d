import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm'
import { RampCountry } from './country'

/** What a payment method of a rail says about itself. */
export interface RailField {
  /** For programs, such as `account_number`. */
  readonly identifier: string
  /** For people. */
  readonly label: string
  readonly required: boolean
}

/** A way in which fiat moves within a country. */
@Entity('ramp_rail')
@Unique('ramp_rail_identifier', ['identifier'])
@Index('ramp_rail_of_country', ['countryId', 'identifier'])
export class RampRail {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ramp_rail_pkey' })
  id!: string

  @Column('uuid', { name: 'country_id' })
  @ForeignKey(() => RampCountry, { name: 'ramp_rail_country' })
  countryId!: string

  /** Such as `bank_transfer_ng`: what it is, and the country's code behind it. */
  @Column('text')
  identifier!: string

  /** For people. */
  @Column('text')
  label!: string

  /** In the order in which people are asked for them. */
  @Column('jsonb')
  fields!: RailField[]
}
