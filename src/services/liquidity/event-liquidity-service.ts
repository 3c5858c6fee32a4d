/**
 * Money that an event asks for: the operator funds an outgoing payment, or takes out what arrived or was left.
 * The event's id is the transfer's id, so each event moves money once, however often it is asked to.
 */
import assert from 'node:assert'
import type { EntityReader, EntityReads } from '../../database/entity-reader'
import type { Loader, Reader } from '../../database/reader'
import { OutgoingPayment, Quote, type WebhookEvent } from '../../entities'
import type { Ledger } from '../../ledger/ledger'
import { AMOUNT_MAX, AttachmentRefused, type Command, type Result } from '../../ledger/types'
import { ahead } from '../ahead'
import { done, refused, type Answer } from '../answer'
import type { AssetService } from '../assets/asset-service'
import type { RequestContext } from '../context'
import { parseTransferId, parseUuid, type Identifiers } from '../identifiers'
import type { Idempotency, Repeatable } from '../idempotency/idempotency'
import type { Recorder } from '../idempotency/recorder'
import { liquidityAccount } from '../ledger-accounts'
import { TRANSFER_CODES } from '../ledger-codes'
import { FUND_STATEMENT, transition } from '../payments/outgoing/transitions'
import type { WebhookEvents } from '../webhooks/events'
import type { EventLiquidityFailure } from './event-liquidity-failures'

export interface EventLiquidity extends Repeatable {
  readonly eventId: string
}

export type EventLiquidityAnswer = Answer<null, EventLiquidityFailure>

/** A payment with all that funding it takes. */
interface Fundable {
  readonly payment: OutgoingPayment
  readonly quote: Quote
  readonly ledger: number
  readonly settlementAccountId: bigint
}

type FundableRow = Record<string, unknown> & {
  readonly asset_ledger: number
  readonly asset_settlement_account_id: string
}

const QUOTE_PREFIX = 'quote_'
const ACCOUNT_OF_OWNER = 'ledger_account_owner'

export class EventLiquidityService {
  private readonly payments: EntityReads<OutgoingPayment>
  private readonly fundable: Loader<string, FundableRow>
  private readonly quotes: EntityReads<Quote>

  constructor(
    entities: EntityReader,
    reader: Reader,
    private readonly events: WebhookEvents,
    private readonly assets: AssetService,
    private readonly ledger: Ledger,
    private readonly idempotency: Idempotency,
    private readonly identifiers: Identifiers
  ) {
    this.payments = entities.of(OutgoingPayment)
    this.quotes = entities.of(Quote)
    this.fundable = reader.loader<string, FundableRow>(
      'outgoing_payment_fundable',
      `SELECT ${this.payments.table.select('payment')}, ${this.quotes.table.select('quote', QUOTE_PREFIX)},
          asset.ledger AS asset_ledger, asset.settlement_account_id AS asset_settlement_account_id
        FROM outgoing_payment AS payment JOIN quote USING (id) JOIN asset ON asset.id = quote.send_asset_id
        WHERE payment.id = ANY($1::uuid[])`,
      (row) => String(row.id)
    )
  }

  /** Puts the send amount into the payment of an `outgoing_payment.created` event, which is sent at once. */
  deposit(context: RequestContext, input: EventLiquidity): Promise<EventLiquidityAnswer> {
    const eventRead = ahead(this.events.find(input.eventId))
    return this.idempotency.execute<EventLiquidityAnswer>(context, 'deposit_event', input, async (recorder) => {
      const id = parseTransferId(input.eventId)
      const event = await eventRead
      if (id === undefined || event?.type !== 'outgoing_payment.created') return refused('invalid_id')
      const amount = sendAmountOf(event)
      if (amount === undefined) return refused('no_amount')
      const found = await this.findFundable(event.resourceId)
      if (!found) return refused('unknown_payment')
      if (found.payment.state !== 'FUNDING') return refused(await this.refusalOfFunded(id))
      if (amount !== found.quote.sendAmount) return refused('amount_changed')
      if (found.quote.expiresAt <= context.now()) return refused('quote_expired')
      return this.fund(context, recorder, id, found)
    })
  }

  /** Takes out what an event says may be withdrawn. Final at once. */
  withdraw(context: RequestContext, input: EventLiquidity): Promise<EventLiquidityAnswer> {
    const eventRead = ahead(this.events.find(input.eventId))
    return this.idempotency.execute<EventLiquidityAnswer>(context, 'withdraw_event', input, async (recorder) => {
      const id = parseTransferId(input.eventId)
      const event = await eventRead
      const { withdrawalAccountId, withdrawalAssetId, withdrawalAmount } = event ?? {}
      if (id === undefined || !withdrawalAccountId || !withdrawalAssetId || !withdrawalAmount) {
        return refused('invalid_id')
      }
      const asset = await this.assets.find(withdrawalAssetId)
      assert(asset, `asset ${withdrawalAssetId} of an event exists`)
      const sides = { debitAccountId: withdrawalAccountId, creditAccountId: asset.settlementAccountId }
      return recorder.submit({
        commands: this.withdrawal(id, withdrawalAmount, sides, event!.resourceId),
        answer: ({ results }) => answerOf(results)
      })
    })
  }

  private async findFundable(id: string): Promise<Fundable | undefined> {
    const row = await this.fundable.load(id)
    return (
      row && {
        payment: this.payments.table.entityOf(row),
        quote: this.quotes.table.entityOf(row, QUOTE_PREFIX),
        ledger: row.asset_ledger,
        settlementAccountId: BigInt(row.asset_settlement_account_id)
      }
    )
  }

  /**
   * The deposit, the payment's step to SENDING and the request's record in one submission. The commit wakes the
   * workers that send.
   */
  private async fund(
    context: RequestContext,
    recorder: Recorder<EventLiquidityAnswer>,
    id: string,
    { payment, quote, ledger, settlementAccountId }: Fundable
  ): Promise<EventLiquidityAnswer> {
    const [liquidityAccountId] = (await this.ledger.allocateAccountIds(1)) as [bigint]
    const { statement } = transition('fund', payment, { liquidityAccountId }, context.now())
    const command: Command = {
      type: 'transfer',
      id,
      debitAccountId: settlementAccountId,
      creditAccountId: liquidityAccountId,
      amount: quote.sendAmount,
      code: TRANSFER_CODES.DEPOSIT,
      reference: payment.id
    }
    try {
      return await recorder.submit({
        accounts: [liquidityAccount('LIQUIDITY_OUTGOING', liquidityAccountId, ledger, payment.id)],
        commands: [command],
        answer: ({ results }) => answerOf(results),
        attach: ({ results }) => {
          const refusal = answerOf(results)
          // The account was opened for this deposit alone and goes with it.
          if (!refusal.done) throw new DepositRefused(refusal)
          return [statement]
        }
      })
    } catch (error) {
      if (error instanceof DepositRefused) return error.answer
      if (isFundedMeanwhile(error)) return refused(await this.refusalOfFunded(id))
      throw error
    }
  }

  /** Why a payment that does not wait for money gets none. */
  private async refusalOfFunded(id: string): Promise<EventLiquidityFailure> {
    return (await this.ledger.transfer(id)) ? 'transfer_exists' : 'wrong_state'
  }

  /** One transfer, or as many as it takes if the amount is more than one can carry: all of them or none. */
  private withdrawal(
    id: string,
    amount: bigint,
    sides: { debitAccountId: bigint; creditAccountId: bigint },
    resourceId: string
  ): Command[] {
    const reference = parseUuid(resourceId)
    const command = { type: 'transfer', ...sides, code: TRANSFER_CODES.WITHDRAWAL, reference } as const
    const commands: Command[] = []
    for (let left = amount; left > 0n; left -= AMOUNT_MAX) {
      const transferId = commands.length === 0 ? id : this.identifiers.next()
      const linked = left > AMOUNT_MAX
      commands.push({ ...command, id: transferId, amount: linked ? AMOUNT_MAX : left, linked })
    }
    return commands
  }
}

/** Undoes the whole submission; the answer is recorded by itself. */
class DepositRefused extends Error {
  constructor(readonly answer: EventLiquidityAnswer) {
    super('a deposit was refused by the ledger')
  }
}

/** Another request for the same payment was faster. */
function isFundedMeanwhile(error: unknown): boolean {
  if (!(error instanceof AttachmentRefused)) return false
  return error.statement === FUND_STATEMENT || error.constraint === ACCOUNT_OF_OWNER
}

const WHOLE_NUMBER = /^\d{1,20}$/

function sendAmountOf({ data }: WebhookEvent): bigint | undefined {
  const { payment } = data as { payment?: { sendAmount?: { value?: unknown } } }
  const value = payment?.sendAmount?.value
  return typeof value === 'string' && WHOLE_NUMBER.test(value) ? BigInt(value) : undefined
}

const FAILURES: Partial<Readonly<Record<Result, EventLiquidityFailure>>> = {
  exists: 'transfer_exists',
  exceeds_credits: 'insufficient_balance',
  exceeds_debits: 'insufficient_balance',
  total_overflow: 'total_overflow'
}

/** @throws for results that are a defect here */
function answerOf(results: readonly Result[]): EventLiquidityAnswer {
  const result = results.find((each) => each !== 'ok' && each !== 'linked_failed')
  if (result === undefined) return done(null)
  const failure = FAILURES[result]
  if (failure === undefined) throw new Error(`the ledger answered ${result} where it cannot`)
  return refused(failure)
}
