/**
 * What became of a transaction on chain. Its row changes once, together with its holds: whoever comes second,
 * from wherever, changes nothing.
 */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Page, PageRequest } from '../../../database/keyset'
import type { Statement } from '../../../database/statement'
import { RampOnchainTx } from '../../../entities'
import type { Ledger } from '../../../ledger/ledger'
import { AttachmentRefused } from '../../../ledger/types'
import { done, refused } from '../../answer'
import type { RequestContext } from '../../context'
import type { RampAnswer } from '../failures'
import type { RampOutbox } from '../webhooks/outbox'
import { isDone, resolveCommands } from './legs'
import { onchainTxEvent } from './onchain-events'
import { canonicalHash } from './transaction-hashes'

type Change = Pick<RampOnchainTx, 'status' | 'transactionHash' | 'reason'>

const REASON_LENGTH_MAX = 500

const SETTLE = {
  name: 'ramp_onchain_tx_settle',
  text: `UPDATE ramp_onchain_tx SET status = $2, transaction_hash = $3, reason = $4, settled_at = $5
    WHERE id = $1 AND status = 'pending'`
} as const

export class OnchainSettlement {
  private readonly transactions: EntityReads<RampOnchainTx>

  constructor(
    entities: EntityReader,
    private readonly ledger: Ledger,
    private readonly outbox: RampOutbox
  ) {
    this.transactions = entities.of(RampOnchainTx)
  }

  find(id: string): Promise<RampOnchainTx | undefined> {
    return this.transactions.find(id)
  }

  /** Those that wait to be settled. */
  pending(request: PageRequest): Promise<Page<RampOnchainTx>> {
    return this.transactions.page(request, { name: 'pending', condition: `status = 'pending'`, values: [] })
  }

  /** It is on chain, under this hash: the money has left. */
  async complete(context: RequestContext, id: string, transactionHash: string): Promise<RampAnswer<RampOnchainTx>> {
    if (transactionHash.trim() === '') return refused('REQUIRED_ATTRIBUTES_MISSING')
    const hash = canonicalHash(transactionHash)
    if (hash === undefined) return refused('INVALID_ADDRESS')
    return this.settle(context, id, { status: 'completed', transactionHash: hash, reason: null })
  }

  /** It could not be carried out: the money is back. */
  fail(context: RequestContext, id: string, reason: string): Promise<RampAnswer<RampOnchainTx>> {
    return this.settle(context, id, { status: 'failed', transactionHash: null, reason: shortened(reason) })
  }

  /** It was given up before it went out: the money is back. */
  cancel(context: RequestContext, id: string, reason: string): Promise<RampAnswer<RampOnchainTx>> {
    return this.settle(context, id, { status: 'canceled', transactionHash: null, reason: shortened(reason) })
  }

  private async settle(context: RequestContext, id: string, change: Change): Promise<RampAnswer<RampOnchainTx>> {
    const tx = await this.transactions.find(id)
    if (!tx) return refused('NOT_FOUND')
    if (tx.status !== 'pending') return agreed(tx, change)
    const now = context.now()
    const settled: RampOnchainTx = { ...tx, ...change, settledAt: now }
    try {
      const outcome = await this.ledger.submit({
        commands: resolveCommands(tx, change.status === 'completed' ? 'post' : 'void'),
        attach: (outcome) =>
          isDone(outcome) ? [settleStatement(settled), ...this.outbox.attachments([onchainTxEvent(settled, now)])] : []
      })
      return isDone(outcome) ? done(settled) : await this.settledBefore(id, change)
    } catch (error) {
      if (error instanceof AttachmentRefused && error.constraint === 'ramp_onchain_tx_hash') {
        return refused('DUPLICATE_REFERENCE')
      }
      throw error
    }
  }

  /** Another call was faster, and its holds are resolved. */
  private async settledBefore(id: string, change: Change): Promise<RampAnswer<RampOnchainTx>> {
    const tx = await this.transactions.find(id)
    return tx ? agreed(tx, change) : refused('NOT_FOUND')
  }
}

/** Saying again what was said already is no other outcome. */
function agreed(tx: RampOnchainTx, { status, transactionHash }: Change): RampAnswer<RampOnchainTx> {
  return tx.status === status && tx.transactionHash === transactionHash ? done(tx) : refused('INVALID_STATUS')
}

function shortened(reason: string): string {
  return reason.trim().slice(0, REASON_LENGTH_MAX)
}

function settleStatement({ id, status, transactionHash, reason, settledAt }: RampOnchainTx): Statement {
  return { ...SETTLE, values: [id, status, transactionHash, reason, settledAt], rowsExpected: 1 }
}
