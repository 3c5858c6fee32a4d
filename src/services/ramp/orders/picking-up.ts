/** The customer of an order on a page chooses a rail: the best agent gets the order, at the rate of that moment. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Reader } from '../../../database/reader'
import { RampRequest } from '../../../entities'
import { done, refused } from '../../answer'
import type { RequestContext } from '../../context'
import { isStorable } from '../../text'
import type { RampAnswer } from '../failures'
import type { RampLimits } from '../limits'
import type { CustomerService } from '../parties/customer-service'
import { OVERTAKEN, untilNotOvertaken } from '../parties/overtaken'
import { isMethodOvertaken, type PaymentMethodService, type PlannedMethod } from '../parties/payment-method-service'
import type { Terms } from './amounts'
import type { Assigning, Draft } from './assigning'
import type { PickUpInput, PlacedOrder } from './inputs'
import { hintOf } from './answers'
import { checkTerms } from './limits'
import {
  CUSTOMER_COLUMNS,
  customerOf,
  MERCHANT_COLUMNS,
  merchantOf,
  PLACE_COLUMNS,
  placeOf,
  RAIL_COLUMNS,
  railOf,
  type OrderRail,
  type Row
} from './order'
import type { Selection } from './selection'

/** How many agents an order is tried with. */
const OFFERS_MAX = 8

export class PickingUp {
  private readonly requests: EntityReads<RampRequest>

  constructor(
    entities: EntityReader,
    private readonly reader: Reader,
    private readonly customers: CustomerService,
    private readonly methods: PaymentMethodService,
    private readonly selection: Selection,
    private readonly assigning: Assigning,
    private readonly limits: RampLimits
  ) {
    this.requests = entities.of(RampRequest)
  }

  async pickUp(context: RequestContext, requestId: string, input: PickUpInput): Promise<RampAnswer<PlacedOrder>> {
    const [phone, account] = [hintOf(input.phoneNumber), hintOf(input.bankAccountNumber)]
    if (phone === undefined || account === undefined) return refused('MISSING_FIELD')
    if (!isStorable(input.paymentMethodType)) return refused('INVALID_PAYMENT_METHOD')
    const hints = { payerPhoneNumber: phone, payerBankAccountNumber: account }
    return untilNotOvertaken<RampAnswer<PlacedOrder>>(async () => {
      const answer = await this.attempt(context, requestId, input, hints)
      if (answer === OVERTAKEN || answer.done) return answer
      // Whoever picked it up meanwhile may have taken what this one was refused for.
      const request = await this.requests.find(requestId)
      return request && request.status !== 'created' ? refused('INVALID_STATUS') : answer
    })
  }

  private async attempt(
    context: RequestContext,
    requestId: string,
    input: PickUpInput,
    hints: Pick<Draft, 'payerPhoneNumber' | 'payerBankAccountNumber'>
  ): Promise<RampAnswer<PlacedOrder> | typeof OVERTAKEN> {
    const row = await this.read(requestId, input.paymentMethodType)
    if (!row) return refused('NOT_FOUND')
    const request = this.requests.table.entityOf(row, 'request_')
    if (request.status !== 'created') return refused('INVALID_STATUS')
    if (row.rail_id_ === null) return refused('INVALID_PAYMENT_METHOD')
    const rail = railOf(row)
    const customerMethod = await this.customerMethod(context, request, rail, input)
    if (!customerMethod.done) return customerMethod
    return this.assign(context, {
      ...hints,
      request,
      isStored: true,
      merchant: merchantOf(row),
      customer: customerOf(row),
      place: placeOf(row),
      rail,
      customerMethod: customerMethod.value?.method ?? null,
      methodRows: customerMethod.value ? this.methods.statementOf(customerMethod.value) : [],
      transactionHash: row.transaction_hash as string | null
    })
  }

  private async assign(context: RequestContext, draft: Draft): Promise<RampAnswer<PlacedOrder> | typeof OVERTAKEN> {
    try {
      return await this.offered(context, draft)
    } catch (error) {
      // Somebody stored the customer's account meanwhile, or the last that there was room for.
      if (isMethodOvertaken(error)) return OVERTAKEN
      throw error
    }
  }

  private async offered(context: RequestContext, draft: Draft): Promise<RampAnswer<PlacedOrder> | typeof OVERTAKEN> {
    const { request, place, rail } = draft
    const direction = request.paymentType
    const wanted = { ...place, direction, railId: rail.id, stated: request }
    const check = (terms: Terms): RampAnswer<true> => checkTerms(this.limits, direction, terms)
    const offers = await this.selection.allowed(wanted, OFFERS_MAX, check)
    if (!offers.done) return offers
    return this.assigning.assign(context, draft, offers.value)
  }

  /**
   * Where a withdrawal is paid: an account that the customer describes, on the rail that it chose. A new one is only
   * stored with the order's agent, so that a refusal leaves nothing behind.
   */
  private async customerMethod(
    context: RequestContext,
    { paymentType, customerId }: RampRequest,
    rail: OrderRail,
    { fields }: PickUpInput
  ): Promise<RampAnswer<PlannedMethod | null>> {
    if (paymentType === 'deposit') return done(null)
    const customer = await this.customers.find(customerId)
    if (!customer) throw new Error(`there is no customer ${customerId}`)
    return this.methods.planForCustomer(context, customer, { railId: rail.id, fields: fields ?? [] })
  }

  private async read(requestId: string, railIdentifier: string): Promise<Row | undefined> {
    const [row] = await this.reader.rows<Row>({
      name: 'ramp_pick_up',
      text: `SELECT ${this.requests.table.select('request', 'request_')}, ${MERCHANT_COLUMNS}, ${CUSTOMER_COLUMNS},
          ${PLACE_COLUMNS}, ${RAIL_COLUMNS}, known.hash AS transaction_hash
        FROM ramp_request AS request JOIN ramp_merchant AS merchant ON merchant.id = request.merchant_id
        JOIN ramp_customer AS customer ON customer.id = request.customer_id
        JOIN ramp_country AS home ON home.id = customer.country_id
        JOIN ramp_country AS place ON place.id = request.country_id
        LEFT JOIN ramp_transaction_hash AS known ON known.request_id = request.id
        LEFT JOIN ramp_rail AS rail
          ON rail.country_id = place.id AND rail.identifier IN ($2, $2 || '_' || lower(place.code))
        WHERE request.id = $1 ORDER BY rail.identifier = $2 DESC LIMIT 1`,
      values: [requestId, railIdentifier.trim().toLowerCase()]
    })
    return row
  }
}
