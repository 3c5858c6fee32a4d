import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { RAMP_BEARER_KINDS, type RampBearerKind } from './bearer-kind'

/** Everything that agents and merchants are told about. The set is closed. */
export const RAMP_EVENT_TYPES = [
  'payment.assigned',
  'payment.paid',
  'payment.canceled',
  'p2p_payment.status.updated',
  'payment_request.updated',
  'onchain_tx.updated',
  'chargeback.initiated',
  'onchain_payment.received'
] as const
export type RampEventType = (typeof RAMP_EVENT_TYPES)[number]

/** Something that an agent or a merchant is told. Never changed once written. */
@Entity('ramp_webhook_event')
@Index('ramp_webhook_event_created', ['createdAt', 'id'])
@Check('ramp_webhook_event_type', `type IN (${RAMP_EVENT_TYPES.map((type) => `'${type}'`).join(', ')})`)
@Check('ramp_webhook_event_bearer', `bearer_kind IN (${RAMP_BEARER_KINDS.map((kind) => `'${kind}'`).join(', ')})`)
@Check('ramp_webhook_event_order', 'octet_length(order_id) BETWEEN 1 AND 64')
export class RampWebhookEvent {
  /** A UUID of version 4, shown to the receiver with each attempt. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ramp_webhook_event_pkey' })
  id!: string

  /** Whom it is told: the holder of an API key. */
  @Column('text', { name: 'bearer_kind' })
  bearerKind!: RampBearerKind

  @Column('uuid', { name: 'bearer_id' })
  bearerId!: string

  @Column('text')
  type!: RampEventType

  /** What it happened to: an order, or whatever else has an order of events of its own. */
  @Column('text', { name: 'order_id' })
  orderId!: string

  /** Kept as the text that is sent. */
  @Column('json')
  data!: Record<string, unknown>

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
