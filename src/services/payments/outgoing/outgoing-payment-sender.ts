/**
 * Sends what was funded. An attempt that fails is made again a few times, at growing intervals, unless its
 * failure is final. What an attempt stores counts only while the payment is still in its hands.
 */
import { randomUUID } from 'node:crypto'
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Attachment, MergedRow } from '../../../database/statement'
import type { UnitOfWork } from '../../../database/unit-of-work'
import { Quote, type OutgoingPayment, type PaymentPointer } from '../../../entities'
import { AttachmentRefused } from '../../../ledger/types'
import type { RequestContext } from '../../context'
import type { PaymentPointerService } from '../../payment-pointers/payment-pointer-service'
import { ceilingOf, divideUp } from '../../rates/ratio'
import type { NewWebhookEvent, WebhookOutbox } from '../../webhooks/outbox'
import { isRetryable, type PaymentErrorName } from '../methods/payment-error'
import type { Resolution } from '../methods/payment-method'
import type { Payable, PaymentMethods } from '../methods/payment-methods'
import { rateOf } from '../quotes/quote-service'
import { outgoingPaymentEvent } from './outgoing-payment-events'
import { applyTransition } from './transition-writing'
import { transition, TRANSITION_STATEMENT } from './transitions'

/** How often a payment is tried before it fails. */
export const ATTEMPTS_MAX = 5
const RETRY_MILLISECONDS = 10_000
const RETRY_MILLISECONDS_MAX = 60_000
/** How often an attempt starts over at once because the receiver changed under it. */
const RECEIVER_CHANGES_MAX = 5

/**
 * What became of an attempt. `settled`: what there was to store is stored, by it or by whoever overtook it.
 * `nothing_left`: there is nothing more to send.
 */
type AttemptEnd = 'settled' | 'nothing_left' | PaymentErrorName

/** Only a receiver that is gone for good ends the payment; one that cannot be reached is tried again. */
const NOT_OPEN: Readonly<Record<Exclude<Resolution['state'], 'open'>, AttemptEnd>> = {
  gone: 'nothing_left',
  unknown: 'UnknownReceiver',
  unreachable: 'ReceiverUnreachable'
}

/** What one attempt is about. */
interface Work {
  readonly payment: OutgoingPayment
  readonly quote: Quote
  readonly pointer: PaymentPointer
}

export class OutgoingPaymentSender {
  private readonly quotes: EntityReads<Quote>

  constructor(
    entities: EntityReader,
    private readonly unitOfWork: UnitOfWork,
    private readonly paymentPointers: PaymentPointerService,
    private readonly methods: PaymentMethods,
    private readonly outbox: WebhookOutbox
  ) {
    this.quotes = entities.of(Quote)
  }

  /** Makes one attempt at a payment that was claimed, and stores what became of it. */
  async send(context: RequestContext, payment: OutgoingPayment): Promise<void> {
    const work = await this.read(payment)
    const end = await this.attempt(context, work)
    if (end === 'settled') return
    if (end === 'nothing_left') await this.complete(context, work)
    else await this.failed(context, work, end)
  }

  private async read(payment: OutgoingPayment): Promise<Work> {
    const [quote, pointer] = await Promise.all([
      this.quotes.find(payment.id),
      this.paymentPointers.find(payment.paymentPointerId)
    ])
    if (!quote || !pointer) throw new Error(`the quote or the payment pointer of payment ${payment.id} is gone`)
    return { payment, quote, pointer }
  }

  private async attempt(context: RequestContext, work: Work): Promise<AttemptEnd> {
    try {
      for (let change = 0; change < RECEIVER_CHANGES_MAX; change++) {
        const end = await this.attemptOnce(context, work)
        if (end !== 'ReceiverChanged') return end
      }
      return 'ReceiverChanged'
    } catch (error) {
      // Somebody else has the payment in hand by now, so there is nothing left to do here.
      if (isOvertaken(error)) return 'settled'
      context.logger.error({ error, paymentId: work.payment.id }, 'An attempt to send a payment failed')
      return 'UnexpectedError'
    }
  }

  private async attemptOnce(context: RequestContext, work: Work): Promise<AttemptEnd> {
    const { payment, quote, pointer } = work
    const resolution = await this.methods.resolve(context, quote.receiver)
    if (resolution.state !== 'open') return NOT_OPEN[resolution.state]
    const { receiver } = resolution
    if (pointer.assetId !== quote.sendAssetId) return 'SourceAssetConflict'
    const { assetCode, assetScale } = receiver.unit
    if (assetCode !== quote.receiveAssetCode || assetScale !== quote.receiveAssetScale)
      return 'DestinationAssetConflict'
    const left = leftOf(work, receiver)
    if (left.receiveAmount <= 0n) return 'nothing_left'
    if (left.principal <= 0n) return 'BadState'
    const completion = (principal: bigint): Attachment[] => {
      const { statement, event } = completionOf(work, payment.sentAmount + principal, context.now())
      return [statement, ...this.outbox.attachments([event])]
    }
    const result = await receiver.pay(context, { payment, quote, ...left, completion })
    return result.delivered ? 'settled' : result.error
  }

  /** The receiver has got all that it takes, of this payment or of others. */
  private async complete(context: RequestContext, work: Work): Promise<void> {
    const { statement, event } = completionOf(work, work.payment.sentAmount, context.now())
    await this.store(statement, [event])
  }

  private async failed(context: RequestContext, { payment, quote }: Work, error: PaymentErrorName): Promise<void> {
    const now = context.now()
    const attempts = payment.stateAttempts + 1
    if (isRetryable(error) && attempts < ATTEMPTS_MAX) {
      const dueAt = new Date(now.getTime() + Math.min(attempts * RETRY_MILLISECONDS, RETRY_MILLISECONDS_MAX))
      return this.store(transition('retry', payment, { dueAt }, now).statement, [])
    }
    const failed = transition('fail', payment, { error }, now)
    await this.store(failed.statement, [
      outgoingPaymentEvent(randomUUID(), 'outgoing_payment.failed', failed.payment, quote)
    ])
  }

  /** Whoever overtook this attempt has stored something else by now. */
  private async store(statement: MergedRow, events: readonly NewWebhookEvent[]): Promise<void> {
    await applyTransition(this.unitOfWork, statement, (manager) => this.outbox.write(manager, events))
  }
}

/** The end of a payment that cost so much in all, and what is told of it. */
function completionOf(
  { payment, quote }: Work,
  sentAmount: bigint,
  now: Date
): { statement: MergedRow; event: NewWebhookEvent } {
  const { statement, payment: completed } = transition('complete', payment, { sentAmount }, now)
  return { statement, event: outgoingPaymentEvent(randomUUID(), 'outgoing_payment.completed', completed, quote) }
}

/** What is still to arrive, as far as the receiver takes it, and what that may cost. */
function leftOf({ payment, quote }: Work, { remaining }: Payable): { receiveAmount: bigint; principal: bigint } {
  const rate = rateOf(quote)
  const quoted = quote.receiveAmount - ceilingOf(payment.sentAmount * rate.numerator, rate.denominator)
  const principal = quote.principal - payment.sentAmount
  if (remaining === undefined || remaining >= quoted) return { receiveAmount: quoted, principal }
  const cost = divideUp(remaining, rate)
  return { receiveAmount: remaining, principal: cost < principal ? cost : principal }
}

function isOvertaken(error: unknown): boolean {
  return error instanceof AttachmentRefused && error.statement === TRANSITION_STATEMENT
}
