/** Money sent straight to a payment pointer: what makes it count, and plans its announcement. */
import type { Statement } from '../../database/statement'
import type { Asset, PaymentPointer } from '../../entities'
import type { Ledger } from '../../ledger/ledger'
import { creditOf, drawAccountId, sumOf, type Credit, type CreditOfMany } from '../credit'
import { liquidityAccount } from '../ledger-accounts'

/** $1 pointer, $2 amount, $3 now, $4 when it is due without a threshold, $5 asset. */
const THRESHOLD = '(SELECT withdrawal_threshold FROM asset WHERE id = $5)'

/**
 * What is not announced yet and reaches the asset's threshold is due now, whatever was planned. Below it, or
 * without one, the first credit since the last announcement plans the next, if there is a delay to plan by.
 */
const CREDIT = {
  name: 'payment_pointer_income_credit',
  text: `INSERT INTO payment_pointer_income AS income
      (payment_pointer_id, received_amount, announced_amount, announce_at)
    VALUES ($1, $2::numeric, 0,
      CASE WHEN $2::numeric >= ${THRESHOLD} THEN $3::timestamptz ELSE $4::timestamptz END)
    ON CONFLICT (payment_pointer_id) DO UPDATE SET
      received_amount = income.received_amount + $2::numeric,
      announce_at = CASE
        WHEN income.received_amount + $2::numeric - income.announced_amount >= ${THRESHOLD}
        THEN least(income.announce_at, $3::timestamptz)
        ELSE coalesce(income.announce_at, $4::timestamptz)
      END`,
  rowsExpected: 1
} as const

const OPEN_ACCOUNT = {
  name: 'payment_pointer_open_account',
  text: `UPDATE payment_pointer SET web_monetization_account_id = $2
    WHERE id = $1 AND web_monetization_account_id IS NULL`,
  rowsExpected: 1
} as const

export class WebMonetizationCredits {
  constructor(
    private readonly ledger: Ledger,
    /** How long to collect before an announcement; null: only the asset's threshold makes one due. */
    private readonly delayMilliseconds: number | null
  ) {}

  /**
   * `amount` is in the payment pointer's asset, at least 1. A submission has at most one credit of a pointer;
   * it is refused as `wasOpenedMeanwhile` says. Deactivated pointers still take what is on its way to them.
   */
  async credit(
    paymentPointer: Pick<PaymentPointer, 'id' | 'webMonetizationAccountId'>,
    asset: Pick<Asset, 'id' | 'ledger'>,
    amount: bigint,
    now: Date
  ): Promise<Credit> {
    return creditOf(await this.creditOfMany(paymentPointer, asset, now), amount)
  }

  /** As `credit`, for several amounts. */
  async creditOfMany(
    paymentPointer: Pick<PaymentPointer, 'id' | 'webMonetizationAccountId'>,
    asset: Pick<Asset, 'id' | 'ledger'>,
    now: Date
  ): Promise<CreditOfMany> {
    const { id, webMonetizationAccountId: known } = paymentPointer
    const accountId = known ?? (await drawAccountId(this.ledger))
    const account = liquidityAccount('LIQUIDITY_WEB_MONETIZATION', accountId, asset.ledger, id)
    const due = this.delayMilliseconds === null ? null : new Date(now.getTime() + this.delayMilliseconds)
    const opening: Statement[] = known === null ? [{ ...OPEN_ACCOUNT, values: [id, String(accountId)] }] : []
    return {
      accountId,
      accounts: known === null ? [account] : [],
      attachments: (amounts) => {
        if (amounts.length === 0) return opening
        return [...opening, { ...CREDIT, values: [id, String(sumOf(amounts)), now, due, asset.id] }]
      }
    }
  }
}
