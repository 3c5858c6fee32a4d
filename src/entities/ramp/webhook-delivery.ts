import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { wholeNumber } from '../transformers'
import type { WebhookDeliveryStatus } from '../webhook-delivery'
import { RampWebhookEvent } from './webhook-event'

/** The way of one event to its agent or merchant. An event has one delivery, and one more for each replay. */
@Entity('ramp_webhook_delivery')
@Index('ramp_webhook_delivery_status_created', ['status', 'createdAt', 'id'], { where: 'NOT is_replayed' })
@Index('ramp_webhook_delivery_of_bearer', ['bearerId', 'status', 'createdAt', 'id'], { where: 'NOT is_replayed' })
@Index('ramp_webhook_delivery_of_event', ['eventId', 'createdAt', 'id'])
@Index('ramp_webhook_delivery_open', ['eventId'], { unique: true, where: `status = 'pending'` })
@Index('ramp_webhook_delivery_line', ['resourceId', 'sequence'], { where: `status = 'pending' AND attempts = 0` })
@Index('ramp_webhook_delivery_first', ['bearerId', 'dueAt', 'sequence'], {
  where: `status = 'pending' AND attempts = 0`
})
@Index('ramp_webhook_delivery_again', ['bearerId', 'dueAt', 'sequence'], {
  where: `status = 'pending' AND attempts > 0`
})
@Index('ramp_webhook_delivery_in_hand', ['bearerId'], { where: 'lease IS NOT NULL' })
@Check('ramp_webhook_delivery_status', `status IN ('pending', 'delivered', 'dead')`)
@Check('ramp_webhook_delivery_attempts', 'attempts >= 0')
@Check('ramp_webhook_delivery_lease', `status = 'pending' OR lease IS NULL`)
export class RampWebhookDelivery {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ramp_webhook_delivery_pkey' })
  id!: string

  @Column('uuid', { name: 'event_id' })
  @ForeignKey(() => RampWebhookEvent, { name: 'ramp_webhook_delivery_event' })
  eventId!: string

  /** The event's. Each has its own share of the workers, so that a dead receiver delays nobody else. */
  @Column('uuid', { name: 'bearer_id' })
  bearerId!: string

  /** The receiver and the order: of those that were never sent only the first in sequence is taken in hand. */
  @Column('text', { name: 'resource_id' })
  resourceId!: string

  @Column('text', { default: 'pending' })
  status!: WebhookDeliveryStatus

  /** How many times it was sent and the outcome recorded. */
  @Column('integer', { default: 0 })
  attempts!: number

  /** HTTP status of the last attempt's answer; null without one. */
  @Column('smallint', { name: 'last_status', nullable: true })
  lastStatus!: number | null

  /** While pending, the earliest time at which it is taken in hand: at once, after a pause, or when a lease ends. */
  @Column('timestamptz', { name: 'due_at', default: () => 'statement_timestamp()' })
  dueAt!: Date

  /** Who has it in hand until it is due again. */
  @Column('uuid', { nullable: true })
  lease!: string | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date

  /** When it was delivered or given up. */
  @Column('timestamptz', { name: 'settled_at', nullable: true })
  settledAt!: Date | null

  /** Whether a later delivery of the event was asked for: what became of this one says nothing any more. */
  @Column('boolean', { name: 'is_replayed', default: false })
  isReplayed!: boolean

  /** The order in which deliveries were asked for. */
  @Column('bigint', { default: () => `nextval('ramp_webhook_delivery_sequence')`, transformer: wholeNumber })
  sequence!: bigint
}
