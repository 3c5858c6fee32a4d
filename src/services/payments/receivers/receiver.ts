import type { Asset, IncomingPayment, PaymentPointer } from '../../../entities'

/** Something that can be paid, as whoever pays it sees it: an incoming payment, wherever it is. */
export interface Receiver {
  /** URL of the incoming payment. */
  readonly url: string
  readonly paymentPointerUrl: string
  readonly assetCode: string
  readonly assetScale: number
  /** In the asset's smallest unit, as are all amounts here; null: any amount is welcome. */
  readonly incomingAmount: bigint | null
  readonly receivedAmount: bigint
  /** Whether it got all that it asked for, or was ended by its receiver. */
  readonly completed: boolean
  readonly expiresAt: Date | null
  readonly metadata: Record<string, unknown> | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** The URL of an incoming payment on this instance. */
export function receiverUrl(paymentPointer: Pick<PaymentPointer, 'url'>, paymentId: string): string {
  return `${paymentPointer.url}/incoming-payments/${paymentId}`
}

export function localReceiver(
  payment: IncomingPayment,
  paymentPointer: Pick<PaymentPointer, 'url'>,
  asset: Pick<Asset, 'code' | 'scale'>
): Receiver {
  const { incomingAmount, receivedAmount, expiresAt, metadata, createdAt, updatedAt } = payment
  return {
    url: receiverUrl(paymentPointer, payment.id),
    paymentPointerUrl: paymentPointer.url,
    assetCode: asset.code,
    assetScale: asset.scale,
    incomingAmount,
    receivedAmount,
    completed: payment.state === 'COMPLETED',
    expiresAt,
    metadata,
    createdAt,
    updatedAt
  }
}
