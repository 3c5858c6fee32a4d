/** Outgoing payments up to the time when they are funded. */
import { randomUUID } from 'node:crypto'
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Page, PageRequest } from '../../../database/keyset'
import type { UnitOfWork } from '../../../database/unit-of-work'
import { OutgoingPayment, Quote } from '../../../entities'
import { ahead } from '../../ahead'
import { done, refused, type Answer } from '../../answer'
import type { RequestContext } from '../../context'
import { parseUuid } from '../../identifiers'
import type { Idempotency, Repeatable } from '../../idempotency/idempotency'
import type { Recorder } from '../../idempotency/recorder'
import { statusOf, type PaymentPointerService } from '../../payment-pointers/payment-pointer-service'
import { orRefused } from '../../storage-refusals'
import type { NewWebhookEvent, WebhookOutbox } from '../../webhooks/outbox'
import type { Resolution } from '../methods/payment-method'
import type { PaymentMethods } from '../methods/payment-methods'
import { outgoingPaymentEvent } from './outgoing-payment-events'
import type { OutgoingPaymentFailure } from './outgoing-payment-failures'
import { holdGrant, type PaymentGrant } from './payment-grants'
import { applyTransition } from './transition-writing'
import { transition } from './transitions'

export interface CreateOutgoingPayment extends Repeatable {
  readonly paymentPointerId: string
  readonly quoteId: string
  /** Kept with the payment and told with every event of it. */
  readonly metadata?: Record<string, unknown> | null
  /** The Open Payments client that asks, and what allows it to; absent: the operator. */
  readonly client?: { readonly url: string; readonly grant: PaymentGrant }
}

/** A payment and the quote that it was made of. They have the same id. */
export interface QuotedPayment {
  readonly payment: OutgoingPayment
  readonly quote: Quote
}

/** A payment that passed every check that needs no lock. */
interface Draft extends QuotedPayment {
  readonly event: NewWebhookEvent
  /** Whether its receiver can be paid. */
  readonly state: Resolution['state']
}

type CreateAnswer = Answer<QuotedPayment, OutgoingPaymentFailure>

export class OutgoingPaymentService {
  private readonly payments: EntityReads<OutgoingPayment>
  private readonly quotes: EntityReads<Quote>

  constructor(
    entities: EntityReader,
    private readonly unitOfWork: UnitOfWork,
    private readonly paymentPointers: PaymentPointerService,
    private readonly methods: PaymentMethods,
    private readonly outbox: WebhookOutbox,
    private readonly idempotency: Idempotency
  ) {
    this.payments = entities.of(OutgoingPayment)
    this.quotes = entities.of(Quote)
  }

  async find(id: string): Promise<QuotedPayment | undefined> {
    const uuid = parseUuid(id)
    if (uuid === undefined) return undefined
    const [payment, quote] = await Promise.all([this.payments.find(uuid), this.quotes.find(uuid)])
    return payment && { payment, quote: existing(quote) }
  }

  /** The payments of a payment pointer, by its own id; with a client only those that the client made. */
  async page(
    paymentPointerId: string,
    request: PageRequest,
    client?: string
  ): Promise<Page<QuotedPayment & { readonly id: string }>> {
    const condition = 'payment_pointer_id = $3'
    const scope =
      client === undefined
        ? { name: 'of_payment_pointer', condition, values: [paymentPointerId] }
        : { name: 'of_client', condition: `${condition} AND client = $4`, values: [paymentPointerId, client] }
    const page = await this.payments.page(request, scope)
    const nodes = page.nodes.map(async (payment) => {
      return { id: payment.id, payment, quote: existing(await this.quotes.find(payment.id)) }
    })
    return { ...page, nodes: await Promise.all(nodes) }
  }

  /** Makes a payment of a quote, to be funded by the operator, who is told. */
  create(context: RequestContext, input: CreateOutgoingPayment): Promise<CreateAnswer> {
    const pointerRead = ahead(this.paymentPointers.find(input.paymentPointerId))
    const quoteRead = ahead(this.quoteOf(input.quoteId))
    return this.idempotency.execute<CreateAnswer>(context, 'create_outgoing_payment', input, async (recorder) => {
      const pointer = await pointerRead
      if (!pointer) return refused('unknown_payment_pointer')
      const now = context.now()
      if (statusOf(pointer, now) === 'INACTIVE') return refused('inactive_payment_pointer')
      const { quote, isUsed } = await quoteRead
      if (!quote) return refused('unknown_quote')
      if (isUsed) return refused('used_quote')
      if (quote.paymentPointerId !== pointer.id) return refused('foreign_quote')
      if (quote.expiresAt <= now) return refused('expired_quote')
      const resolution = await this.methods.resolve(context, quote.receiver)
      const { state } = resolution
      const peerId = resolution.state === 'open' ? await resolution.receiver.peer(quote.sendAssetId) : undefined
      const payment = newPayment(quote, input, peerId, now)
      const event = outgoingPaymentEvent(randomUUID(), 'outgoing_payment.created', payment, quote)
      if (input.client) return this.createUnderGrant(recorder, input.client.grant, { payment, quote, event, state })
      if (state !== 'open') return refused('receiver_not_payable')
      const rows = [this.payments.table.row(payment), ...this.outbox.attachments([event])]
      return orRefused(['used_quote'], () => recorder.write(rows, done({ payment, quote })))
    })
  }

  /** What a grant allows is known, and stays so, only while nobody else can spend under it. */
  private createUnderGrant(
    recorder: Recorder<CreateAnswer>,
    grant: PaymentGrant,
    { payment, quote, event, state }: Draft
  ): Promise<CreateAnswer> {
    return orRefused(['used_quote'], () =>
      recorder.run<CreateAnswer>(async (manager) => {
        if (!(await holdGrant(manager, grant, payment, quote))) return refused('grant_exceeded')
        if (state !== 'open') return refused('receiver_not_payable')
        const { text, values } = this.payments.table.insert(payment)
        await manager.query(text, [...values])
        await this.outbox.write(manager, [event])
        return done({ payment, quote })
      })
    )
  }

  /** Gives up a payment that was not funded. Not offered by any API. */
  async cancel(context: RequestContext, id: string): Promise<Answer<QuotedPayment, 'unknown_payment' | 'wrong_state'>> {
    const found = await this.find(id)
    if (!found) return refused('unknown_payment')
    if (found.payment.state !== 'FUNDING') return refused('wrong_state')
    const { quote } = found
    const { payment, statement } = transition('cancel', found.payment, { error: 'Cancelled' }, context.now())
    const event = outgoingPaymentEvent(randomUUID(), 'outgoing_payment.failed', payment, quote)
    const isCancelled = await applyTransition(this.unitOfWork, statement, (manager) =>
      this.outbox.write(manager, [event])
    )
    return isCancelled ? done({ payment, quote }) : refused('wrong_state')
  }

  private async quoteOf(id: string): Promise<{ quote: Quote | undefined; isUsed: boolean }> {
    const uuid = parseUuid(id)
    if (uuid === undefined) return { quote: undefined, isUsed: false }
    const [quote, payment] = await Promise.all([this.quotes.find(uuid), this.payments.find(uuid)])
    return { quote, isUsed: payment !== undefined }
  }
}

function existing(quote: Quote | undefined): Quote {
  if (!quote) throw new Error('the quote of an outgoing payment is gone')
  return quote
}

function newPayment(
  quote: Quote,
  { metadata, client }: CreateOutgoingPayment,
  peerId: string | undefined,
  now: Date
): OutgoingPayment {
  return {
    id: quote.id,
    paymentPointerId: quote.paymentPointerId,
    state: 'FUNDING',
    stateAttempts: 0,
    error: null,
    metadata: metadata ?? null,
    client: client?.url ?? null,
    grantId: client?.grant.id ?? null,
    peerId: peerId ?? null,
    sentAmount: 0n,
    deliveredAmount: 0n,
    liquidityAccountId: null,
    dueAt: null,
    lease: null,
    createdAt: now,
    updatedAt: now
  }
}
