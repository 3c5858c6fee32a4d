/** Every way to make a payment, and which of them is for which receiver. */
import type { Asset } from '../../../entities'
import type { RequestContext } from '../../context'
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
  quote(context: RequestContext, sender: Asset, target: Target, client?: string): Promise<Terms | TermsFailure>
  pay(context: RequestContext, attempt: PaymentAttempt): Promise<AttemptResult>
  /** The id of the peer behind which it is, for who sends this asset; undefined: none. */
  peer(sendAssetId: string): Promise<string | undefined>
}

type Resolve = (context: RequestContext, url: string) => Promise<Resolution<Payable> | undefined>

export class PaymentMethods {
  private readonly resolvers: Resolve[] = []

  /** Methods are asked in the order in which they were added. */
  add<Found extends Receiver>(method: PaymentMethod<Found>): this {
    this.resolvers.push(resolverOf(method))
    return this
  }

  /** A method that is asked before those that are there. */
  addFirst<Found extends Receiver>(method: PaymentMethod<Found>): this {
    this.resolvers.unshift(resolverOf(method))
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

function resolverOf<Found extends Receiver>(method: PaymentMethod<Found>): Resolve {
  return async (context, url) => {
    const resolution = await method.resolve(context, url)
    if (resolution?.state !== 'open') return resolution
    return { state: 'open', receiver: payableOf(method, resolution.receiver) }
  }
}

function payableOf<Found extends Receiver>(method: PaymentMethod<Found>, receiver: Found): Payable {
  const { unit, incomingAmount, remaining, expiresAt } = receiver
  return {
    unit,
    incomingAmount,
    remaining,
    expiresAt,
    quote: (context, sender, target, client) => method.quote(context, sender, receiver, target, client),
    pay: (context, attempt) => method.pay(context, receiver, attempt),
    peer: async (sendAssetId) => method.peer?.(receiver, sendAssetId)
  }
}
