/**
 * A merchant's own names of its orders. The same reference with the same arguments is the same order, asked for
 * again; with others it is refused.
 */
import type { EntityReader, EntityReads } from '../../../database/entity-reader'
import type { Loader } from '../../../database/reader'
import { AttachmentRefused } from '../../../database/write-errors'
import { RampRequest } from '../../../entities'
import { done, refused } from '../../answer'
import { hashArguments } from '../../idempotency/arguments-hash'
import { isStorable } from '../../text'
import type { RampAnswer } from '../failures'
import { newReference } from './assigning'

/** What an order is known by. */
export interface Naming {
  readonly reference: string
  readonly argumentsHash: Buffer
  /** Made for an order that was asked for without one: nothing can have it yet. */
  readonly isNew: boolean
}

export class References {
  private readonly requests: EntityReads<RampRequest>
  private readonly byReference: Loader<string, RampRequest>

  constructor(entities: EntityReader) {
    this.requests = entities.of(RampRequest)
    const { table } = this.requests
    this.byReference = this.requests.loader(
      'ramp_request_by_reference',
      `SELECT ${table.select('request')} FROM unnest($1::text[]) AS wanted (key)
        JOIN ramp_request AS request
          ON request.merchant_id = left(key, 36)::uuid AND request.reference = substr(key, 38)`,
      ({ merchantId, reference }) => keyOf(merchantId, reference)
    )
  }

  /** Undefined for what is no reference. Blank is none given. */
  naming(reference: string | null | undefined, args: object): Naming | undefined {
    const argumentsHash = hashArguments(args)
    const given = reference?.trim() ?? ''
    if (given === '') return { reference: newReference(), argumentsHash, isNew: true }
    return isStorable(given) ? { reference: given, argumentsHash, isNew: false } : undefined
  }

  async find(merchantId: string, reference: string): Promise<RampRequest | undefined> {
    return isStorable(reference) ? this.byReference.load(keyOf(merchantId, reference.trim())) : undefined
  }

  /** The order that was asked for before under this name; undefined if there is none. */
  async earlier(
    merchantId: string,
    { reference, argumentsHash, isNew }: Naming
  ): Promise<RampAnswer<RampRequest> | undefined> {
    const request = isNew ? undefined : await this.find(merchantId, reference)
    if (!request) return undefined
    return request.argumentsHash.equals(argumentsHash) ? done(request) : refused('DUPLICATE_REFERENCE')
  }
}

/** Somebody else stored an order of that reference or order id, or the like, at the same moment. */
export function isTaken(error: unknown, ...constraints: readonly string[]): boolean {
  const taken = ['ramp_request_reference', 'ramp_request_order_id', ...constraints]
  return error instanceof AttachmentRefused && error.constraint !== undefined && taken.includes(error.constraint)
}

/** A UUID is always as long. */
function keyOf(merchantId: string, reference: string): string {
  return `${merchantId}:${reference}`
}
