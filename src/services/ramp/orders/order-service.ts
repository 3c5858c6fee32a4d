/**
 * Orders of the ramp: what merchants, customers, agents and the operator ask of them, in one place. A command that was
 * carried out already is answered again and changes nothing.
 */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import { RampRequest, type RampPayment, type RampQuote } from '../../../entities'
import type { RequestContext } from '../../context'
import type { RampAnswer } from '../failures'
import type { Payments } from '../payments'
import type { AgentCommands } from './agent-commands'
import type {
  AgentOptions,
  CustomerSide,
  DirectDepositInput,
  DirectWithdrawalInput,
  HostedInput,
  PickUpInput,
  PlacedOrder,
  QuoteInput,
  Resolution
} from './inputs'
import type { CreatedOrders } from './created-orders'
import type { CustomerCommands } from './customer-commands'
import type { DirectOrders } from './direct-orders'
import type { Order, Orders } from './order'
import type { PickingUp } from './picking-up'
import type { Quotes } from './quotes'
import type { References } from './references'
import type { OverduePage, OverduePayments, Resolving } from './resolving'

/** What the service is made of. */
export interface OrderParts {
  readonly orders: Orders
  readonly payments: Payments
  readonly references: References
  readonly quotes: Quotes
  readonly direct: DirectOrders
  readonly created: CreatedOrders
  readonly pickingUp: PickingUp
  readonly customers: CustomerCommands
  readonly agents: AgentCommands
  readonly resolving: Resolving
}

export class OrderService {
  private readonly requests: EntityReads<RampRequest>

  constructor(
    entities: EntityReader,
    private readonly parts: OrderParts
  ) {
    this.requests = entities.of(RampRequest)
  }

  quote(context: RequestContext, merchantId: string, input: QuoteInput): Promise<RampAnswer<RampQuote>> {
    return this.parts.quotes.quote(context, merchantId, input)
  }

  /** `amount` absent: the old one. */
  refreshQuote(
    context: RequestContext,
    merchantId: string,
    quoteId: string,
    amount?: string | null
  ): Promise<RampAnswer<RampQuote>> {
    return this.parts.quotes.refresh(context, merchantId, quoteId, amount)
  }

  initiateDeposit(
    context: RequestContext,
    merchantId: string,
    input: DirectDepositInput
  ): Promise<RampAnswer<PlacedOrder>> {
    return this.parts.direct.deposit(context, merchantId, input)
  }

  initiateWithdrawal(
    context: RequestContext,
    merchantId: string,
    input: DirectWithdrawalInput
  ): Promise<RampAnswer<PlacedOrder>> {
    return this.parts.direct.withdrawal(context, merchantId, input)
  }

  initiateHosted(context: RequestContext, merchantId: string, input: HostedInput): Promise<RampAnswer<RampRequest>> {
    return this.parts.created.create(context, merchantId, input)
  }

  cancelHosted(context: RequestContext, merchantId: string, requestId: string): Promise<RampAnswer<true>> {
    return this.parts.created.cancelOf(context, merchantId, requestId)
  }

  pickUp(context: RequestContext, requestId: string, input: PickUpInput): Promise<RampAnswer<PlacedOrder>> {
    return this.parts.pickingUp.pickUp(context, requestId, input)
  }

  markDepositPaid(
    context: RequestContext,
    side: CustomerSide,
    requestId: string,
    receipt?: string | null
  ): Promise<RampAnswer<true>> {
    return this.parts.customers.markDepositPaid(context, side, requestId, receipt)
  }

  /** Of a customer on the page, also while no rail was chosen yet. */
  cancelDeposit(context: RequestContext, side: CustomerSide, requestId: string): Promise<RampAnswer<true>> {
    return this.parts.customers.cancelDeposit(context, side, requestId)
  }

  markWithdrawalReceived(context: RequestContext, side: CustomerSide, requestId: string): Promise<RampAnswer<true>> {
    return this.parts.customers.markWithdrawalReceived(context, side, requestId)
  }

  acceptWithdrawal(
    context: RequestContext,
    agentId: string,
    paymentId: string,
    options?: AgentOptions
  ): Promise<RampAnswer<true>> {
    return this.parts.agents.acceptWithdrawal(context, agentId, paymentId, options)
  }

  cancelWithdrawal(context: RequestContext, agentId: string, paymentId: string): Promise<RampAnswer<true>> {
    return this.parts.agents.cancelWithdrawal(context, agentId, paymentId)
  }

  markDepositReceived(context: RequestContext, agentId: string, paymentId: string): Promise<RampAnswer<true>> {
    return this.parts.agents.markDepositReceived(context, agentId, paymentId)
  }

  markWithdrawalPaid(
    context: RequestContext,
    agentId: string,
    paymentId: string,
    methodId: string,
    receipt?: string | null
  ): Promise<RampAnswer<true>> {
    return this.parts.agents.markWithdrawalPaid(context, agentId, paymentId, methodId, receipt)
  }

  /**
   * The operator's word on an order that is paid, or accepted and overdue. An overdue order is only canceled,
   * which gives it to another agent if there is one.
   */
  resolve(context: RequestContext, requestId: string, resolution: Resolution): Promise<RampAnswer<true>> {
    return this.parts.resolving.resolve(context, requestId, resolution)
  }

  find(requestId: string): Promise<RampRequest | undefined> {
    return this.requests.find(requestId)
  }

  findByReference(merchantId: string, reference: string): Promise<RampRequest | undefined> {
    return this.parts.references.find(merchantId, reference)
  }

  findPayment(paymentId: string): Promise<RampPayment | undefined> {
    return this.parts.payments.find(paymentId)
  }

  /** With everything that surrounds it; undefined before the first assignment. */
  findOrder(requestId: string): Promise<Order | undefined> {
    return this.parts.orders.ofRequest(requestId)
  }

  /** Accepted withdrawals that are not paid out in time and paid deposits that are not answered, longest first. */
  overdue(page: OverduePage): Promise<OverduePayments> {
    return this.parts.resolving.overdue(page)
  }
}
