/** What everybody may know: rates, limits and assets. */
import { Field, ObjectType } from 'type-graphql'
import { Decimal, JSON as JsonScalar } from '../ramp/scalars'

@ObjectType('MarketRate', { description: 'What a USD costs and brings on the market. For orientation only.' })
export class MarketRate {
  @Field(() => Decimal, { description: 'What a USD costs on the market, in local currency.' })
  depositRate!: string

  @Field(() => Decimal, { description: 'What a USD brings on the market, in local currency.' })
  withdrawalRate!: string
}

@ObjectType('RampLimits', { description: 'How small and how large orders may be.' })
export class RampLimits {
  @Field(() => Decimal, { description: 'Smallest deposit, in USD.' })
  minimumDepositUsd!: string

  @Field(() => Decimal, { description: 'Largest deposit, in USD.' })
  maximumDepositUsd!: string

  @Field(() => Decimal, { description: 'Smallest withdrawal, in USD.' })
  minimumWithdrawalUsd!: string

  @Field(() => Decimal, { description: 'Largest withdrawal, in USD.' })
  maximumWithdrawalUsd!: string

  @Field(() => Decimal, { description: 'Most that one customer may deposit and withdraw a day, in USD.' })
  dailyLimitUsd!: string
}

@ObjectType('RampableAsset', { description: 'A stablecoin that can be sent and received on chain.' })
export class RampableAsset {
  @Field(() => String, { description: 'Name of the stablecoin in English.' })
  name!: string

  @Field(() => String, { description: 'Symbol of the stablecoin, such as `USDC`.' })
  symbol!: string

  @Field(() => [String], { description: 'Networks that the stablecoin is on, such as `CELO`.' })
  networks!: string[]

  @Field(() => JsonScalar, { nullable: true, description: "Addresses of the stablecoin's contracts, by network." })
  contractAddress!: Readonly<Record<string, string>>
}
