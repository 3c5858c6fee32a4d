import type { Repeatable } from '../../idempotency/idempotency'

export type IncomingPaymentFailure =
  /** Not an ISO 8601 date and time, not in the future, or too far in it. */
  | 'invalid_expiry'
  /** Zero, or not in the payment pointer's asset. */
  | 'invalid_amount'
  | 'unknown_payment_pointer'
  | 'inactive_payment_pointer'

export interface AssetAmount {
  /** In the smallest unit. */
  readonly value: bigint
  readonly assetCode: string
  readonly assetScale: number
}

/** What a payment is asked to be, wherever it is. */
export interface IncomingPaymentTerms {
  /** Null or absent: any amount is welcome. */
  readonly incomingAmount?: AssetAmount | null
  /** ISO 8601. Empty or absent: as late as may be. */
  readonly expiresAt?: string | null
  readonly metadata?: Record<string, unknown> | null
  /** The Open Payments client that asks; null or absent: the operator. */
  readonly client?: string | null
}

export interface CreateIncomingPayment extends IncomingPaymentTerms, Repeatable {
  readonly paymentPointerId: string
}
