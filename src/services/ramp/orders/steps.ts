/**
 * The steps of an order in the hands of an agent, each with its transfers, its rows and what is told of it. Whether
 * a step may be taken, and by whom, its callers decide on the order that they read; if that has changed by the time
 * the step is stored, nothing is.
 */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Attachment } from '../../../database/statement'
import { Agent, type RampPayment } from '../../../entities'
import type { RampCancelReason } from '../../../entities/ramp/payment'
import type { Ledger } from '../../../ledger/ledger'
import type { Command } from '../../../ledger/types'
import type { RequestContext } from '../../context'
import type { OnchainDelivery, PlannedDelivery } from '../onchain/onchain-delivery'
import { findTarget } from '../onchain/target'
import type { NewRampEvent } from '../webhooks/outbox'
import { creditSplit, type Split } from './credit'
import type { OrderEvents } from './events'
import * as legs from './legs'
import {
  patchOf,
  paymentStatement,
  requestAdvanced,
  requestStatement,
  TRANSITIONS,
  type PaymentChanges,
  type PaymentPatch,
  type TransitionName
} from './life-cycle'
import type { Assignment, BareAssignment, Order, OrderMethod } from './order'
import type { OrderWriter, Step, StepEnd } from './order-writer'
import type { OrderSettings } from './settings'
import { completeAgent, discountFromDay } from './statements'
import { Turns } from './turns'
import type { Passing } from './passing'

/** What a step does beside moving the payment on. */
interface Also {
  readonly commands?: readonly Command[]
  readonly rows?: readonly Attachment[]
  readonly events?: readonly NewRampEvent[]
  readonly delivery?: PlannedDelivery
  /** The merchant's order ends with it. */
  readonly ends?: 'completed' | 'canceled'
}

export class OrderSteps {
  private readonly agents: EntityReads<Agent>
  private readonly turns = new Turns()

  constructor(
    entities: EntityReader,
    private readonly ledger: Ledger,
    private readonly writer: OrderWriter,
    private readonly events: OrderEvents,
    private readonly delivery: OnchainDelivery,
    private readonly passing: Passing,
    private readonly settings: OrderSettings
  ) {
    this.agents = entities.of(Agent)
  }

  markDepositPaid(context: RequestContext, order: Order, receipt: string | null): Promise<StepEnd> {
    const now = context.now()
    // A deposit that is paid waits for the agent, however long; the operator is told when that is too long.
    const changes = { receipt, paidAt: now, expiresAt: null, dueAt: this.payoutDeadline(now) }
    return this.take(context, 'mark_deposit_paid', order, changes, {})
  }

  completeDeposit(context: RequestContext, order: Order): Promise<StepEnd> {
    return this.withCredit(order, (fresh) => this.settleDeposit(context, fresh))
  }

  private async settleDeposit(context: RequestContext, order: Order): Promise<StepEnd> {
    const { payment, agent, merchant } = order
    const accounts = await this.writer.platform(payment.currency)
    const cut = await this.income(order, payment.agentCutOfFees, payment.heldCredit)
    const to = { merchant: merchant.balanceAccountId, agent, liquidity: liquidityOf(order.agentMethod) }
    return this.take(
      context,
      'complete_deposit',
      order,
      {},
      {
        commands: legs.completeDeposit(payment, accounts, to, cut),
        rows: [completeAgent(agent, payment, cut.credit > 0n || payment.heldCredit > 0n)],
        delivery: await this.planned(context, order),
        ends: 'completed'
      }
    )
  }

  /** Of a deposit that is pending, or paid if the operator says so. */
  cancelDeposit(context: RequestContext, order: Order, cancelReason: RampCancelReason): Promise<StepEnd> {
    const name = order.payment.status === 'paid' ? 'void_deposit' : 'cancel_deposit'
    const commands = legs.voidDeposit(order.payment)
    return this.take(context, name, order, { cancelReason }, { commands, ends: 'canceled' })
  }

  async acceptWithdrawal(context: RequestContext, assignment: Assignment | BareAssignment): Promise<StepEnd> {
    const { payment, agentMethod } = assignment
    const now = context.now()
    const expiresAt = this.payoutDeadline(now)
    const changes = { acceptedAt: now, reassignAfter: null, expiresAt, dueAt: expiresAt }
    const world = await this.writer.world(payment.currency)
    const commands = legs.reservePayout(payment, liquidityOf(agentMethod), { world })
    const patch = patchOf('accept_withdrawal', payment, changes, now)
    const events = 'customer' in assignment ? this.told('accept_withdrawal', assignment, patch, now) : []
    return this.writer.write(context, { commands, rows: [paymentStatement(payment, patch)], events })
  }

  /** Taken from its agent: another one gets it, or the order ends. */
  async returnWithdrawal(context: RequestContext, order: Order, cancelReason: RampCancelReason): Promise<StepEnd> {
    const { payment, request } = order
    const commands = payment.status === 'accepted' ? legs.voidPayout(payment) : []
    const next = await this.passing.next(context, order)
    if (!next) {
      const all = [...commands, ...legs.voidWithdrawal(request)]
      return this.take(context, 'return_withdrawal', order, { cancelReason }, { commands: all, ends: 'canceled' })
    }
    const { rows, events } = next
    return this.take(context, 'return_withdrawal', order, { cancelReason }, { commands, rows, events })
  }

  /** From the method that it was reserved on, or from another one of the same agent. */
  async markWithdrawalPaid(
    context: RequestContext,
    order: Order,
    method: OrderMethod,
    receipt: string | null
  ): Promise<StepEnd> {
    const { payment } = order
    const now = context.now()
    const accounts = await this.writer.platform(payment.currency)
    const isReserved = method.id === payment.agentPaymentMethodId
    const changes = {
      receipt,
      agentPaymentMethodId: method.id,
      paidAt: now,
      expiresAt: null,
      dueAt: new Date(now.getTime() + this.settings.rampAutoConfirmMilliseconds)
    }
    return this.take(context, 'mark_withdrawal_paid', order, changes, {
      commands: isReserved ? legs.postPayout(payment) : legs.payOtherwise(payment, liquidityOf(method), accounts)
    })
  }

  completeWithdrawal(context: RequestContext, order: Order): Promise<StepEnd> {
    return this.withCredit(order, (fresh) => this.settleWithdrawal(context, fresh))
  }

  private async settleWithdrawal(context: RequestContext, order: Order): Promise<StepEnd> {
    const { payment, request, agent } = order
    const accounts = await this.writer.platform(payment.currency)
    const income = await this.income(order, payment.agentAmountUsd + payment.agentCutOfFees, 0n)
    return this.take(
      context,
      'complete_withdrawal',
      order,
      {},
      {
        commands: legs.completeWithdrawal(payment, request, accounts, agent, income),
        rows: [completeAgent(agent, payment, income.credit > 0n)],
        ends: 'completed'
      }
    )
  }

  /** The operator found that a withdrawal was not paid out: merchant and agent have theirs back. */
  async voidWithdrawal(context: RequestContext, order: Order): Promise<StepEnd> {
    const { payment, request } = order
    const accounts = await this.writer.platform(payment.currency)
    const reversal = legs.reversePayout(payment, liquidityOf(order.agentMethod), accounts)
    const commands = [...reversal, ...legs.voidWithdrawal(request)]
    return this.take(context, 'void_withdrawal', order, { cancelReason: 'resolved' }, { commands, ends: 'canceled' })
  }

  private payoutDeadline(now: Date): Date {
    return new Date(now.getTime() + this.settings.rampPayoutWindowMilliseconds)
  }

  /** What is worked out from a credit line is stored by one at a time, from the line as it is then. */
  private withCredit(order: Order, settle: (order: Order) => Promise<StepEnd>): Promise<StepEnd> {
    if (order.agent.creditLine === 0n) return settle(order)
    return this.turns.take(order.agent.id, async () => {
      const agent = await this.agents.find(order.agent.id)
      if (!agent) throw new Error(`there is no agent ${order.agent.id}`)
      const { creditLine, creditVersion } = agent
      return settle({ ...order, agent: { ...order.agent, creditLine, creditVersion } })
    })
  }

  private async take(
    context: RequestContext,
    name: TransitionName,
    order: Order,
    changes: PaymentChanges,
    { commands = [], rows = [], events = [], delivery, ends }: Also
  ): Promise<StepEnd> {
    const now = context.now()
    const patch = patchOf(name, order.payment, changes, now)
    const ended = ends ? this.ended(order, { ...order.payment, ...patch }, ends, now) : { rows: [], events: [] }
    return this.writer.write(context, {
      commands,
      rows: [paymentStatement(order.payment, patch), ...ended.rows, ...rows],
      events: [...this.told(name, order, patch, now), ...ended.events, ...events],
      delivery
    })
  }

  /** What its agent is told of a transition. */
  private told(name: TransitionName, before: Assignment, patch: PaymentPatch, now: Date): NewRampEvent[] {
    const after = { ...before, payment: { ...before.payment, ...patch } }
    return this.events.ofPayment(after, TRANSITIONS[name].events, before.payment.status, now)
  }

  private ended(
    order: Order,
    payment: RampPayment,
    status: 'completed' | 'canceled',
    now: Date
  ): Pick<Step, 'rows' | 'events'> {
    const request = requestAdvanced(order.request, status, { cancelReason: payment.cancelReason }, now)
    const discount = status === 'canceled' ? discountFromDay(order.request) : []
    return {
      rows: [requestStatement(order.request, request), ...discount],
      events: [this.events.ofRequest({ ...order, request, payment }, now)]
    }
  }

  /** How what an agent gets is divided. `drawn` of its credit line becomes final with the same step. */
  private async income({ agent }: Order, amount: bigint, drawn: bigint): Promise<Split> {
    if (agent.creditLine === 0n) return { balance: amount, credit: 0n }
    const account = await this.ledger.account(agent.creditAccountId)
    if (!account) throw new Error(`the credit account of agent ${agent.id} is missing`)
    return creditSplit(amount, agent.creditLine, account, drawn)
  }

  private async planned(
    context: RequestContext,
    { request, payment, merchant }: Order
  ): Promise<PlannedDelivery | undefined> {
    const { onchainAddress: address, onchainCryptocurrency: symbol, onchainNetwork: network } = request
    if (address === null || symbol === null || network === null) return undefined
    const target = findTarget({ address, symbol, network })
    // A coin that is not served any more stays in the merchant's balance.
    if (!target.done) return undefined
    const net = payment.amountUsd - payment.fee
    const source = { requestId: request.id, merchantId: merchant.id, balanceAccountId: merchant.balanceAccountId }
    const fee = request.onchainFee ?? 0n
    return this.delivery.plan({ ...source, target: target.value, net, fee }, context.now())
  }
}

function liquidityOf({ id, liquidityAccountId }: Pick<OrderMethod, 'id' | 'liquidityAccountId'>): bigint {
  if (liquidityAccountId === null) throw new Error(`payment method ${id} is no agent's`)
  return liquidityAccountId
}
