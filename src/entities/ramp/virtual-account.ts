import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { wholeNumber } from '../transformers'
import { RampCustomer } from './customer'
import { Merchant } from './merchant'

export const VIRTUAL_ACCOUNT_STATUSES = ['pending', 'active', 'rejected'] as const
export type VirtualAccountStatus = (typeof VIRTUAL_ACCOUNT_STATUSES)[number]

/** What a payer has to know of the account. */
export interface VirtualAccountDetails {
  readonly accountName: string
  readonly accountNumber: string
  readonly routingNumber: string
  readonly bankName: string
  readonly line1?: string
  readonly city?: string
  readonly state?: string
  readonly postalCode?: string
  readonly country?: string
}

/** A bank account in the USA for a customer, which the merchant paid for when it asked for it. */
@Entity('ramp_virtual_account')
@Index('ramp_virtual_account_created', ['createdAt', 'id'])
@Index('ramp_virtual_account_pending', ['createdAt', 'id'], { where: `status = 'pending'` })
@Check(
  'ramp_virtual_account_status',
  `status IN (${VIRTUAL_ACCOUNT_STATUSES.map((status) => `'${status}'`).join(', ')})`
)
@Check('ramp_virtual_account_fee', 'fee >= 0')
@Check('ramp_virtual_account_active', `status <> 'active' OR details IS NOT NULL`)
export class RampVirtualAccount {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ramp_virtual_account_pkey' })
  id!: string

  @Column('uuid', { name: 'merchant_id' })
  @ForeignKey(() => Merchant, { name: 'ramp_virtual_account_merchant' })
  merchantId!: string

  @Column('uuid', { name: 'customer_id' })
  @ForeignKey(() => RampCustomer, { name: 'ramp_virtual_account_customer' })
  customerId!: string

  @Column('text')
  status!: VirtualAccountStatus

  /** What was charged for it, in millionths of a USD. */
  @Column('bigint', { transformer: wholeNumber })
  fee!: bigint

  /** Null until a bank has opened it. */
  @Column('jsonb', { nullable: true })
  details!: VirtualAccountDetails | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
