/** Rates that are promised to customers for a while. A quote reserves nothing. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { GroupWriter } from '../../../database/group-writer'
import type { Reader } from '../../../database/reader'
import type { Statement } from '../../../database/statement'
import { RampQuote } from '../../../entities'
import { done, refused } from '../../answer'
import type { RequestContext } from '../../context'
import type { Identifiers } from '../../identifiers'
import { isStorable } from '../../text'
import type { RampAnswer } from '../failures'
import type { RampLimits } from '../limits'
import { formatDecimal, LOCAL_SCALE, USD_SCALE } from '../money'
import { OVERTAKEN, unlessOvertaken, untilNotOvertaken } from '../parties/overtaken'
import type { QuoteInput } from './inputs'
import { checkAmount, checkTerms, parseStated } from './limits'
import { PLACE_COLUMNS, placeOf, type OrderPlace, type Row } from './order'
import type { Offer, Selection, Wanted } from './selection'
import type { OrderSettings } from './settings'
import { IS_UNUSED } from './statements'

/** The customer, and the rail that an identifier names: of a given country, or of the customer's own. */
const CORRIDOR = `SELECT rail.id AS rail_id, asked.id AS asked_id, home.id AS home_id, ${PLACE_COLUMNS}
  FROM ramp_customer AS customer JOIN ramp_country AS home ON home.id = customer.country_id
  LEFT JOIN ramp_country AS asked ON asked.code = $3
  LEFT JOIN LATERAL (
    SELECT * FROM ramp_rail
    WHERE identifier IN ($4, $4 || '_' || lower(coalesce(asked.code, home.code)))
    ORDER BY identifier = $4 DESC LIMIT 1) AS rail ON true
  LEFT JOIN ramp_country AS place ON place.id = rail.country_id
  WHERE customer.id = $1 AND customer.merchant_id = $2`

const REFRESH = {
  name: 'ramp_quote_refresh',
  text: `UPDATE ramp_quote AS quote SET amount = $3, agent_id = $4, agent_payment_method_id = $5, agent_rate = $6,
      exchange_rate = $7, amount_usd = $8, amount_local = $9, expires_at = $10, version = version + 1
    WHERE id = $1 AND version = $2 AND ${IS_UNUSED}`
} as const

/** Where an order would be placed. */
interface Corridor {
  readonly railId: string
  readonly place: OrderPlace
}

export class Quotes {
  private readonly quotes: EntityReads<RampQuote>

  constructor(
    entities: EntityReader,
    private readonly reader: Reader,
    private readonly writer: GroupWriter,
    private readonly selection: Selection,
    private readonly identifiers: Identifiers,
    private readonly limits: RampLimits,
    private readonly settings: OrderSettings
  ) {
    this.quotes = entities.of(RampQuote)
  }

  async quote(context: RequestContext, merchantId: string, input: QuoteInput): Promise<RampAnswer<RampQuote>> {
    const stated = parseStated(input.amount, input.currency)
    if (!stated.done) return stated
    const corridor = await this.corridor(merchantId, input)
    if (!corridor.done) return corridor
    const { paymentType, customerId } = input
    const { railId, place } = corridor.value
    const offer = await this.best({ ...place, direction: paymentType, railId, stated: stated.value })
    if (!offer.done) return offer
    const now = context.now()
    const quote: RampQuote = {
      id: this.identifiers.next(),
      merchantId,
      customerId,
      railId,
      paymentType,
      currency: input.currency,
      ...this.promised(stated.value.amount, offer.value, now),
      version: 1,
      requestId: null,
      createdAt: now
    }
    await this.writer.write([this.quotes.table.row(quote)])
    return done(quote)
  }

  /** The same quote with the best rate of now, whether or not it has expired. */
  refresh(
    context: RequestContext,
    merchantId: string,
    quoteId: string,
    amount?: string | null
  ): Promise<RampAnswer<RampQuote>> {
    return untilNotOvertaken(async () => {
      const quote = await this.quotes.find(quoteId)
      if (quote?.merchantId !== merchantId) return refused('NOT_FOUND')
      if (quote.requestId !== null) return refused('QUOTE_CONSUMED')
      return this.refreshed(context, quote, amount ?? amountText(quote))
    })
  }

  private async refreshed(
    context: RequestContext,
    quote: RampQuote,
    amount: string
  ): Promise<RampAnswer<RampQuote> | typeof OVERTAKEN> {
    const stated = parseStated(amount, quote.currency)
    if (!stated.done) return stated
    const { railId, paymentType: direction } = quote
    const offer = await this.best({ ...(await this.placeOf(railId)), direction, railId, stated: stated.value })
    if (!offer.done) return offer
    const promised = this.promised(stated.value.amount, offer.value, context.now())
    const fresh: RampQuote = { ...quote, ...promised, version: quote.version + 1 }
    const written = await unlessOvertaken([REFRESH.name], this.writer.write([refreshStatement(quote, fresh)]))
    return written === OVERTAKEN ? OVERTAKEN : done(fresh)
  }

  private async corridor(merchantId: string, input: QuoteInput): Promise<RampAnswer<Corridor>> {
    const { customerId, paymentMethodType, country } = input
    if (!isStorable(paymentMethodType)) return refused('INVALID_PAYMENT_METHOD')
    if (country != null && !isStorable(country)) return refused('UNSUPPORTED_COUNTRY')
    const values = [
      customerId,
      merchantId,
      country?.trim().toUpperCase() ?? null,
      paymentMethodType.trim().toLowerCase()
    ]
    const [row] = await this.reader.rows<Row>({ name: 'ramp_corridor', text: CORRIDOR, values })
    if (!row) return refused('NOT_FOUND')
    if (country != null && row.asked_id === null) return refused('UNSUPPORTED_COUNTRY')
    // A rail of another country is only used by who says so.
    if (row.rail_id === null || row.place_id !== (row.asked_id ?? row.home_id)) return refused('INVALID_PAYMENT_METHOD')
    return done({ railId: row.rail_id as string, place: placeOf(row) })
  }

  private async placeOf(railId: string): Promise<OrderPlace> {
    const [row] = await this.reader.rows<Row>({
      name: 'ramp_place_of_rail',
      text: `SELECT ${PLACE_COLUMNS} FROM ramp_rail AS rail JOIN ramp_country AS place ON place.id = rail.country_id
        WHERE rail.id = $1`,
      values: [railId]
    })
    if (!row) throw new Error(`there is no rail ${railId}`)
    return placeOf(row)
  }

  private async best(wanted: Wanted): Promise<RampAnswer<Offer>> {
    const { direction, stated } = wanted
    const early = stated.currency === 'usd' ? checkAmount(this.limits, direction, stated.amount) : done(true as const)
    if (!early.done) return early
    const offers = await this.selection.allowed(wanted, 1, (terms) => checkTerms(this.limits, direction, terms))
    return offers.done ? done(offers.value[0]!) : offers
  }

  private promised(amount: bigint, { candidate, terms }: Offer, now: Date): Promised {
    return {
      amount,
      agentId: candidate.agent.id,
      agentPaymentMethodId: candidate.method.id,
      agentRate: terms.agentRate,
      exchangeRate: terms.exchangeRate,
      amountUsd: terms.amountUsd,
      amountLocal: terms.amountLocal,
      expiresAt: new Date(now.getTime() + this.settings.rampQuoteLifetimeMilliseconds)
    }
  }
}

/** What a refresh changes. */
type Promised = Pick<
  RampQuote,
  | 'amount'
  | 'agentId'
  | 'agentPaymentMethodId'
  | 'agentRate'
  | 'exchangeRate'
  | 'amountUsd'
  | 'amountLocal'
  | 'expiresAt'
>

function refreshStatement(before: RampQuote, after: RampQuote): Statement {
  const { amount, agentId, agentPaymentMethodId, agentRate, exchangeRate, amountUsd, amountLocal, expiresAt } = after
  const promised = [amount, agentId, agentPaymentMethodId, agentRate, exchangeRate, amountUsd, amountLocal, expiresAt]
  return { ...REFRESH, values: [before.id, before.version, ...promised], rowsExpected: 1 }
}

function amountText({ currency, amount }: RampQuote): string {
  return formatDecimal(amount, currency === 'usd' ? USD_SCALE : LOCAL_SCALE)
}
