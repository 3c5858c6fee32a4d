import { injectable } from 'tsyringe'
import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql'
import { readGlobalId } from '../../services/ramp/global-ids'
import { HostedLinks } from '../../services/ramp/hosted/hosted-links'
import { OrderService } from '../../services/ramp/orders/order-service'
import { CustomerService } from '../../services/ramp/parties/customer-service'
import { MerchantService } from '../../services/ramp/parties/merchant-service'
import type { RampContext } from '../ramp/context'
import { refusal } from '../ramp/failures'
import { accountNode } from './account-types'
import { customerNode } from './customer-types'
import { Node } from './node'
import { requestNode } from './payment-request-types'

@injectable()
@Resolver()
export class NodeResolver {
  constructor(
    private readonly orders: OrderService,
    private readonly customers: CustomerService,
    private readonly merchants: MerchantService,
    private readonly links: HostedLinks
  ) {}

  @Query(() => Node, { nullable: true, description: 'Whatever has this id, if it belongs to whoever asks.' })
  async node(
    @Arg('id', () => ID, { description: 'Global id of an account, a customer or an order.' }) id: string,
    @Ctx() { principal }: RampContext
  ): Promise<Node> {
    const named = readGlobalId(id)
    if (!named) throw refusal('INVALID_GLOBAL_ID')
    const node = await this.find(principal.id, named.type, named.uuid)
    if (!node) throw refusal('NOT_FOUND')
    return node
  }

  private async find(merchantId: string, type: string, uuid: string): Promise<Node | undefined> {
    switch (type) {
      case 'MerchantAccount':
        return uuid === merchantId ? accountNode(await this.merchants.get(merchantId)) : undefined
      case 'MerchantCustomer': {
        const customer = await this.customers.findOf(merchantId, uuid)
        return customer && customerNode(customer)
      }
      case 'Types::Cashramp::API::MerchantPaymentRequest': {
        const request = await this.orders.find(uuid)
        return request?.merchantId === merchantId ? requestNode(request, this.links) : undefined
      }
      default:
        throw refusal('INVALID_GLOBAL_ID')
    }
  }
}
