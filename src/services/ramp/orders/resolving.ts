/** The operator's word on an order that is in dispute, or that its agent does not answer. */
import type { Page, PageRequest } from '../../../database/keyset'
import type { Reader } from '../../../database/reader'
import type { RampPayment } from '../../../entities'
import { done, refused } from '../../answer'
import type { RequestContext } from '../../context'
import type { RampAnswer } from '../failures'
import { untilNotOvertaken } from '../parties/overtaken'
import { FROM_PAYMENTS, type Payments } from '../payments'
import { attemptOf, type Attempt } from './answers'
import type { Resolution } from './inputs'
import type { Order, Orders } from './order'
import { WAITS_FOR_AGENT } from './statements'
import type { OrderSteps } from './steps'

/** What is on one page, after the payment that is named. */
export type OverduePage = Pick<PageRequest, 'cursor' | 'limit'>
export type OverduePayments = Pick<Page<RampPayment>, 'nodes' | 'hasNextPage'>

export class Resolving {
  constructor(
    private readonly payments: Payments,
    private readonly reader: Reader,
    private readonly orders: Orders,
    private readonly steps: OrderSteps
  ) {}

  resolve(context: RequestContext, requestId: string, resolution: Resolution): Promise<RampAnswer<true>> {
    return untilNotOvertaken<RampAnswer<true>>(async () => {
      const order = await this.orders.ofRequest(requestId)
      if (!order) return refused('NOT_FOUND')
      if (order.payment.status === resolution) return done(true)
      return this.attempt(context, order, resolution)
    })
  }

  /**
   * Accepted withdrawals that are not paid out in time and paid deposits that are not answered, longest first. The
   * payment that the page comes after keeps its place, also when it is not overdue any more.
   */
  async overdue({ cursor, limit }: OverduePage): Promise<OverduePayments> {
    const { columns } = this.payments
    const after = '(payment.overdue_at, payment.id) > ((SELECT overdue_at FROM ramp_payment WHERE id = $2), $2::uuid)'
    const rows = await this.reader.rows<Record<string, unknown>>({
      name: cursor === undefined ? 'ramp_payments_overdue' : 'ramp_payments_overdue_after',
      text: `SELECT ${columns.select('payment')} ${FROM_PAYMENTS}
        WHERE ${WAITS_FOR_AGENT} AND payment.overdue_at IS NOT NULL${cursor === undefined ? '' : ` AND ${after}`}
        ORDER BY payment.overdue_at, payment.id LIMIT $1::integer`,
      values: cursor === undefined ? [limit + 1] : [limit + 1, cursor]
    })
    return { nodes: rows.slice(0, limit).map((row) => columns.entityOf(row)), hasNextPage: rows.length > limit }
  }

  private async attempt(context: RequestContext, order: Order, resolution: Resolution): Promise<Attempt> {
    const { status, paymentType } = order.payment
    if (status === 'accepted') {
      if (resolution !== 'canceled' || !isOverdue(order, context.now())) return refused('INVALID_STATUS')
      return attemptOf(await this.steps.returnWithdrawal(context, order, 'resolved'))
    }
    if (status !== 'paid') return refused('INVALID_STATUS')
    const isDeposit = paymentType === 'deposit'
    if (resolution === 'completed') {
      return attemptOf(
        await (isDeposit ? this.steps.completeDeposit(context, order) : this.steps.completeWithdrawal(context, order))
      )
    }
    return attemptOf(
      await (isDeposit
        ? this.steps.cancelDeposit(context, order, 'resolved')
        : this.steps.voidWithdrawal(context, order))
    )
  }
}

function isOverdue({ payment }: Order, now: Date): boolean {
  return payment.overdueAt !== null || (payment.expiresAt !== null && now >= payment.expiresAt)
}
