import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm'
import { WEBHOOK_ATTEMPT_ERRORS } from '../webhook-attempt'
import { RampWebhookDelivery } from './webhook-delivery'

/** Why an attempt got no answer, or one that does not count. */
export const RAMP_ATTEMPT_ERRORS = [
  ...WEBHOOK_ATTEMPT_ERRORS,
  /** The target is not one that webhooks may go to: nothing was sent. */
  'refused',
  /** Whoever should be told has no webhook URL any more. */
  'no_receiver'
] as const
export type RampAttemptError = (typeof RAMP_ATTEMPT_ERRORS)[number]

/** One time that a delivery was sent, with what came of it. */
@Entity('ramp_webhook_attempt')
@Check('ramp_webhook_attempt_error', `error IN (${RAMP_ATTEMPT_ERRORS.map((error) => `'${error}'`).join(', ')})`)
@Check('ramp_webhook_attempt_number', 'number > 0')
export class RampWebhookAttempt {
  @PrimaryColumn('uuid', { name: 'delivery_id', primaryKeyConstraintName: 'ramp_webhook_attempt_pkey' })
  @ForeignKey(() => RampWebhookDelivery, { name: 'ramp_webhook_attempt_delivery' })
  deliveryId!: string

  /** From 1. */
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'ramp_webhook_attempt_pkey' })
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
  error!: RampAttemptError | null
}
