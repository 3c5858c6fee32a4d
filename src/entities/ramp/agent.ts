import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm'
import { wholeNumber } from '../transformers'
import { RampCountry } from './country'

export const VERIFICATION_STATUSES = ['unverified', 'pending', 'verified', 'rejected'] as const
export type VerificationStatus = (typeof VERIFICATION_STATUSES)[number]

/** A rate or an amount: no more digits than the ledger takes. */
const WHOLE = { precision: 20, scale: 0, transformer: wholeNumber } as const
/** A sum over all orders for ever. */
const SUM = { precision: 39, scale: 0, transformer: wholeNumber } as const

/** Somebody who moves fiat outside the service and is paid in USD, or pays in it, within. */
@Entity('ramp_agent')
@Unique('ramp_agent_email', ['email'])
@Index('ramp_agent_of_country', ['countryId', 'id'])
@Index('ramp_agent_created', ['createdAt', 'id'])
@Check(
  'ramp_agent_verification_status',
  `verification_status IN (${VERIFICATION_STATUSES.map((status) => `'${status}'`).join(', ')})`
)
@Check('ramp_agent_credit_line_range', 'credit_line >= 0')
@Check('ramp_agent_margins_range', 'deposit_margin >= 0 AND withdrawal_margin >= 0')
@Check('ramp_agent_rates_range', 'deposit_rate > 0 AND withdrawal_rate > 0')
export class Agent {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ramp_agent_pkey' })
  id!: string

  /** In lower case. */
  @Column('text')
  email!: string

  /** What customers are told whom they pay. */
  @Column('text')
  name!: string

  @Column('uuid', { name: 'country_id' })
  @ForeignKey(() => RampCountry, { name: 'ramp_agent_country' })
  countryId!: string

  /** The ledger account of the agent's USD. */
  @Column('bigint', { name: 'balance_account_id', transformer: wholeNumber })
  balanceAccountId!: bigint

  /** The ledger account of the part of the credit line that nothing has drawn. */
  @Column('bigint', { name: 'credit_account_id', transformer: wholeNumber })
  creditAccountId!: bigint

  /** How much credit the agent was granted, in millionths of a USD. */
  @Column('numeric', { name: 'credit_line', ...WHOLE })
  creditLine!: bigint

  /** Counts what changed the line or refilled it, so that nothing is worked out from what is no longer so. */
  @Column('integer', { name: 'credit_version' })
  creditVersion!: number

  @Column('text', { name: 'verification_status' })
  verificationStatus!: VerificationStatus

  /** Gets no new orders, and may finish those it has. */
  @Column('boolean', { name: 'is_suspended' })
  isSuspended!: boolean

  /** Is refused everything. */
  @Column('boolean', { name: 'is_restricted' })
  isRestricted!: boolean

  /** Millionths of local currency for one USD; null until first set. */
  @Column('numeric', { name: 'deposit_rate', nullable: true, ...WHOLE })
  depositRate!: bigint | null

  /** The same above the market, as last stored. */
  @Column('numeric', { name: 'deposit_margin', ...WHOLE })
  depositMargin!: bigint

  @Column('numeric', { name: 'withdrawal_rate', nullable: true, ...WHOLE })
  withdrawalRate!: bigint | null

  /** Below the market, as last stored. */
  @Column('numeric', { name: 'withdrawal_margin', ...WHOLE })
  withdrawalMargin!: bigint

  /** The rate follows the market at the stored margin. */
  @Column('boolean', { name: 'auto_update_deposit_rate' })
  autoUpdateDepositRate!: boolean

  @Column('boolean', { name: 'auto_update_withdrawal_rate' })
  autoUpdateWithdrawalRate!: boolean

  /** A withdrawal is only marked as paid with a receipt. */
  @Column('boolean', { name: 'enforce_receipt_upload' })
  enforceReceiptUpload!: boolean

  @Column('boolean', { name: 'is_totp_enabled' })
  isTotpEnabled!: boolean

  /** Where stablecoins for the balance are sent. */
  @Column('text', { name: 'deposit_address', nullable: true })
  depositAddress!: string | null

  /** When an order was last assigned; null before the first. */
  @Column('timestamptz', { name: 'last_assigned_at', nullable: true })
  lastAssignedAt!: Date | null

  @Column('integer', { name: 'deposits_completed' })
  depositsCompleted!: number

  @Column('integer', { name: 'withdrawals_completed' })
  withdrawalsCompleted!: number

  /** Of completed deposits, in hundredths of local currency. */
  @Column('numeric', { name: 'total_deposit_fiat', ...SUM })
  totalDepositFiat!: bigint

  /** In millionths of a USD. */
  @Column('numeric', { name: 'total_deposit_usd', ...SUM })
  totalDepositUsd!: bigint

  @Column('numeric', { name: 'total_withdrawal_fiat', ...SUM })
  totalWithdrawalFiat!: bigint

  @Column('numeric', { name: 'total_withdrawal_usd', ...SUM })
  totalWithdrawalUsd!: bigint

  /** All shares of fees that were ever credited, in millionths of a USD. */
  @Column('numeric', { name: 'bonus_earnings', ...SUM })
  bonusEarnings!: bigint

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
