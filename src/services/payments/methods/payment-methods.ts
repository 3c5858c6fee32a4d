/** Every way to make a payment, and which of them is for which receiver. */
import type { RequestContext } from '../../context'
import type { Unit } from '../../rates/rates-service'
import type {
  AttemptResult,
  PaymentAttempt,
  PaymentMethod,
  Receiver,
  Resolution,
  Target,
  Terms,
  TermsFailure
} from './payment-method'

/** A receiver together with the way in which it is paid. */
export interface Payable extends Receiver {
  quote(context: RequestContext, sender: Unit, target: Target): Promise<Terms | TermsFailure>
  pay(context: RequestContext, attempt: PaymentAttempt): Promise<AttemptResult>
}

type Resolve = (context: RequestContext, url: string) => Promise<Resolution<Payable> | undefined>

export class PaymentMethods {
  private readonly resolvers: Resolve[] = []

  /** Methods are asked in the order in which they were added. */
  add<Found extends Receiver>(method: PaymentMethod<Found>): this {
    this.resolvers.push(async (context, url) => {
      const resolution = await method.resolve(context, url)
      if (resolution?.state !== 'open') return resolution
      return { state: 'open', receiver: payableOf(method, resolution.receiver) }
    })
    return this
  }

  /** The receiver of a URL. `unknown` also when no method knows what the URL means. */
  async resolve(context: RequestContext, url: string): Promise<Resolution<Payable>> {
    for (const resolve of this.resolvers) {
      const resolution = await resolve(context, url)
      if (resolution) return resolution
    }
    return { state: 'unknown' }
  }
}

function payableOf<Found extends Receiver>(method: PaymentMethod<Found>, receiver: Found): Payable {
  const { unit, incomingAmount, remaining, expiresAt } = receiver
  return {
    unit,
    incomingAmount,
    remaining,
    expiresAt,
    quote: (context, sender, target) => method.quote(context, sender, receiver, target),
    pay: (context, attempt) => method.pay(context, receiver, attempt)
  }
}
