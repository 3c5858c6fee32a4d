import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { wholeNumber } from './transformers'

/** Everything that the operator is told about. The set is closed. */
export const WEBHOOK_EVENT_TYPES = [
  'incoming_payment.created',
  'incoming_payment.completed',
  'incoming_payment.expired',
  'outgoing_payment.created',
  'outgoing_payment.completed',
  'outgoing_payment.failed',
  'payment_pointer.web_monetization',
  'payment_pointer.not_found'
] as const
export type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number]

/** Something that happened. Never changed once written; what became of its delivery is recorded elsewhere. */
@Entity('webhook_event')
@Index('webhook_event_created', ['createdAt', 'id'])
@Index('webhook_event_type_created', ['type', 'createdAt', 'id'])
@Check('webhook_event_type', `type IN (${WEBHOOK_EVENT_TYPES.map((type) => `'${type}'`).join(', ')})`)
@Check('webhook_event_resource', 'octet_length(resource_id) BETWEEN 1 AND 2048')
@Check('webhook_event_withdrawal_amount', 'withdrawal_amount > 0')
@Check(
  'webhook_event_withdrawal',
  'num_nonnulls(withdrawal_account_id, withdrawal_asset_id, withdrawal_amount) IN (0, 3)'
)
export class WebhookEvent {
  /** A UUID of version 4: it becomes the id of the transfer that the event asks for. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'webhook_event_pkey' })
  id!: string

  @Column('text')
  type!: WebhookEventType

  /** What happened to which thing. Events of one resource are delivered in the order in which they were written. */
  @Column('text', { name: 'resource_id' })
  resourceId!: string

  /** Kept as the text that is sent. */
  @Column('json')
  data!: Record<string, unknown>

  /** The account, asset and amount that the operator may withdraw on this event: all three or none. */
  @Column('bigint', { name: 'withdrawal_account_id', nullable: true, transformer: wholeNumber })
  withdrawalAccountId!: bigint | null

  @Column('uuid', { name: 'withdrawal_asset_id', nullable: true })
  withdrawalAssetId!: string | null

  /** In the asset's smallest unit. */
  @Column('numeric', {
    name: 'withdrawal_amount',
    precision: 39,
    scale: 0,
    nullable: true,
    transformer: wholeNumber
  })
  withdrawalAmount!: bigint | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date

  /** The order in which events were written. */
  @Column('bigint', { default: () => `nextval('webhook_event_sequence')`, transformer: wholeNumber })
  sequence!: bigint
}
