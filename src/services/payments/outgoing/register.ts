/** Puts together what sends money: rates, quotes, outgoing payments and the money that events ask for. */
import { EntityReader } from '../../../database/entity-reader'
import { Reader } from '../../../database/reader'
import { UnitOfWork } from '../../../database/unit-of-work'
import { Ledger } from '../../../ledger/ledger'
import { AssetService } from '../../assets/asset-service'
import { FeeService } from '../../fees/fee-service'
import { Idempotency } from '../../idempotency/idempotency'
import { Identifiers } from '../../identifiers'
import { EventLiquidityService } from '../../liquidity/event-liquidity-service'
import { PaymentPointerService } from '../../payment-pointers/payment-pointer-service'
import { RatesService } from '../../rates/rates-service'
import { FileRatesSource, HttpRatesSource, type RatesSource } from '../../rates/rates-source'
import type { Registry } from '../../registry'
import { WebhookEvents } from '../../webhooks/events'
import { WebhookOutbox } from '../../webhooks/outbox'
import { IncomingPaymentCredits } from '../incoming/credit'
import { LocalPaymentMethod } from '../methods/local-payment-method'
import { LocalReceivers } from '../methods/local-receivers'
import { PaymentMethods } from '../methods/payment-methods'
import { QuoteEndpoint } from '../quotes/quote-endpoint'
import { QuoteService } from '../quotes/quote-service'
import { OutgoingPaymentSender } from './outgoing-payment-sender'
import { OutgoingPaymentService } from './outgoing-payment-service'
import type { OutgoingSettings } from './settings'

const SIGNATURE_VERSION = 1

export function registerOutgoing({ register, get }: Registry, settings: OutgoingSettings): void {
  register(RatesService, () => {
    const lifetimeMilliseconds = settings.exchangeRatesLifetimeMilliseconds
    return new RatesService(ratesSource(settings), { lifetimeMilliseconds })
  })
  register(LocalPaymentMethod, () => {
    const receivers = new LocalReceivers(get(EntityReader), get(Reader), get(PaymentPointerService), settings)
    const [rates, assets, credits] = [get(RatesService), get(AssetService), get(IncomingPaymentCredits)]
    return new LocalPaymentMethod(receivers, rates, assets, credits, get(Ledger), get(Identifiers))
  })
  register(PaymentMethods, () => new PaymentMethods().add(get(LocalPaymentMethod)))
  register(
    QuoteService,
    () =>
      new QuoteService(
        get(EntityReader),
        get(PaymentPointerService),
        get(AssetService),
        get(FeeService),
        get(PaymentMethods),
        get(Idempotency),
        get(Identifiers),
        { lifetimeMilliseconds: settings.quoteLifespanMilliseconds, endpoint: quoteEndpoint(settings) }
      )
  )
  register(OutgoingPaymentService, () => {
    const [pointers, methods, outbox] = [get(PaymentPointerService), get(PaymentMethods), get(WebhookOutbox)]
    return new OutgoingPaymentService(get(EntityReader), get(UnitOfWork), pointers, methods, outbox, get(Idempotency))
  })
  register(OutgoingPaymentSender, () => {
    const [pointers, methods, outbox] = [get(PaymentPointerService), get(PaymentMethods), get(WebhookOutbox)]
    const [reader, unitOfWork, ledger] = [get(Reader), get(UnitOfWork), get(Ledger)]
    const options = { durationMillisecondsMax: settings.outgoingPaymentDurationMillisecondsMax }
    const entities = get(EntityReader)
    return new OutgoingPaymentSender(entities, reader, unitOfWork, ledger, pointers, methods, outbox, options)
  })
  register(
    EventLiquidityService,
    () =>
      new EventLiquidityService(
        get(EntityReader),
        get(Reader),
        get(WebhookEvents),
        get(AssetService),
        get(Ledger),
        get(Idempotency),
        get(Identifiers)
      )
  )
}

function ratesSource(settings: OutgoingSettings): RatesSource | undefined {
  const { exchangeRatesUrl, exchangeRatesFile, exchangeRatesTimeoutMilliseconds } = settings
  if (exchangeRatesUrl) return new HttpRatesSource(exchangeRatesUrl, exchangeRatesTimeoutMilliseconds)
  return exchangeRatesFile ? new FileRatesSource(exchangeRatesFile) : undefined
}

function quoteEndpoint(settings: OutgoingSettings): QuoteEndpoint | undefined {
  const { quoteUrl: url, quoteTimeoutMilliseconds: timeoutMilliseconds, signatureSecret: secret } = settings
  if (!url) return undefined
  const { signatureVersion: version = SIGNATURE_VERSION } = settings
  return new QuoteEndpoint({ url, timeoutMilliseconds, signature: secret ? { secret, version } : undefined })
}
