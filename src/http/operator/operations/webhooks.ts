/** Webhooks to agents and merchants: what became of them, and sending them again. */
import { RAMP_BEARER_KINDS } from '../../../entities/ramp/bearer-kind'
import { RAMP_ATTEMPT_ERRORS } from '../../../entities/ramp/webhook-attempt'
import { RAMP_EVENT_TYPES } from '../../../entities/ramp/webhook-event'
import { WEBHOOK_DELIVERY_STATUSES } from '../../../entities/webhook-delivery'
import { done, refused } from '../../../services/answer'
import { parseUuid } from '../../../services/identifiers'
import { RAMP_REPLAY_LIMIT_MAX, type RampDelivery } from '../../../services/ramp/webhooks/deliveries'
import { bearerOf, readBearer } from '../ids'
import { operation } from '../operation'
import {
  anything,
  choice,
  flag,
  integer,
  list,
  moment,
  named,
  nullable,
  object,
  optional,
  text,
  type ValueOf
} from '../shape'

const PAGE_LIMIT = 50
const PAGE_LIMIT_MAX = 100

const DELIVERY = named(
  'WebhookDelivery',
  object({
    id: text('Of the delivery: a page goes on after it.'),
    eventId: text('What the receiver sees as X-CASHRAMP-EVENT-ID.'),
    receiverKind: choice('Who is told.', RAMP_BEARER_KINDS),
    receiver: text('Its global id.'),
    eventType: choice('What is told.', RAMP_EVENT_TYPES),
    orderId: text('What it happened to.'),
    data: anything('What is sent as `data`.'),
    status: choice('What became of it.', WEBHOOK_DELIVERY_STATUSES),
    attempts: integer('How many times it was sent.', 0, 1_000),
    lastStatus: nullable(integer('HTTP status of the last answer.', 0, 999)),
    lastError: nullable(choice('Why the last attempt failed.', RAMP_ATTEMPT_ERRORS)),
    createdAt: moment('When it was asked for.'),
    settledAt: nullable(moment('When it was delivered or given up.'))
  })
)

function shown(delivery: RampDelivery): ValueOf<typeof DELIVERY> {
  const { bearerKind, bearerId, type, createdAt, settledAt, ...rest } = delivery
  return {
    ...rest,
    receiverKind: bearerKind,
    receiver: bearerOf(bearerKind, bearerId),
    eventType: type,
    createdAt: createdAt.toISOString(),
    settledAt: settledAt?.toISOString() ?? null
  }
}

export const listWebhooks = operation({
  id: 'listWebhooks',
  method: 'GET',
  path: '/webhooks',
  tag: 'Webhooks',
  summary: 'Lists webhooks to agents and merchants by what became of them, the oldest first.',
  query: {
    status: optional(choice('What became of them; `dead` unless given.', WEBHOOK_DELIVERY_STATUSES)),
    receiver: optional(text('An agent or a merchant; all unless given.')),
    after: optional(text('A delivery; only those after it.')),
    limit: optional(integer(`How many, ${PAGE_LIMIT} unless given.`, 1, PAGE_LIMIT_MAX))
  },
  answer: object({ data: list(DELIVERY, 'One page.'), hasMore: flag('Whether there are others after them.') }),
  failures: ['INVALID_GLOBAL_ID', 'INVALID_PAGINATION'],
  run: async ({ services, query: { status = 'dead', receiver, after, limit = PAGE_LIMIT } }) => {
    const bearerId = receiver === undefined ? undefined : readBearer(receiver)?.id
    if (receiver !== undefined && bearerId === undefined) return refused('INVALID_GLOBAL_ID')
    const cursor = after === undefined ? undefined : parseUuid(after)
    if (after !== undefined && cursor === undefined) return refused('INVALID_PAGINATION')
    const { nodes, hasMore } = await services.deliveries.page({ status, bearerId, after: cursor, limit })
    return done({ data: nodes.map(shown), hasMore })
  }
})

export const replayWebhook = operation({
  id: 'replayWebhook',
  method: 'POST',
  path: '/webhooks/{event}/replay',
  tag: 'Webhooks',
  summary: 'Sends a webhook again: the same event id and the same bytes, with a new schedule.',
  parts: { event: 'The event id.' },
  body: {},
  answer: object({ delivery: text('The new delivery.') }),
  failures: ['NOT_FOUND', 'INVALID_STATUS'],
  run: async ({ services, context, path }) => {
    const id = parseUuid(path.event)
    if (id === undefined) return refused('NOT_FOUND')
    const answer = await services.deliveries.replay(context, id)
    return answer.done ? done({ delivery: answer.value.deliveryId }) : answer
  }
})

export const replayWebhooks = operation({
  id: 'replayWebhooks',
  method: 'POST',
  path: '/webhooks/replay',
  tag: 'Webhooks',
  summary: 'Sends webhooks again that were given up, the oldest first.',
  body: {
    receiver: optional(text('An agent or a merchant; all unless given.')),
    limit: optional(integer('Most of them.', 1, RAMP_REPLAY_LIMIT_MAX))
  },
  answer: object({ count: integer('How many are sent again.', 0, RAMP_REPLAY_LIMIT_MAX) }),
  failures: ['INVALID_GLOBAL_ID'],
  run: async ({ services, context, body: { receiver, limit = RAMP_REPLAY_LIMIT_MAX } }) => {
    const bearerId = receiver === undefined ? undefined : readBearer(receiver)?.id
    if (receiver !== undefined && bearerId === undefined) return refused('INVALID_GLOBAL_ID')
    return done(await services.deliveries.replayDead(context, { bearerId, limit }))
  }
})
