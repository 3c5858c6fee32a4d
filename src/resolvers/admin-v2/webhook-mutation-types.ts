import { Field, ID, InputType, Int, ObjectType } from 'type-graphql'
import type { WebhookAttemptError } from '../../entities/webhook-attempt'
import type { WebhookDeliveryStatus } from '../../entities/webhook-delivery'
import { REPLAY_LIMIT_MAX } from '../../services/webhooks/replay'
import { IDEMPOTENCY_KEY } from './descriptions'
import { MutationResponse } from './interfaces'
import { WebhookAttemptErrorEnum, WebhookDeliveryNode, WebhookDeliveryStatusEnum } from './webhook-types'

@InputType('ReplayWebhookEventInput', { description: 'An event to be delivered again.' })
export class ReplayWebhookEventInput {
  @Field(() => ID, { description: 'Identifier of the event to be delivered again.' })
  id!: string

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
}

@ObjectType('ReplayWebhookEventResponse', {
  implements: MutationResponse,
  description: 'What `replayWebhookEvent` answers.'
})
export class ReplayWebhookEventResponse extends MutationResponse {
  @Field(() => WebhookDeliveryNode, { nullable: true, description: 'The new delivery; null on failure.' })
  delivery!: WebhookDeliveryNode | null
}

@InputType('ReplayWebhookEventsInput', { description: 'Which events are to be delivered again.' })
export class ReplayWebhookEventsInput {
  @Field(() => String, { description: 'Deliveries that were asked for at this time or later, ISO 8601.' })
  from!: string

  @Field(() => String, { description: 'Deliveries that were asked for before this time, ISO 8601.' })
  to!: string

  @Field(() => [WebhookDeliveryStatusEnum], {
    nullable: true,
    description: 'How the deliveries ended: `DEAD`, the default, or `DELIVERED`. What is `PENDING` needs no replay.'
  })
  status?: WebhookDeliveryStatus[] | null

  @Field(() => [String], {
    nullable: true,
    description: 'Types of the events to deliver again; all if empty or absent.'
  })
  type?: string[] | null

  @Field(() => ID, {
    nullable: true,
    description: 'Only deliveries after this one: the `endCursor` of the last answer.'
  })
  after?: string | null

  @Field(() => Int, {
    nullable: true,
    description: `Most events that one request delivers again, 1 to ${REPLAY_LIMIT_MAX}, which is the default.`
  })
  limit?: number | null

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
}

@ObjectType('ReplayWebhookEventsResponse', {
  implements: MutationResponse,
  description: 'What `replayWebhookEvents` answers.'
})
export class ReplayWebhookEventsResponse extends MutationResponse {
  @Field(() => Int, { nullable: true, description: 'How many events will be delivered again; null on failure.' })
  count!: number | null

  @Field(() => ID, {
    nullable: true,
    description: 'What to give as `after` to go on; null if there was nothing to replay.'
  })
  endCursor!: string | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether there are more events to replay after `endCursor`; null on failure.'
  })
  hasMore!: boolean | null
}

@InputType('SendTestWebhookInput', { description: 'A webhook that tells of nothing.' })
export class SendTestWebhookInput {
  @Field(() => String, {
    nullable: true,
    description: 'Sent with the test as `data.note`, so that it can be told from others; at most 255 characters.'
  })
  note?: string | null
}

@ObjectType('SendTestWebhookResponse', {
  implements: MutationResponse,
  description: 'What `sendTestWebhook` answers: what came of the one attempt.'
})
export class SendTestWebhookResponse extends MutationResponse {
  @Field(() => ID, { nullable: true, description: 'The `id` of the webhook that was sent; null if none was.' })
  id!: string | null

  @Field(() => Int, { nullable: true, description: "HTTP status of the receiver's answer; null without one." })
  status!: number | null

  @Field(() => WebhookAttemptErrorEnum, { nullable: true, description: 'Why the attempt failed; null if it did not.' })
  error!: WebhookAttemptError | null

  @Field(() => Int, {
    nullable: true,
    description: 'How long the attempt took, in milliseconds; null if nothing was sent.'
  })
  durationMilliseconds!: number | null
}
