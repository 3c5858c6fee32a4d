/** What there is to know about webhooks at a glance: how many wait, for how long, and how many were given up. */
import type { Reader } from '../../database/reader'

/** One number for those who watch the service. */
export interface WebhookFigure {
  readonly name: string
  readonly help: string
  readonly kind: 'gauge'
  readonly read: () => Promise<number>
}

/** Whose deliveries, and in which table. */
interface Told {
  /** The table without `_delivery`. */
  readonly name: string
  /** For people. */
  readonly what: string
}

export const OPERATOR_WEBHOOKS: Told = { name: 'webhook', what: 'webhooks' }
export const RAMP_WEBHOOKS: Told = { name: 'ramp_webhook', what: 'webhooks to agents and merchants' }

/** What was replayed has a later delivery, which tells what became of its event. */
const DEAD = `status = 'dead' AND NOT is_replayed`

export function webhookFigures(reader: Reader, { name: table, what }: Told = OPERATOR_WEBHOOKS): WebhookFigure[] {
  const count = (condition: string): string => `SELECT count(*)::int AS value FROM ${table}_delivery WHERE ${condition}`
  const oldest = `SELECT coalesce(extract(epoch FROM statement_timestamp() - min(created_at)), 0)::float8 AS value
    FROM ${table}_delivery WHERE status = 'pending'`
  const figure = (name: string, help: string, text: string): WebhookFigure => ({
    name: `hazina_${table}_${name}`,
    help,
    kind: 'gauge',
    read: async () => {
      const [row] = await reader.rows<{ value: number }>({ name: `${table}_figure_${name}`, text, values: [] })
      return row?.value ?? 0
    }
  })
  return [
    figure('deliveries_pending', `Deliveries of ${what} that are still to be made`, count(`status = 'pending'`)),
    figure('deliveries_dead', `Deliveries of ${what} that were given up and not sent again`, count(DEAD)),
    figure('oldest_pending_seconds', `Age of the oldest delivery of ${what} that is still to be made`, oldest)
  ]
}
