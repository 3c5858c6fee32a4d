/**
 * Orders as their customers see them and act on them. Only orders that were placed with a page are here; whoever
 * has the id of one may act for its customer.
 */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import { RampRequest, type RampCountry, type RampRail } from '../../../entities'
import { done, refused } from '../../answer'
import type { RequestContext } from '../../context'
import type { RampAnswer } from '../failures'
import { globalId } from '../global-ids'
import type { RampLimits } from '../limits'
import { formatDecimal, LOCAL_SCALE, RATE_SCALE, USD_SCALE } from '../money'
import type { Terms } from '../orders/amounts'
import type { PickUpInput } from '../orders/inputs'
import { checkTerms } from '../orders/limits'
import { receivingMethod, type Order, type Orders } from '../orders/order'
import type { OrderService } from '../orders/order-service'
import type { Selection } from '../orders/selection'
import type { CountryService } from '../parties/country-service'
import type { MerchantService } from '../parties/merchant-service'
import type { HostedPayment, HostedRail, HostedView } from './hosted-view'

const CUSTOMER = { kind: 'customer' } as const

export class HostedPages {
  private readonly requests: EntityReads<RampRequest>

  constructor(
    entities: EntityReader,
    private readonly orders: Orders,
    private readonly commands: OrderService,
    private readonly selection: Selection,
    private readonly merchants: MerchantService,
    private readonly countries: CountryService,
    private readonly limits: RampLimits
  ) {
    this.requests = entities.of(RampRequest)
  }

  /** Whether there is a page of this order. */
  async has(id: string): Promise<boolean> {
    return (await this.find(id)) !== undefined
  }

  /** Undefined where there is no page of this order. */
  async view(context: RequestContext, id: string): Promise<HostedView | undefined> {
    const request = await this.find(id)
    if (!request) return undefined
    const [merchant, country, order] = await Promise.all([
      this.merchants.get(request.merchantId),
      this.countries.get(request.countryId),
      this.orders.ofRequest(id)
    ])
    // The order may have gone on between the two reads.
    const { status } = order?.request ?? request
    return {
      id: globalId('Types::Cashramp::API::MerchantPaymentRequest', id),
      reference: request.reference,
      paymentType: request.paymentType,
      status,
      amount: formatDecimal(request.amount, request.currency === 'usd' ? USD_SCALE : LOCAL_SCALE),
      currency: request.currency,
      merchant: merchant.name,
      country: { code: country.code, name: country.name, currency: country.currencyCode },
      redirectUrl: request.redirectUrl,
      rails: status === 'created' ? await this.rails(request, country) : [],
      payment: order ? paymentOf(order, context.now()) : null,
      createdAt: request.createdAt.toISOString()
    }
  }

  /** Locks the rate, and assigns an agent. */
  async pickUp(context: RequestContext, id: string, input: PickUpInput): Promise<RampAnswer<true>> {
    if (input.paymentMethodType.trim() === '') return refused('MISSING_FIELD')
    const answer = await this.commands.pickUp(context, id, input)
    return answer.done ? done(true) : answer
  }

  markPaid(context: RequestContext, id: string, receipt: string | undefined): Promise<RampAnswer<true>> {
    return this.commands.markDepositPaid(context, CUSTOMER, id, receipt)
  }

  markReceived(context: RequestContext, id: string): Promise<RampAnswer<true>> {
    return this.commands.markWithdrawalReceived(context, CUSTOMER, id)
  }

  cancel(context: RequestContext, id: string): Promise<RampAnswer<true>> {
    return this.commands.cancelDeposit(context, CUSTOMER, id)
  }

  private async find(id: string): Promise<RampRequest | undefined> {
    const request = await this.requests.find(id)
    return request?.source === 'hosted' ? request : undefined
  }

  private async rails(request: RampRequest, country: RampCountry): Promise<HostedRail[]> {
    const rails = await this.countries.rails(country.id)
    return Promise.all(rails.map((rail) => this.railOf(request, country, rail)))
  }

  private async railOf(request: RampRequest, country: RampCountry, rail: RampRail): Promise<HostedRail> {
    const wanted = {
      direction: request.paymentType,
      railId: rail.id,
      countryId: country.id,
      surchargeBasisPoints: country.surchargeBasisPoints,
      stated: { currency: request.currency, amount: request.amount }
    }
    const check = (terms: Terms): RampAnswer<true> => checkTerms(this.limits, wanted.direction, terms)
    const offers = await this.selection.allowed(wanted, 1, check)
    const terms = offers.done ? offers.value[0]?.terms : undefined
    return {
      identifier: rail.identifier,
      label: rail.label,
      fields: rail.fields,
      exchangeRate: terms ? formatDecimal(terms.exchangeRate, RATE_SCALE) : null,
      amountLocal: terms ? formatDecimal(terms.amountLocal, LOCAL_SCALE) : null,
      amountUsd: terms ? formatDecimal(terms.amountUsd, USD_SCALE) : null
    }
  }
}

function paymentOf(order: Order, now: Date): HostedPayment {
  const { payment, rail, agent } = order
  const labels = new Map(rail.fields.map(({ identifier, label }) => [identifier, label]))
  const isPayable = payment.paymentType === 'deposit' && payment.status === 'pending'
  const expiresAt = isPayable ? payment.expiresAt : null
  return {
    status: payment.status,
    agent: agent.name,
    exchangeRate: formatDecimal(payment.exchangeRate, RATE_SCALE),
    amountLocal: formatDecimal(payment.amountLocal, LOCAL_SCALE),
    amountUsd: formatDecimal(payment.amountUsd, USD_SCALE),
    paymentMethod: {
      label: rail.label,
      fields: receivingMethod(order).fields.map(({ identifier, value }) => {
        return { identifier, value, label: labels.get(identifier) ?? identifier }
      })
    },
    expiresAt: expiresAt?.toISOString() ?? null,
    expiresAtSecs: expiresAt ? Math.max(0, Math.floor((expiresAt.getTime() - now.getTime()) / 1_000)) : null
  }
}
