import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { wholeNumber } from './transformers'
import { WebhookEvent } from './webhook-event'

export const WEBHOOK_DELIVERY_STATUSES = [
  /** Not answered well so far; it will be sent, or sent again. */
  'pending',
  /** Answered well. */
  'delivered',
  /** Given up after too many attempts. A replay makes a new delivery. */
  'dead'
] as const
export type WebhookDeliveryStatus = (typeof WEBHOOK_DELIVERY_STATUSES)[number]

/** The way of one event to its receiver. An event has one delivery, and one more for each replay. */
@Entity('webhook_delivery')
@Index('webhook_delivery_created', ['createdAt', 'id'])
@Index('webhook_delivery_status_created', ['status', 'createdAt', 'id'])
@Index('webhook_delivery_dead', ['createdAt', 'id'], { where: `status = 'dead' AND NOT is_replayed` })
@Index('webhook_delivery_of_event', ['eventId', 'createdAt', 'id'])
@Index('webhook_delivery_open', ['eventId'], { unique: true, where: `status = 'pending'` })
@Index('webhook_delivery_line', ['resourceId', 'sequence'], { where: `status = 'pending'` })
@Index('webhook_delivery_first', ['dueAt', 'sequence'], { where: `status = 'pending' AND attempts = 0` })
@Index('webhook_delivery_again', ['dueAt', 'sequence'], { where: `status = 'pending' AND attempts > 0` })
@Check('webhook_delivery_status', `status IN ('pending', 'delivered', 'dead')`)
@Check('webhook_delivery_attempts', 'attempts >= 0')
@Check('webhook_delivery_lease', `status = 'pending' OR lease IS NULL`)
export class WebhookDelivery {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'webhook_delivery_pkey' })
  id!: string

  @Column('uuid', { name: 'event_id' })
  @ForeignKey(() => WebhookEvent, { name: 'webhook_delivery_event' })
  eventId!: string

  /** The event's resource. Of the pending deliveries of a resource only the first in sequence is sent. */
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
  @Column('bigint', { default: () => `nextval('webhook_delivery_sequence')`, transformer: wholeNumber })
  sequence!: bigint
}
