import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm'
import { wholeNumber } from '../transformers'
import { RampLedger } from './ledger'

/** A ledger account of which the ramp has exactly one of its name, such as `platform:fees`. */
@Entity('ramp_account')
@Unique('ramp_account_account', ['accountId'])
export class RampAccount {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'ramp_account_pkey' })
  name!: string

  @Column('text', { name: 'ledger_code' })
  @ForeignKey(() => RampLedger, { name: 'ramp_account_ledger' })
  ledgerCode!: string

  @Column('bigint', { name: 'account_id', transformer: wholeNumber })
  accountId!: bigint
}
