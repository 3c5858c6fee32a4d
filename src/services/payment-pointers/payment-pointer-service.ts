import type { EntityReader, EntityReads } from '../../database/entity-reader'
import type { Page, PageRequest } from '../../database/keyset'
import type { Loader } from '../../database/reader'
import { PaymentPointer } from '../../entities'
import { ahead } from '../ahead'
import { done, refused, type Answer } from '../answer'
import type { AssetService } from '../assets/asset-service'
import type { RequestContext } from '../context'
import { parseUuid, type Identifiers } from '../identifiers'
import type { Idempotency, Repeatable } from '../idempotency/idempotency'
import type { IncomingPaymentDeadlines } from '../payments/incoming/deadlines'
import { orRefused } from '../storage-refusals'
import { isStorable } from '../text'
import { parsePaymentPointerUrl } from './payment-pointer-url'

export type PaymentPointerStatus = 'ACTIVE' | 'INACTIVE'

export type PaymentPointerFailure =
  | 'invalid_url'
  /** Too long, or with characters that cannot be stored. */
  | 'invalid_public_name'
  | 'unknown_asset'
  /** Another pointer has the URL. */
  | 'duplicate_url'
  | 'unknown_payment_pointer'

export interface CreatePaymentPointer extends Repeatable {
  readonly assetId: string
  readonly url: string
  readonly publicName?: string | null
}

export interface UpdatePaymentPointer extends Repeatable {
  readonly id: string
  /** Null clears it. */
  readonly publicName?: string | null
  readonly status?: PaymentPointerStatus | null
}

/** A pointer is active until the time of its deactivation. */
export function statusOf(pointer: Pick<PaymentPointer, 'deactivatedAt'>, now: Date): PaymentPointerStatus {
  return pointer.deactivatedAt !== null && pointer.deactivatedAt <= now ? 'INACTIVE' : 'ACTIVE'
}

export class PaymentPointerService {
  private readonly reads: EntityReads<PaymentPointer>
  private readonly byUrl: Loader<string, PaymentPointer>

  constructor(
    entities: EntityReader,
    private readonly assets: AssetService,
    private readonly deadlines: IncomingPaymentDeadlines,
    private readonly idempotency: Idempotency,
    private readonly identifiers: Identifiers
  ) {
    this.reads = entities.of(PaymentPointer)
    const { table } = this.reads
    this.byUrl = this.reads.loader(
      'payment_pointer_by_url',
      `SELECT ${table.select()} FROM payment_pointer WHERE url = ANY($1::text[])`,
      (pointer) => pointer.url
    )
  }

  async find(id: string): Promise<PaymentPointer | undefined> {
    const uuid = parseUuid(id)
    return uuid === undefined ? undefined : this.reads.find(uuid)
  }

  /** The pointer of a URL, in whatever form the URL is written. */
  async findByUrl(url: string): Promise<PaymentPointer | undefined> {
    const normal = parsePaymentPointerUrl(url)
    return normal === undefined ? undefined : this.byUrl.load(normal)
  }

  page(request: PageRequest): Promise<Page<PaymentPointer>> {
    return this.reads.page(request)
  }

  create(context: RequestContext, input: CreatePaymentPointer): Promise<Answer<PaymentPointer, PaymentPointerFailure>> {
    const assetRead = ahead(this.assets.find(input.assetId))
    return this.idempotency.execute(context, 'create_payment_pointer', input, async (recorder) => {
      const url = parsePaymentPointerUrl(input.url)
      if (url === undefined) return refused('invalid_url')
      const publicName = input.publicName ?? null
      if (!isPublicName(publicName)) return refused('invalid_public_name')
      const asset = await assetRead
      if (!asset) return refused('unknown_asset')
      const pointer: PaymentPointer = {
        id: this.identifiers.next(),
        assetId: asset.id,
        url,
        publicName,
        deactivatedAt: null,
        webMonetizationAccountId: null,
        createdAt: context.now()
      }
      return orRefused(['duplicate_url'], () =>
        recorder.run(async (manager) => {
          await manager.insert(PaymentPointer, pointer)
          return done(pointer)
        })
      )
    })
  }

  /**
   * Changes what is given. Setting the status that the pointer already has changes nothing. With its
   * deactivation its open incoming payments get their last deadline.
   */
  update(context: RequestContext, input: UpdatePaymentPointer): Promise<Answer<PaymentPointer, PaymentPointerFailure>> {
    return this.idempotency.execute(context, 'update_payment_pointer', input, async (recorder) => {
      const id = parseUuid(input.id)
      if (id === undefined) return refused('unknown_payment_pointer')
      return recorder.run(async (manager) => {
        const pointer = await manager.findOne(PaymentPointer, { where: { id }, lock: { mode: 'for_no_key_update' } })
        if (!pointer) return refused('unknown_payment_pointer')
        if (!isPublicName(input.publicName)) return refused('invalid_public_name')
        const now = context.now()
        const changes = changesOf(pointer, input, now)
        if (Object.keys(changes).length > 0) await manager.update(PaymentPointer, { id }, changes)
        if (changes.deactivatedAt) await this.deadlines.shorten(manager, id, now)
        return done({ ...pointer, ...changes })
      })
    })
  }
}

function isPublicName(name: string | null | undefined): boolean {
  return name == null || isStorable(name)
}

function changesOf(pointer: PaymentPointer, input: UpdatePaymentPointer, now: Date): Partial<PaymentPointer> {
  const { publicName, status } = input
  const changesStatus = status != null && status !== statusOf(pointer, now)
  return {
    ...(publicName !== undefined && { publicName }),
    ...(changesStatus && { deactivatedAt: status === 'INACTIVE' ? now : null })
  }
}
