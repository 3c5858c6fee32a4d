import { injectable } from 'tsyringe'
import { Arg, ID, Query, Resolver } from 'type-graphql'
import { ASSET_SYMBOLS, RAMP_ASSETS } from '../../services/ramp/assets'
import { OrderLimits } from '../../services/ramp/limits'
import { formatDecimal, RATE_SCALE, USD_SCALE } from '../../services/ramp/money'
import { CountryService } from '../../services/ramp/parties/country-service'
import { MarketRates } from '../../services/ramp/rates/market-rates'
import { refusal } from '../ramp/failures'
import { uuidOf } from '../ramp/ids'
import { Country, countryNode, P2PPaymentMethodType, railNode } from '../ramp/types'
import { MarketRate, RampableAsset, RampLimits } from './reference-types'

@injectable()
@Resolver()
export class ReferenceResolver {
  constructor(
    private readonly countries: CountryService,
    private readonly markets: MarketRates,
    private readonly limits: OrderLimits
  ) {}

  @Query(() => [Country], { description: 'Countries in which orders can be placed, by name.' })
  async availableCountries(): Promise<Country[]> {
    return (await this.countries.all()).map(countryNode)
  }

  @Query(() => [P2PPaymentMethodType], { description: 'The rails of a country.' })
  async p2pPaymentMethodTypes(
    @Arg('country', () => ID, { description: 'Global id of the country.' }) country: string
  ): Promise<P2PPaymentMethodType[]> {
    const found = await this.countries.find(uuidOf('Types::Country', country))
    if (!found) throw refusal('NOT_FOUND')
    return (await this.countries.rails(found.id)).map(railNode)
  }

  @Query(() => MarketRate, {
    nullable: true,
    description: 'What a USD costs and brings on the market of a country now. Orders have the rates of their agents.'
  })
  async marketRate(
    @Arg('countryCode', () => String, { description: 'Code of the country, two letters, such as `NG`.' })
    countryCode: string
  ): Promise<MarketRate> {
    const country = await this.countries.findByCode(countryCode)
    if (!country) throw refusal('UNSUPPORTED_COUNTRY')
    const market = await this.markets.find(country.currencyCode)
    if (!market) throw refusal('MARKET_RATE_UNAVAILABLE')
    return {
      depositRate: formatDecimal(market.buy, RATE_SCALE),
      withdrawalRate: formatDecimal(market.sell, RATE_SCALE)
    }
  }

  @Query(() => RampLimits, { description: 'How small and how large orders may be.' })
  rampLimits(): RampLimits {
    const usd = (amount: bigint): string => formatDecimal(amount, USD_SCALE)
    return {
      minimumDepositUsd: usd(this.limits.minimumDepositUsd),
      maximumDepositUsd: usd(this.limits.maximumDepositUsd),
      minimumWithdrawalUsd: usd(this.limits.minimumWithdrawalUsd),
      maximumWithdrawalUsd: usd(this.limits.maximumWithdrawalUsd),
      dailyLimitUsd: usd(this.limits.dailyLimitUsd)
    }
  }

  @Query(() => [RampableAsset], { description: 'Stablecoins that can be sent and received on chain.' })
  rampableAssets(): RampableAsset[] {
    return ASSET_SYMBOLS.map((key) => {
      const { name, symbol, contracts } = RAMP_ASSETS[key]
      return { name, symbol, networks: Object.keys(contracts), contractAddress: contracts }
    })
  }
}
