/** Receivers made at payment pointers of other servers. Nothing is stored here but the answer. */
import { done, refused } from '../../../services/answer'
import type { RequestContext } from '../../../services/context'
import type { Recorder } from '../../../services/idempotency/recorder'
import { parsePaymentPointerUrl } from '../../../services/payment-pointers/payment-pointer-url'
import type { AssetAmount, IncomingPaymentTerms } from '../../../services/payments/incoming/inputs'
import type { Receiver } from '../../../services/payments/receivers/receiver'
import type {
  ReceiverAnswer,
  ReceiverFailure,
  ReceiverSource
} from '../../../services/payments/receivers/receiver-source'
import type { RemoteIncomingPayment, RemotePointer, WireAmount } from './documents'
import type { NewRemotePayment, OpenPaymentsClient } from './open-payments-client'
import { GrantUnusable, RemoteRefused, RemoteUnreachable } from './remote-http'

export class RemoteReceiverSource implements ReceiverSource {
  constructor(private readonly client: OpenPaymentsClient) {}

  async create(
    context: RequestContext,
    _: Recorder<ReceiverAnswer>,
    paymentPointerUrl: string,
    terms: IncomingPaymentTerms
  ): Promise<ReceiverAnswer | undefined> {
    const url = parsePaymentPointerUrl(paymentPointerUrl)
    const pointer = url === undefined ? undefined : await this.pointer(context, url)
    if (!pointer) return undefined
    try {
      return done(receiverOf(await this.client.createIncomingPayment(context, pointer, newPayment(terms))))
    } catch (error) {
      context.logger.info({ error, paymentPointerUrl }, 'a receiver could not be made at another server')
      return refused(failureOf(error))
    }
  }

  /** A pointer that cannot be read is none, for whatever reason. */
  private async pointer(context: RequestContext, url: string): Promise<RemotePointer | undefined> {
    try {
      return await this.client.pointer(context, url)
    } catch (error) {
      if (!(error instanceof RemoteRefused) && !(error instanceof RemoteUnreachable)) throw error
      context.logger.info({ error, paymentPointerUrl: url }, 'a payment pointer of another server could not be read')
      return undefined
    }
  }
}

function failureOf(error: unknown): ReceiverFailure {
  if (error instanceof GrantUnusable) return 'remote_grant_unusable'
  if (error instanceof RemoteRefused) return 'remote_refused'
  if (error instanceof RemoteUnreachable) return 'remote_unreachable'
  throw error
}

function newPayment({ incomingAmount, expiresAt, metadata }: IncomingPaymentTerms): NewRemotePayment {
  return {
    ...(incomingAmount && { incomingAmount: wireAmount(incomingAmount) }),
    ...(expiresAt && { expiresAt }),
    ...(metadata && { metadata })
  }
}

function wireAmount({ value, assetCode, assetScale }: AssetAmount): WireAmount {
  return { value: value.toString(), assetCode, assetScale }
}

function receiverOf(payment: RemoteIncomingPayment): Receiver {
  const { receivedAmount, incomingAmount, expiresAt, metadata = null } = payment
  return {
    url: payment.id,
    paymentPointerUrl: payment.paymentPointer,
    assetCode: receivedAmount.assetCode,
    assetScale: receivedAmount.assetScale,
    incomingAmount: incomingAmount ? BigInt(incomingAmount.value) : null,
    receivedAmount: BigInt(receivedAmount.value),
    completed: payment.completed,
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
    metadata,
    createdAt: new Date(payment.createdAt),
    updatedAt: new Date(payment.updatedAt)
  }
}
