import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { wholeNumber } from '../transformers'
import { Agent } from './agent'
import { Merchant } from './merchant'
import { oneOf, WHOLE } from './order'
import { RampRequest } from './request'

export const RAMP_CHARGEBACK_STATUSES = [
  /** Nothing is decided. */
  'pending',
  /** The merchant lost: the agent got what the merchant had, and the merchant owes the rest. */
  'lost',
  /** The merchant won: nothing changes. */
  'won'
] as const
export type RampChargebackStatus = (typeof RAMP_CHARGEBACK_STATUSES)[number]

/** A dispute or a reversal of the fiat of a completed deposit. */
@Entity('ramp_chargeback')
@Index('ramp_chargeback_created', ['createdAt', 'id'])
@Index('ramp_chargeback_of_request', ['requestId'], { unique: true, where: `status <> 'won'` })
@Check('ramp_chargeback_status', oneOf('status', RAMP_CHARGEBACK_STATUSES))
@Check('ramp_chargeback_amount', 'amount_usd > 0')
@Check('ramp_chargeback_recovered', 'recovered_usd BETWEEN 0 AND amount_usd')
@Check('ramp_chargeback_lost', `(status = 'lost') = (recovered_usd IS NOT NULL)`)
@Check('ramp_chargeback_resolved', `(status = 'pending') = (resolved_at IS NULL)`)
export class RampChargeback {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ramp_chargeback_pkey' })
  id!: string

  @Column('uuid', { name: 'request_id' })
  @ForeignKey(() => RampRequest, { name: 'ramp_chargeback_request' })
  requestId!: string

  @Column('uuid', { name: 'merchant_id' })
  @ForeignKey(() => Merchant, { name: 'ramp_chargeback_merchant' })
  merchantId!: string

  /** Who received the fiat that was taken back. */
  @Column('uuid', { name: 'agent_id' })
  @ForeignKey(() => Agent, { name: 'ramp_chargeback_agent' })
  agentId!: string

  /** In millionths of a USD. */
  @Column('numeric', { name: 'amount_usd', ...WHOLE, transformer: wholeNumber })
  amountUsd!: bigint

  @Column('text')
  reason!: string

  @Column('text')
  status!: RampChargebackStatus

  /** What the merchant had when it lost, and the agent got; null before. The rest is owed. */
  @Column('numeric', { name: 'recovered_usd', nullable: true, ...WHOLE, transformer: wholeNumber })
  recoveredUsd!: bigint | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date

  @Column('timestamptz', { name: 'resolved_at', nullable: true })
  resolvedAt!: Date | null
}
