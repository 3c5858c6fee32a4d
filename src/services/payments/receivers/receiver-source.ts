import type { Answer } from '../../answer'
import type { RequestContext } from '../../context'
import type { Recorder } from '../../idempotency/recorder'
import type { IncomingPaymentFailure, IncomingPaymentTerms } from '../incoming/inputs'
import type { Receiver } from './receiver'

export type ReceiverFailure =
  | IncomingPaymentFailure
  /** The other server does not take the payment as it is asked for. */
  | 'remote_refused'
  /** The other server's authority wants to ask somebody first. */
  | 'remote_grant_unusable'
  /** The other server did not answer, failed, or made no sense. */
  | 'remote_unreachable'
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
