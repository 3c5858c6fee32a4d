/** Withdrawals of a merchant's USD to an address on chain. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import { RampOnchainTx, type Merchant } from '../../../entities'
import type { Ledger } from '../../../ledger/ledger'
import { done, refused } from '../../answer'
import type { RequestContext } from '../../context'
import type { Identifiers } from '../../identifiers'
import type { RampAnswer } from '../failures'
import { parseDecimal, USD_SCALE } from '../money'
import type { MerchantService } from '../parties/merchant-service'
import type { RampAccounts } from '../parties/ramp-accounts'
import type { OnchainGateway } from './gateway'
import { holdCommands, holdFailure, isDone, type OnchainAccounts } from './legs'
import type { OnchainSettings } from './settings'
import { findTarget, type OnchainTarget } from './target'

export interface WithdrawOnchain {
  readonly address: string
  /** As it was written. */
  readonly amountUsd: string
  readonly network?: string | null
  readonly symbol?: string | null
  readonly metadata?: Record<string, unknown> | null
}

const DEFAULT_NETWORK = 'CELO'
const DEFAULT_SYMBOL = 'USDC'

export class OnchainWithdrawals {
  private readonly transactions: EntityReads<RampOnchainTx>

  constructor(
    entities: EntityReader,
    private readonly ledger: Ledger,
    private readonly identifiers: Identifiers,
    private readonly merchants: MerchantService,
    private readonly accounts: RampAccounts,
    private readonly gateway: OnchainGateway,
    private readonly settings: OnchainSettings
  ) {
    this.transactions = entities.of(RampOnchainTx)
  }

  /** A transaction of this merchant. */
  async find(merchantId: string, id: string): Promise<RampOnchainTx | undefined> {
    const tx = await this.transactions.find(id)
    return tx?.merchantId === merchantId ? tx : undefined
  }

  /** Reserves the amount and what the network costs, until the transaction is settled. */
  async withdraw(
    context: RequestContext,
    merchantId: string,
    input: WithdrawOnchain
  ): Promise<RampAnswer<RampOnchainTx>> {
    const { address, network, symbol, metadata } = input
    const target = findTarget({ address, symbol: symbol ?? DEFAULT_SYMBOL, network: network ?? DEFAULT_NETWORK })
    if (!target.done) return target
    const quantity = parseDecimal(input.amountUsd, USD_SCALE)
    if (quantity === undefined || quantity <= 0n || quantity > AMOUNT_MAX) return refused('INVALID_AMOUNT')
    if (quantity < this.settings.onchainMinimumUsd) return refused('BELOW_MINIMUM')
    const merchant = await this.merchants.get(merchantId)
    const tx = this.newTransaction(merchant, target.value, quantity, metadata ?? null, context.now())
    const outcome = await this.ledger.submit({
      commands: holdCommands(tx, await this.accountsOf(merchant, target.value)),
      attach: (outcome) => (isDone(outcome) ? [this.transactions.table.row(tx)] : [])
    })
    if (!isDone(outcome)) return refused(holdFailure(outcome))
    await this.gateway.accepted(context, tx)
    return done(tx)
  }

  private newTransaction(
    merchant: Merchant,
    target: OnchainTarget,
    quantity: bigint,
    metadata: Record<string, unknown> | null,
    createdAt: Date
  ): RampOnchainTx {
    return {
      ...target,
      id: this.identifiers.next(),
      merchantId: merchant.id,
      requestId: null,
      quantity,
      fee: this.settings.onchainFeesUsd[target.network] ?? 0n,
      status: 'pending',
      transactionHash: null,
      reason: null,
      metadata,
      createdAt,
      settledAt: null
    }
  }

  private async accountsOf(merchant: Merchant, { symbol, network }: OnchainTarget): Promise<OnchainAccounts> {
    const [float, fees] = await Promise.all([this.accounts.float(symbol, network), this.accounts.id('platform:fees')])
    return { merchant: merchant.balanceAccountId, float, fees }
  }
}

/** A trillion USD: far above any balance, and still a number that every column and answer holds exactly. */
const AMOUNT_MAX = 10n ** 18n
