import { injectable } from 'tsyringe'
import { Arg, Ctx, Extensions, ID, Mutation, Resolver } from 'type-graphql'
import { OrderService } from '../../services/ramp/orders/order-service'
import type { RampContext } from '../ramp/context'
import { valueOf } from '../ramp/failures'
import { LOOKS_AHEAD } from '../ramp/guard'
import { uuidOf } from '../ramp/ids'

const PAYMENT = 'Global id of the assignment, as `orderHistory` and webhooks give it.'

/** What an agent does about its orders. A command that it already carried out is true again and changes nothing. */
@injectable()
@Resolver()
export class OrderResolver {
  constructor(private readonly orders: OrderService) {}

  @Extensions(LOOKS_AHEAD)
  @Mutation(() => Boolean, {
    nullable: true,
    description:
      'Commit to paying out a withdrawal: the fiat is reserved on the payment method that it was assigned to. Only while it is pending and not yet due for another agent.'
  })
  async acceptWithdrawal(
    @Arg('p2pPayment', () => ID, { description: PAYMENT }) p2pPayment: string,
    @Ctx() context: RampContext
  ): Promise<true> {
    const id = uuidOf('P2PPayment', p2pPayment)
    const { id: agentId, isTold } = context.principal
    await valueOf(this.orders.acceptWithdrawal(context, agentId, id, { isTold }))
    return true
  }

  @Mutation(() => Boolean, {
    nullable: true,
    description:
      'Give a withdrawal back, pending or accepted. Another agent gets it if there is one; otherwise the order is canceled.'
  })
  async cancelWithdrawal(
    @Arg('p2pPayment', () => ID, { description: PAYMENT }) p2pPayment: string,
    @Ctx() context: RampContext
  ): Promise<true> {
    const id = uuidOf('P2PPayment', p2pPayment)
    await valueOf(this.orders.cancelWithdrawal(context, context.principal.id, id))
    return true
  }

  @Mutation(() => Boolean, {
    nullable: true,
    description: "Confirm that a deposit's fiat arrived, pending or paid: the merchant is credited and it is completed."
  })
  async markDepositAsReceived(
    @Arg('p2pPayment', () => ID, { description: PAYMENT }) p2pPayment: string,
    @Ctx() context: RampContext
  ): Promise<true> {
    const id = uuidOf('P2PPayment', p2pPayment)
    await valueOf(this.orders.markDepositReceived(context, context.principal.id, id))
    return true
  }

  @Mutation(() => Boolean, {
    nullable: true,
    description:
      'Say that an accepted withdrawal was paid out. If it was paid from another own method than the one reserved, the amount is taken from that one.'
  })
  async markWithdrawalAsPaid(
    @Arg('p2pPayment', () => ID, { description: PAYMENT }) p2pPayment: string,
    @Arg('paymentMethod', () => ID, { description: 'Global id of the own payment method that the fiat left.' })
    paymentMethod: string,
    @Arg('receipt', () => String, {
      nullable: true,
      description:
        'URL or reference of the receipt, at most 2048 characters; a longer one is refused with `MISSING_FIELD`. Needed where the profile says `enforceReceiptUpload`.'
    })
    receipt: string | null | undefined,
    @Ctx() context: RampContext
  ): Promise<true> {
    const id = uuidOf('P2PPayment', p2pPayment)
    const methodId = uuidOf('P2PPaymentMethod', paymentMethod)
    await valueOf(this.orders.markWithdrawalPaid(context, context.principal.id, id, methodId, receipt ?? undefined))
    return true
  }
}
