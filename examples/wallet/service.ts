/**
 * What the wallet asks of the service, repeated until there is an answer that settles it.
 *
 * Two things make repeating safe. An idempotency key makes the service answer the same request twice in the same way.
 * And the event's id is the id of the transfer: whatever the keys are, the service moves the money of an event once
 * and says `TransferExists` from then on.
 */
import { setTimeout } from 'node:timers/promises'
import {
  DepositEventLiquidityDocument,
  LedgerAccountsDocument,
  MutationRefused,
  OutgoingPaymentDocument,
  PaymentPointerDocument,
  WithdrawEventLiquidityDocument,
  type HazinaClient,
  type OutgoingPaymentQuery
} from '../../clients/typescript'
import type { Unit } from './books'

const PAUSE_MILLISECONDS_MIN = 100
const PAUSE_MILLISECONDS_MAX = 10_000
/** For clocks that differ, and for what the service had in hand when the quote expired. */
const EXPIRY_MARGIN_MILLISECONDS = 5_000

export interface PointerAsset extends Unit {
  readonly assetId: string
}

export class Service {
  constructor(
    readonly client: HazinaClient,
    private readonly stopping: AbortSignal,
    private readonly log: (line: string) => void
  ) {}

  /** Gives the service the money of an `outgoing_payment.created` event. False: it does not want it, now or ever. */
  async deposit(eventId: string, paymentId: string): Promise<boolean> {
    for (let refusals = 0; ; refusals++) {
      const input = { eventId, idempotencyKey: `${eventId}/deposit/${refusals}` }
      const refusal = await this.settle(() => this.client.mutate(DepositEventLiquidityDocument, { input }))
      if (!refusal || refusal.error === 'TransferExists') return true
      if (refusal.error) return false
      // A refusal without a name may be a busy ledger, so what became of the payment decides.
      const payment = await this.paymentOf(paymentId)
      if (payment?.state !== 'FUNDING') return this.isFunded(paymentId)
      if (isOver(payment.quote)) return false
      await this.pause(refusals, `${eventId} is not deposited yet: ${refusal.message}`)
    }
  }

  /** Takes out the money of an event. False: there is none to take. */
  async withdraw(eventId: string): Promise<boolean> {
    for (let refusals = 0; ; refusals++) {
      const input = { eventId, idempotencyKey: `${eventId}/withdraw/${refusals}` }
      const refusal = await this.settle(() => this.client.mutate(WithdrawEventLiquidityDocument, { input }))
      if (!refusal || refusal.error === 'TransferExists') return true
      if (refusal.error === 'InvalidId') return false
      await this.pause(refusals, `${eventId} is not withdrawn yet: ${refusal.message}`)
    }
  }

  async assetOf(paymentPointerId: string): Promise<PointerAsset> {
    const { paymentPointer } = await this.answered(() =>
      this.client.request(PaymentPointerDocument, { id: paymentPointerId })
    )
    if (!paymentPointer) throw new Error(`there is no payment pointer ${paymentPointerId}`)
    const { id: assetId, code: assetCode, scale: assetScale } = paymentPointer.asset
    return { assetId, assetCode, assetScale }
  }

  private async paymentOf(paymentId: string): Promise<OutgoingPaymentQuery['outgoingPayment']> {
    const { outgoingPayment } = await this.answered(() =>
      this.client.request(OutgoingPaymentDocument, { id: paymentId })
    )
    return outgoingPayment
  }

  /** The ledger knows: only a deposit of the event gives a payment's account anything. */
  private async isFunded(paymentId: string): Promise<boolean> {
    const { ledgerAccounts } = await this.answered(() =>
      this.client.request(LedgerAccountsDocument, { ownerId: paymentId })
    )
    return ledgerAccounts.some(({ totals }) => BigInt(totals.creditsPosted) > 0n)
  }

  /** Undefined: it was done. Otherwise the service's refusal. */
  private async settle(send: () => Promise<unknown>): Promise<MutationRefused | undefined> {
    try {
      await this.answered(send)
      return undefined
    } catch (error) {
      if (error instanceof MutationRefused) return error
      throw error
    }
  }

  /**
   * Sends the very same request until the service has answered it. Whatever is wrong, from a broken wire to a wrong
   * token, giving up would lose money and asking again does not.
   */
  private async answered<Result>(send: () => Promise<Result>): Promise<Result> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await send()
      } catch (error) {
        if (error instanceof MutationRefused) throw error
        await this.pause(attempt, String(error))
      }
    }
  }

  /** Rejects when the wallet stops. */
  private async pause(attempt: number, reason: string): Promise<void> {
    this.stopping.throwIfAborted()
    const milliseconds = Math.min(PAUSE_MILLISECONDS_MIN * 2 ** attempt, PAUSE_MILLISECONDS_MAX)
    this.log(`${reason}; again in ${milliseconds} ms`)
    await setTimeout(milliseconds, undefined, { signal: this.stopping })
  }
}

/** Whether the service will take no deposit any more: a quote's promise, and so its payment's, ends at a time. */
function isOver(quote: { readonly expiresAt: string } | null): boolean {
  return quote !== null && Date.parse(quote.expiresAt) + EXPIRY_MARGIN_MILLISECONDS < Date.now()
}
