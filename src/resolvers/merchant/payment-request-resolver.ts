import { injectable } from 'tsyringe'
import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { HostedLinks } from '../../services/ramp/hosted/hosted-links'
import { TransactionHashes } from '../../services/ramp/onchain/transaction-hashes'
import { OrderService } from '../../services/ramp/orders/order-service'
import { CustomerService } from '../../services/ramp/parties/customer-service'
import type { RampContext } from '../ramp/context'
import { customerNode, MerchantCustomer } from './customer-types'
import { MerchantP2PPayment, MerchantPaymentRequest, merchantPaymentNode, requestNode } from './payment-request-types'

@injectable()
@Resolver(() => MerchantPaymentRequest)
export class PaymentRequestResolver {
  constructor(
    private readonly orders: OrderService,
    private readonly customers: CustomerService,
    private readonly hashes: TransactionHashes,
    private readonly links: HostedLinks
  ) {}

  @Query(() => MerchantPaymentRequest, {
    nullable: true,
    description: 'An order by its reference; null if there is none.'
  })
  async merchantPaymentRequest(
    @Arg('reference', () => String, {
      description: "The merchant's own name of the order, or the one that was made for it."
    })
    reference: string,
    @Ctx() { principal }: RampContext
  ): Promise<MerchantPaymentRequest | null> {
    const request = await this.orders.findByReference(principal.id, reference)
    return request ? requestNode(request, this.links) : null
  }

  @FieldResolver(() => MerchantP2PPayment, {
    nullable: true,
    description: 'What an agent has of the order now, or had last; null until one has.'
  })
  async p2pPayment(@Root() { paymentId }: MerchantPaymentRequest): Promise<MerchantP2PPayment | null> {
    const payment = paymentId === null ? undefined : await this.orders.findPayment(paymentId)
    return payment ? merchantPaymentNode(payment) : null
  }

  @FieldResolver(() => MerchantCustomer, { nullable: true, description: 'The customer who pays or is paid.' })
  async customer(@Root() { customerId }: MerchantPaymentRequest): Promise<MerchantCustomer | null> {
    const customer = await this.customers.find(customerId)
    return customer ? customerNode(customer) : null
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Hash of the transaction on chain that belongs to the order; null until it is known.'
  })
  async onchainTxHash(@Root() { requestId }: MerchantPaymentRequest): Promise<string | null> {
    return (await this.hashes.of(requestId)) ?? null
  }
}
