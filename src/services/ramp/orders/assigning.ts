/** Gives an order to an agent: what it comes to is locked and what it takes is reserved. */
import { randomBytes } from 'node:crypto'
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Statement } from '../../../database/statement'
import { RampRequest, type RampPayment, type RampQuote } from '../../../entities'
import type { RampDirection } from '../../../entities/ramp/order'
import type { Ledger } from '../../../ledger/ledger'
import type { Command } from '../../../ledger/types'
import { done, refused } from '../../answer'
import type { RequestContext } from '../../context'
import type { Identifiers } from '../../identifiers'
import type { RampAnswer } from '../failures'
import { shareOf } from '../money'
import { OVERTAKEN } from '../parties/overtaken'
import type { Payments } from '../payments'
import { feesOf, type Fees, type Terms } from './amounts'
import { holdSplit, type Split } from './credit'
import type { OrderEvents } from './events'
import type { PlacedOrder } from './inputs'
import { reserveDeposit, reserveWithdrawal, type PlatformAccounts } from './legs'
import { requestAdvanced, requestStatement } from './life-cycle'
import {
  placedOrder,
  type Order,
  type OrderCustomer,
  type OrderMerchant,
  type OrderMethod,
  type OrderPlace,
  type OrderRail
} from './order'
import type { OrderWriter, StepEnd } from './order-writer'
import type { Candidate, Offer } from './selection'
import type { OrderSettings } from './settings'
import { assignAgent, countForDay, dayOf, useQuote } from './statements'

/** An order that has no agent yet. */
export interface Draft {
  /** In `created`. */
  readonly request: RampRequest
  /** Whether its row is there already, and the reservation of a withdrawal with it. */
  readonly isStored: boolean
  readonly merchant: OrderMerchant
  readonly customer: OrderCustomer
  readonly place: OrderPlace
  readonly rail: OrderRail
  /** Where a withdrawal is paid; null for a deposit. */
  readonly customerMethod: OrderMethod | null
  /** What stores the customer's method, where it is a new one. */
  readonly methodRows?: readonly Statement[]
  /** Hints for the agent. */
  readonly payerPhoneNumber: string | null
  readonly payerBankAccountNumber: string | null
  /** Of the transaction on chain that is said to pay for it. */
  readonly transactionHash: string | null
  /** What the order is made of, unless it comes from a page. */
  readonly quote?: RampQuote
}

type Assigned = { readonly end: 'done'; readonly order: Order } | { readonly end: Exclude<StepEnd, 'done'> }

const NOTHING: Split = { balance: 0n, credit: 0n }

export class Assigning {
  private readonly requests: EntityReads<RampRequest>

  constructor(
    entities: EntityReader,
    private readonly payments: Payments,
    private readonly ledger: Ledger,
    private readonly writer: OrderWriter,
    private readonly events: OrderEvents,
    private readonly identifiers: Identifiers,
    private readonly settings: OrderSettings
  ) {
    this.requests = entities.of(RampRequest)
  }

  /** What an order of so much costs this merchant, and the agent's share of it. */
  feesOf({ feeBasisPoints }: OrderMerchant, amountUsd: bigint): Fees {
    const { rampFeeBasisPoints, rampAgentShareBasisPoints } = this.settings
    return feesOf(amountUsd, feeBasisPoints ?? rampFeeBasisPoints, rampAgentShareBasisPoints)
  }

  /**
   * Tries one agent after another, each of them once.
   *
   * @throws AttachmentRefused when the reference names another order already
   */
  async assign(
    context: RequestContext,
    draft: Draft,
    offers: Iterable<Offer> | AsyncIterable<Offer>
  ): Promise<RampAnswer<PlacedOrder> | typeof OVERTAKEN> {
    const tried = new Set<string>()
    for await (const offer of offers) {
      if (tried.has(offer.candidate.agent.id)) continue
      tried.add(offer.candidate.agent.id)
      const assigned = await this.assignTo(context, draft, offer)
      if (assigned.end === 'done') return done(placedOrder(assigned.order))
      if (assigned.end === OVERTAKEN) return OVERTAKEN
      if (assigned.end === 'over_limit') return refused('DAILY_LIMIT_EXCEEDED')
      // What a withdrawal takes is the merchant's: another agent would not help.
      if (draft.request.paymentType === 'withdrawal') return refused('INSUFFICIENT_BALANCE')
    }
    return refused('INSUFFICIENT_LIQUIDITY')
  }

  /** `short` means the agent for a deposit and the merchant for a withdrawal. */
  private async assignTo(context: RequestContext, draft: Draft, { candidate, terms }: Offer): Promise<Assigned> {
    const isDeposit = draft.request.paymentType === 'deposit'
    const split = isDeposit ? await this.split(candidate, terms.agentAmountUsd) : NOTHING
    if (!split) return { end: 'short' }
    const order = this.order(draft, candidate, terms, split, context.now())
    const end = await this.write(context, draft, order)
    if (end === 'done') return { end, order }
    // How much of it the credit line covers was worked out from balances that have changed meanwhile.
    return { end: end === 'short' && isDeposit && candidate.agent.creditLine > 0n ? OVERTAKEN : end }
  }

  /** The assignment of a new or a returned order to a candidate. */
  payment(
    {
      request,
      rail,
      customerMethod,
      place,
      payerPhoneNumber,
      payerBankAccountNumber
    }: Omit<Draft, 'isStored' | 'merchant' | 'customer' | 'transactionHash'>,
    { agent, method, isInstant }: Candidate,
    amounts: Terms & Fees & Split,
    assignment: number,
    now: Date
  ): RampPayment {
    const deadlines = this.deadlines(request.paymentType, now)
    return {
      id: this.identifiers.next(),
      requestId: request.id,
      assignment,
      orderId: request.orderId,
      agentId: agent.id,
      customerId: request.customerId,
      railId: rail.id,
      paymentType: request.paymentType,
      source: request.source,
      status: 'pending',
      agentPaymentMethodId: method.id,
      customerPaymentMethodId: customerMethod?.id ?? null,
      instant: isInstant,
      exchangeRate: amounts.exchangeRate,
      agentRate: amounts.agentRate,
      amountUsd: amounts.amountUsd,
      amountLocal: amounts.amountLocal,
      agentAmountUsd: amounts.agentAmountUsd,
      fee: amounts.fee,
      agentCutOfFees: amounts.agentCut,
      fxSpreadRevenue: amounts.spread,
      currency: place.currencyCode,
      heldBalance: amounts.balance,
      heldCredit: amounts.credit,
      payerPhoneNumber,
      payerBankAccountNumber,
      receipt: null,
      cancelReason: null,
      ...deadlines,
      acceptedAt: null,
      paidAt: null,
      completedAt: null,
      canceledAt: null,
      overdueAt: null,
      dueAt: deadlines.expiresAt ?? deadlines.reassignAfter,
      createdAt: now,
      updatedAt: now
    }
  }

  private deadlines(direction: RampDirection, now: Date): Pick<RampPayment, 'expiresAt' | 'reassignAfter'> {
    const { rampDepositExpiryMilliseconds, rampAcceptWindowMilliseconds } = this.settings
    const after = (milliseconds: number): Date => new Date(now.getTime() + milliseconds)
    return direction === 'deposit'
      ? { expiresAt: after(rampDepositExpiryMilliseconds), reassignAfter: null }
      : { expiresAt: null, reassignAfter: after(rampAcceptWindowMilliseconds) }
  }

  /** Undefined where the agent does not have that much. */
  private async split({ agent }: Candidate, amount: bigint): Promise<Split | undefined> {
    // Without a credit line there is nothing to work out: the ledger knows whether the balance covers it.
    if (agent.creditLine === 0n) return { balance: amount, credit: 0n }
    const [balance, credit] = await this.ledger.accounts([agent.balanceAccountId, agent.creditAccountId])
    if (!balance || !credit) throw new Error(`the accounts of agent ${agent.id} are missing`)
    return holdSplit(amount, balance, credit)
  }

  private order(draft: Draft, candidate: Candidate, terms: Terms, split: Split, now: Date): Order {
    const { merchant, customer, place, rail, customerMethod, transactionHash } = draft
    const fees = this.lockedFees(draft, terms)
    const payment = this.payment(draft, candidate, { ...terms, ...fees, ...split }, 1, now)
    const { agent, method: agentMethod } = candidate
    const changes = {
      paymentId: payment.id,
      amountUsd: terms.amountUsd,
      fee: fees.fee,
      countedDay: dayOf(now)
    }
    const request = requestAdvanced(draft.request, 'picked_up', changes, now)
    return { payment, request, agent, merchant, customer, place, rail, agentMethod, customerMethod, transactionHash }
  }

  private reservation({ isStored }: Draft, { payment, request, agent }: Order, accounts: PlatformAccounts): Command[] {
    if (payment.paymentType === 'deposit') return reserveDeposit(payment, agent, accounts)
    return isStored ? [] : reserveWithdrawal(request, accounts)
  }

  /** What was reserved with the order is what it costs, whatever the merchant's fee is by now. */
  private lockedFees({ request, merchant }: Draft, { amountUsd }: Terms): Fees {
    if (request.fee === null || request.amountUsd !== amountUsd) return this.feesOf(merchant, amountUsd)
    const { rampAgentShareBasisPoints } = this.settings
    return { fee: request.fee, agentCut: shareOf(request.fee, rampAgentShareBasisPoints, 'down') }
  }

  private async write(context: RequestContext, draft: Draft, order: Order): Promise<StepEnd> {
    const { request, payment, agent, place } = order
    const now = payment.createdAt
    const accounts = await this.writer.platform(place.currencyCode)
    const stored = draft.isStored ? requestStatement(draft.request, request) : this.requests.table.insert(request)
    return this.writer.write(context, {
      commands: this.reservation(draft, order, accounts),
      rows: [
        countForDay(request.customerId, dayOf(now), payment.amountUsd, this.settings.rampDailyLimitUsd),
        ...(draft.quote ? [useQuote(draft.quote, request.id)] : []),
        ...(draft.methodRows ?? []),
        stored,
        ...this.payments.rows(payment),
        assignAgent(agent, now)
      ],
      events: [this.events.ofRequest(order, now), ...this.events.ofPayment(order, ['payment.assigned'], null, now)]
    })
  }
}

/** Without letters and digits that look alike. */
const ORDER_ID_ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
const ORDER_ID_LENGTH = 10

/** What people call an order by. */
export function newOrderId(): string {
  return Array.from(randomBytes(ORDER_ID_LENGTH), (byte) => ORDER_ID_ALPHABET[byte % ORDER_ID_ALPHABET.length]).join('')
}

const REFERENCE_BYTES = 8

export function newReference(): string {
  return randomBytes(REFERENCE_BYTES).toString('hex')
}
