/** Orders on a page, up to the moment when a rail is chosen. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Reader } from '../../../database/reader'
import { Merchant, RampCustomer, RampRequest } from '../../../entities'
import { done, refused } from '../../answer'
import type { RequestContext } from '../../context'
import type { Identifiers } from '../../identifiers'
import { isStorable, LONG_TEXT_LENGTH_MAX } from '../../text'
import type { RampAnswer } from '../failures'
import type { RampLimits } from '../limits'
import type { CountryService } from '../parties/country-service'
import type { CustomerService } from '../parties/customer-service'
import { OVERTAKEN, untilNotOvertaken } from '../parties/overtaken'
import { emailOf, nameOf } from '../parties/words'
import type { Assigning } from './assigning'
import { newOrderId } from './assigning'
import type { HostedInput } from './inputs'
import type { OrderEvents } from './events'
import { reserveWithdrawal, voidWithdrawal } from './legs'
import { requestAdvanced, requestStatement } from './life-cycle'
import { checkAmount, parseStated } from './limits'
import { CUSTOMER_COLUMNS, customerOf, type Order, type Row } from './order'
import type { OrderWriter, StepEnd } from './order-writer'
import { isTaken, type Naming, type References } from './references'
import type { OrderSettings } from './settings'
import type { Stated } from './amounts'

const METADATA_BYTES_MAX = 16_384
const CUSTOMER_TAKEN = 'ramp_customer_email'

/** A request for an order, checked. */
interface Wish {
  readonly input: HostedInput
  readonly stated: Stated
  readonly naming: Naming
  readonly countryId: string
  readonly currencyCode: string
  readonly person: Pick<RampCustomer, 'email' | 'firstName' | 'lastName'>
}

export class CreatedOrders {
  private readonly requests: EntityReads<RampRequest>
  private readonly merchants: EntityReads<Merchant>
  private readonly customerRows: EntityReads<RampCustomer>

  constructor(
    entities: EntityReader,
    private readonly reader: Reader,
    private readonly customers: CustomerService,
    private readonly countries: CountryService,
    private readonly references: References,
    private readonly assigning: Assigning,
    private readonly writer: OrderWriter,
    private readonly events: OrderEvents,
    private readonly identifiers: Identifiers,
    private readonly limits: RampLimits,
    private readonly settings: OrderSettings
  ) {
    this.requests = entities.of(RampRequest)
    this.merchants = entities.of(Merchant)
    this.customerRows = entities.of(RampCustomer)
  }

  /** What a withdrawal will cost is reserved at once. Nobody is told. */
  async create(context: RequestContext, merchantId: string, input: HostedInput): Promise<RampAnswer<RampRequest>> {
    const wish = await this.check(input)
    if (!wish.done) return wish
    return untilNotOvertaken<RampAnswer<RampRequest>>(async () => {
      const earlier = await this.references.earlier(merchantId, wish.value.naming)
      if (earlier) return earlier
      const answer = await this.store(context, merchantId, wish.value)
      if (answer === OVERTAKEN || answer.done) return answer
      // The money may be gone for what the same call, made at the same moment, has reserved.
      return (await this.references.earlier(merchantId, wish.value.naming)) ?? answer
    })
  }

  /** Only while no rail was chosen. */
  cancelOf(context: RequestContext, merchantId: string, requestId: string): Promise<RampAnswer<true>> {
    return untilNotOvertaken<RampAnswer<true>>(async () => {
      const request = await this.requests.find(requestId)
      if (request?.merchantId !== merchantId) return refused('NOT_FOUND')
      const end = request.status === 'created' ? await this.cancel(context, request, 'canceled') : 'gone'
      if (end === OVERTAKEN) return OVERTAKEN
      return end === 'done' ? done(true) : refused('INVALID_STATUS')
    })
  }

  /** Ends an order for which no rail was chosen; what was reserved is released. */
  async cancel(context: RequestContext, request: RampRequest, reason: 'canceled' | 'expired'): Promise<StepEnd> {
    const now = context.now()
    const canceled = requestAdvanced(request, 'canceled', { cancelReason: reason }, now)
    const about = await this.about(request)
    return this.writer.write(context, {
      commands: request.paymentType === 'withdrawal' ? voidWithdrawal(request) : [],
      rows: [requestStatement(request, canceled)],
      events: [this.events.ofRequest({ ...about, request: canceled, payment: null }, now)]
    })
  }

  private async check(input: HostedInput): Promise<RampAnswer<Wish>> {
    const { paymentType, metadata, redirectUrl } = input
    const currency = input.currency ?? 'usd'
    const stated = parseStated(input.amount, currency)
    if (!stated.done) return stated
    // What a withdrawal costs is reserved before its rate is known, so it is stated in USD.
    if (paymentType === 'withdrawal' && currency !== 'usd') return refused('INVALID_AMOUNT')
    const limits = currency === 'usd' ? checkAmount(this.limits, paymentType, stated.value.amount) : done(true as const)
    if (!limits.done) return limits
    const [email, firstName, lastName] = [emailOf(input.email), nameOf(input.firstName), nameOf(input.lastName)]
    if (email === undefined || firstName === undefined || lastName === undefined) return refused('MISSING_FIELD')
    const isNotable = metadata == null || Buffer.byteLength(JSON.stringify(metadata)) <= METADATA_BYTES_MAX
    // The same amount is the same however its digits are written.
    const { amount } = stated.value
    const args = { ...input, hosted: true, amount, currency, email, reference: null }
    const naming = this.references.naming(input.reference, args)
    const isStored = isNotable && (redirectUrl == null || isStorable(redirectUrl, LONG_TEXT_LENGTH_MAX))
    if (!naming || !isStored) return refused('MISSING_FIELD')
    const country = await this.countries.findByCode(input.countryCode)
    if (!country) return refused('UNSUPPORTED_COUNTRY')
    const { id: countryId, currencyCode } = country
    return done({
      input,
      stated: stated.value,
      naming,
      countryId,
      currencyCode,
      person: { email, firstName, lastName }
    })
  }

  private async store(
    context: RequestContext,
    merchantId: string,
    wish: Wish
  ): Promise<RampAnswer<RampRequest> | typeof OVERTAKEN> {
    const now = context.now()
    const [merchant, known] = await Promise.all([
      this.merchants.find(merchantId),
      this.customers.findByEmail(merchantId, wish.person.email)
    ])
    if (!merchant) throw new Error(`there is no merchant ${merchantId}`)
    const customer: RampCustomer = known ?? {
      ...wish.person,
      id: this.identifiers.next(),
      merchantId,
      countryId: wish.countryId,
      createdAt: now
    }
    const request = this.request(wish, merchant, customer, now)
    const accounts = await this.writer.platform(wish.currencyCode)
    try {
      const end = await this.writer.write(context, {
        commands: request.paymentType === 'withdrawal' ? reserveWithdrawal(request, accounts) : [],
        rows: [...(known ? [] : [this.customerRows.table.insert(customer)]), this.requests.table.insert(request)],
        events: []
      })
      if (end === OVERTAKEN) return OVERTAKEN
      return end === 'done' ? done(request) : refused('INSUFFICIENT_BALANCE')
    } catch (error) {
      // Somebody else stored the customer or the order at the same moment.
      if (isTaken(error, CUSTOMER_TAKEN)) return OVERTAKEN
      throw error
    }
  }

  private request(
    { input, stated, naming, countryId }: Wish,
    merchant: Merchant,
    customer: RampCustomer,
    now: Date
  ): RampRequest {
    const isWithdrawal = input.paymentType === 'withdrawal'
    return {
      id: this.identifiers.next(),
      merchantId: merchant.id,
      customerId: customer.id,
      countryId,
      orderId: newOrderId(),
      paymentType: input.paymentType,
      source: 'hosted',
      status: 'created',
      currency: stated.currency,
      amount: stated.amount,
      amountUsd: isWithdrawal ? stated.amount : null,
      fee: isWithdrawal ? this.assigning.feesOf(merchant, stated.amount).fee : null,
      reference: naming.reference,
      argumentsHash: naming.argumentsHash,
      metadata: input.metadata ?? null,
      redirectUrl: input.redirectUrl ?? null,
      fundingAccountId: isWithdrawal ? merchant.balanceAccountId : null,
      paymentId: null,
      onchainAddress: null,
      onchainCryptocurrency: null,
      onchainNetwork: null,
      onchainFee: null,
      countedDay: null,
      cancelReason: null,
      dueAt: new Date(now.getTime() + this.settings.rampHostedLifetimeMilliseconds),
      createdAt: now,
      updatedAt: now
    }
  }

  /** What the merchant is told of an order beside the order itself. */
  private async about({ id, customerId }: RampRequest): Promise<Pick<Order, 'customer' | 'transactionHash'>> {
    const [row] = await this.reader.rows<Row>({
      name: 'ramp_about_created',
      text: `SELECT ${CUSTOMER_COLUMNS}, known.hash AS transaction_hash FROM ramp_customer AS customer
        JOIN ramp_country AS home ON home.id = customer.country_id
        LEFT JOIN ramp_transaction_hash AS known ON known.request_id = $2 WHERE customer.id = $1`,
      values: [customerId, id]
    })
    if (!row) throw new Error(`there is no customer ${customerId}`)
    return { customer: customerOf(row), transactionHash: row.transaction_hash as string | null }
  }
}
