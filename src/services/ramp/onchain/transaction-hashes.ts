/** Transactions on chain that orders know: those said to pay for a withdrawal, and those that deliver a deposit. */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { GroupWriter } from '../../../database/group-writer'
import type { Loader, Reader } from '../../../database/reader'
import { AttachmentRefused } from '../../../database/write-errors'
import { RampRequest, RampTransactionHash } from '../../../entities'
import { done, refused } from '../../answer'
import type { RequestContext } from '../../context'
import type { RampAnswer } from '../failures'

interface HashRow {
  readonly request_id: string
  readonly hash: string
}

const OF_REQUESTS = `SELECT request_id, hash FROM ramp_transaction_hash WHERE request_id = ANY($1::uuid[])
  UNION ALL SELECT request_id, transaction_hash FROM ramp_onchain_tx
    WHERE request_id = ANY($1::uuid[]) AND transaction_hash IS NOT NULL`

/** What any chain calls a transaction. */
const HASH = /^[0-9A-Za-z]{16,128}$/

export class TransactionHashes {
  private readonly requests: EntityReads<RampRequest>
  private readonly hashes: EntityReads<RampTransactionHash & { id: string }>
  private readonly ofRequests: Loader<string, HashRow>

  constructor(
    entities: EntityReader,
    reader: Reader,
    private readonly groupWriter: GroupWriter
  ) {
    this.requests = entities.of(RampRequest)
    this.hashes = entities.of(RampTransactionHash as new () => RampTransactionHash & { id: string })
    this.ofRequests = reader.loader<string, HashRow>('ramp_hash_of_request', OF_REQUESTS, (row) => row.request_id)
  }

  /** The transaction of an order, if one is known. */
  async of(requestId: string): Promise<string | undefined> {
    return (await this.ofRequests.load(requestId))?.hash
  }

  /** Notes which transaction is to pay for an open withdrawal. Each names one order, and each order one of them. */
  async confirm(
    context: RequestContext,
    merchantId: string,
    requestId: string,
    text: string
  ): Promise<RampAnswer<true>> {
    const hash = canonicalHash(text)
    if (hash === undefined) return refused('INVALID_ADDRESS')
    const request = await this.requests.find(requestId)
    if (request?.merchantId !== merchantId) return refused('NOT_FOUND')
    if (request.paymentType !== 'withdrawal') return refused('INVALID_ORDER_TYPE')
    if ((await this.of(requestId)) === hash) return done(true)
    if (request.status === 'completed' || request.status === 'canceled') return refused('INVALID_STATUS')
    const row = Object.assign(new RampTransactionHash(), { hash, requestId, createdAt: context.now() })
    try {
      await this.groupWriter.write([this.hashes.table.row(row as RampTransactionHash & { id: string })])
      return done(true)
    } catch (error) {
      return this.judge(error, requestId, hash)
    }
  }

  private async judge(error: unknown, requestId: string, hash: string): Promise<RampAnswer<true>> {
    const constraint = error instanceof AttachmentRefused ? error.constraint : undefined
    const isTaken = constraint === 'ramp_transaction_hash_pkey'
    if (!isTaken && constraint !== 'ramp_transaction_hash_of_request') throw error
    // The same call may have been here a moment ago.
    if ((await this.of(requestId)) === hash) return done(true)
    return refused(isTaken ? 'DUPLICATE_REFERENCE' : 'INVALID_STATUS')
  }
}

/**
 * The one way of writing a hash, so that a transaction has one name wherever it is told: hexadecimal ones are the same
 * in any case, others are not. Undefined for what is no hash of any chain.
 */
export function canonicalHash(text: string): string | undefined {
  const hash = text.trim()
  if (!HASH.test(hash)) return undefined
  return /^0x[0-9a-f]+$/i.test(hash) ? hash.toLowerCase() : hash
}
