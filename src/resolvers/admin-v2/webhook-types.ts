import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { WebhookAttempt, WebhookDelivery, WebhookEvent } from '../../entities'
import { WEBHOOK_ATTEMPT_ERRORS, type WebhookAttemptError } from '../../entities/webhook-attempt'
import { WEBHOOK_DELIVERY_STATUSES, type WebhookDeliveryStatus } from '../../entities/webhook-delivery'
import { connectionType } from '../shared/pagination'
import { JSONObject } from '../shared/scalars'
import { FilterString } from './filter-types'
import { Model } from './interfaces'

/** Names of a closed set of lower-case words as an API writes them. */
function upperCased<Word extends string>(words: readonly Word[]): Readonly<Record<string, Word>> {
  return Object.fromEntries(words.map((word) => [word.toUpperCase(), word]))
}

export const WebhookDeliveryStatusEnum = upperCased(WEBHOOK_DELIVERY_STATUSES)
registerEnumType(WebhookDeliveryStatusEnum, {
  name: 'WebhookDeliveryStatus',
  description: 'How far the delivery of a webhook event has come.',
  valuesConfig: {
    PENDING: { description: 'The event will be sent, or sent again.' },
    DELIVERED: { description: 'The receiver accepted the event.' },
    DEAD: { description: 'Given up after too many attempts. Only a replay sends the event again.' }
  }
})

export const WebhookAttemptErrorEnum = upperCased(WEBHOOK_ATTEMPT_ERRORS)
registerEnumType(WebhookAttemptErrorEnum, {
  name: 'WebhookAttemptError',
  description: 'Why an attempt to deliver a webhook failed.',
  valuesConfig: {
    STATUS: { description: 'The receiver answered with a status that is no success.' },
    TIMEOUT: { description: 'The receiver did not answer in time.' },
    CONNECTION: { description: 'There was no connection: refused, unreachable, or the name is not known.' },
    RESET: { description: 'The connection broke before the answer.' },
    PROTOCOL: { description: 'The answer was not HTTP, or the certificate did not hold.' },
    INTERNAL: { description: 'The service failed before it had an answer.' }
  }
})

@ObjectType('WebhookAttempt', { description: 'One time that a webhook event was sent.' })
export class WebhookAttemptNode {
  @Field(() => Int, { description: 'Number of the attempt among those of its delivery, from 1.' })
  number!: number

  @Field(() => String, { description: 'When the attempt began, ISO 8601 in UTC with milliseconds.' })
  startedAt!: string

  @Field(() => Int, { description: 'How long the attempt took until the answer or the failure, in milliseconds.' })
  durationMilliseconds!: number

  @Field(() => Int, { nullable: true, description: "HTTP status of the receiver's answer; null without an answer." })
  status!: number | null

  @Field(() => WebhookAttemptErrorEnum, { nullable: true, description: 'Why the attempt failed; null if it did not.' })
  error!: WebhookAttemptError | null
}

export function webhookAttemptNode(attempt: WebhookAttempt): WebhookAttemptNode {
  const { number, startedAt, durationMilliseconds, status, error } = attempt
  return { number, startedAt: startedAt.toISOString(), durationMilliseconds, status, error }
}

@ObjectType('WebhookDelivery', {
  implements: Model,
  description: 'The way of one event to its receiver. An event has one delivery, and one more for each replay.'
})
export class WebhookDeliveryNode extends Model {
  @Field(() => WebhookDeliveryStatusEnum, { description: 'How far the delivery has come.' })
  status!: WebhookDeliveryStatus

  @Field(() => Int, { description: 'How many attempts were made to deliver the event.' })
  attemptCount!: number

  @Field(() => Int, { nullable: true, description: "HTTP status of the last attempt's answer; null without one." })
  lastStatus!: number | null

  @Field(() => String, {
    nullable: true,
    description:
      'Earliest time of the next attempt, ISO 8601 in UTC; null while an attempt is under way and when there will be none.'
  })
  nextAttemptAt!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'When the event was delivered or given up, ISO 8601 in UTC; null until then.'
  })
  settledAt!: string | null

  /** Not shown. */
  eventId!: string
}

export function webhookDeliveryNode(delivery: WebhookDelivery): WebhookDeliveryNode {
  const { id, eventId, status, attempts, lastStatus, dueAt, lease, createdAt, settledAt } = delivery
  const isWaiting = status === 'pending' && lease === null
  return {
    id,
    eventId,
    status,
    attemptCount: attempts,
    lastStatus,
    nextAttemptAt: isWaiting ? dueAt.toISOString() : null,
    settledAt: settledAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString()
  }
}

@ObjectType('WebhookEvent', {
  implements: Model,
  description: 'Something that happened, as the operator is told of it. An event never changes.'
})
export class WebhookEventNode extends Model {
  @Field(() => String, { description: 'What happened, such as `incoming_payment.completed`.' })
  type!: string

  @Field(() => JSONObject, { description: 'What the event tells, as it is sent beside its id and type.' })
  data!: Record<string, unknown>
}

export function webhookEventNode({ id, type, data, createdAt }: WebhookEvent): WebhookEventNode {
  return { id, type, data, createdAt: createdAt.toISOString() }
}

@InputType('WebhookEventFilter', { description: 'Which webhook events to list.' })
export class WebhookEventFilter {
  @Field(() => FilterString, {
    nullable: true,
    description: 'Types of the events to list, such as `incoming_payment.completed`.'
  })
  type?: FilterString | null
}

@InputType('WebhookDeliveryFilter', {
  description: 'Which deliveries to list: those that meet every part of the filter.'
})
export class WebhookDeliveryFilter {
  @Field(() => [WebhookDeliveryStatusEnum], {
    nullable: true,
    description: 'How far the deliveries have come; an empty list lists all.'
  })
  status?: WebhookDeliveryStatus[] | null

  @Field(() => ID, { nullable: true, description: 'Identifier of the event whose deliveries are listed.' })
  eventId?: string | null
}

export const WebhookEventsConnection = connectionType(WebhookEventNode, {
  connection: 'WebhookEventsConnection',
  edge: 'WebhookEventsEdge',
  what: 'webhook events'
})

export const WebhookDeliveriesConnection = connectionType(WebhookDeliveryNode, {
  connection: 'WebhookDeliveriesConnection',
  edge: 'WebhookDeliveriesEdge',
  what: 'deliveries of webhook events'
})
