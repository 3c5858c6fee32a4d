/**
 * Sends what was funded. An attempt that fails is made again a few times, at growing intervals, unless its
 * failure is final. What an attempt stores counts only while the payment is still in its hands.
 *
 * How much was sent is what the ledger says: a payment may be delivered bit by bit, and a process may die at
 * any of them. While a bit is still under way, on behalf of an attempt that nobody makes any more, there is no
 * next attempt.
 */
import { randomUUID } from 'node:crypto'
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Reader } from '../../../database/reader'
import type { Attachment, MergedRow } from '../../../database/statement'
import type { UnitOfWork } from '../../../database/unit-of-work'
import { Quote, type OutgoingPayment, type PaymentPointer } from '../../../entities'
import type { Ledger } from '../../../ledger/ledger'
import { AttachmentRefused } from '../../../ledger/types'
import type { RequestContext } from '../../context'
import { larger } from '../../extremes'
import type { PaymentPointerService } from '../../payment-pointers/payment-pointer-service'
import type { NewWebhookEvent, WebhookOutbox } from '../../webhooks/outbox'
import { isRetryable, type PaymentErrorName } from '../methods/payment-error'
import type { Resolution } from '../methods/payment-method'
import type { PaymentMethods } from '../methods/payment-methods'
import { Lease } from './lease'
import { outgoingPaymentEvent } from './outgoing-payment-events'
import { deliveredOf, leftOf } from './progress'
import { applyTransition } from './transition-writing'
import { transition, TRANSITION_STATEMENT, type Progress } from './transitions'

/** How often a payment is tried before it fails. */
export const ATTEMPTS_MAX = 5
const RETRY_MILLISECONDS = 10_000
const RETRY_MILLISECONDS_MAX = 60_000
/** How soon to look again whether what is under way has come to an end. */
const HELD_MILLISECONDS = 5_000
/** How often an attempt starts over at once because the receiver changed under it. */
const RECEIVER_CHANGES_MAX = 5

/**
 * What became of an attempt, apart from what it delivered. `settled`: what there was to store is stored, by it
 * or by whoever overtook it. `nothing_left`: there is nothing more to send. `interrupted`: the process is to end.
 */
type End = 'settled' | 'nothing_left' | 'interrupted' | PaymentErrorName

interface AttemptEnd {
  readonly end: End
  /** In the receiving asset, as far as the receiver confirmed it. */
  readonly delivered: bigint
}

/** A receiver that is gone for good may have been paid by others; one that cannot be reached is tried again. */
const NOT_OPEN: Readonly<Record<Exclude<Resolution['state'], 'open'>, End>> = {
  gone: 'nothing_left',
  expired: 'IncomingPaymentExpired',
  unknown: 'UnknownReceiver',
  unreachable: 'ReceiverUnreachable'
}

/** What one attempt is about. */
interface Work {
  /** With its progress as the ledger knows it. */
  readonly payment: OutgoingPayment
  readonly quote: Quote
  readonly pointer: PaymentPointer
  /** What of the payment is under way since an earlier attempt. */
  readonly held: bigint
}

export interface OutgoingPaymentSenderOptions {
  /** Longest attempt. */
  readonly durationMillisecondsMax: number
}

export class OutgoingPaymentSender {
  private readonly quotes: EntityReads<Quote>
  private isInterrupted = false

  constructor(
    entities: EntityReader,
    private readonly database: Pick<Reader, 'rows'>,
    private readonly unitOfWork: UnitOfWork,
    private readonly ledger: Ledger,
    private readonly paymentPointers: PaymentPointerService,
    private readonly methods: PaymentMethods,
    private readonly outbox: WebhookOutbox,
    private readonly options: OutgoingPaymentSenderOptions
  ) {
    this.quotes = entities.of(Quote)
  }

  /** Makes one attempt at a payment that was claimed, and stores what became of it. */
  async send(context: RequestContext, claimed: OutgoingPayment): Promise<void> {
    const work = await this.read(claimed)
    if (work.held > 0n) return this.release(context, work, HELD_MILLISECONDS)
    const { end, delivered } = await this.attempt(context, work)
    if (end === 'settled') return
    const after = await this.advanced(work, delivered)
    if (end === 'nothing_left') await this.complete(context, after)
    else if (end === 'interrupted') await this.release(context, after, 0)
    else await this.failed(context, after, end)
  }

  /** From now on attempts end as soon as what they have under way is answered. */
  interrupt(): void {
    this.isInterrupted = true
  }

  private async read(payment: OutgoingPayment): Promise<Work> {
    const [quote, pointer, account] = await Promise.all([
      this.quotes.find(payment.id),
      this.paymentPointers.find(payment.paymentPointerId),
      this.accountOf(payment)
    ])
    if (!quote || !pointer) throw new Error(`the quote or the payment pointer of payment ${payment.id} is gone`)
    const deliveredAmount = deliveredOf(payment, quote, account.sent)
    return { payment: { ...payment, sentAmount: account.sent, deliveredAmount }, quote, pointer, held: account.held }
  }

  /** All debits of a payment that is being sent are deliveries. */
  private async accountOf({ id, liquidityAccountId }: OutgoingPayment): Promise<{ sent: bigint; held: bigint }> {
    const account = liquidityAccountId === null ? undefined : await this.ledger.account(liquidityAccountId)
    if (!account) throw new Error(`the account of payment ${id} is gone`)
    return { sent: account.debitsPosted, held: account.debitsPending }
  }

  private async attempt(context: RequestContext, work: Work): Promise<AttemptEnd> {
    const progress = async (): Promise<Progress> => progressOf(await this.advanced(work, 0n))
    const lease = new Lease(this.database, context, work.payment, progress)
    const begun = performance.now()
    const isTooLong = (): boolean => performance.now() - begun > this.options.durationMillisecondsMax
    const isStopped = (): boolean => this.isInterrupted || !lease.isHeld() || isTooLong()
    try {
      const { end, delivered } = await this.attempts(context, work, isStopped)
      if (end === 'settled' || end === 'nothing_left') return { end, delivered }
      if (!lease.isHeld()) return { end: 'settled', delivered }
      if (this.isInterrupted) return { end: 'interrupted', delivered }
      return { end: isTooLong() ? 'DurationExceeded' : end, delivered }
    } catch (error) {
      // Somebody else has the payment in hand by now, so there is nothing left to do here.
      if (isOvertaken(error)) return { end: 'settled', delivered: 0n }
      context.logger.error({ error, paymentId: work.payment.id }, 'An attempt to send a payment failed')
      return { end: 'UnexpectedError', delivered: 0n }
    } finally {
      lease.end()
    }
  }

  private async attempts(context: RequestContext, work: Work, isStopped: () => boolean): Promise<AttemptEnd> {
    for (let change = 0; change < RECEIVER_CHANGES_MAX; change++) {
      const attempt = await this.attemptOnce(context, work, isStopped)
      if (attempt.end !== 'ReceiverChanged') return attempt
    }
    return { end: 'ReceiverChanged', delivered: 0n }
  }

  private async attemptOnce(context: RequestContext, work: Work, isStopped: () => boolean): Promise<AttemptEnd> {
    const { payment, quote, pointer } = work
    const without = (end: End): AttemptEnd => ({ end, delivered: 0n })
    if (payment.deliveredAmount >= quote.receiveAmount) return without('nothing_left')
    const resolution = await this.methods.resolve(context, quote.receiver)
    if (resolution.state !== 'open') return without(NOT_OPEN[resolution.state])
    const { receiver } = resolution
    if (pointer.assetId !== quote.sendAssetId) return without('SourceAssetConflict')
    const { assetCode, assetScale } = receiver.unit
    if (assetCode !== quote.receiveAssetCode || assetScale !== quote.receiveAssetScale)
      return without('DestinationAssetConflict')
    const left = leftOf(payment, quote, receiver)
    if (left.receiveAmount <= 0n) return without('nothing_left')
    if (left.principal <= 0n) return without('BadState')
    const completion = (principal: bigint): Attachment[] => {
      const sentAmount = payment.sentAmount + principal
      const deliveredAmount = payment.deliveredAmount + left.receiveAmount
      const { statement, event } = completionOf(work, { sentAmount, deliveredAmount }, context.now())
      return [statement, ...this.outbox.attachments([event])]
    }
    const result = await receiver.pay(context, { payment, quote, ...left, completion, isStopped })
    if (result.state === 'completed') return without('settled')
    return { end: result.state === 'delivered' ? 'nothing_left' : result.error, delivered: result.delivered }
  }

  /** The payment with what an attempt sent, which the ledger knows better than whoever made it. */
  private async advanced(work: Work, delivered: bigint): Promise<Work> {
    const { payment, quote } = work
    const { sent } = await this.accountOf(payment)
    const deliveredAmount = larger(payment.deliveredAmount + delivered, deliveredOf(payment, quote, sent))
    return { ...work, payment: { ...payment, sentAmount: sent, deliveredAmount } }
  }

  /** The receiver has got all that it takes, of this payment or of others. */
  private async complete(context: RequestContext, work: Work): Promise<void> {
    const { statement, event } = completionOf(work, progressOf(work), context.now())
    await this.store(statement, [event])
  }

  private async failed(context: RequestContext, work: Work, error: PaymentErrorName): Promise<void> {
    const { payment, quote } = work
    const now = context.now()
    const attempts = payment.stateAttempts + 1
    if (isRetryable(error) && attempts < ATTEMPTS_MAX) {
      const dueAt = new Date(now.getTime() + Math.min(attempts * RETRY_MILLISECONDS, RETRY_MILLISECONDS_MAX))
      return this.store(transition('retry', payment, { dueAt, ...progressOf(work) }, now).statement, [])
    }
    const failed = transition('fail', payment, { error, ...progressOf(work) }, now)
    await this.store(failed.statement, [
      outgoingPaymentEvent(randomUUID(), 'outgoing_payment.failed', failed.payment, quote)
    ])
  }

  /** Lets go of a payment; whoever takes it up after the pause goes on with it. */
  private async release(context: RequestContext, work: Work, pauseMilliseconds: number): Promise<void> {
    const now = context.now()
    const dueAt = new Date(now.getTime() + pauseMilliseconds)
    const { stateAttempts } = work.payment
    const changes = { dueAt, stateAttempts, ...progressOf(work) }
    await this.store(transition('release', work.payment, changes, now).statement, [])
  }

  /** Whoever overtook this attempt has stored something else by now. */
  private async store(statement: MergedRow, events: readonly NewWebhookEvent[]): Promise<void> {
    await applyTransition(this.unitOfWork, statement, (manager) => this.outbox.write(manager, events))
  }
}

function progressOf({ payment: { sentAmount, deliveredAmount } }: Work): Progress {
  return { sentAmount, deliveredAmount }
}

/** The end of a payment that came so far, and what is told of it. */
function completionOf(
  { payment, quote }: Work,
  progress: Progress,
  now: Date
): { statement: MergedRow; event: NewWebhookEvent } {
  const { statement, payment: completed } = transition('complete', payment, progress, now)
  return { statement, event: outgoingPaymentEvent(randomUUID(), 'outgoing_payment.completed', completed, quote) }
}

function isOvertaken(error: unknown): boolean {
  return error instanceof AttachmentRefused && error.statement === TRANSITION_STATEMENT
}
