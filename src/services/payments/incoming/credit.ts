/** The credit hook: what makes money for an incoming payment count, in the transaction that moves it. */
import type { Statement } from '../../../database/statement'
import type { Asset, IncomingPayment } from '../../../entities'
import type { Ledger } from '../../../ledger/ledger'
import { AttachmentRefused } from '../../../ledger/types'
import { creditOf, drawAccountId, sumOf, wasOpenedMeanwhile, type Credit, type CreditOfMany } from '../../credit'
import { liquidityAccount } from '../../ledger-accounts'
import { transitionText } from './life-cycle'

const CREDIT = { name: 'incoming_payment_credit', text: transitionText('credit'), rowsExpected: 1 } as const

const OPEN_ACCOUNT = {
  name: 'incoming_payment_open_account',
  text: `UPDATE incoming_payment SET account_id = $2 WHERE id = $1 AND account_id IS NULL`,
  rowsExpected: 1
} as const

/** Named by the database, as is the limit of what a payment may receive. */
const RECEIVED_AMOUNT_RANGE = 'incoming_payment_received_amount'

/** Why a submission with a credit was refused. Nothing was stored. */
export type CreditRefusal =
  /** The payment is completed or expired by now. */
  | 'finished'
  /** All that it received would pass 2^64 − 1. */
  | 'full'
  /** Somebody else opened the account meanwhile. Read the payment and try again. */
  | 'account_opened'

/** What is known of the payment that is to be credited. */
export type Creditable = Pick<IncomingPayment, 'id' | 'accountId'>

export class IncomingPaymentCredits {
  constructor(
    private readonly ledger: Ledger,
    private readonly settlingMilliseconds: number
  ) {}

  /** `amount` is in the payment's asset, at least 1. A submission has at most one credit of a payment. */
  async credit(payment: Creditable, asset: Pick<Asset, 'ledger'>, amount: bigint, now: Date): Promise<Credit> {
    return creditOf(await this.creditOfMany(payment, asset, now), amount)
  }

  /**
   * As `credit`, for several amounts. It is refused as a whole also if the payment would be complete before the
   * last of them: one may be more than is asked for, the next is too late.
   */
  async creditOfMany(payment: Creditable, asset: Pick<Asset, 'ledger'>, now: Date): Promise<CreditOfMany> {
    const known = payment.accountId
    const accountId = known ?? (await drawAccountId(this.ledger))
    const account = liquidityAccount('LIQUIDITY_INCOMING', accountId, asset.ledger, payment.id)
    const announceAt = new Date(now.getTime() + this.settlingMilliseconds)
    const open: Statement = { ...OPEN_ACCOUNT, values: [payment.id, String(accountId)] }
    return {
      accountId,
      accounts: known === null ? [account] : [],
      attachments: (amounts) => {
        const last = amounts.at(-1)
        if (last === undefined) return known === null ? [open] : []
        const values = [[payment.id], now, announceAt, String(sumOf(amounts)), String(accountId), String(last)]
        return [{ ...CREDIT, values }]
      }
    }
  }
}

/** Whether, and why, a submission failed because of its credit. */
export function creditRefusalOf(error: unknown): CreditRefusal | undefined {
  if (wasOpenedMeanwhile(error)) return 'account_opened'
  if (!(error instanceof AttachmentRefused) || error.statement !== CREDIT.name) return undefined
  return error.constraint === RECEIVED_AMOUNT_RANGE ? 'full' : 'finished'
}
