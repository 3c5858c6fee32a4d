import type { Answer } from '../../answer'
import type { RequestContext } from '../../context'
import type { Recorder } from '../../idempotency/recorder'
import type { IncomingPaymentFailure, IncomingPaymentTerms } from '../incoming/inputs'
import type { Receiver } from './receiver'

export type ReceiverFailure = IncomingPaymentFailure
export type ReceiverAnswer = Answer<Receiver, ReceiverFailure>

/** The port to one kind of place where receivers can be made. */
export interface ReceiverSource {
  /** Makes a receiver at a payment pointer. Undefined for payment pointers that are not this source's business. */
  create(
    context: RequestContext,
    recorder: Recorder<ReceiverAnswer>,
    paymentPointerUrl: string,
    terms: IncomingPaymentTerms
  ): Promise<ReceiverAnswer | undefined>
}
