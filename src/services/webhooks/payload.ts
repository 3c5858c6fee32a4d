/** Which generation of webhooks is written. Receivers of the first one know fewer events and no `metadata`. */
import type { WebhookEventType } from '../../entities/webhook-event'
import { notesOf } from '../payments/notes'

export type WebhookPayload = 'v2' | 'v1'

/** An event as far as the generations differ in it. */
interface Told {
  readonly type: WebhookEventType
  readonly data: Record<string, unknown>
}

const ONLY_V2: ReadonlySet<WebhookEventType> = new Set(['incoming_payment.created', 'payment_pointer.not_found'])

/** The events as a generation tells them; those that it does not know are left out. */
export function eventsFor<Event extends Told>(payload: WebhookPayload, events: readonly Event[]): readonly Event[] {
  if (payload === 'v2') return events
  return events.filter(({ type }) => !ONLY_V2.has(type)).map((event) => ({ ...event, data: dataForV1(event.data) }))
}

/** The first generation has two texts where the second has `metadata`, each present only when not empty. */
function dataForV1(data: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).map(([name, resource]) => [name, resourceForV1(resource)]))
}

function resourceForV1(resource: unknown): unknown {
  if (typeof resource !== 'object' || resource === null || !('metadata' in resource)) return resource
  const { metadata, ...rest } = resource
  const { description, externalRef } = notesOf(metadata as Record<string, unknown> | null)
  return { ...rest, ...(description && { description }), ...(externalRef && { externalRef }) }
}
