/** Whose webhooks: the tables without `_event`, `_delivery` and `_attempt`. */
export type WebhookTables = 'webhook' | 'ramp_webhook'

/** What a delivery has of its event, beside the event's id. */
const KEPT: Readonly<Record<WebhookTables, string>> = {
  webhook: 'resource_id',
  ramp_webhook: 'bearer_id, resource_id'
}

/**
 * SQL that delivers events again, as new deliveries at the end of the line, made at the time $1. `source` selects
 * `event_id`, what a delivery has of its event, and the `sequence` that they are put in. It returns the new ids.
 *
 * An event that is on its way already stays as it is: its open delivery is unique. The deliveries before the new one
 * count no more, so what was sent again is neither listed as given up nor sent again for its old end.
 */
export function askAgain(name: WebhookTables, source: string): string {
  const columns = `event_id, ${KEPT[name]}`
  return `WITH asked AS (
      INSERT INTO ${name}_delivery (id, ${columns}, created_at)
      SELECT gen_random_uuid(), ${columns}, $1 FROM (${source}) AS replayed ORDER BY sequence
      ON CONFLICT (event_id) WHERE status = 'pending' DO NOTHING RETURNING id, event_id
    ), earlier AS (
      UPDATE ${name}_delivery AS delivery SET is_replayed = true
      FROM asked WHERE delivery.event_id = asked.event_id AND NOT delivery.is_replayed
    )
    SELECT id FROM asked`
}
