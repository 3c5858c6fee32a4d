import { injectable } from 'tsyringe'
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import type { RequestContext } from '../../services/context'
import { WebhookDeliveries } from '../../services/webhooks/deliveries'
import { WebhookPing, type Ping } from '../../services/webhooks/ping'
import { WebhookReplay, type ReplayedRange } from '../../services/webhooks/replay'
import { respond } from './mutation'
import { PING_FAILURES, REPLAY_FAILURES, REPLAY_RANGE_FAILURES } from './webhook-failures'
import {
  ReplayWebhookEventInput,
  ReplayWebhookEventResponse,
  ReplayWebhookEventsInput,
  ReplayWebhookEventsResponse,
  SendTestWebhookInput,
  SendTestWebhookResponse
} from './webhook-mutation-types'
import { webhookDeliveryNode } from './webhook-types'

const REPLAY = { code: '500', message: 'Error trying to replay webhook event' } as const
const REPLAY_RANGE = { code: '500', message: 'Error trying to replay webhook events' } as const
const PING = { code: '500', message: 'Error trying to send test webhook' } as const

@injectable()
@Resolver()
export class WebhookMutationResolver {
  constructor(
    private readonly replays: WebhookReplay,
    private readonly deliveries: WebhookDeliveries,
    private readonly ping: WebhookPing
  ) {}

  @Mutation(() => ReplayWebhookEventResponse, {
    description: 'Deliver an event again, with the same id and the same bytes. `409` while it is being delivered.'
  })
  async replayWebhookEvent(
    @Arg('input', () => ReplayWebhookEventInput) input: ReplayWebhookEventInput,
    @Ctx() context: RequestContext
  ): Promise<ReplayWebhookEventResponse> {
    const { deliveryId, ...response } = await respond(
      context,
      REPLAY,
      REPLAY_FAILURES,
      'Replayed webhook event',
      (value: { deliveryId: string } | undefined) => ({ deliveryId: value?.deliveryId }),
      () => this.replays.replay(context, input)
    )
    const delivery = deliveryId === undefined ? undefined : await this.deliveries.find(deliveryId)
    return { ...response, delivery: delivery ? webhookDeliveryNode(delivery) : null }
  }

  @Mutation(() => ReplayWebhookEventsResponse, {
    description:
      'Deliver the events of a range of time again whose last delivery ended in the given way, in their order. Events that are being delivered are left alone.'
  })
  replayWebhookEvents(
    @Arg('input', () => ReplayWebhookEventsInput) input: ReplayWebhookEventsInput,
    @Ctx() context: RequestContext
  ): Promise<ReplayWebhookEventsResponse> {
    const { status: statuses, type: types, ...range } = input
    return respond(context, REPLAY_RANGE, REPLAY_RANGE_FAILURES, 'Replayed webhook events', rangePayload, () =>
      this.replays.replayRange(context, { ...range, statuses, types })
    )
  }

  @Mutation(() => SendTestWebhookResponse, {
    description:
      'Send a webhook of type `webhook.test` to the receiver, once and at once, signed as any other. It is not stored. `502` if the receiver does not accept it.'
  })
  async sendTestWebhook(
    @Arg('input', () => SendTestWebhookInput, { nullable: true }) input: SendTestWebhookInput | null | undefined,
    @Ctx() context: RequestContext
  ): Promise<SendTestWebhookResponse> {
    const answer = await respond(context, PING, PING_FAILURES, 'Delivered test webhook', pingPayload, () =>
      this.ping.send(context, input?.note ?? undefined)
    )
    if (answer.error === null) return answer
    return { ...answer, code: '502', success: false, message: 'The receiver did not accept the test webhook' }
  }
}

function rangePayload(range: ReplayedRange | undefined) {
  return { count: range?.count ?? null, endCursor: range?.endCursor ?? null, hasMore: range?.hasMore ?? null }
}

function pingPayload(ping: Ping | undefined) {
  const { id = null, status = null, error = null, durationMilliseconds = null } = ping ?? {}
  return { id, status, error, durationMilliseconds }
}
