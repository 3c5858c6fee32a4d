import { injectable } from 'tsyringe'
import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql'
import { OrderService } from '../../services/ramp/orders/order-service'
import type { RampContext } from '../ramp/context'
import { valueOf } from '../ramp/failures'
import { uuidOf } from '../ramp/ids'
import { Decimal } from '../ramp/scalars'
import { P2PPaymentCurrency, PaymentTypeType } from './enums'
import { quoteNode, RampQuote } from './quote-types'

const REFRESH =
  'Give a quote that was not used a fresh rate and a fresh window, also after it expired. It keeps its id.'
const QUOTE = 'Global id of the quote.'
const REFRESHED_AMOUNT =
  'New amount, in the currency that the quote was asked for in; absent: the quote keeps its amount.'

@injectable()
@Resolver()
export class QuoteResolver {
  constructor(private readonly orders: OrderService) {}

  @Query(() => RampQuote, {
    nullable: true,
    description: 'The best rate that an agent has for an order, promised for a while. It reserves nothing.'
  })
  async rampQuote(
    @Arg('customer', () => ID, { description: 'Global id of the customer who pays or is paid.' }) customer: string,
    @Arg('amount', () => Decimal, { description: 'Amount of the order, in USD or local currency as `currency` says.' })
    amount: string,
    @Arg('currency', () => P2PPaymentCurrency, { description: 'Whether `amount` is in USD or in local currency.' })
    currency: P2PPaymentCurrency,
    @Arg('paymentType', () => PaymentTypeType, {
      nullable: true,
      defaultValue: PaymentTypeType.deposit,
      description: 'Which way the order goes.'
    })
    paymentType: PaymentTypeType | null | undefined,
    @Arg('paymentMethodType', () => String, { description: 'Identifier of the rail, such as `bank_transfer_ng`.' })
    paymentMethodType: string,
    @Arg('country', () => String, {
      nullable: true,
      description: "Code of the rail's country, two letters, where that is not the customer's."
    })
    country: string | null | undefined,
    @Ctx() context: RampContext
  ): Promise<RampQuote> {
    const input = {
      customerId: uuidOf('MerchantCustomer', customer),
      amount,
      currency,
      paymentType: paymentType ?? PaymentTypeType.deposit,
      paymentMethodType,
      country
    }
    return quoteNode(await valueOf(this.orders.quote(context, context.principal.id, input)))
  }

  @Query(() => RampQuote, { name: 'refreshRampQuote', nullable: true, description: REFRESH })
  refreshRampQuoteByQuery(
    @Arg('rampQuote', () => ID, { description: QUOTE }) rampQuote: string,
    @Arg('amount', () => Decimal, { nullable: true, description: REFRESHED_AMOUNT }) amount: string | null | undefined,
    @Ctx() context: RampContext
  ): Promise<RampQuote> {
    return this.refresh(context, rampQuote, amount)
  }

  @Mutation(() => RampQuote, { nullable: true, description: REFRESH })
  refreshRampQuote(
    @Arg('rampQuote', () => ID, { description: QUOTE }) rampQuote: string,
    @Arg('amount', () => Decimal, { nullable: true, description: REFRESHED_AMOUNT }) amount: string | null | undefined,
    @Ctx() context: RampContext
  ): Promise<RampQuote> {
    return this.refresh(context, rampQuote, amount)
  }

  private async refresh(context: RampContext, quote: string, amount: string | null | undefined): Promise<RampQuote> {
    const id = uuidOf('Types::Cashramp::API::RampQuote', quote)
    return quoteNode(await valueOf(this.orders.refreshQuote(context, context.principal.id, id, amount)))
  }
}
