/** What the operator sees of webhooks to agents and merchants, and how they are sent again. */
import type { Reader } from '../../../database/reader'
import type { UnitOfWork } from '../../../database/unit-of-work'
import type { RampBearerKind } from '../../../entities/ramp/bearer-kind'
import type { RampAttemptError } from '../../../entities/ramp/webhook-attempt'
import type { RampEventType } from '../../../entities/ramp/webhook-event'
import type { WebhookDeliveryStatus } from '../../../entities/webhook-delivery'
import { done, refused, type Answer } from '../../answer'
import type { RequestContext } from '../../context'

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

/** Only the last delivery of an event counts, so what was sent again is not listed for its old end. */
const IS_LAST = `NOT EXISTS (
    SELECT FROM ramp_webhook_delivery AS later
    WHERE later.event_id = delivery.event_id AND later.sequence > delivery.sequence)`

const PAGE = {
  name: 'ramp_webhook_page',
  text: `SELECT delivery.id, delivery.event_id, event.bearer_kind, event.bearer_id, event.type, event.order_id,
      event.data, delivery.status, delivery.attempts, delivery.last_status, delivery.created_at, delivery.settled_at,
      (SELECT error FROM ramp_webhook_attempt AS attempt WHERE attempt.delivery_id = delivery.id
        ORDER BY number DESC LIMIT 1) AS last_error
    FROM ramp_webhook_delivery AS delivery JOIN ramp_webhook_event AS event ON event.id = delivery.event_id
    WHERE delivery.status = $1 AND ($2::uuid IS NULL OR delivery.bearer_id = $2)
      AND ($3::uuid IS NULL
        OR (delivery.created_at, delivery.id) > (SELECT created_at, id FROM ramp_webhook_delivery WHERE id = $3))
      AND ${IS_LAST}
    ORDER BY delivery.created_at, delivery.id LIMIT $4::int`
} as const

/** An event that is on its way already stays as it is: its open delivery is unique. */
const ASK_AGAIN = `INSERT INTO ramp_webhook_delivery (id, event_id, bearer_id, resource_id, created_at)
  SELECT gen_random_uuid(), event_id, bearer_id, resource_id, $1 FROM (%) AS replayed ORDER BY sequence
  ON CONFLICT (event_id) WHERE status = 'pending' DO NOTHING RETURNING id`

const ASK_FOR_ONE = ASK_AGAIN.replace(
  '%',
  `SELECT event_id, bearer_id, resource_id, sequence FROM ramp_webhook_delivery WHERE event_id = $2
    ORDER BY sequence DESC LIMIT 1`
)

const ASK_FOR_DEAD = ASK_AGAIN.replace(
  '%',
  `SELECT event_id, bearer_id, resource_id, sequence FROM ramp_webhook_delivery AS delivery
    WHERE status = 'dead' AND ($2::uuid IS NULL OR bearer_id = $2) AND ${IS_LAST} ORDER BY created_at, id LIMIT $3::int`
)

export class RampDeliveries {
  constructor(
    private readonly reader: Reader,
    private readonly unitOfWork: UnitOfWork
  ) {}

  /** Oldest first. One more than asked for says that there are others. */
  async page({ status, bearerId, after, limit }: DeliveryPage): Promise<{ nodes: RampDelivery[]; hasMore: boolean }> {
    const values = [status, bearerId ?? null, after ?? null, limit + 1]
    const rows = await this.reader.rows<Row>({ ...PAGE, values })
    return { nodes: rows.slice(0, limit).map(deliveryOf), hasMore: rows.length > limit }
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
  replayDead(context: RequestContext, input: { bearerId?: string; limit: number }): Promise<{ count: number }> {
    return this.unitOfWork.run(async (manager) => {
      const values = [context.now(), input.bearerId ?? null, input.limit]
      const asked = await manager.query<unknown[]>(ASK_FOR_DEAD, values)
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
