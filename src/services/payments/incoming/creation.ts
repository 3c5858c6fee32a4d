/** How an incoming payment comes to be, whatever brought the wish. */
import { randomUUID } from 'node:crypto'
import type { EntityReader } from '../../../database/entity-reader'
import type { EntityTable } from '../../../database/entity-table'
import { IncomingPayment, type Asset, type PaymentPointer } from '../../../entities'
import { AttachmentRefused } from '../../../ledger/types'
import { done, refused, type Answer, type Refused } from '../../answer'
import type { AssetService } from '../../assets/asset-service'
import type { Identifiers } from '../../identifiers'
import type { Recorder } from '../../idempotency/recorder'
import { statusOf } from '../../payment-pointers/payment-pointer-service'
import type { WebhookOutbox } from '../../webhooks/outbox'
import { createdEvent } from './events'
import { expiryOf, type ExpiryPolicy } from './expiry'
import type { IncomingPaymentFailure, IncomingPaymentTerms } from './inputs'

/** A payment that passed every check that needs no lock. */
export interface Draft {
  readonly payment: IncomingPayment
  readonly paymentPointer: PaymentPointer
  readonly asset: Asset
}

export class IncomingPaymentCreation {
  private readonly table: EntityTable<IncomingPayment>

  constructor(
    entities: EntityReader,
    private readonly assets: AssetService,
    private readonly outbox: WebhookOutbox,
    private readonly identifiers: Identifiers,
    /** Of payments of which nobody says otherwise. */
    private readonly expiry: ExpiryPolicy
  ) {
    this.table = entities.of(IncomingPayment).table
  }

  /** Checks in this order: expiry, amount of zero, payment pointer, its status, asset of the amount. */
  async draft(
    now: Date,
    paymentPointerRead: Promise<PaymentPointer | undefined>,
    terms: IncomingPaymentTerms,
    expiry = this.expiry
  ): Promise<Answer<Draft, IncomingPaymentFailure>> {
    const { incomingAmount } = terms
    const expiresAt = expiryOf(terms.expiresAt, now, expiry)
    if (expiresAt === undefined) return refused('invalid_expiry')
    if (incomingAmount?.value === 0n) return refused('invalid_amount')
    const paymentPointer = await paymentPointerRead
    if (!paymentPointer) return refused('unknown_payment_pointer')
    if (statusOf(paymentPointer, now) === 'INACTIVE') return refused('inactive_payment_pointer')
    const asset = await this.assets.find(paymentPointer.assetId)
    if (!asset) throw new Error(`asset ${paymentPointer.assetId} of a payment pointer is gone`)
    const isInAsset = incomingAmount?.assetCode === asset.code && incomingAmount.assetScale === asset.scale
    if (incomingAmount && !isInAsset) return refused('invalid_amount')
    const payment: IncomingPayment = {
      id: this.identifiers.next(),
      paymentPointerId: paymentPointer.id,
      assetId: asset.id,
      state: 'PENDING',
      incomingAmount: incomingAmount?.value ?? null,
      receivedAmount: 0n,
      accountId: null,
      connectionId: randomUUID(),
      expiresAt,
      processAt: expiresAt,
      removedAt: null,
      metadata: terms.metadata ?? null,
      client: terms.client ?? null,
      createdAt: now,
      updatedAt: now
    }
    return done({ payment, paymentPointer, asset })
  }

  /**
   * Writes the payment and its event. The payment pointer is held meanwhile, so that it is either still active
   * or its deactivation comes later and finds this payment.
   */
  async write<Answer>(
    recorder: Recorder<Answer>,
    { payment, paymentPointer, asset }: Draft,
    answer: Answer
  ): Promise<Answer | Refused<'inactive_payment_pointer'>> {
    const guard = { ...STILL_ACTIVE, values: [paymentPointer.deactivatedAt] }
    const row = this.table.row(payment, guard)
    try {
      return await recorder.write([row, ...this.outbox.attachments([createdEvent(payment, asset)])], answer)
    } catch (error) {
      if (error instanceof AttachmentRefused && error.statement === row.name) return refused('inactive_payment_pointer')
      throw error
    }
  }
}

/**
 * Refuses the payment if its pointer was deactivated since it was read. Times of other processes say nothing
 * about which came first.
 */
const STILL_ACTIVE = {
  name: 'while_active',
  columns: [{ name: 'deactivated_before', type: 'timestamptz' }],
  clause: `JOIN payment_pointer AS pointer ON pointer.id = fresh.payment_pointer_id
    WHERE pointer.deactivated_at IS NULL OR pointer.deactivated_at IS NOT DISTINCT FROM fresh.deactivated_before
    FOR SHARE OF pointer`
} as const
