import { injectable } from 'tsyringe'
import { Args, Ctx, FieldResolver, Query, Resolver } from 'type-graphql'
import { Balances } from '../../services/liquidity/balances'
import { formatDecimal, USD_SCALE } from '../../services/ramp/money'
import { CustomerService } from '../../services/ramp/parties/customer-service'
import { MerchantService } from '../../services/ramp/parties/merchant-service'
import type { RampContext } from '../ramp/context'
import { Decimal } from '../ramp/scalars'
import { accountNode, CustomerPageArguments, MerchantAccount, MerchantCustomerConnection } from './account-types'
import { connectionOf } from './offset-pages'

@injectable()
@Resolver(() => MerchantAccount)
export class AccountResolver {
  constructor(
    private readonly merchants: MerchantService,
    private readonly customers: CustomerService,
    private readonly balances: Balances
  ) {}

  @Query(() => MerchantAccount, { description: 'The account of whoever asks.' })
  async account(@Ctx() { principal }: RampContext): Promise<MerchantAccount> {
    return accountNode(await this.merchants.get(principal.id))
  }

  @FieldResolver(() => Decimal, {
    description: 'USD that the merchant can spend now: without what open orders reserve.'
  })
  async accountBalance(@Ctx() { principal }: RampContext): Promise<string> {
    const { balanceAccountId } = await this.merchants.get(principal.id)
    return formatDecimal((await this.balances.available(balanceAccountId)) ?? 0n, USD_SCALE)
  }

  @FieldResolver(() => MerchantCustomerConnection, {
    description:
      'Customers of the merchant, oldest first. Without `first` and `last` the first 20; a page has at most 100.'
  })
  async merchantCustomers(
    @Args(() => CustomerPageArguments) page: CustomerPageArguments,
    @Ctx() { principal }: RampContext
  ): Promise<MerchantCustomerConnection> {
    return connectionOf(page, {
      slice: (offset, limit) => this.customers.slice(principal.id, offset, limit),
      count: () => this.customers.count(principal.id)
    })
  }
}
