import type { GraphQLResolveInfo } from 'graphql'
import { injectable } from 'tsyringe'
import { Arg, Ctx, FieldResolver, Info, Int, Query, Resolver, Root } from 'type-graphql'
import { OrderHistory } from '../../services/ramp/history/order-history'
import { CustomerService } from '../../services/ramp/parties/customer-service'
import { PaymentMethodService } from '../../services/ramp/parties/payment-method-service'
import { OrderService } from '../../services/ramp/orders/order-service'
import type { RampContext } from '../ramp/context'
import { valueOf } from '../ramp/failures'
import { isSelected } from '../shared/selection'
import { OrderHistoryFilter, P2PPayment, PaginatedP2PPayments } from './order-types'
import { paymentNode } from './payment-node'
import { P2PPaymentMethod, paymentMethodNode } from './payment-method-types'

@injectable()
@Resolver(() => P2PPayment)
export class HistoryResolver {
  constructor(
    private readonly history: OrderHistory,
    private readonly methods: PaymentMethodService,
    private readonly customers: CustomerService,
    private readonly orders: OrderService
  ) {}

  @Query(() => PaginatedP2PPayments, {
    description: 'What was ever assigned to the agent, newest first, a page at a time.'
  })
  async orderHistory(
    @Arg('page', () => Int, { description: 'Number of the page, from 1.' }) page: number,
    @Arg('perPage', () => Int, {
      nullable: true,
      defaultValue: 10,
      description: 'Most rows of a page, from 1; more than 100 counts as 100.'
    })
    perPage: number | null,
    @Arg('filter', () => OrderHistoryFilter, {
      nullable: true,
      description: 'Which assignments to list; all by default.'
    })
    filter: OrderHistoryFilter | null | undefined,
    @Ctx() context: RampContext,
    @Info() info: GraphQLResolveInfo
  ): Promise<PaginatedP2PPayments> {
    const isCounted = isSelected(info, ['pagination', 'total'])
    const found = await valueOf(this.history.page(context.principal.id, { page, perPage, filter, isCounted }))
    const { payments, total } = found
    const now = context.now()
    return {
      data: payments.map((payment) => paymentNode(payment, now)),
      pagination: { page: found.page, perPage: found.perPage, total: total ?? 0 }
    }
  }

  @FieldResolver(() => Boolean, {
    description: 'Whether the assignment was canceled while the order still seeks another agent.'
  })
  async reassigning(@Root() { status, paymentId, requestId }: P2PPayment): Promise<boolean> {
    if (status !== 'canceled') return false
    const request = await this.orders.find(requestId)
    return request?.status === 'picked_up' && request.paymentId === paymentId
  }

  @FieldResolver(() => String, { nullable: true, description: 'Given and family name of the customer.' })
  async customerName(@Root() { customerId }: P2PPayment): Promise<string | null> {
    const customer = await this.customers.find(customerId)
    return customer ? `${customer.firstName} ${customer.lastName}` : null
  }

  @FieldResolver(() => P2PPaymentMethod, {
    nullable: true,
    description: 'The account to which the customer of a withdrawal is paid; null for a deposit.'
  })
  customerPaymentMethod(@Root() { customerPaymentMethodId }: P2PPayment): Promise<P2PPaymentMethod | null> {
    return this.method(customerPaymentMethodId)
  }

  @FieldResolver(() => P2PPaymentMethod, {
    nullable: true,
    description: 'The account to which the agent receives a deposit, or from which it pays a withdrawal.'
  })
  agentPaymentMethod(@Root() { agentPaymentMethodId }: P2PPayment): Promise<P2PPaymentMethod | null> {
    return this.method(agentPaymentMethodId)
  }

  private async method(id: string | null): Promise<P2PPaymentMethod | null> {
    const method = id === null ? undefined : await this.methods.find(id)
    return method ? paymentMethodNode(method) : null
  }
}
