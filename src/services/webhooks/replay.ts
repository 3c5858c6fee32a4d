/** Delivers events again: the same id and the same bytes, as a new delivery at the end of the line. */
import type { EntityManager } from 'typeorm'
import { WEBHOOK_DELIVERY_STATUSES, WebhookDelivery, type WebhookDeliveryStatus } from '../../entities/webhook-delivery'
import { WEBHOOK_EVENT_TYPES } from '../../entities/webhook-event'
import { done, refused, type Answer } from '../answer'
import type { RequestContext } from '../context'
import { parseUuid } from '../identifiers'
import type { Idempotency, Repeatable } from '../idempotency/idempotency'
import { askAgain } from './ask-again'

/** Most deliveries that one request replays. */
export const REPLAY_LIMIT_MAX = 1_000

export type ReplayFailure =
  | 'unknown_event'
  /** The event is still on its way. */
  | 'delivery_pending'

export interface ReplayEvent extends Repeatable {
  readonly id: string
}

export interface ReplayRange extends Repeatable {
  /** ISO 8601. Deliveries that were asked for at this time or later … */
  readonly from: string
  /** … and before this time. */
  readonly to: string
  /** How they ended; absent: the dead. */
  readonly statuses?: readonly WebhookDeliveryStatus[] | null
  /** Types of events; absent or empty: all. */
  readonly types?: readonly string[] | null
  /** A delivery; only those after it, in the order of time and id. */
  readonly after?: string | null
  /** 1 … REPLAY_LIMIT_MAX, the default. */
  readonly limit?: number | null
}

export type ReplayRangeFailure =
  | 'invalid_time'
  | 'invalid_limit'
  /** What is pending is on its way. */
  | 'pending_status'
  | 'unknown_cursor'

export interface ReplayedRange {
  /** New deliveries. */
  readonly count: number
  /** The last delivery that was looked at: the next request goes on after it. Null if there was none. */
  readonly endCursor: string | null
  readonly hasMore: boolean
}

const ASK_FOR_ONE = askAgain('webhook', `SELECT id AS event_id, resource_id, sequence FROM webhook_event WHERE id = $2`)

const ASK_FOR_MANY = askAgain(
  'webhook',
  `SELECT event_id, resource_id, sequence FROM webhook_delivery WHERE id = ANY($2::uuid[])`
)

/** The statuses are part of the text, as the dead have an index of their own. */
function inRange(statuses: readonly WebhookDeliveryStatus[], isContinued: boolean): string {
  const wanted = WEBHOOK_DELIVERY_STATUSES.filter((status) => statuses.includes(status))
  const cursor = `AND (delivery.created_at, delivery.id) > ((SELECT created_at FROM webhook_delivery WHERE id = $5), $5::uuid)`
  return `SELECT delivery.id
    FROM webhook_delivery AS delivery JOIN webhook_event AS event ON event.id = delivery.event_id
    WHERE delivery.status IN (${wanted.map((status) => `'${status}'`).join(', ')}) AND NOT delivery.is_replayed
      AND delivery.created_at >= $1 AND delivery.created_at < $2 AND event.type = ANY($3::text[])
      ${isContinued ? cursor : ''}
    ORDER BY delivery.created_at, delivery.id LIMIT $4`
}

export class WebhookReplay {
  constructor(private readonly idempotency: Idempotency) {}

  /** A new delivery of one event. */
  replay(context: RequestContext, input: ReplayEvent): Promise<Answer<{ deliveryId: string }, ReplayFailure>> {
    return this.idempotency.execute(context, 'replay_webhook_event', input, async (recorder) => {
      const id = parseUuid(input.id)
      if (id === undefined) return refused('unknown_event')
      return recorder.run(async (manager) => {
        const [delivery] = await manager.query<{ id: string }[]>(ASK_FOR_ONE, [context.now(), id])
        if (delivery) return done({ deliveryId: delivery.id })
        const isKnown = await manager.existsBy(WebhookDelivery, { eventId: id })
        return refused(isKnown ? 'delivery_pending' : 'unknown_event')
      })
    })
  }

  /** New deliveries of events whose last delivery ended in a range of time. */
  replayRange(context: RequestContext, input: ReplayRange): Promise<Answer<ReplayedRange, ReplayRangeFailure>> {
    return this.idempotency.execute(context, 'replay_webhook_events', input, async (recorder) => {
      const limit = input.limit ?? REPLAY_LIMIT_MAX
      if (limit < 1 || limit > REPLAY_LIMIT_MAX) return refused('invalid_limit')
      const [from, to] = [new Date(input.from), new Date(input.to)]
      if (Number.isNaN(from.getTime()) || Number.isNaN(to.getTime())) return refused('invalid_time')
      if (input.statuses?.includes('pending')) return refused('pending_status')
      return recorder.run(async (manager) => {
        const after = input.after == null ? null : await knownDelivery(manager, input.after)
        if (after === undefined) return refused('unknown_cursor')
        const types = input.types?.length ? input.types : WEBHOOK_EVENT_TYPES
        const text = inRange(input.statuses?.length ? input.statuses : ['dead'], after !== null)
        const values = [from, to, types, limit + 1, ...(after === null ? [] : [after])]
        const found = await manager.query<{ id: string }[]>(text, values)
        const ids = found.slice(0, limit).map(({ id }) => id)
        const asked = await manager.query<unknown[]>(ASK_FOR_MANY, [context.now(), ids])
        return done({ count: asked.length, endCursor: ids.at(-1) ?? null, hasMore: found.length > limit })
      })
    })
  }
}

/** Undefined if there is no such delivery. */
async function knownDelivery(manager: EntityManager, text: string): Promise<string | undefined> {
  const id = parseUuid(text)
  return id !== undefined && (await manager.existsBy(WebhookDelivery, { id })) ? id : undefined
}
