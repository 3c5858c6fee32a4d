/**
 * What time does to orders. What is due is claimed by moving it on a little, so that several processes share the
 * work and what a dead one had in hand comes back; that it is done once, the states of the orders make sure.
 */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Reader } from '../../../database/reader'
import { RampRequest } from '../../../entities'
import type { RequestContext } from '../../context'
import { OVERTAKEN, untilNotOvertaken } from '../parties/overtaken'
import type { CreatedOrders } from './created-orders'
import type { Order, Orders } from './order'
import type { StepEnd } from './order-writer'
import type { OrderSettings } from './settings'
import { WAITS_FOR_AGENT } from './statements'
import type { OrderSteps } from './steps'

/** Something whose time has come: an assignment, or an order that waits for its customer. */
export type DueOrder = { readonly paymentId: string } | { readonly requestId: string }

/** What a process has in hand that died comes back after this long. */
const LEASE_MILLISECONDS = 30_000

function claimText(table: string): string {
  return `UPDATE ${table} SET due_at = $2 WHERE id = ANY(ARRAY(
      SELECT id FROM ${table} WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED))
    RETURNING id`
}

/** Time has done its part: from then on people have to act. The operator sees the payment in a list; nobody is told. */
const OVERDUE = {
  name: 'ramp_payment_overdue',
  text: `UPDATE ramp_payment AS payment SET overdue_at = $2, due_at = NULL
    WHERE payment.id = $1 AND ${WAITS_FOR_AGENT} AND payment.overdue_at IS NULL`
} as const

/** Until then a quote that was never used can still be refreshed. */
const QUOTE_KEPT_MILLISECONDS = 30 * 86_400_000
const QUOTES_MAX = 1_000

const REMOVE_QUOTES = {
  name: 'ramp_quote_remove',
  text: `DELETE FROM ramp_quote WHERE id = ANY(ARRAY(
      SELECT id FROM ramp_quote WHERE request_id IS NULL AND expires_at < $1
      ORDER BY expires_at LIMIT ${QUOTES_MAX} FOR UPDATE SKIP LOCKED))
    RETURNING id`
} as const

export class OrderClock {
  private readonly requests: EntityReads<RampRequest>

  constructor(
    entities: EntityReader,
    private readonly reader: Reader,
    private readonly orders: Orders,
    private readonly steps: OrderSteps,
    private readonly created: CreatedOrders,
    private readonly settings: OrderSettings
  ) {
    this.requests = entities.of(RampRequest)
  }

  /** Takes at most `limit` in hand. Fewer say that no more are due. */
  async claim(now: Date, limit: number): Promise<DueOrder[]> {
    const payments = await this.claimFrom('ramp_payment', now, limit)
    const rest = limit - payments.length
    const requests = rest > 0 ? await this.claimFrom('ramp_request', now, rest) : []
    return [...payments.map((paymentId) => ({ paymentId })), ...requests.map((requestId) => ({ requestId }))]
  }

  /** Does what is due to one of them, if it still is. */
  async advance(context: RequestContext, due: DueOrder): Promise<void> {
    await untilNotOvertaken(async () => {
      const end =
        'paymentId' in due
          ? await this.advancePayment(context, due.paymentId)
          : await this.advanceRequest(context, due.requestId)
      return end === OVERTAKEN ? OVERTAKEN : true
    })
  }

  /** Removes quotes that were not used and expired long ago. Those that made an order stay. */
  async removeOldQuotes(now: Date): Promise<void> {
    const values = [new Date(now.getTime() - QUOTE_KEPT_MILLISECONDS)]
    for (let removed = QUOTES_MAX; removed === QUOTES_MAX;) {
      removed = (await this.reader.rows({ ...REMOVE_QUOTES, values })).length
    }
  }

  private async claimFrom(table: string, now: Date, limit: number): Promise<string[]> {
    const values = [now, new Date(now.getTime() + LEASE_MILLISECONDS), limit]
    const rows = await this.reader.rows<{ id: string }>({ name: `${table}_claim`, text: claimText(table), values })
    return rows.map(({ id }) => id)
  }

  private async advancePayment(context: RequestContext, paymentId: string): Promise<StepEnd> {
    const order = await this.orders.ofPayment(paymentId)
    if (!order) return 'done'
    const now = context.now()
    const { status, paymentType, expiresAt, reassignAfter, paidAt } = order.payment
    const isOver = (deadline: Date | null): boolean => deadline !== null && now >= deadline
    if (status === 'pending' && paymentType === 'deposit') {
      return isOver(expiresAt) ? this.steps.cancelDeposit(context, order, 'expired') : 'done'
    }
    if (status === 'pending') {
      return isOver(reassignAfter) ? this.steps.returnWithdrawal(context, order, 'expired') : 'done'
    }
    if (status === 'accepted') return isOver(expiresAt) ? this.flag(order, now) : 'done'
    if (status !== 'paid' || !paidAt) return 'done'
    const { rampPayoutWindowMilliseconds, rampAutoConfirmMilliseconds } = this.settings
    const isPaidFor = (milliseconds: number): boolean => isOver(new Date(paidAt.getTime() + milliseconds))
    if (paymentType === 'deposit') return isPaidFor(rampPayoutWindowMilliseconds) ? this.flag(order, now) : 'done'
    return isPaidFor(rampAutoConfirmMilliseconds) ? this.steps.completeWithdrawal(context, order) : 'done'
  }

  private async flag({ payment }: Order, now: Date): Promise<StepEnd> {
    await this.reader.rows({ ...OVERDUE, values: [payment.id, now] })
    return 'done'
  }

  private async advanceRequest(context: RequestContext, requestId: string): Promise<StepEnd> {
    const request = await this.requests.find(requestId)
    if (request?.status !== 'created') return 'done'
    const deadline = request.createdAt.getTime() + this.settings.rampHostedLifetimeMilliseconds
    return context.now().getTime() >= deadline ? this.created.cancel(context, request, 'expired') : 'done'
  }
}
