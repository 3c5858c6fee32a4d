import { done } from '../../answer'
import type { RequestContext } from '../../context'
import type { Recorder } from '../../idempotency/recorder'
import type { PaymentPointerService } from '../../payment-pointers/payment-pointer-service'
import type { IncomingPaymentCreation } from '../incoming/creation'
import type { IncomingPaymentTerms } from '../incoming/inputs'
import { localReceiver } from './receiver'
import type { ReceiverAnswer, ReceiverSource } from './receiver-source'

/** Receivers at payment pointers of this instance: incoming payments like all others, made without a network. */
export class LocalReceiverSource implements ReceiverSource {
  constructor(
    private readonly paymentPointers: PaymentPointerService,
    private readonly creation: IncomingPaymentCreation
  ) {}

  async create(
    context: RequestContext,
    recorder: Recorder<ReceiverAnswer>,
    paymentPointerUrl: string,
    terms: IncomingPaymentTerms
  ): Promise<ReceiverAnswer | undefined> {
    const found = await this.paymentPointers.findByUrl(paymentPointerUrl)
    if (!found) return undefined
    const draft = await this.creation.draft(context.now(), Promise.resolve(found), terms)
    if (!draft.done) return draft
    const { payment, paymentPointer, asset } = draft.value
    return this.creation.write<ReceiverAnswer>(
      recorder,
      draft.value,
      done(localReceiver(payment, paymentPointer, asset))
    )
  }
}
