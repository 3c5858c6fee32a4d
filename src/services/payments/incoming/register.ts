/** Puts together what receives money: incoming payments, receivers, and payment pointers themselves. */
import { EntityReader } from '../../../database/entity-reader'
import { Reader } from '../../../database/reader'
import { UnitOfWork } from '../../../database/unit-of-work'
import { Ledger } from '../../../ledger/ledger'
import { AssetService } from '../../assets/asset-service'
import { Idempotency } from '../../idempotency/idempotency'
import { Identifiers } from '../../identifiers'
import { Balances } from '../../liquidity/balances'
import { PaymentPointerEvents } from '../../payment-pointers/events'
import { PaymentPointerService } from '../../payment-pointers/payment-pointer-service'
import { WebMonetizationCredits } from '../../payment-pointers/web-monetization'
import type { Registry } from '../../registry'
import { WebhookOutbox } from '../../webhooks/outbox'
import { PaymentTimeline } from '../payment-timeline'
import { LocalReceiverSource } from '../receivers/local-receiver-source'
import { ReceiverService } from '../receivers/receiver-service'
import { IncomingPaymentCreation } from './creation'
import { IncomingPaymentCredits } from './credit'
import { IncomingPaymentDeadlines } from './deadlines'
import { IncomingPaymentService } from './incoming-payment-service'
import { IncomingPaymentProcessor } from './processor'
import type { IncomingSettings } from './settings'

export function registerIncoming({ register, get }: Registry, settings: IncomingSettings): void {
  const { incomingPaymentSettlingMilliseconds: settlingMilliseconds } = settings
  register(IncomingPaymentDeadlines, () => {
    return new IncomingPaymentDeadlines(get(Reader), get(UnitOfWork), settings.deactivationGraceMilliseconds)
  })
  register(IncomingPaymentCreation, () => {
    const { incomingPaymentExpiryMaxMilliseconds: maxMilliseconds } = settings
    const expiry = { defaultMilliseconds: maxMilliseconds, maxMilliseconds }
    const [assets, outbox, identifiers] = [get(AssetService), get(WebhookOutbox), get(Identifiers)]
    return new IncomingPaymentCreation(get(EntityReader), assets, outbox, identifiers, expiry)
  })
  register(
    IncomingPaymentService,
    () =>
      new IncomingPaymentService(
        get(EntityReader),
        get(PaymentPointerService),
        get(IncomingPaymentCreation),
        get(Idempotency),
        get(UnitOfWork),
        settlingMilliseconds
      )
  )
  register(IncomingPaymentCredits, () => new IncomingPaymentCredits(get(Ledger), settlingMilliseconds))
  register(
    IncomingPaymentProcessor,
    () => new IncomingPaymentProcessor(get(EntityReader), get(UnitOfWork), get(WebhookOutbox), settlingMilliseconds)
  )
  register(ReceiverService, () => {
    const local = new LocalReceiverSource(get(PaymentPointerService), get(IncomingPaymentCreation))
    return new ReceiverService([local], get(Idempotency))
  })
  register(PaymentTimeline, () => new PaymentTimeline(get(Reader)))
  register(
    WebMonetizationCredits,
    () => new WebMonetizationCredits(get(Ledger), settings.withdrawalThrottleDelayMilliseconds ?? null)
  )
  register(
    PaymentPointerEvents,
    () => new PaymentPointerEvents(get(Reader), get(Balances), get(WebhookOutbox), get(UnitOfWork), get(Idempotency))
  )
}
