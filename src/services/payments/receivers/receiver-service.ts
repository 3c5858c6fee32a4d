import { refused } from '../../answer'
import type { RequestContext } from '../../context'
import type { Idempotency, Repeatable } from '../../idempotency/idempotency'
import type { IncomingPaymentTerms } from '../incoming/inputs'
import type { ReceiverAnswer, ReceiverSource } from './receiver-source'

export interface CreateReceiver extends IncomingPaymentTerms, Repeatable {
  readonly paymentPointerUrl: string
}

export class ReceiverService {
  private readonly sources: ReceiverSource[]

  constructor(
    /** Asked in this order. */
    sources: readonly ReceiverSource[],
    private readonly idempotency: Idempotency
  ) {
    this.sources = [...sources]
  }

  /** Asked after those that there are. */
  add(source: ReceiverSource): void {
    this.sources.push(source)
  }

  /** Makes an incoming payment at a payment pointer that is known by its URL. */
  create(context: RequestContext, input: CreateReceiver): Promise<ReceiverAnswer> {
    return this.idempotency.execute<ReceiverAnswer>(context, 'create_receiver', input, async (recorder) => {
      for (const source of this.sources) {
        const answer = await source.create(context, recorder, input.paymentPointerUrl, input)
        if (answer) return answer
      }
      return refused('unknown_payment_pointer')
    })
  }
}
