/** How an incoming payment comes to be, whatever brought the wish. */
import { randomUUID } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import type { EntityReader } from '../../../database/entity-reader'
import type { EntityTable } from '../../../database/entity-table'
import { IncomingPayment, PaymentPointer, type Asset } from '../../../entities'
import { done, refused, type Answer } from '../../answer'
import type { AssetService } from '../../assets/asset-service'
import type { Identifiers } from '../../identifiers'
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
      createdAt: now,
      updatedAt: now
    }
    return done({ payment, paymentPointer, asset })
  }

  /**
   * Writes the payment and its event. The payment pointer is held meanwhile, so that it is either still active
   * or its deactivation comes later and finds this payment.
   */
  async write(
    manager: EntityManager,
    { payment, paymentPointer, asset }: Draft
  ): Promise<Answer<IncomingPayment, 'unknown_payment_pointer' | 'inactive_payment_pointer'>> {
    const { id } = paymentPointer
    const held = await manager.findOne(PaymentPointer, { where: { id }, lock: { mode: 'pessimistic_read' } })
    if (!held) return refused('unknown_payment_pointer')
    if (wasDeactivated(paymentPointer, held)) return refused('inactive_payment_pointer')
    const { text, values } = this.table.insert(payment)
    await manager.query(text, [...values])
    await this.outbox.write(manager, [createdEvent(payment, asset)])
    return done(payment)
  }
}

/** Whether it was deactivated since it was read. Times of other processes say nothing about which came first. */
function wasDeactivated(before: PaymentPointer, held: PaymentPointer): boolean {
  return held.deactivatedAt !== null && held.deactivatedAt.getTime() !== before.deactivatedAt?.getTime()
}
