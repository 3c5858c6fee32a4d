/** Market rates and the surcharge of countries. */
import { done, refused } from '../../../services/answer'
import { formatDecimal, parseDecimal, RATE_SCALE } from '../../../services/ramp/money'
import { operation } from '../operation'
import { decimal, integer, list, named, nullable, object, text } from '../shape'

const MARKET = named(
  'MarketRate',
  object({
    currency: text('By ISO 4217.'),
    buy: decimal('Local currency that one USD costs.'),
    sell: decimal('Local currency that one USD brings.')
  })
)

const COUNTRY = named(
  'Country',
  object({
    code: text('Two letters.'),
    name: text('In English.'),
    currency: text('By ISO 4217.'),
    surchargeBasisPoints: integer("The platform's spread, in hundredths of a per cent.", 0, 9_999),
    market: nullable(MARKET),
    rails: list(text('Its identifier.'), 'The rails that there are.')
  })
)

export const setMarketRate = operation({
  id: 'setMarketRate',
  method: 'POST',
  path: '/market_rates',
  tag: 'Markets',
  summary: 'Sets both sides of the market of a currency. Agents whose rates follow it follow at once.',
  body: {
    currency: text('By ISO 4217.', { pattern: '^[A-Z]{3}$' }),
    buy: decimal('Local currency that one USD costs, at most six decimals.'),
    sell: decimal('Local currency that one USD brings, at most six decimals.')
  },
  answer: MARKET,
  failures: ['INVALID_RATE', 'UNSUPPORTED_COUNTRY'],
  run: async ({ services, context, body: { currency, buy, sell } }) => {
    const countries = await services.countries.all()
    if (!countries.some(({ currencyCode }) => currencyCode === currency)) return refused('UNSUPPORTED_COUNTRY')
    const sides = [parseDecimal(buy, RATE_SCALE), parseDecimal(sell, RATE_SCALE)] as const
    if (sides[0] === undefined || sides[1] === undefined) return refused('INVALID_RATE')
    const answer = await services.markets.set(context.now(), currency, { buy: sides[0], sell: sides[1] })
    if (!answer.done) return refused('INVALID_RATE')
    const { value } = answer
    return done({ currency, buy: formatDecimal(value.buy, RATE_SCALE), sell: formatDecimal(value.sell, RATE_SCALE) })
  }
})

export const listCountries = operation({
  id: 'listCountries',
  method: 'GET',
  path: '/countries',
  tag: 'Markets',
  summary: 'Lists countries with their markets and rails.',
  answer: object({ data: list(COUNTRY, 'By name.') }),
  failures: [],
  run: async ({ services }) => {
    const countries = await services.countries.all()
    const data = await Promise.all(
      countries.map(async ({ id, code, name, currencyCode: currency, surchargeBasisPoints }) => {
        const [market, rails] = await Promise.all([services.markets.find(currency), services.countries.rails(id)])
        return {
          code,
          name,
          currency,
          surchargeBasisPoints,
          market: market
            ? { currency, buy: formatDecimal(market.buy, RATE_SCALE), sell: formatDecimal(market.sell, RATE_SCALE) }
            : null,
          rails: rails.map(({ identifier }) => identifier)
        }
      })
    )
    return done({ data })
  }
})

export const setSurcharge = operation({
  id: 'setSurcharge',
  method: 'POST',
  path: '/countries/{country}/surcharge',
  tag: 'Markets',
  summary: "Sets the platform's spread in a country. Orders under way keep theirs.",
  parts: { country: 'Two letters.' },
  body: { basisPoints: integer('In hundredths of a per cent.', 0, 9_999) },
  answer: object({ country: text('Two letters.'), surchargeBasisPoints: integer('As it is now.', 0, 9_999) }),
  failures: ['UNSUPPORTED_COUNTRY', 'INVALID_RATE'],
  run: async ({ services, context, path, body }) => {
    const answer = await services.countries.setSurcharge(context, path.country, body.basisPoints)
    if (answer.done)
      return done({ country: answer.value.code, surchargeBasisPoints: answer.value.surchargeBasisPoints })
    return refused(answer.failure === 'UNSUPPORTED_COUNTRY' ? 'UNSUPPORTED_COUNTRY' : 'INVALID_RATE')
  }
})
