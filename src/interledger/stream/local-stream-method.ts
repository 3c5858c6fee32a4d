/**
 * Payments to receivers on this instance, in packets: what other instances send takes the same way, so this
 * shows that it works. Quotes are those of the plain method, and promise no less.
 */
import type { Asset } from '../../entities'
import type { RequestContext } from '../../services/context'
import type { LocalPaymentMethod } from '../../services/payments/methods/local-payment-method'
import type { LocalReceiver } from '../../services/payments/methods/local-receivers'
import type {
  AttemptResult,
  PaymentAttempt,
  PaymentMethod,
  Resolution,
  Target,
  Terms,
  TermsFailure
} from '../../services/payments/methods/payment-method'
import { rateOf } from '../../services/payments/quotes/quote-rates'
import type { StreamCredentials } from './credentials'
import { exactPath } from './exact-path'
import type { StreamPayments } from './stream-payments'

export class LocalStreamMethod implements PaymentMethod<LocalReceiver> {
  constructor(
    private readonly plain: LocalPaymentMethod,
    private readonly credentials: StreamCredentials,
    private readonly streams: StreamPayments
  ) {}

  resolve(context: RequestContext, url: string): Promise<Resolution<LocalReceiver> | undefined> {
    return this.plain.resolve(context, url)
  }

  quote(
    context: RequestContext,
    sender: Asset,
    receiver: LocalReceiver,
    target: Target
  ): Promise<Terms | TermsFailure> {
    return this.plain.quote(context, sender, receiver, target)
  }

  pay(_context: RequestContext, receiver: LocalReceiver, attempt: PaymentAttempt): Promise<AttemptResult> {
    const { unit, asset, payment } = receiver
    const credentials = this.credentials.issue({ paymentTag: payment.id, asset })
    return this.streams.pay(attempt, { ...credentials, unit }, exactPath(rateOf(attempt.quote)))
  }
}
