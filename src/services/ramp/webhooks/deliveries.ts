/** What the operator sees of webhooks to agents and merchants, and how they are sent again. */
import type { Reader } from '../../../database/reader'
import type { Statement } from '../../../database/statement'
import type { UnitOfWork } from '../../../database/unit-of-work'
import type { RampBearerKind } from '../../../entities/ramp/bearer-kind'
import type { RampAttemptError } from '../../../entities/ramp/webhook-attempt'
import type { RampEventType } from '../../../entities/ramp/webhook-event'
import type { WebhookDeliveryStatus } from '../../../entities/webhook-delivery'
import { done, refused, type Answer } from '../../answer'
import type { RequestContext } from '../../context'
import { askAgain } from '../../webhooks/ask-again'

export interface RampDelivery {
  readonly id: string
  readonly eventId: string
  readonly bearerKind: RampBearerKind
  readonly bearerId: string
  readonly type: RampEventType
  readonly orderId: string
  readonly data: Record<string, unknown>
  readonly status: WebhookDeliveryStatus
  readonly attempts: number
  /** HTTP status of the last attempt's answer; null without one. */
  readonly lastStatus: number | null
  /** Why the last attempt failed; null for a success, and before the first. */
  readonly lastError: RampAttemptError | null
  readonly createdAt: Date
  readonly settledAt: Date | null
}

export interface DeliveryPage {
  readonly status: WebhookDeliveryStatus
  readonly bearerId?: string
  /** A delivery; only those after it. */
  readonly after?: string
  /** 1 … 100. */
  readonly limit: number
}

/** Most deliveries that one request sends again. */
export const RAMP_REPLAY_LIMIT_MAX = 1_000

interface Row {
  readonly id: string
  readonly event_id: string
  readonly bearer_kind: RampBearerKind
  readonly bearer_id: string
  readonly type: RampEventType
  readonly order_id: string
  readonly data: Record<string, unknown>
  readonly status: WebhookDeliveryStatus
  readonly attempts: number
  readonly last_status: number | null
  readonly last_error: RampAttemptError | null
  readonly created_at: Date
  readonly settled_at: Date | null
}

/**
 * Oldest first. Only the last delivery of an event counts, so what was sent again is not listed for its old end.
 * What is asked for is part of the text, so that each is found in its index and goes on from the cursor there.
 */
function pageStatement({ status, bearerId, after, limit }: DeliveryPage): Statement {
  const values: unknown[] = [limit + 1]
  const only = (value: string | undefined, condition: (place: string) => string): string =>
    value === undefined ? '' : `AND ${condition(`$${values.push(value)}`)}`
  const ofBearer = only(bearerId, (place) => `delivery.bearer_id = ${place}`)
  const fromCursor = only(
    after,
    (place) => `(delivery.created_at, delivery.id)
      > ((SELECT created_at FROM ramp_webhook_delivery WHERE id = ${place}), ${place}::uuid)`
  )
  return {
    name: `ramp_webhook_page_${status}${ofBearer && '_of_bearer'}${fromCursor && '_cursor'}`,
    text: `SELECT delivery.id, delivery.event_id, event.bearer_kind, event.bearer_id, event.type, event.order_id,
        event.data, delivery.status, delivery.attempts, delivery.last_status, delivery.created_at, delivery.settled_at,
        (SELECT error FROM ramp_webhook_attempt AS attempt WHERE attempt.delivery_id = delivery.id
          ORDER BY number DESC LIMIT 1) AS last_error
      FROM ramp_webhook_delivery AS delivery JOIN ramp_webhook_event AS event ON event.id = delivery.event_id
      WHERE delivery.status = '${status}' AND NOT delivery.is_replayed ${ofBearer} ${fromCursor}
      ORDER BY delivery.created_at, delivery.id LIMIT $1::int`,
    values
  }
}

const SOURCE = `SELECT event_id, bearer_id, resource_id, sequence FROM ramp_webhook_delivery`
const DEAD = `${SOURCE} WHERE status = 'dead' AND NOT is_replayed`

const ASK_FOR_ONE = askAgain('ramp_webhook', `${SOURCE} WHERE event_id = $2 ORDER BY sequence DESC LIMIT 1`)
const ASK_FOR_DEAD = askAgain('ramp_webhook', `${DEAD} ORDER BY created_at, id LIMIT $2::int`)
const ASK_FOR_DEAD_OF = askAgain('ramp_webhook', `${DEAD} AND bearer_id = $3 ORDER BY created_at, id LIMIT $2::int`)

export class RampDeliveries {
  constructor(
    private readonly reader: Reader,
    private readonly unitOfWork: UnitOfWork
  ) {}

  /** Oldest first. One more than asked for says that there are others. */
  async page(wanted: DeliveryPage): Promise<{ nodes: RampDelivery[]; hasMore: boolean }> {
    const rows = await this.reader.rows<Row>(pageStatement(wanted))
    return { nodes: rows.slice(0, wanted.limit).map(deliveryOf), hasMore: rows.length > wanted.limit }
  }

  /** Sends one event again: the same id and the same bytes. `eventId` is a UUID in canonical form. */
  replay(
    context: RequestContext,
    eventId: string
  ): Promise<Answer<{ deliveryId: string }, 'NOT_FOUND' | 'INVALID_STATUS'>> {
    return this.unitOfWork.run(async (manager) => {
      const [delivery] = await manager.query<{ id: string }[]>(ASK_FOR_ONE, [context.now(), eventId])
      if (delivery) return done({ deliveryId: delivery.id })
      const known = await manager.query<unknown[]>('SELECT FROM ramp_webhook_event WHERE id = $1', [eventId])
      return refused(known.length > 0 ? 'INVALID_STATUS' : 'NOT_FOUND')
    })
  }

  /** Sends again what was given up, of one receiver or of all, the oldest first. */
  replayDead(
    context: RequestContext,
    { bearerId, limit }: { bearerId?: string; limit: number }
  ): Promise<{ count: number }> {
    return this.unitOfWork.run(async (manager) => {
      const asked = await (bearerId === undefined
        ? manager.query<unknown[]>(ASK_FOR_DEAD, [context.now(), limit])
        : manager.query<unknown[]>(ASK_FOR_DEAD_OF, [context.now(), limit, bearerId]))
      return { count: asked.length }
    })
  }
}

function deliveryOf(row: Row): RampDelivery {
  return {
    id: row.id,
    eventId: row.event_id,
    bearerKind: row.bearer_kind,
    bearerId: row.bearer_id,
    type: row.type,
    orderId: row.order_id,
    data: row.data,
    status: row.status,
    attempts: row.attempts,
    lastStatus: row.last_status,
    lastError: row.last_error,
    createdAt: row.created_at,
    settledAt: row.settled_at
  }
}
