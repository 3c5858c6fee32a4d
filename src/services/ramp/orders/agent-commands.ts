/** What agents do about their orders. What an agent has done already is answered again. */
import { done, refused } from '../../answer'
import type { RequestContext } from '../../context'
import type { RampAnswer } from '../failures'
import { untilNotOvertaken } from '../parties/overtaken'
import type { PaymentMethodService } from '../parties/payment-method-service'
import type { AgentOptions } from './inputs'
import { attemptOf, isOfDirection, receiptOf, type Attempt } from './answers'
import { isAllowed, type TransitionName } from './life-cycle'
import type { Assignment, BareAssignment, Order, OrderMethod, Orders } from './order'
import type { OrderSteps } from './steps'

export class AgentCommands {
  constructor(
    private readonly orders: Orders,
    private readonly steps: OrderSteps,
    private readonly methods: PaymentMethodService
  ) {}

  /** Reads also for an agent that is only presumed, and then waits until that is confirmed. */
  acceptWithdrawal(
    context: RequestContext,
    agentId: string,
    paymentId: string,
    { isTold = true }: AgentOptions = {}
  ): Promise<RampAnswer<true>> {
    const { isConfirmed } = context
    const read = async (): Promise<Assignment | BareAssignment | undefined> => {
      const found = await (isTold ? this.orders.assignment(paymentId) : this.orders.bareAssignment(paymentId))
      // Whoever was presumed wrongly has no orders.
      return !isConfirmed || (await isConfirmed) ? found : undefined
    }
    return this.command(agentId, read, 'accept_withdrawal', async (assignment) => {
      const { status, reassignAfter } = assignment.payment
      if (status === 'accepted') return done(true)
      const isLate = reassignAfter !== null && context.now() >= reassignAfter
      if (isLate || !isAllowed('accept_withdrawal', assignment.payment)) return refused('INVALID_STATUS')
      return attemptOf(await this.steps.acceptWithdrawal(context, assignment))
    })
  }

  cancelWithdrawal(context: RequestContext, agentId: string, paymentId: string): Promise<RampAnswer<true>> {
    return this.command(agentId, this.orderOf(paymentId), 'return_withdrawal', async (order) => {
      if (order.payment.cancelReason === 'declined') return done(true)
      if (!isAllowed('return_withdrawal', order.payment)) return refused('INVALID_STATUS')
      return attemptOf(await this.steps.returnWithdrawal(context, order, 'declined'))
    })
  }

  markDepositReceived(context: RequestContext, agentId: string, paymentId: string): Promise<RampAnswer<true>> {
    return this.command(agentId, this.orderOf(paymentId), 'complete_deposit', async (order) => {
      if (order.payment.status === 'completed') return done(true)
      if (!isAllowed('complete_deposit', order.payment)) return refused('INVALID_STATUS')
      return attemptOf(await this.steps.completeDeposit(context, order))
    })
  }

  async markWithdrawalPaid(
    context: RequestContext,
    agentId: string,
    paymentId: string,
    methodId: string,
    receipt?: string | null
  ): Promise<RampAnswer<true>> {
    const given = receiptOf(receipt)
    if (given === undefined) return refused('MISSING_FIELD')
    return this.command(agentId, this.orderOf(paymentId), 'mark_withdrawal_paid', async (order) => {
      const { payment, agent } = order
      if (payment.status === 'paid' && payment.agentPaymentMethodId === methodId) return done(true)
      if (!isAllowed('mark_withdrawal_paid', payment)) return refused('INVALID_STATUS')
      const method = await this.payingMethod(order, methodId)
      if (!method.done) return method
      if (agent.enforceReceiptUpload && given === null) return refused('RECEIPT_REQUIRED')
      return attemptOf(await this.steps.markWithdrawalPaid(context, order, method.value, given))
    })
  }

  /** One of the agent's own that can pay this order. */
  private async payingMethod({ payment }: Order, methodId: string): Promise<RampAnswer<OrderMethod>> {
    const method = await this.methods.findOf('agent', payment.agentId, methodId)
    if (!method) return refused('NOT_FOUND')
    // What was reserved can be paid from, also if it was deleted since.
    if (methodId === payment.agentPaymentMethodId) return done(method)
    // All methods of an agent are of its own country, and so is the order.
    const isUsable = !method.deletedAt && method.designation !== 'deposit'
    return isUsable ? done(method) : refused('INVALID_PAYMENT_METHOD')
  }

  private orderOf(paymentId: string): () => Promise<Order | undefined> {
    return () => this.orders.ofPayment(paymentId)
  }

  /** On an assignment of this agent, as it is read anew with each attempt: somebody else's is not there. */
  private command<Read extends Assignment | BareAssignment>(
    agentId: string,
    read: () => Promise<Read | undefined>,
    name: TransitionName,
    attempt: (read: Read) => Promise<Attempt>
  ): Promise<RampAnswer<true>> {
    return untilNotOvertaken<RampAnswer<true>>(async () => {
      const found = await read()
      if (found?.payment.agentId !== agentId) return refused('NOT_FOUND')
      return isOfDirection(name, found) ? attempt(found) : refused('INVALID_ORDER_TYPE')
    })
  }
}
