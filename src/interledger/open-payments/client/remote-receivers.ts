/**
 * Receivers at other servers, by the URL of an incoming payment or of a STREAM connection. Only a clear answer
 * ends a receiver: one that is merely silent, failing or talking nonsense may be there again in a minute.
 */
import type { RequestContext } from '../../../services/context'
import { parsePaymentPointerUrl } from '../../../services/payment-pointers/payment-pointer-url'
import type { Receiver, Resolution } from '../../../services/payments/methods/payment-method'
import { secretOf, type RemoteConnection, type RemoteIncomingPayment, type RemotePointer } from './documents'
import type { OpenPaymentsClient } from './open-payments-client'
import { GrantUnusable, RemoteRefused, RemoteUnreachable } from './remote-http'

export interface RemoteReceiver extends Receiver {
  readonly ilpAddress: string
  /** 32 bytes. Never logged. */
  readonly sharedSecret: Buffer
}

type Found = Resolution<RemoteReceiver>

const PAYMENT_URL = /^(.+)\/incoming-payments\/[0-9a-f-]{36}$/i
const CONNECTION_URL = /^https:\/\/[^?#]+\/connections\/[0-9a-f-]{36}$/i
const NOT_FOUND = 404

export class RemoteReceivers {
  constructor(private readonly client: OpenPaymentsClient) {}

  /** Undefined for URLs that cannot be a receiver's. */
  async resolve(context: RequestContext, url: string): Promise<Found | undefined> {
    const [, pointerText = ''] = PAYMENT_URL.exec(url) ?? []
    const pointerUrl = parsePaymentPointerUrl(pointerText)
    if (pointerUrl === undefined && !CONNECTION_URL.test(url)) return undefined
    try {
      return pointerUrl === undefined
        ? await this.connection(context, url)
        : await this.payment(context, pointerUrl, `${pointerUrl}${url.slice(pointerText.length)}`)
    } catch (error) {
      return stateOf(context, url, error)
    }
  }

  /** A connection that is not there any more has been paid, or its payment has expired. */
  private async connection(context: RequestContext, url: string): Promise<Found> {
    try {
      const connection = await this.client.connection(context, url)
      return open(connection, { incomingAmount: undefined, remaining: undefined, expiresAt: undefined })
    } catch (error) {
      if (error instanceof RemoteRefused && error.status === NOT_FOUND) return { state: 'gone' }
      throw error
    }
  }

  private async payment(context: RequestContext, pointerUrl: string, url: string): Promise<Found> {
    const pointer = await this.pointer(context, pointerUrl)
    const payment = await this.client.incomingPayment(context, pointer, url)
    const { completed, ilpStreamConnection: connection } = payment
    const expiresAt = payment.expiresAt === undefined ? undefined : new Date(payment.expiresAt)
    if (completed || !connection || (expiresAt && expiresAt <= context.now())) return { state: 'gone' }
    return open(connection, { ...amountsOf(payment), expiresAt })
  }

  /** Where there is no pointer there is nothing below it. Other refusals say nothing about the payment. */
  private async pointer(context: RequestContext, url: string): Promise<RemotePointer> {
    try {
      return await this.client.pointer(context, url)
    } catch (error) {
      if (!(error instanceof RemoteRefused) || error.status === NOT_FOUND) throw error
      throw new RemoteUnreachable(error.message, error)
    }
  }
}

function open(
  connection: RemoteConnection,
  terms: Pick<Receiver, 'incomingAmount' | 'remaining' | 'expiresAt'>
): Found {
  const { ilpAddress, assetCode, assetScale } = connection
  return {
    state: 'open',
    receiver: { unit: { assetCode, assetScale }, ...terms, ilpAddress, sharedSecret: secretOf(connection) }
  }
}

function amountsOf({
  incomingAmount,
  receivedAmount
}: RemoteIncomingPayment): Pick<Receiver, 'incomingAmount' | 'remaining'> {
  if (!incomingAmount) return { incomingAmount: undefined, remaining: undefined }
  const wanted = BigInt(incomingAmount.value)
  return { incomingAmount: wanted, remaining: wanted - BigInt(receivedAmount.value) }
}

function stateOf({ logger }: RequestContext, url: string, error: unknown): Found {
  if (error instanceof RemoteRefused && error.status === NOT_FOUND) return { state: 'unknown' }
  const isExpected =
    error instanceof RemoteRefused || error instanceof RemoteUnreachable || error instanceof GrantUnusable
  if (!isExpected) throw error
  logger.info({ url, error }, 'a receiver could not be asked')
  return { state: 'unreachable' }
}
