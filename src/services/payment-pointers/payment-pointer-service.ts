import { setTimeout } from 'node:timers/promises'
import type { EntityManager } from 'typeorm'
import type { EntityReader, EntityReads } from '../../database/entity-reader'
import type { Page, PageRequest } from '../../database/keyset'
import type { Loader } from '../../database/reader'
import type { Attachment } from '../../database/statement'
import { PaymentPointer, type Asset } from '../../entities'
import { ahead } from '../ahead'
import { done, refused, type Answer, type Done } from '../answer'
import type { AssetService, AssetUnit, UnitFailure } from '../assets/asset-service'
import type { RequestContext } from '../context'
import { parseUuid, type Identifiers } from '../identifiers'
import type { Idempotency, Repeatable } from '../idempotency/idempotency'
import type { Recorder } from '../idempotency/recorder'
import type { IncomingPaymentDeadlines } from '../payments/incoming/deadlines'
import { orRefused } from '../storage-refusals'
import { isStorable } from '../text'
import { isShadowed, parsePaymentPointerUrl } from './payment-pointer-url'

export type PaymentPointerStatus = 'ACTIVE' | 'INACTIVE'

export type PaymentPointerFailure =
  | 'invalid_url'
  /** Too long, or with characters that cannot be stored. */
  | 'invalid_public_name'
  | 'unknown_asset'
  /** Another pointer has the URL. */
  | 'duplicate_url'
  | 'unknown_payment_pointer'

interface PaymentPointerTerms extends Repeatable {
  readonly url: string
  readonly publicName?: string | null
}

export interface CreatePaymentPointer extends PaymentPointerTerms {
  readonly assetId: string
}

/** A payment pointer by the unit of its asset, which is created with it if there is none. */
export interface CreatePaymentPointerInUnit extends PaymentPointerTerms {
  readonly asset: AssetUnit
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

/** How often an activation is tried while others have payments of the pointer in hand, and how much longer each pause is. */
const ACTIVATION_ATTEMPTS_MAX = 8
const ACTIVATION_PAUSE_MILLISECONDS = 50

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
      const form = formOf(input)
      if (!form.done) return form
      const asset = await assetRead
      if (!asset) return refused('unknown_asset')
      const pointer = this.newPointer(context, form.value, asset)
      return orRefused(['duplicate_url'], () => this.insert(recorder, pointer))
    })
  }

  /** As `create`; the asset is created with the pointer if there is none of the unit, and with nothing else. */
  createInUnit(
    context: RequestContext,
    input: CreatePaymentPointerInUnit
  ): Promise<Answer<PaymentPointer, PaymentPointerFailure | UnitFailure>> {
    return this.idempotency.execute<Answer<PaymentPointer, PaymentPointerFailure | UnitFailure>>(
      context,
      'create_payment_pointer_in_unit',
      input,
      async (recorder) => {
        const form = formOf(input)
        if (!form.done) return form
        const judge = async (): Promise<'duplicate_url' | undefined> =>
          (await this.byUrl.load(form.value.url)) && 'duplicate_url'
        return this.assets.inUnit<PaymentPointer, PaymentPointerFailure>(
          context,
          input.asset,
          judge,
          ({ asset, accounts, attachments }) => {
            const pointer = this.newPointer(context, form.value, asset)
            return orRefused(['duplicate_url', 'duplicate_asset'], () => {
              if (accounts.length === 0) return this.insert(recorder, pointer)
              const attach = (): Attachment[] => [...attachments, this.reads.table.insert(pointer)]
              return recorder.submit({ accounts, attach, answer: () => done(pointer) })
            })
          }
        )
      }
    )
  }

  /**
   * Changes what is given. Setting the status that the pointer already has changes nothing. With its
   * deactivation its open incoming payments get their last deadline, which its activation does not take back.
   */
  update(context: RequestContext, input: UpdatePaymentPointer): Promise<Answer<PaymentPointer, PaymentPointerFailure>> {
    return this.idempotency.execute(context, 'update_payment_pointer', input, async (recorder) => {
      const id = parseUuid(input.id)
      if (id === undefined) return refused('unknown_payment_pointer')
      for (let attempt = 1; ; attempt++) {
        try {
          return await recorder.run((manager) => this.change(manager, id, input, context.now()))
        } catch (error) {
          if (!(error instanceof PaymentsStillEnding) || attempt === ACTIVATION_ATTEMPTS_MAX) throw error
          await this.deadlines.settle(context.now(), id)
          await setTimeout(ACTIVATION_PAUSE_MILLISECONDS * (attempt - 1))
        }
      }
    })
  }

  private async change(
    manager: EntityManager,
    id: string,
    input: UpdatePaymentPointer,
    now: Date
  ): Promise<Answer<PaymentPointer, PaymentPointerFailure>> {
    const pointer = await manager.findOne(PaymentPointer, { where: { id }, lock: { mode: 'for_no_key_update' } })
    if (!pointer) return refused('unknown_payment_pointer')
    if (!isPublicName(input.publicName)) return refused('invalid_public_name')
    const changes = this.changesOf(pointer, input, now)
    if (changes.deactivatedAt === null && pointer.paymentsEndAt !== null) throw new PaymentsStillEnding()
    if (Object.keys(changes).length > 0) await manager.update(PaymentPointer, { id }, changes)
    return done({ ...pointer, ...changes })
  }

  private changesOf(pointer: PaymentPointer, input: UpdatePaymentPointer, now: Date): Partial<PaymentPointer> {
    const { publicName, status } = input
    const changesStatus = status != null && status !== statusOf(pointer, now)
    const end = { deactivatedAt: now, paymentsEndAt: this.deadlines.after(now) }
    return {
      ...(publicName !== undefined && { publicName }),
      ...(changesStatus && (status === 'INACTIVE' ? end : { deactivatedAt: null }))
    }
  }

  private newPointer(context: RequestContext, { url, publicName }: Form, asset: Asset): PaymentPointer {
    return {
      id: this.identifiers.next(),
      assetId: asset.id,
      url,
      publicName,
      deactivatedAt: null,
      paymentsEndAt: null,
      webMonetizationAccountId: null,
      createdAt: context.now()
    }
  }

  private insert(
    recorder: Recorder<Answer<PaymentPointer, PaymentPointerFailure | UnitFailure>>,
    pointer: PaymentPointer
  ): Promise<Done<PaymentPointer>> {
    return recorder.run(async (manager) => {
      await manager.insert(PaymentPointer, pointer)
      return done(pointer)
    })
  }
}

/** With the activation the deadline of the payments goes, and some of them do not have it yet. */
class PaymentsStillEnding extends Error {}

interface Form {
  /** In its normal form. */
  readonly url: string
  readonly publicName: string | null
}

function formOf(input: PaymentPointerTerms): Answer<Form, 'invalid_url' | 'invalid_public_name'> {
  const url = parsePaymentPointerUrl(input.url)
  if (url === undefined || isShadowed(url)) return refused('invalid_url')
  const publicName = input.publicName ?? null
  return isPublicName(publicName) ? done({ url, publicName }) : refused('invalid_public_name')
}

function isPublicName(name: string | null | undefined): boolean {
  return name == null || isStorable(name)
}
