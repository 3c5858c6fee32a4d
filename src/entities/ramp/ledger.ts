import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm'

/** A unit of account of the ramp: USD, or the memo of one local currency. */
@Entity('ramp_ledger')
@Unique('ramp_ledger_number', ['ledger'])
@Check('ramp_ledger_number_range', 'ledger > 0')
export class RampLedger {
  /** `USD`, or a currency's code by ISO 4217. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'ramp_ledger_pkey' })
  code!: string

  /** The ledger's number of it, drawn from those of assets. */
  @Column('integer')
  ledger!: number
}
