/** What there is to know about webhooks at a glance: how many wait, for how long, and how many were given up. */
import type { Reader } from '../../database/reader'

/** One number for those who watch the service. */
export interface WebhookFigure {
  readonly name: string
  readonly help: string
  readonly kind: 'gauge'
  readonly read: () => Promise<number>
}

const PENDING = `SELECT count(*)::int AS value FROM webhook_delivery WHERE status = 'pending'`
const DEAD = `SELECT count(*)::int AS value FROM webhook_delivery WHERE status = 'dead'`
const OLDEST = `SELECT coalesce(extract(epoch FROM statement_timestamp() - min(created_at)), 0)::float8 AS value
  FROM webhook_delivery WHERE status = 'pending'`

export function webhookFigures(reader: Reader): WebhookFigure[] {
  const figure = (name: string, help: string, text: string): WebhookFigure => ({
    name: `hazina_webhook_${name}`,
    help,
    kind: 'gauge',
    read: async () => {
      const [row] = await reader.rows<{ value: number }>({ name: `webhook_figure_${name}`, text, values: [] })
      return row?.value ?? 0
    }
  })
  return [
    figure('deliveries_pending', 'Deliveries of webhooks that are still to be made', PENDING),
    figure('deliveries_dead', 'Deliveries of webhooks that were given up', DEAD),
    figure('oldest_pending_seconds', 'Age of the oldest delivery that is still to be made', OLDEST)
  ]
}
