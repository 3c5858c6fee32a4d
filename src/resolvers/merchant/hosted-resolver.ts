import { injectable } from 'tsyringe'
import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql'
import { HostedLinks } from '../../services/ramp/hosted/hosted-links'
import { OrderService } from '../../services/ramp/orders/order-service'
import type { RampContext } from '../ramp/context'
import { valueOf } from '../ramp/failures'
import { uuidOf } from '../ramp/ids'
import { Decimal, JSON as JsonScalar } from '../ramp/scalars'
import { P2PPaymentTypeType } from '../ramp/types'
import { P2PPaymentCurrency } from './enums'
import { metadataOf } from './metadata'
import { MerchantPaymentRequest, requestNode } from './payment-request-types'

/** Orders that the customer goes through on a page of the service. */
@injectable()
@Resolver()
export class HostedResolver {
  constructor(
    private readonly orders: OrderService,
    private readonly links: HostedLinks
  ) {}

  @Mutation(() => MerchantPaymentRequest, {
    nullable: true,
    description:
      'Place an order whose customer chooses the rail on a page of the service. A withdrawal reserves the amount and the fee at once.'
  })
  async initiateHostedPayment(
    @Arg('paymentType', () => P2PPaymentTypeType, { description: 'Which way the order goes.' })
    paymentType: P2PPaymentTypeType,
    @Arg('amount', () => Decimal, { description: 'Amount of the order, in USD or local currency as `currency` says.' })
    amount: string,
    @Arg('currency', () => P2PPaymentCurrency, {
      nullable: true,
      description: 'Whether `amount` is in USD or in local currency: USD if not said, and always for a withdrawal.'
    })
    currency: P2PPaymentCurrency | null | undefined,
    @Arg('countryCode', () => String, {
      description: 'Code of the country where the fiat moves, two letters, such as `NG`.'
    })
    countryCode: string,
    @Arg('reference', () => String, {
      nullable: true,
      description:
        "The merchant's own name of the order. The same name with the same arguments is the same order, however often. One of more than 255 characters is refused with `MISSING_FIELD`."
    })
    reference: string | null | undefined,
    @Arg('metadata', () => JsonScalar, {
      nullable: true,
      description: 'What the merchant notes on the order: an object of at most 16 KiB, echoed as it was sent.'
    })
    metadata: unknown,
    @Arg('redirectUrl', () => String, {
      nullable: true,
      description: 'URL to which the page sends the customer in the end.'
    })
    redirectUrl: string | null | undefined,
    @Arg('firstName', () => String, { description: "The customer's given name." }) firstName: string,
    @Arg('lastName', () => String, { description: "The customer's family name." }) lastName: string,
    @Arg('email', () => String, { description: 'Email of the customer, who is registered if there is none with it.' })
    email: string,
    @Ctx() context: RampContext
  ): Promise<MerchantPaymentRequest> {
    const input = {
      paymentType,
      amount,
      currency,
      countryCode,
      reference,
      metadata: metadataOf(metadata),
      redirectUrl,
      firstName,
      lastName,
      email
    }
    return requestNode(await valueOf(this.orders.initiateHosted(context, context.principal.id, input)), this.links)
  }

  @Mutation(() => Boolean, {
    nullable: true,
    description: 'Take an order back whose customer has not chosen a rail yet. `INVALID_STATUS` after that.'
  })
  async cancelHostedPayment(
    @Arg('paymentRequest', () => ID, { description: 'Global id of the order.' }) paymentRequest: string,
    @Ctx() context: RampContext
  ): Promise<true> {
    const id = uuidOf('Types::Cashramp::API::MerchantPaymentRequest', paymentRequest)
    await valueOf(this.orders.cancelHosted(context, context.principal.id, id))
    return true
  }
}
