import { ArgsType, Field, Int, ObjectType } from 'type-graphql'
import type { Merchant } from '../../entities'
import { globalId } from '../../services/ramp/global-ids'
import { MerchantCustomer } from './customer-types'
import { Node } from './node'

@ObjectType('PageInfo', { description: 'Where a page lies in its list.' })
export class PageInfo {
  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the first row of the page; null where there is none.'
  })
  startCursor!: string | null

  @Field(() => String, { nullable: true, description: 'Cursor of the last row of the page; null where there is none.' })
  endCursor!: string | null

  @Field(() => Boolean, { description: 'Whether rows come after this page.' })
  hasNextPage!: boolean

  @Field(() => Boolean, { description: 'Whether rows come before this page.' })
  hasPreviousPage!: boolean
}

@ObjectType('MerchantCustomerConnection', { description: 'A page of customers, oldest first.' })
export class MerchantCustomerConnection {
  @Field(() => [MerchantCustomer], { description: 'The customers of this page.' })
  nodes!: MerchantCustomer[]

  @Field(() => PageInfo, { description: 'Where the page lies in the list of customers.' })
  pageInfo!: PageInfo
}

@ObjectType('MerchantAccount', { implements: Node, description: 'The account of the merchant who asks.' })
export class MerchantAccount extends Node {
  @Field(() => String, {
    nullable: true,
    description: "Address on chain to which stablecoins for the merchant's balance are sent; null if there is none."
  })
  depositAddress!: string | null
}

export function accountNode({ id, depositAddress }: Merchant): MerchantAccount {
  return Object.assign(new MerchantAccount(), { id: globalId('MerchantAccount', id), depositAddress })
}

@ArgsType()
export class CustomerPageArguments {
  @Field(() => Int, {
    nullable: true,
    defaultValue: 20,
    description:
      'At most so many customers, from the front of what `after` and `before` leave. Does not count beside `last`.'
  })
  first?: number | null

  @Field(() => String, { nullable: true, description: 'Only customers after this cursor.' })
  after?: string | null

  @Field(() => Int, {
    nullable: true,
    description: 'At most so many customers, from the end of what `after` and `before` leave.'
  })
  last?: number | null

  @Field(() => String, { nullable: true, description: 'Only customers before this cursor.' })
  before?: string | null
}
