/**
 * Disputes about completed deposits, and reversals of the fiat that paid for them. An operator opens one, the
 * merchant is told, and an operator says how it ended.
 *
 * Who loses gives the amount back to the agent as far as the balance goes; what is missing stays on the chargeback
 * as owed. The money moves together with the row, which changes once.
 */
import { randomUUID } from 'node:crypto'
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Page, PageRequest } from '../../../database/keyset'
import type { Statement } from '../../../database/statement'
import { ConstraintViolated, type UnitOfWork } from '../../../database/unit-of-work'
import { Agent, Merchant, RampChargeback, RampRequest } from '../../../entities'
import type { Ledger } from '../../../ledger/ledger'
import { availableOf, type TransferCommand } from '../../../ledger/types'
import { done, refused } from '../../answer'
import type { RequestContext } from '../../context'
import { smaller } from '../../extremes'
import type { Identifiers } from '../../identifiers'
import { RAMP_TRANSFER_CODES } from '../../ledger-codes'
import { isStorable } from '../../text'
import type { RampAnswer } from '../failures'
import { formatDecimal, LOCAL_SCALE, parseDecimal, USD_SCALE } from '../money'
import { globalId } from '../global-ids'
import { OVERTAKEN, unlessOvertaken, untilNotOvertaken } from '../parties/overtaken'
import type { Payments } from '../payments'
import { derivedId } from '../transfer-ids'
import type { NewRampEvent, RampOutbox } from '../webhooks/outbox'

export interface OpenChargeback {
  /** UUID of the deposit's payment request. */
  readonly requestId: string
  /** At most what was deposited; all of it unless given. As it was written. */
  readonly amountUsd?: string
  readonly reason: string
}

export type ChargebackOutcome = 'lost' | 'won'

const REASON_LENGTH_MAX = 500

const RESOLVE = {
  name: 'ramp_chargeback_resolve',
  text: `UPDATE ramp_chargeback SET status = $2, recovered_usd = $3, resolved_at = $4
    WHERE id = $1 AND status = 'pending'`
} as const

export class ChargebackService {
  private readonly chargebacks: EntityReads<RampChargeback>
  private readonly requests: EntityReads<RampRequest>
  private readonly merchants: EntityReads<Merchant>
  private readonly agents: EntityReads<Agent>

  constructor(
    entities: EntityReader,
    private readonly payments: Payments,
    private readonly ledger: Ledger,
    private readonly unitOfWork: UnitOfWork,
    private readonly outbox: RampOutbox,
    private readonly identifiers: Identifiers
  ) {
    this.chargebacks = entities.of(RampChargeback)
    this.requests = entities.of(RampRequest)
    this.merchants = entities.of(Merchant)
    this.agents = entities.of(Agent)
  }

  find(id: string): Promise<RampChargeback | undefined> {
    return this.chargebacks.find(id)
  }

  page(request: PageRequest): Promise<Page<RampChargeback>> {
    return this.chargebacks.page(request)
  }

  /** One is open for a deposit at a time, and none follows one that was lost. */
  async open(context: RequestContext, input: OpenChargeback): Promise<RampAnswer<RampChargeback>> {
    const reason = input.reason.trim().slice(0, REASON_LENGTH_MAX)
    if (reason === '' || !isStorable(reason, REASON_LENGTH_MAX)) return refused('REQUIRED_ATTRIBUTES_MISSING')
    const request = await this.requests.find(input.requestId)
    if (!request) return refused('NOT_FOUND')
    if (request.paymentType !== 'deposit') return refused('INVALID_ORDER_TYPE')
    const payment = request.paymentId === null ? undefined : await this.payments.find(request.paymentId)
    if (request.status !== 'completed' || !payment) return refused('INVALID_STATUS')
    const amountUsd = input.amountUsd === undefined ? payment.amountUsd : parseDecimal(input.amountUsd, USD_SCALE)
    if (amountUsd === undefined || amountUsd <= 0n) return refused('INVALID_AMOUNT')
    if (amountUsd > payment.amountUsd) return refused('ABOVE_MAXIMUM')
    const chargeback: RampChargeback = {
      id: this.identifiers.next(),
      requestId: request.id,
      merchantId: request.merchantId,
      agentId: payment.agentId,
      amountUsd,
      reason,
      status: 'pending',
      recoveredUsd: null,
      createdAt: context.now(),
      resolvedAt: null
    }
    return this.store(chargeback, initiatedEvent(chargeback, request))
  }

  /** Saying again what was said already changes nothing. */
  async resolve(context: RequestContext, id: string, outcome: ChargebackOutcome): Promise<RampAnswer<RampChargeback>> {
    return untilNotOvertaken(async () => {
      const chargeback = await this.chargebacks.find(id)
      if (!chargeback) return refused('NOT_FOUND')
      if (chargeback.status !== 'pending') {
        return chargeback.status === outcome ? done(chargeback) : refused('INVALID_STATUS')
      }
      return this.settle(chargeback, outcome, context.now())
    })
  }

  private async store(chargeback: RampChargeback, event: NewRampEvent): Promise<RampAnswer<RampChargeback>> {
    try {
      await this.unitOfWork.run(async (manager) => {
        await manager.insert(RampChargeback, chargeback)
        await this.outbox.write(manager, [event])
      })
      return done(chargeback)
    } catch (error) {
      const isOpen = error instanceof ConstraintViolated && error.constraint === 'ramp_chargeback_of_request'
      if (isOpen) return refused('INVALID_STATUS')
      throw error
    }
  }

  private async settle(
    chargeback: RampChargeback,
    outcome: ChargebackOutcome,
    now: Date
  ): Promise<RampAnswer<RampChargeback> | typeof OVERTAKEN> {
    const transfer = outcome === 'lost' ? await this.transferOf(chargeback) : undefined
    const recoveredUsd = outcome === 'lost' ? (transfer?.amount ?? 0n) : null
    const settled: RampChargeback = { ...chargeback, status: outcome, recoveredUsd, resolvedAt: now }
    const submission = this.ledger.submit({
      commands: transfer ? [transfer] : [],
      attach: ({ results }) => (results.every((result) => result === 'ok') ? [resolveStatement(settled)] : [])
    })
    const answer = await unlessOvertaken([RESOLVE.name], submission)
    if (answer === OVERTAKEN) return OVERTAKEN
    // The balance went down, or another call was faster: what is so now decides.
    if (answer.results.some((result) => result !== 'ok')) return OVERTAKEN
    return done(settled)
  }

  /** As much as the merchant has; undefined where that is nothing. */
  private async transferOf(chargeback: RampChargeback): Promise<TransferCommand | undefined> {
    const merchant = await this.merchants.find(chargeback.merchantId)
    const agent = await this.agents.find(chargeback.agentId)
    if (!merchant || !agent) throw new Error(`chargeback ${chargeback.id} has lost its merchant or its agent`)
    const account = await this.ledger.account(merchant.balanceAccountId)
    const amount = smaller(account ? availableOf(account) : 0n, chargeback.amountUsd)
    if (amount <= 0n) return undefined
    return {
      type: 'transfer',
      id: derivedId('chargeback', chargeback.id, 'lost'),
      debitAccountId: merchant.balanceAccountId,
      creditAccountId: agent.balanceAccountId,
      amount,
      code: RAMP_TRANSFER_CODES.CHARGEBACK,
      reference: chargeback.requestId
    }
  }
}

function resolveStatement({ id, status, recoveredUsd, resolvedAt }: RampChargeback): Statement {
  return { ...RESOLVE, values: [id, status, recoveredUsd, resolvedAt], rowsExpected: 1 }
}

/** Receivers were promised a number as the amount, in what the request was stated in. */
function initiatedEvent(chargeback: RampChargeback, request: RampRequest): NewRampEvent {
  const scale = request.currency === 'usd' ? USD_SCALE : LOCAL_SCALE
  return {
    id: randomUUID(),
    bearerKind: 'merchant',
    bearerId: chargeback.merchantId,
    type: 'chargeback.initiated',
    orderId: request.id,
    data: {
      id: globalId('MerchantChargeback', chargeback.id),
      status: chargeback.status,
      reason: chargeback.reason,
      payment_request: {
        id: globalId('Types::Cashramp::API::MerchantPaymentRequest', request.id),
        reference: request.reference,
        amount: Number(formatDecimal(request.amount, scale)),
        currency: request.currency
      }
    },
    createdAt: chargeback.createdAt
  }
}
