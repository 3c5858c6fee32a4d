import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { wholeNumber } from '../transformers'
import { Merchant } from './merchant'
import { RampRequest } from './request'

export const ONCHAIN_TX_STATUSES = ['pending', 'completed', 'failed', 'canceled'] as const
export type OnchainTxStatus = (typeof ONCHAIN_TX_STATUSES)[number]

/**
 * Stablecoins that a merchant's balance pays for and that arrive at an address on chain: asked for by the
 * merchant, or what a deposit to a wallet comes to. Its money is held in the ledger while it is pending.
 */
@Entity('ramp_onchain_tx')
@Index('ramp_onchain_tx_created', ['createdAt', 'id'])
@Index('ramp_onchain_tx_pending', ['createdAt', 'id'], { where: `status = 'pending'` })
@Index('ramp_onchain_tx_hash', ['network', 'transactionHash'], { unique: true, where: 'transaction_hash IS NOT NULL' })
@Index('ramp_onchain_tx_of_request', ['requestId'], { unique: true, where: 'request_id IS NOT NULL' })
@Check('ramp_onchain_tx_status', `status IN (${ONCHAIN_TX_STATUSES.map((status) => `'${status}'`).join(', ')})`)
@Check('ramp_onchain_tx_amounts', 'quantity > 0 AND fee >= 0')
@Check('ramp_onchain_tx_settled', `(status = 'pending') = (settled_at IS NULL)`)
@Check('ramp_onchain_tx_completed', `status <> 'completed' OR transaction_hash IS NOT NULL`)
export class RampOnchainTx {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ramp_onchain_tx_pkey' })
  id!: string

  @Column('uuid', { name: 'merchant_id' })
  @ForeignKey(() => Merchant, { name: 'ramp_onchain_tx_merchant' })
  merchantId!: string

  /** The deposit that it delivers; null for what the merchant asked for. */
  @Column('uuid', { name: 'request_id', nullable: true })
  @ForeignKey(() => RampRequest, { name: 'ramp_onchain_tx_request' })
  requestId!: string | null

  @Column('text')
  symbol!: string

  @Column('text')
  network!: string

  @Column('text')
  address!: string

  /** What arrives, in millionths of a USD. */
  @Column('bigint', { transformer: wholeNumber })
  quantity!: bigint

  /** What the network costs, on top, in millionths of a USD. */
  @Column('bigint', { transformer: wholeNumber })
  fee!: bigint

  @Column('text')
  status!: OnchainTxStatus

  @Column('text', { name: 'transaction_hash', nullable: true })
  transactionHash!: string | null

  /** Why it came to nothing, for the operator. */
  @Column('text', { nullable: true })
  reason!: string | null

  /** What the merchant noted, echoed as it was sent. */
  @Column('json', { nullable: true })
  metadata!: Record<string, unknown> | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date

  /** When it was completed, failed or was canceled. */
  @Column('timestamptz', { name: 'settled_at', nullable: true })
  settledAt!: Date | null
}
