import { injectable } from 'tsyringe'
import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql'
import { VirtualAccountService } from '../../services/ramp/virtual-accounts/virtual-account-service'
import type { RampContext } from '../ramp/context'
import { refusal, valueOf } from '../ramp/failures'
import { uuidOf } from '../ramp/ids'
import { virtualAccountNode, VirtualBankAccount } from './onchain-types'

@injectable()
@Resolver()
export class VirtualAccountResolver {
  constructor(private readonly accounts: VirtualAccountService) {}

  @Query(() => VirtualBankAccount, { nullable: true, description: 'A bank account that was asked for for a customer.' })
  async virtualBankAccount(
    @Arg('id', () => ID, { description: 'Global id of the bank account.' }) id: string,
    @Ctx() { principal }: RampContext
  ): Promise<VirtualBankAccount> {
    const account = await this.accounts.find(principal.id, uuidOf('VirtualBankAccount', id))
    if (!account) throw refusal('NOT_FOUND')
    return virtualAccountNode(account)
  }

  @Mutation(() => VirtualBankAccount, {
    nullable: true,
    description: 'Ask for a bank account in the USA for a customer. It is charged at once, whatever comes of it.'
  })
  async requestVirtualBankAccount(
    @Arg('customerId', () => ID, {
      nullable: true,
      description: 'Global id of the customer. Either this or `customer` is given.'
    })
    customerId: string | null | undefined,
    @Arg('customer', () => ID, {
      nullable: true,
      description: 'Global id of the customer. Either this or `customerId` is given.'
    })
    customer: string | null | undefined,
    @Ctx() context: RampContext
  ): Promise<VirtualBankAccount> {
    const given = customerId ?? customer
    if (given == null || (customerId != null && customer != null)) throw refusal('REQUIRED_ATTRIBUTES_MISSING')
    const id = uuidOf('MerchantCustomer', given)
    return virtualAccountNode(await valueOf(this.accounts.request(context, context.principal.id, id)))
  }
}
