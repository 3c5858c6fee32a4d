/**
 * How the ramp's webhooks are found and shared out.
 *
 * There are many receivers, and any of them may be slow or dead. So what is due is found receiver by receiver,
 * and each has a limited number of requests under way, counted in the database and thus over all instances; one
 * that fails at present has a single hand for what it was never sent. A line is what one receiver is told of
 * one order. Once a delivery was sent, the next of its line goes, whatever came of it: receivers rely on the
 * status that they are told, and a later one is worth more to them than an earlier one that they refused.
 */
import type { ClaimedDelivery, DeliveryShape } from '../../webhooks/delivery-queue'
import { receiverOf } from './outbox'

export interface ClaimedRampDelivery extends ClaimedDelivery {
  /** Where it goes, and the token that it goes with; null if its receiver has no webhook URL any more. */
  readonly receiver: { readonly url: string; readonly token: string } | null
}

/** Most requests to one receiver under way, for first attempts and for further ones each. */
export const HANDS_MAX = 8
/** Deliveries of one receiver looked at beyond those, as some may stand behind others of their line. */
const EXTRA = 16

function due(condition: string): string {
  return `RECURSIVE bearer AS (
      (SELECT bearer_id FROM ramp_webhook_delivery WHERE status = 'pending' AND ${condition}
        ORDER BY bearer_id LIMIT 1)
      UNION ALL
      SELECT (SELECT next.bearer_id FROM ramp_webhook_delivery AS next
        WHERE next.status = 'pending' AND next.${condition} AND next.bearer_id > bearer.bearer_id
        ORDER BY next.bearer_id LIMIT 1)
      FROM bearer WHERE bearer.bearer_id IS NOT NULL
    ), share AS MATERIALIZED (
      SELECT bearer_id, ${condition === 'attempts = 0' ? FIRST_HANDS : HANDS_MAX} - (
        SELECT count(*) FROM ramp_webhook_delivery AS held
        WHERE held.bearer_id = bearer.bearer_id AND held.lease IS NOT NULL AND held.${condition}
          AND held.due_at > statement_timestamp()) AS hands
      FROM bearer WHERE bearer_id IS NOT NULL
    ), due AS MATERIALIZED (
      SELECT share.bearer_id, share.hands, waiting.*
      FROM share CROSS JOIN LATERAL (
        SELECT id, resource_id, due_at, sequence FROM ramp_webhook_delivery AS delivery
        WHERE delivery.bearer_id = share.bearer_id AND status = 'pending' AND ${condition}
          AND due_at <= statement_timestamp()
        ORDER BY due_at, sequence LIMIT share.hands + ${EXTRA} FOR UPDATE SKIP LOCKED) AS waiting
      WHERE share.hands > 0
      ORDER BY row_number() OVER (PARTITION BY share.bearer_id ORDER BY waiting.due_at, waiting.sequence)
      LIMIT $1::int
    )`
}

/** A receiver that fails at present gets one hand for what is new, so that it cannot hold many for long. */
const FIRST_HANDS = `CASE WHEN EXISTS (
        SELECT FROM ramp_webhook_delivery AS failed
        WHERE failed.bearer_id = bearer.bearer_id AND failed.status = 'pending' AND failed.attempts > 0)
      THEN 1 ELSE ${HANDS_MAX} END`

/** Whether a receiver has something waiting, for a line `wanted`. */
function isWaiting(condition: string): string {
  return `EXISTS (SELECT FROM ramp_webhook_delivery AS waiting
      WHERE waiting.bearer_id = split_part(wanted.resource_id, ':', 1)::uuid AND waiting.status = 'pending'
        AND waiting.${condition} AND waiting.due_at <= statement_timestamp())`
}

export const RAMP_DELIVERIES: DeliveryShape<ClaimedRampDelivery> = {
  name: 'ramp_webhook',
  letsGo: 'sent',
  due,
  free: `SELECT id FROM (
        SELECT id, due_at, sequence, hands,
          row_number() OVER (PARTITION BY bearer_id ORDER BY due_at, sequence) AS place
        FROM due WHERE id <> ALL(ARRAY(SELECT id FROM behind))) AS placed
      WHERE place <= hands ORDER BY place, due_at, sequence LIMIT $2::int`,
  columns: `, receiver.url, receiver.token`,
  joins: ` LEFT JOIN LATERAL (${receiverOf('event')}) AS receiver ON true`,
  added: ({ url, token }) => ({
    receiver: typeof url === 'string' && typeof token === 'string' ? { url, token } : null
  }),
  waiting: `(SELECT count(*)::int FROM wanted WHERE ${isWaiting('attempts = 0')} OR ${isWaiting('attempts > 0')})`,
  frees: ['first', 'again']
}
