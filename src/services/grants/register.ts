/** Puts together what lets others in: grants of this service's own authority, and the search for payment pointers. */
import { GroupWriter } from '../../database/group-writer'
import { Reader } from '../../database/reader'
import { UnitOfWork } from '../../database/unit-of-work'
import { PaymentPointerSearch, type PaymentPointerSearchSettings } from '../payment-pointers/payment-pointer-search'
import { PaymentPointerService } from '../payment-pointers/payment-pointer-service'
import type { Registry } from '../registry'
import { WebhookOutbox } from '../webhooks/outbox'
import { GrantService } from './grant-service'

export function registerGrants({ register, get }: Registry, settings: PaymentPointerSearchSettings): void {
  register(GrantService, () => new GrantService(get(Reader), get(UnitOfWork)))
  register(
    PaymentPointerSearch,
    () => new PaymentPointerSearch(get(PaymentPointerService), get(GroupWriter), get(WebhookOutbox), settings)
  )
}
