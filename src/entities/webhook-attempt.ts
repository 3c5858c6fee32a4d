import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm'
import { WebhookDelivery } from './webhook-delivery'

/** Why an attempt got no answer, or one that does not count. */
export const WEBHOOK_ATTEMPT_ERRORS = [
  /** Answered, with a status that is no success. */
  'status',
  /** No answer in time. */
  'timeout',
  /** No connection: refused, unreachable, or the name is unknown. */
  'connection',
  /** The connection broke before the answer. */
  'reset',
  /** The answer is not HTTP, or the certificate does not hold. */
  'protocol',
  /** The service itself failed before it had an answer. */
  'internal'
] as const
export type WebhookAttemptError = (typeof WEBHOOK_ATTEMPT_ERRORS)[number]

/** One time that a delivery was sent, with what came of it. */
@Entity('webhook_attempt')
@Check('webhook_attempt_error', `error IN (${WEBHOOK_ATTEMPT_ERRORS.map((error) => `'${error}'`).join(', ')})`)
@Check('webhook_attempt_number', 'number > 0')
export class WebhookAttempt {
  @PrimaryColumn('uuid', { name: 'delivery_id', primaryKeyConstraintName: 'webhook_attempt_pkey' })
  @ForeignKey(() => WebhookDelivery, { name: 'webhook_attempt_delivery' })
  deliveryId!: string

  /** From 1. */
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'webhook_attempt_pkey' })
  number!: number

  @Column('timestamptz', { name: 'started_at' })
  startedAt!: Date

  @Column('integer', { name: 'duration_milliseconds' })
  durationMilliseconds!: number

  /** HTTP status of the answer; null without one. */
  @Column('smallint', { nullable: true })
  status!: number | null

  /** Null for a success. */
  @Column('text', { nullable: true })
  error!: WebhookAttemptError | null
}
