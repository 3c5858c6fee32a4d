/** What is done for the customer of an order: by its merchant, or on its page. What was done is answered again. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import { RampRequest } from '../../../entities'
import { done, refused } from '../../answer'
import type { RequestContext } from '../../context'
import type { RampAnswer } from '../failures'
import { untilNotOvertaken } from '../parties/overtaken'
import { attemptOf, isOfDirection, receiptOf, type Attempt } from './answers'
import type { CustomerSide } from './inputs'
import type { CreatedOrders } from './created-orders'
import { isAllowed, type TransitionName } from './life-cycle'
import type { Order, Orders } from './order'
import type { OrderSteps } from './steps'

export class CustomerCommands {
  private readonly requests: EntityReads<RampRequest>

  constructor(
    entities: EntityReader,
    private readonly orders: Orders,
    private readonly steps: OrderSteps,
    private readonly created: CreatedOrders
  ) {
    this.requests = entities.of(RampRequest)
  }

  async markDepositPaid(
    context: RequestContext,
    side: CustomerSide,
    requestId: string,
    receipt?: string | null
  ): Promise<RampAnswer<true>> {
    const given = receiptOf(receipt)
    if (given === undefined) return refused('MISSING_FIELD')
    return this.command(side, requestId, 'mark_deposit_paid', async (order) => {
      if (order.payment.status === 'paid') return done(true)
      if (!isAllowed('mark_deposit_paid', order.payment)) return refused('INVALID_STATUS')
      return attemptOf(await this.steps.markDepositPaid(context, order, given))
    })
  }

  cancelDeposit(context: RequestContext, side: CustomerSide, requestId: string): Promise<RampAnswer<true>> {
    const cancel = async (order: Order): Promise<Attempt> => {
      if (order.payment.status === 'canceled') return done(true)
      if (!isAllowed('cancel_deposit', order.payment)) return refused('INVALID_STATUS')
      return attemptOf(await this.steps.cancelDeposit(context, order, 'canceled'))
    }
    // On its page a customer may also leave before a rail was chosen; merchants have a command of their own for that.
    const leave = async (request: RampRequest): Promise<Attempt> => {
      if (side.kind === 'merchant') return refused('INVALID_STATUS')
      if (request.status === 'canceled') return done(true)
      return attemptOf(await this.created.cancel(context, request, 'canceled'))
    }
    return this.command(side, requestId, 'cancel_deposit', cancel, leave)
  }

  markWithdrawalReceived(context: RequestContext, side: CustomerSide, requestId: string): Promise<RampAnswer<true>> {
    return this.command(side, requestId, 'complete_withdrawal', async (order) => {
      if (order.payment.status === 'completed') return done(true)
      if (!isAllowed('complete_withdrawal', order.payment)) return refused('INVALID_STATUS')
      return attemptOf(await this.steps.completeWithdrawal(context, order))
    })
  }

  /** Of a merchant, on an order of its own: somebody else's is not there. */
  private command(
    side: CustomerSide,
    requestId: string,
    name: TransitionName,
    attempt: (order: Order) => Promise<Attempt>,
    withoutAgent: (request: RampRequest) => Promise<Attempt> = () => Promise.resolve(refused('INVALID_STATUS'))
  ): Promise<RampAnswer<true>> {
    const isTheirs = ({ merchantId }: RampRequest): boolean => side.kind === 'customer' || side.id === merchantId
    return untilNotOvertaken<RampAnswer<true>>(async () => {
      const order = await this.orders.ofRequest(requestId)
      if (order && isTheirs(order.request)) {
        return isOfDirection(name, order) ? attempt(order) : refused('INVALID_ORDER_TYPE')
      }
      const request = order ? undefined : await this.requests.find(requestId)
      if (!request || !isTheirs(request)) return refused('NOT_FOUND')
      // An order may end on its page whichever way it goes.
      const isOther = !isOfDirection(name, { payment: request })
      return isOther && side.kind === 'merchant' ? refused('INVALID_ORDER_TYPE') : withoutAgent(request)
    })
  }
}
