/**
 * Payments to receivers on this instance. A quote needs rates only and is exact: what it promises is delivered
 * to the unit, and no slippage is reserved. A payment is one submission to the ledger:
 *
 *   same asset:       payment ── receiveAmount ──▶ receiver
 *   across assets:    payment ── principal ──▶ liquidity of the sending asset
 *                     liquidity of the receiving asset ── receiveAmount ──▶ receiver
 *
 * Both legs are linked, and the states of both payments and the events of them travel along: everything is
 * durable in one commit, or nothing happened.
 */
import assert from 'node:assert'
import type { Asset } from '../../../entities'
import { AttachmentRefused, type Command, type Outcome, type Result } from '../../../ledger/types'
import type { Ledger } from '../../../ledger/ledger'
import type { AssetService } from '../../assets/asset-service'
import type { RequestContext } from '../../context'
import type { Credit } from '../../credit'
import type { Identifiers } from '../../identifiers'
import { TRANSFER_CODES } from '../../ledger-codes'
import { divideUp, multiplyDown } from '../../rates/ratio'
import { RatesUnavailable } from '../../rates/rate-table'
import { unitOf, type RatesService } from '../../rates/rates-service'
import { creditRefusalOf, type CreditRefusal, type IncomingPaymentCredits } from '../incoming/credit'
import type { LocalReceiver, LocalReceivers } from './local-receivers'
import type { PaymentErrorName } from './payment-error'
import type {
  AttemptResult,
  PaymentAttempt,
  PaymentMethod,
  Resolution,
  Target,
  Terms,
  TermsFailure
} from './payment-method'

const REFUSAL_ERRORS: Readonly<Record<CreditRefusal, PaymentErrorName>> = {
  finished: 'ReceiverChanged',
  account_opened: 'ReceiverChanged',
  full: 'ReceiverFull'
}

export class LocalPaymentMethod implements PaymentMethod<LocalReceiver> {
  constructor(
    private readonly receivers: LocalReceivers,
    private readonly rates: RatesService,
    private readonly assets: AssetService,
    private readonly credits: IncomingPaymentCredits,
    private readonly ledger: Ledger,
    private readonly identifiers: Identifiers
  ) {}

  resolve(context: RequestContext, url: string): Promise<Resolution<LocalReceiver> | undefined> {
    return this.receivers.resolve(url, context.now())
  }

  async quote(
    context: RequestContext,
    sender: Asset,
    receiver: LocalReceiver,
    target: Target
  ): Promise<Terms | TermsFailure> {
    try {
      const rate = await this.rates.conversion(context.logger, unitOf(sender), receiver.unit)
      if (!rate) return 'no_rate'
      if ('receiveAmount' in target) return { ...target, principal: divideUp(target.receiveAmount, rate), rate }
      const receiveAmount = multiplyDown(target.principal, rate)
      return receiveAmount > 0n ? { ...target, receiveAmount, rate } : 'nothing_delivered'
    } catch (error) {
      if (error instanceof RatesUnavailable) return 'rates_unavailable'
      throw error
    }
  }

  async pay(context: RequestContext, receiver: LocalReceiver, attempt: PaymentAttempt): Promise<AttemptResult> {
    const { asset, payment } = receiver
    const credit = await this.credits.credit(payment, asset, attempt.receiveAmount, context.now())
    const commands = await this.commands(receiver, attempt, credit)
    try {
      const outcome = await this.ledger.submit({
        accounts: credit.accounts,
        commands,
        attach: (outcome) => {
          const credited = isDone(outcome)
          return [...(credited ? attempt.completion(attempt.principal) : []), ...credit.attachments(credited)]
        }
      })
      return isDone(outcome) ? { state: 'completed' } : failed(errorOf(outcome.results))
    } catch (error) {
      const refusal = creditRefusalOf(error)
      if (refusal === undefined || !(error instanceof AttachmentRefused)) throw error
      return failed(REFUSAL_ERRORS[refusal])
    }
  }

  private async commands(receiver: LocalReceiver, attempt: PaymentAttempt, credit: Credit): Promise<Command[]> {
    const { payment, quote, principal, receiveAmount } = attempt
    const { accountId: creditAccountId } = credit
    const debitAccountId = payment.liquidityAccountId
    assert(debitAccountId !== null, `payment ${payment.id} was funded`)
    const common = { type: 'transfer', code: TRANSFER_CODES.PACKET, reference: payment.id } as const
    if (quote.sendAssetId === receiver.asset.id) {
      assert.equal(principal, receiveAmount, `payment ${payment.id} within one asset costs what it delivers`)
      return [{ ...common, id: this.identifiers.next(), debitAccountId, creditAccountId, amount: receiveAmount }]
    }
    const sendAsset = await this.assets.find(quote.sendAssetId)
    assert(sendAsset, `the sending asset of payment ${payment.id} exists`)
    const pools = { source: sendAsset.liquidityAccountId, destination: receiver.asset.liquidityAccountId }
    const first = { debitAccountId, creditAccountId: pools.source, amount: principal, linked: true }
    const second = { debitAccountId: pools.destination, creditAccountId, amount: receiveAmount }
    return [first, second].map((leg) => ({ ...common, ...leg, id: this.identifiers.next() }))
  }
}

/** A payment in one transaction leaves nothing half done. */
function failed(error: PaymentErrorName): AttemptResult {
  return { state: 'failed', error, delivered: 0n }
}

function isDone({ results }: Outcome): boolean {
  return results.every((result) => result === 'ok')
}

/** Only money can be missing: the first transfer takes it from the payment, the second from an asset's liquidity. */
function errorOf([first, second]: readonly Result[]): PaymentErrorName {
  if (first === 'exceeds_credits') return 'MissingBalance'
  if (second === 'exceeds_credits') return 'InsufficientLiquidity'
  if (first === 'total_overflow' || second === 'total_overflow') return 'ReceiverFull'
  throw new Error(`the ledger answered ${first}, ${second} to a payment`)
}
