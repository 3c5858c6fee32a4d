import { injectable } from 'tsyringe'
import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql'
import type { CustomerSide } from '../../services/ramp/orders/inputs'
import { OrderService } from '../../services/ramp/orders/order-service'
import type { RampContext } from '../ramp/context'
import { valueOf } from '../ramp/failures'
import { uuidOf } from '../ramp/ids'
import { directNode, DirectRamp, OnchainTransferInfo } from './quote-types'

const QUOTE = 'Global id of the quote, which the order uses up.'
const REQUEST = 'Global id of the order.'
const REFERENCE =
  "The merchant's own name of the order. The same name with the same arguments is the same order, however often. One of more than 255 characters is refused with `MISSING_FIELD`."

/** Orders that are placed without a page of the service. */
@injectable()
@Resolver()
export class DirectResolver {
  constructor(private readonly orders: OrderService) {}

  @Mutation(() => DirectRamp, {
    nullable: true,
    description: "Place a deposit at a quote's rate: an agent is assigned, and its USD reserved."
  })
  async initiateRampQuoteDeposit(
    @Arg('rampQuote', () => ID, { description: QUOTE }) rampQuote: string,
    @Arg('reference', () => String, { nullable: true, description: REFERENCE }) reference: string | null | undefined,
    @Arg('phoneNumber', () => String, {
      nullable: true,
      description: 'Phone number that the customer pays from, for the agent to know the payment by.'
    })
    phoneNumber: string | null | undefined,
    @Arg('bankAccountNumber', () => String, {
      nullable: true,
      description: 'Number of the bank account that the customer pays from, for the agent to know the payment by.'
    })
    bankAccountNumber: string | null | undefined,
    @Arg('onchainTransferInfo', () => OnchainTransferInfo, {
      nullable: true,
      description: 'Wallet on chain that the deposit is delivered to. Absent: the balance is credited.'
    })
    onchainTransferInfo: OnchainTransferInfo | null | undefined,
    @Ctx() context: RampContext
  ): Promise<DirectRamp> {
    const input = {
      quoteId: uuidOf('Types::Cashramp::API::RampQuote', rampQuote),
      reference,
      phoneNumber,
      bankAccountNumber,
      onchainTransferInfo
    }
    return directNode(await valueOf(this.orders.initiateDeposit(context, context.principal.id, input)))
  }

  @Mutation(() => DirectRamp, {
    nullable: true,
    description: "Place a withdrawal at a quote's rate: the amount and the fee are reserved, and an agent is assigned."
  })
  async initiateRampQuoteWithdrawal(
    @Arg('rampQuote', () => ID, { description: QUOTE }) rampQuote: string,
    @Arg('paymentMethod', () => ID, {
      description:
        "Global id of the payment method that is paid: an account of the quote's customer on the quote's rail."
    })
    paymentMethod: string,
    @Arg('reference', () => String, { nullable: true, description: REFERENCE }) reference: string | null | undefined,
    @Ctx() context: RampContext
  ): Promise<DirectRamp> {
    const input = {
      quoteId: uuidOf('Types::Cashramp::API::RampQuote', rampQuote),
      paymentMethodId: uuidOf('P2PPaymentMethod', paymentMethod),
      reference
    }
    return directNode(await valueOf(this.orders.initiateWithdrawal(context, context.principal.id, input)))
  }

  @Mutation(() => Boolean, {
    nullable: true,
    description: 'Say that the customer has paid a deposit. The agent looks for the payment and confirms it.'
  })
  async markDepositAsPaid(
    @Arg('paymentRequest', () => ID, { description: REQUEST }) paymentRequest: string,
    @Arg('receipt', () => String, {
      nullable: true,
      description:
        'URL or reference of the receipt, for the agent; at most 2048 characters. A longer one is refused with `MISSING_FIELD`.'
    })
    receipt: string | null | undefined,
    @Ctx() context: RampContext
  ): Promise<true> {
    const id = uuidOf('Types::Cashramp::API::MerchantPaymentRequest', paymentRequest)
    await valueOf(this.orders.markDepositPaid(context, merchantOf(context), id, receipt))
    return true
  }

  @Mutation(() => Boolean, {
    nullable: true,
    description: 'Take a deposit back that was not paid. `INVALID_STATUS` once it was marked as paid.'
  })
  async cancelDeposit(
    @Arg('paymentRequest', () => ID, { description: REQUEST }) paymentRequest: string,
    @Ctx() context: RampContext
  ): Promise<true> {
    const id = uuidOf('Types::Cashramp::API::MerchantPaymentRequest', paymentRequest)
    await valueOf(this.orders.cancelDeposit(context, merchantOf(context), id))
    return true
  }

  @Mutation(() => Boolean, {
    nullable: true,
    description: 'Confirm that the customer received a withdrawal that was marked as paid: it is settled.'
  })
  async markWithdrawalAsReceived(
    @Arg('paymentRequest', () => ID, { description: REQUEST }) paymentRequest: string,
    @Ctx() context: RampContext
  ): Promise<true> {
    const id = uuidOf('Types::Cashramp::API::MerchantPaymentRequest', paymentRequest)
    await valueOf(this.orders.markWithdrawalReceived(context, merchantOf(context), id))
    return true
  }
}

function merchantOf({ principal }: RampContext): CustomerSide {
  return { kind: 'merchant', id: principal.id }
}
