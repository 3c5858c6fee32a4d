/** Finds another agent for a withdrawal that one gave back or let lapse. */
import type { Attachment } from '../../../database/statement'
import type { RequestContext } from '../../context'
import type { Payments } from '../payments'
import type { NewRampEvent } from '../webhooks/outbox'
import type { Assigning } from './assigning'
import type { OrderEvents } from './events'
import { requestAdvanced, requestStatement } from './life-cycle'
import type { Order } from './order'
import type { Selection } from './selection'
import type { OrderSettings } from './settings'
import { assignAgent } from './statements'

/** What giving it to the next agent adds to the step that takes it from the present one. */
export interface Passed {
  readonly rows: readonly Attachment[]
  readonly events: readonly NewRampEvent[]
}

export class Passing {
  constructor(
    private readonly payments: Payments,
    private readonly selection: Selection,
    private readonly assigning: Assigning,
    private readonly events: OrderEvents,
    private readonly settings: OrderSettings
  ) {}

  /** Undefined if nobody else can have it. Amounts and rate stay as they were locked. */
  async next(context: RequestContext, order: Order): Promise<Passed | undefined> {
    const { payment, request, place, rail } = order
    if (payment.assignment >= this.settings.rampAssignmentsMax) return undefined
    const [offer] = await this.selection.offers(
      {
        ...place,
        direction: 'withdrawal',
        railId: rail.id,
        // The order's amount in local currency is what the next agent has to have, whatever its own rate.
        stated: { currency: 'local_currency', amount: payment.amountLocal },
        lockedRate: payment.exchangeRate,
        requestId: request.id
      },
      1
    )
    if (!offer) return undefined
    const now = context.now()
    const locked = {
      ...payment,
      agentCut: payment.agentCutOfFees,
      spread: payment.fxSpreadRevenue,
      balance: 0n,
      credit: 0n
    }
    const assigned = this.assigning.payment(
      { ...order, ...payment },
      offer.candidate,
      locked,
      payment.assignment + 1,
      now
    )
    const after = requestAdvanced(request, 'picked_up', { paymentId: assigned.id }, now)
    const { agent, method: agentMethod } = offer.candidate
    const next: Order = { ...order, request: after, payment: assigned, agent, agentMethod }
    return {
      rows: [requestStatement(request, after), ...this.payments.rows(assigned), assignAgent(agent, now)],
      events: this.events.ofPayment(next, ['payment.assigned'], null, now)
    }
  }
}
