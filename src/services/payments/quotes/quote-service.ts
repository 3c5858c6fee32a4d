/** Quotes: what a payment to a receiver would cost and deliver. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Page, PageRequest } from '../../../database/keyset'
import { Quote, type Asset, type PaymentPointer } from '../../../entities'
import { ahead } from '../../ahead'
import { done, refused, type Answer } from '../../answer'
import type { AssetService } from '../../assets/asset-service'
import type { RequestContext } from '../../context'
import type { FeeService } from '../../fees/fee-service'
import { parseUuid, type Identifiers } from '../../identifiers'
import type { Idempotency, Repeatable } from '../../idempotency/idempotency'
import { statusOf, type PaymentPointerService } from '../../payment-pointers/payment-pointer-service'
import { divideUp, type Ratio } from '../../rates/ratio'
import { unitOf, type Unit } from '../../rates/rates-service'
import { isStorable, LONG_TEXT_LENGTH_MAX } from '../../text'
import type { Path, Terms, TermsFailure } from '../methods/payment-method'
import type { Payable, PaymentMethods } from '../methods/payment-methods'
import { feeOn, isPayable, NO_FEE, principalOf, type FeeTerms, type Price } from './pricing'
import type { PaymentType, Proposal, QuoteEndpoint } from './quote-endpoint'
import type { QuoteFailure } from './quote-failures'
import { pathColumns } from './quote-rates'

export interface AmountInput extends Unit {
  /** In the smallest unit. */
  readonly value: bigint
}

export interface CreateQuote extends Repeatable {
  readonly paymentPointerId: string
  /** URL of what is to be paid. */
  readonly receiver: string
  /** All that the payment may cost. */
  readonly sendAmount?: AmountInput | null
  /** What is to arrive. With neither amount: what the receiver still asks for. */
  readonly receiveAmount?: AmountInput | null
  /** The Open Payments client that asks; null or absent: the operator. */
  readonly client?: string | null
}

/** What the customer fixed: the cost or the delivery. */
type Wish = { readonly sendAmount: bigint } | { readonly receiveAmount: bigint }

interface Priced extends Price {
  readonly rate: Ratio
  readonly path?: Path
}

const TERMS_FAILURES: Readonly<Record<TermsFailure, QuoteFailure>> = {
  nothing_delivered: 'invalid_amount',
  no_rate: 'no_rate',
  rates_unavailable: 'rates_unavailable',
  no_path: 'no_path',
  probe_failed: 'probe_failed',
  rate_too_low: 'rate_too_low',
  too_many_probes: 'too_many_probes'
}

export class QuoteService {
  private readonly reads: EntityReads<Quote>

  constructor(
    entities: EntityReader,
    private readonly paymentPointers: PaymentPointerService,
    private readonly assets: AssetService,
    private readonly fees: FeeService,
    private readonly methods: PaymentMethods,
    private readonly idempotency: Idempotency,
    private readonly identifiers: Identifiers,
    private readonly options: {
      readonly lifetimeMilliseconds: number
      /** When there is one, it alone decides on fees. */
      readonly endpoint?: QuoteEndpoint
    }
  ) {
    this.reads = entities.of(Quote)
  }

  async find(id: string): Promise<Quote | undefined> {
    const uuid = parseUuid(id)
    return uuid === undefined ? undefined : this.reads.find(uuid)
  }

  /** The quotes of a payment pointer, by its own id. */
  page(paymentPointerId: string, request: PageRequest): Promise<Page<Quote>> {
    const scope = { name: 'of_payment_pointer', condition: 'payment_pointer_id = $3', values: [paymentPointerId] }
    return this.reads.page(request, scope)
  }

  create(context: RequestContext, input: CreateQuote): Promise<Answer<Quote, QuoteFailure>> {
    const pointerRead = ahead(this.paymentPointers.find(input.paymentPointerId))
    return this.idempotency.execute<Answer<Quote, QuoteFailure>>(context, 'create_quote', input, async (recorder) => {
      if (input.sendAmount && input.receiveAmount) return refused('invalid_amount')
      const receiverRead = ahead(this.methods.resolve(context, input.receiver))
      const pointer = await pointerRead
      if (!pointer) return refused('unknown_payment_pointer')
      if (statusOf(pointer, context.now()) === 'INACTIVE') return refused('inactive_payment_pointer')
      const asset = await this.assetOf(pointer)
      if (!isAcceptable(input, asset)) return refused('invalid_amount')
      const resolution = await receiverRead
      if (resolution.state !== 'open' || !isReceiverUrl(input.receiver)) return refused('invalid_receiver')
      const wish = wishOf(input, resolution.receiver)
      if (typeof wish === 'string') return refused(wish)
      const quote = await this.quote(context, { input, pointer, asset, receiver: resolution.receiver, wish })
      if (typeof quote === 'string') return refused(quote)
      return recorder.write([this.reads.table.row(quote)], done(quote))
    })
  }

  private async assetOf(pointer: PaymentPointer): Promise<Asset> {
    const asset = await this.assets.find(pointer.assetId)
    if (!asset) throw new Error(`asset ${pointer.assetId} of a payment pointer is gone`)
    return asset
  }

  private async quote(context: RequestContext, request: QuoteRequest): Promise<Quote | QuoteFailure> {
    const { input, pointer, asset, receiver, wish } = request
    const priced = await this.price(context, request)
    if (typeof priced === 'string') return priced
    const createdAt = context.now()
    const proposal: Proposal = {
      id: this.identifiers.next(),
      paymentPointerId: pointer.id,
      receiver: input.receiver,
      paymentType: 'sendAmount' in wish ? 'FixedSend' : 'FixedDelivery',
      send: unitOf(asset),
      receive: receiver.unit,
      price: priced,
      createdAt,
      expiresAt: expiryOf(createdAt, this.options.lifetimeMilliseconds, receiver)
    }
    const price = await this.review(context, proposal, priced)
    if (typeof price === 'string') return price
    if (!isPayable(price) || price.receiveAmount > (receiver.remaining ?? price.receiveAmount)) return 'invalid_amount'
    return { ...quoteOf(proposal, asset.id, price, priced), client: input.client ?? null }
  }

  private async price(
    context: RequestContext,
    { input, asset, receiver, wish }: QuoteRequest
  ): Promise<Priced | QuoteFailure> {
    const fee = await this.feeOf(asset)
    const client = input.client ?? undefined
    if ('sendAmount' in wish) {
      const { sendAmount } = wish
      const principal = principalOf(sendAmount, fee)
      if (principal === undefined) return 'invalid_amount'
      return pricedOf(await receiver.quote(context, asset, { principal }, client), () => sendAmount)
    }
    const terms = await receiver.quote(context, asset, wish, client)
    return pricedOf(terms, (principal) => principal + feeOn(principal, fee))
  }

  private async feeOf(asset: Asset): Promise<FeeTerms> {
    if (this.options.endpoint) return NO_FEE
    return (await this.fees.latest(asset.id, 'SENDING')) ?? NO_FEE
  }

  /** The price that the operator's endpoint makes of the computed one; without an endpoint the same. */
  private async review(context: RequestContext, proposal: Proposal, priced: Priced): Promise<Price | QuoteFailure> {
    if (!this.options.endpoint) return priced
    const reviewed = await this.options.endpoint.review(proposal, context.now(), context.logger)
    if (reviewed === 'refused') return 'quote_refused'
    if (reviewed === 'invalid' || !isWithin(proposal.paymentType, reviewed, priced)) return 'invalid_amount'
    // When less is to arrive, less is sent; what it costs beyond that is the operator's.
    const isLower = reviewed.receiveAmount < priced.receiveAmount
    const principal = isLower ? divideUp(reviewed.receiveAmount, priced.rate) : priced.principal
    return { ...reviewed, principal }
  }
}

interface QuoteRequest {
  readonly input: CreateQuote
  readonly pointer: PaymentPointer
  readonly asset: Asset
  readonly receiver: Payable
  readonly wish: Wish
}

function isReceiverUrl(url: string): boolean {
  return isStorable(url, LONG_TEXT_LENGTH_MAX)
}

/** What can be said of the amounts before the receiver is known. */
function isAcceptable({ sendAmount, receiveAmount }: CreateQuote, asset: Asset): boolean {
  if (sendAmount) return sendAmount.value > 0n && isSameUnit(sendAmount, unitOf(asset))
  return !receiveAmount || receiveAmount.value > 0n
}

function wishOf({ sendAmount, receiveAmount }: CreateQuote, receiver: Payable): Wish | QuoteFailure {
  if (sendAmount) return { sendAmount: sendAmount.value }
  if (receiveAmount) {
    if (!isSameUnit(receiveAmount, receiver.unit)) return 'invalid_amount'
    if (receiver.remaining !== undefined && receiveAmount.value > receiver.remaining) return 'invalid_amount'
    return { receiveAmount: receiveAmount.value }
  }
  return receiver.remaining === undefined ? 'invalid_receiver' : { receiveAmount: receiver.remaining }
}

function isSameUnit(left: Unit, right: Unit): boolean {
  return left.assetCode === right.assetCode && left.assetScale === right.assetScale
}

function pricedOf(terms: Terms | TermsFailure, sendAmountOf: (principal: bigint) => bigint): Priced | QuoteFailure {
  if (typeof terms === 'string') return TERMS_FAILURES[terms]
  return { ...terms, sendAmount: sendAmountOf(terms.principal) }
}

/** What was fixed stays; the other amount may only turn against the customer. */
function isWithin(type: PaymentType, reviewed: Omit<Price, 'principal'>, proposed: Price): boolean {
  return type === 'FixedSend'
    ? reviewed.sendAmount === proposed.sendAmount && reviewed.receiveAmount <= proposed.receiveAmount
    : reviewed.receiveAmount === proposed.receiveAmount && reviewed.sendAmount >= proposed.sendAmount
}

function expiryOf(createdAt: Date, lifetimeMilliseconds: number, { expiresAt }: Payable): Date {
  const own = createdAt.getTime() + lifetimeMilliseconds
  return new Date(Math.min(own, expiresAt?.getTime() ?? own))
}

function quoteOf(proposal: Proposal, sendAssetId: string, price: Price, { rate, path }: Priced): Omit<Quote, 'client'> {
  const { id, paymentPointerId, receiver, send, receive, createdAt, expiresAt } = proposal
  return {
    id,
    paymentPointerId,
    receiver,
    sendAssetId,
    sendAssetCode: send.assetCode,
    sendAssetScale: send.assetScale,
    receiveAssetCode: receive.assetCode,
    receiveAssetScale: receive.assetScale,
    sendAmount: price.sendAmount,
    principal: price.principal,
    receiveAmount: price.receiveAmount,
    rateNumerator: rate.numerator,
    rateDenominator: rate.denominator,
    ...pathColumns(path),
    expiresAt,
    createdAt
  }
}
