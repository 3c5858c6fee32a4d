import { Field, ObjectType } from 'type-graphql'

@ObjectType('WithdrawalInfo', { description: 'What is needed to withdraw an asset to a wallet on chain.' })
export class WithdrawalInfo {
  @Field(() => String, { description: 'Symbol of the asset, such as `USDC`.' })
  symbol!: string

  @Field(() => String, { description: 'Name of the asset in English.' })
  name!: string

  @Field(() => String, { nullable: true, description: 'URL of a picture of the asset; null if there is none.' })
  icon!: string | null

  @Field(() => [String], { description: 'Networks that the asset can be sent on, such as `CELO`.' })
  networks!: string[]

  @Field(() => String, {
    nullable: true,
    description: 'What an address on the networks of the asset looks like, as a regular expression.'
  })
  addressRegex!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'What a memo looks like, as a regular expression; null where there is none.'
  })
  memoRegex!: string | null
}
