/**
 * Deposits that go on to a wallet. What completes such a deposit submits, after its own commands and not linked
 * to them, the commands of a delivery. If the coins are not there the deposit is completed all the same: the
 * merchant keeps the money, and is told that the delivery failed.
 *
 *   check    when the order is placed: is there such a wallet, and is it worth it
 *   plan     when the order is completed: commands, and rows by the results of these commands
 *   begun    after the commit
 */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Attachment } from '../../../database/statement'
import { RampOnchainTx } from '../../../entities'
import type { Result, TransferCommand } from '../../../ledger/types'
import { refused } from '../../answer'
import type { RequestContext } from '../../context'
import type { RampAnswer } from '../failures'
import type { RampAccounts } from '../parties/ramp-accounts'
import { derivedId } from '../transfer-ids'
import type { RampOutbox } from '../webhooks/outbox'
import type { OnchainGateway } from './gateway'
import { holdCommands } from './legs'
import { onchainTxEvent } from './onchain-events'
import type { OnchainSettings } from './settings'
import { findTarget, type OnchainTarget } from './target'

export interface DeliveryWish {
  readonly address: string
  /** `usd_coin`, `usd_tether`, or a symbol. */
  readonly cryptocurrency: string
  readonly network: string
}

export interface DeliverySource {
  /** The order that is completed. */
  readonly requestId: string
  readonly merchantId: string
  /** The ledger account of the merchant's USD. */
  readonly balanceAccountId: bigint
  readonly target: OnchainTarget
  /** What the merchant is credited with, in millionths of a USD. */
  readonly net: bigint
  /** What the merchant was told that the network costs, whatever it costs by now. */
  readonly fee: bigint
}

export interface PlannedDelivery {
  /** To be submitted last. */
  readonly commands: readonly TransferCommand[]
  /** What is written beside them, by their results alone. */
  readonly attachments: (results: readonly Result[]) => readonly Attachment[]
  /** Tells the gateway, once all is committed. */
  readonly begun: (context: RequestContext, results: readonly Result[]) => Promise<void>
}

export class OnchainDelivery {
  private readonly transactions: EntityReads<RampOnchainTx>

  constructor(
    entities: EntityReader,
    private readonly accounts: RampAccounts,
    private readonly outbox: RampOutbox,
    private readonly gateway: OnchainGateway,
    private readonly settings: OnchainSettings
  ) {
    this.transactions = entities.of(RampOnchainTx)
  }

  /** The wallet, by the names that are answered; `net` is what the merchant would be credited with. */
  check({ address, cryptocurrency, network }: DeliveryWish, net: bigint): RampAnswer<OnchainTarget> {
    const target = findTarget({ address, network, symbol: cryptocurrency })
    if (!target.done) return target
    return net > this.feeOf(target.value.network) ? target : refused('BELOW_MINIMUM')
  }

  /** What the network costs, in millionths of a USD. */
  feeOf(network: string): bigint {
    return this.settings.onchainFeesUsd[network] ?? 0n
  }

  /** Undefined where fees leave nothing to deliver. */
  async plan(source: DeliverySource, now: Date): Promise<PlannedDelivery | undefined> {
    const { target, net, fee } = source
    if (net <= fee) return undefined
    const tx = newDelivery(source, net - fee, now)
    const [float, fees] = await Promise.all([
      this.accounts.float(target.symbol, target.network),
      this.accounts.id('platform:fees')
    ])
    return {
      commands: holdCommands(tx, { merchant: source.balanceAccountId, float, fees }),
      attachments: (results) => this.rows(isHeld(results) ? tx : failed(tx, now), now),
      begun: async (context, results) => {
        if (isHeld(results)) await this.gateway.accepted(context, tx)
      }
    }
  }

  private rows(tx: RampOnchainTx, now: Date): Attachment[] {
    const events = tx.status === 'pending' ? [] : [onchainTxEvent(tx, now)]
    return [this.transactions.table.row(tx), ...this.outbox.attachments(events)]
  }
}

function isHeld(results: readonly Result[]): boolean {
  return results.every((result) => result === 'ok')
}

function newDelivery(source: DeliverySource, quantity: bigint, createdAt: Date): RampOnchainTx {
  return {
    ...source.target,
    // An order is delivered once.
    id: derivedId('delivery', source.requestId),
    merchantId: source.merchantId,
    requestId: source.requestId,
    quantity,
    fee: source.fee,
    status: 'pending',
    transactionHash: null,
    reason: null,
    metadata: null,
    createdAt,
    settledAt: null
  }
}

function failed(tx: RampOnchainTx, settledAt: Date): RampOnchainTx {
  return { ...tx, status: 'failed', reason: 'There were not enough coins on the network.', settledAt }
}
