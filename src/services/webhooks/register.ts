/** Puts together what writes, lists and replays webhook events. */
import { DataSource } from 'typeorm'
import { EntityReader } from '../../database/entity-reader'
import { EntityTable } from '../../database/entity-table'
import { Reader } from '../../database/reader'
import { UnitOfWork } from '../../database/unit-of-work'
import { WebhookAttempt } from '../../entities/webhook-attempt'
import { Idempotency } from '../idempotency/idempotency'
import { Identifiers } from '../identifiers'
import type { Registry } from '../registry'
import { WebhookDeliveries } from './deliveries'
import { WebhookEvents } from './events'
import { WebhookOutbox } from './outbox'
import { WebhookPing } from './ping'
import { WebhookPurge } from './purge'
import { WebhookReplay } from './replay'
import type { WebhookSettings } from './settings'

export function registerWebhooks({ register, get }: Registry, settings: WebhookSettings): void {
  register(WebhookOutbox, () => new WebhookOutbox(get(Identifiers), settings.webhookPayload))
  register(WebhookEvents, () => new WebhookEvents(get(EntityReader), get(Reader)))
  register(WebhookDeliveries, () => {
    const attempts = new EntityTable<WebhookAttempt>(get(DataSource).getMetadata(WebhookAttempt))
    return new WebhookDeliveries(get(EntityReader), attempts, get(Reader))
  })
  register(WebhookReplay, () => new WebhookReplay(get(Idempotency)))
  register(WebhookPurge, () => new WebhookPurge(get(UnitOfWork)))
  register(WebhookPing, () => new WebhookPing(settings))
}
