/** The operator's word on an order that is in dispute, or that an agent accepted and does not pay out. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Reader } from '../../../database/reader'
import { RampPayment } from '../../../entities'
import { done, refused } from '../../answer'
import type { RequestContext } from '../../context'
import type { RampAnswer } from '../failures'
import { untilNotOvertaken } from '../parties/overtaken'
import { attemptOf, type Attempt } from './answers'
import type { Resolution } from './commands'
import type { Order, Orders } from './order'
import type { OrderSteps } from './steps'

const OVERDUE_MAX = 100

export class Resolving {
  private readonly payments: EntityReads<RampPayment>

  constructor(
    entities: EntityReader,
    private readonly reader: Reader,
    private readonly orders: Orders,
    private readonly steps: OrderSteps
  ) {
    this.payments = entities.of(RampPayment)
  }

  resolve(context: RequestContext, requestId: string, resolution: Resolution): Promise<RampAnswer<true>> {
    return untilNotOvertaken<RampAnswer<true>>(async () => {
      const order = await this.orders.ofRequest(requestId)
      if (!order) return refused('NOT_FOUND')
      if (order.payment.status === resolution) return done(true)
      return this.attempt(context, order, resolution)
    })
  }

  /** Accepted withdrawals whose time to be paid out is over, longest first. */
  async overdue(): Promise<RampPayment[]> {
    const { table } = this.payments
    const rows = await this.reader.rows<Record<string, unknown>>({
      name: 'ramp_payments_overdue',
      text: `SELECT ${table.select()} FROM ramp_payment WHERE status = 'accepted' AND overdue_at IS NOT NULL
        ORDER BY overdue_at, id LIMIT ${OVERDUE_MAX}`,
      values: []
    })
    return rows.map((row) => table.entityOf(row))
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
