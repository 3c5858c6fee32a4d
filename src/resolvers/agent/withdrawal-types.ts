import { Field, ObjectType } from 'type-graphql'

@ObjectType('WithdrawalInfo', { description: 'What is needed to withdraw an asset to a wallet on chain.' })
export class WithdrawalInfo {
  @Field(() => String, { description: 'Such as `USDC`.' })
  symbol!: string

  @Field(() => String, { description: 'Its name in English.' })
  name!: string

  @Field(() => String, { nullable: true, description: 'URL of a picture, if there is one.' })
  icon!: string | null

  @Field(() => [String], { description: 'Networks that it can be sent on, such as `CELO`.' })
  networks!: string[]

  @Field(() => String, { nullable: true, description: 'What an address looks like, as a regular expression.' })
  addressRegex!: string | null

  @Field(() => String, { nullable: true, description: 'What a memo looks like; null where there is none.' })
  memoRegex!: string | null
}
