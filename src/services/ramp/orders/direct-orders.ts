/** Orders that a merchant places itself, made of quotes. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Loader, Reader } from '../../../database/reader'
import { RampQuote, type RampRequest } from '../../../entities'
import type { RampDirection } from '../../../entities/ramp/order'
import { done, refused } from '../../answer'
import type { RequestContext } from '../../context'
import type { Identifiers } from '../../identifiers'
import type { RampAnswer } from '../failures'
import type { OnchainDelivery } from '../onchain/onchain-delivery'
import { OVERTAKEN, untilNotOvertaken } from '../parties/overtaken'
import type { PaymentMethodService } from '../parties/payment-method-service'
import { termsOf } from './amounts'
import { hintOf } from './answers'
import { newOrderId, type Assigning, type Draft } from './assigning'
import type { DirectDepositInput, DirectWithdrawalInput, OnchainTransferInfo, PlacedOrder } from './inputs'
import {
  CUSTOMER_COLUMNS,
  customerOf,
  MERCHANT_COLUMNS,
  merchantOf,
  PLACE_COLUMNS,
  placedOrder,
  placeOf,
  RAIL_COLUMNS,
  railOf,
  type OrderMethod,
  type Orders,
  type Row
} from './order'
import { isTaken, type Naming, type References } from './references'
import { candidateColumns, candidateOf, isEligible, type Offer, type Selection } from './selection'

/** How many agents an order is tried with. */
const OFFERS_MAX = 8

/** What an order needs beside its quote. */
interface Particulars {
  readonly direction: RampDirection
  readonly naming: Naming
  readonly payerPhoneNumber: string | null
  readonly payerBankAccountNumber: string | null
  readonly onchainTransferInfo: OnchainTransferInfo | null
  /** The customer's, for a withdrawal. */
  readonly paymentMethodId: string | null
}

interface Quoted extends Omit<
  Draft,
  'request' | 'isStored' | 'customerMethod' | 'payerPhoneNumber' | 'payerBankAccountNumber' | 'transactionHash'
> {
  readonly quote: RampQuote
  /** The agent that the quote was made with, while it may still have the order. */
  readonly offer: Offer | undefined
}

export class DirectOrders {
  private readonly quotes: EntityReads<RampQuote>
  private readonly quoted: Readonly<Record<RampDirection, Loader<string, Row & { readonly quote_id: string }>>>

  constructor(
    entities: EntityReader,
    reader: Reader,
    private readonly orders: Orders,
    private readonly references: References,
    private readonly selection: Selection,
    private readonly assigning: Assigning,
    private readonly methods: PaymentMethodService,
    private readonly delivery: OnchainDelivery,
    private readonly identifiers: Identifiers
  ) {
    this.quotes = entities.of(RampQuote)
    const loader = (direction: RampDirection): Loader<string, Row & { readonly quote_id: string }> =>
      reader.loader(`ramp_quoted_${direction}`, this.quotedText(direction), (row) => row.quote_id)
    this.quoted = { deposit: loader('deposit'), withdrawal: loader('withdrawal') }
  }

  async deposit(
    context: RequestContext,
    merchantId: string,
    input: DirectDepositInput
  ): Promise<RampAnswer<PlacedOrder>> {
    const [payerPhoneNumber, payerBankAccountNumber] = [hintOf(input.phoneNumber), hintOf(input.bankAccountNumber)]
    const onchainTransferInfo = input.onchainTransferInfo ?? null
    const naming = this.references.naming(input.reference, {
      direction: 'deposit',
      quoteId: input.quoteId,
      payerPhoneNumber,
      payerBankAccountNumber,
      onchainTransferInfo: onchainTransferInfo && { ...onchainTransferInfo }
    })
    if (!naming || payerPhoneNumber === undefined || payerBankAccountNumber === undefined)
      return refused('MISSING_FIELD')
    const hints = { payerPhoneNumber, payerBankAccountNumber, onchainTransferInfo, paymentMethodId: null }
    return this.place(context, merchantId, input.quoteId, { direction: 'deposit', naming, ...hints })
  }

  async withdrawal(
    context: RequestContext,
    merchantId: string,
    { quoteId, paymentMethodId, reference }: DirectWithdrawalInput
  ): Promise<RampAnswer<PlacedOrder>> {
    const naming = this.references.naming(reference, { direction: 'withdrawal', quoteId, paymentMethodId })
    if (!naming) return refused('MISSING_FIELD')
    const hints = { payerPhoneNumber: null, payerBankAccountNumber: null, onchainTransferInfo: null, paymentMethodId }
    return this.place(context, merchantId, quoteId, { direction: 'withdrawal', naming, ...hints })
  }

  private place(
    context: RequestContext,
    merchantId: string,
    quoteId: string,
    particulars: Particulars
  ): Promise<RampAnswer<PlacedOrder>> {
    const { direction, naming } = particulars
    return untilNotOvertaken(async () => {
      const [earlier, quoted] = await Promise.all([
        this.references.earlier(merchantId, naming),
        this.read(quoteId, direction)
      ])
      if (earlier) return this.again(earlier)
      const answer = await this.attempt(context, merchantId, quoted, particulars)
      if (answer === OVERTAKEN || answer.done) return answer
      // What it was refused for may be what the same call, made at the same moment, has taken.
      const twin = await this.references.earlier(merchantId, naming)
      return twin ? this.again(twin) : answer
    })
  }

  private async attempt(
    context: RequestContext,
    merchantId: string,
    quoted: Quoted | undefined,
    particulars: Particulars
  ): Promise<RampAnswer<PlacedOrder> | typeof OVERTAKEN> {
    if (quoted?.quote.merchantId !== merchantId) return refused('NOT_FOUND')
    const usable = usableAt(quoted.quote, particulars.direction, context.now())
    if (!usable.done) return usable
    const draft = await this.draft(context, quoted, particulars)
    if (!draft.done) return draft
    try {
      return await this.assigning.assign(context, draft.value, this.offers(quoted))
    } catch (error) {
      if (isTaken(error)) return OVERTAKEN
      throw error
    }
  }

  private async again(earlier: RampAnswer<RampRequest>): Promise<RampAnswer<PlacedOrder>> {
    if (!earlier.done) return earlier
    const order = await this.orders.ofRequest(earlier.value.id)
    // An order on a page has other arguments, so this one was placed like this one.
    if (!order) throw new Error(`order ${earlier.value.id} has no assignment`)
    return done(placedOrder(order))
  }

  private async read(quoteId: string, direction: RampDirection): Promise<Quoted | undefined> {
    const row = await this.quoted[direction].load(quoteId)
    if (!row) return undefined
    const quote = this.quotes.table.entityOf(row, 'quote_')
    const place = placeOf(row)
    const quoted = { quote, place, merchant: merchantOf(row), customer: customerOf(row), rail: railOf(row) }
    const isOffered = row.is_eligible === true && quote.paymentType === direction
    return { ...quoted, offer: isOffered ? offerOf(quote, row) : undefined }
  }

  private async draft(context: RequestContext, quoted: Quoted, particulars: Particulars): Promise<RampAnswer<Draft>> {
    const { quote, merchant } = quoted
    const method = await this.customerMethod(quote, particulars.paymentMethodId)
    if (!method.done) return method
    const { onchainTransferInfo: wish, naming } = particulars
    const target = wish && this.delivery.check(wish, this.net(quoted))
    if (target && !target.done) return target
    const now = context.now()
    const request: RampRequest = {
      id: this.identifiers.next(),
      merchantId: quote.merchantId,
      customerId: quote.customerId,
      countryId: quoted.place.countryId,
      orderId: newOrderId(),
      paymentType: quote.paymentType,
      source: 'direct',
      status: 'created',
      currency: quote.currency,
      amount: quote.amount,
      amountUsd: null,
      fee: null,
      reference: naming.reference,
      argumentsHash: naming.argumentsHash,
      metadata: null,
      redirectUrl: null,
      fundingAccountId: quote.paymentType === 'withdrawal' ? merchant.balanceAccountId : null,
      paymentId: null,
      onchainAddress: target?.value.address ?? null,
      onchainCryptocurrency: target?.value.symbol ?? null,
      onchainNetwork: target?.value.network ?? null,
      onchainFee: target ? this.delivery.feeOf(target.value.network) : null,
      countedDay: null,
      cancelReason: null,
      dueAt: null,
      createdAt: now,
      updatedAt: now
    }
    const { payerPhoneNumber, payerBankAccountNumber } = particulars
    return done({
      ...quoted,
      request,
      isStored: false,
      customerMethod: method.value,
      payerPhoneNumber,
      payerBankAccountNumber,
      // Nobody can know it before the order is there.
      transactionHash: null
    })
  }

  private net({ quote, merchant }: Quoted): bigint {
    return quote.amountUsd - this.assigning.feesOf(merchant, quote.amountUsd).fee
  }

  /** Where a withdrawal is paid: an account of the quote's customer on the quote's rail. */
  private async customerMethod(quote: RampQuote, methodId: string | null): Promise<RampAnswer<OrderMethod | null>> {
    if (methodId === null) return done(null)
    const method = await this.methods.findOf('customer', quote.customerId, methodId)
    if (!method) return refused('NOT_FOUND')
    return method.deletedAt || method.railId !== quote.railId ? refused('INVALID_PAYMENT_METHOD') : done(method)
  }

  /** The quote's own agent first, then others who are no worse for the customer. */
  private async *offers({ quote, place, rail, offer }: Quoted): AsyncGenerator<Offer> {
    const { paymentType: direction, exchangeRate: lockedRate } = quote
    // The ledger knows whether the agent has the USD. Fiat is reserved later, so that has to be looked up.
    if (offer && direction === 'deposit') yield offer
    else if (offer) yield* await this.selection.affordable(direction, [offer])
    yield* await this.selection.offers({ ...place, direction, railId: rail.id, lockedRate, stated: quote }, OFFERS_MAX)
  }

  private quotedText(direction: RampDirection): string {
    return `SELECT ${this.quotes.table.select('quote', 'quote_')}, ${MERCHANT_COLUMNS}, ${CUSTOMER_COLUMNS},
        ${PLACE_COLUMNS}, ${RAIL_COLUMNS}, ${candidateColumns(direction)}, (${isEligible(direction)}) AS is_eligible
      FROM ramp_quote AS quote JOIN ramp_merchant AS merchant ON merchant.id = quote.merchant_id
      JOIN ramp_customer AS customer ON customer.id = quote.customer_id
      JOIN ramp_country AS home ON home.id = customer.country_id
      JOIN ramp_rail AS rail ON rail.id = quote.rail_id
      JOIN ramp_country AS place ON place.id = rail.country_id
      JOIN ramp_agent AS agent ON agent.id = quote.agent_id
      JOIN ramp_payment_method AS method ON method.id = quote.agent_payment_method_id
      WHERE quote.id = ANY($1::uuid[])`
  }
}

function usableAt(quote: RampQuote, direction: RampDirection, now: Date): RampAnswer<true> {
  if (quote.paymentType !== direction) return refused('QUOTE_TYPE_MISMATCH')
  if (quote.requestId !== null) return refused('QUOTE_CONSUMED')
  return now >= quote.expiresAt ? refused('QUOTE_EXPIRED') : done(true)
}

/** The agent that was promised keeps the rate that it had then. */
function offerOf(quote: RampQuote, row: Row): Offer {
  const { paymentType, agentRate, exchangeRate } = quote
  const terms = termsOf(paymentType, quote, { agentRate, exchangeRate, hasSurcharge: agentRate !== exchangeRate })
  return { candidate: { ...candidateOf(row), rate: agentRate }, terms }
}
