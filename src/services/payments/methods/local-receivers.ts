/**
 * Receivers on this instance: incoming payments, named by their own URL or by their connection's. One read
 * finds the payment with everything that paying it takes.
 */
import type { EntityReader } from '../../../database/entity-reader'
import type { Loader, Reader } from '../../../database/reader'
import { Asset, IncomingPayment } from '../../../entities'
import { parseUuid } from '../../identifiers'
import type { PaymentPointerService } from '../../payment-pointers/payment-pointer-service'
import { parsePaymentPointerUrl } from '../../payment-pointers/payment-pointer-url'
import type { Receiver, Resolution } from './payment-method'

export interface LocalReceiver extends Receiver {
  readonly payment: IncomingPayment
  readonly asset: Asset
}

type Row = Record<string, unknown> & { readonly pointer_url: string }

interface Found {
  readonly pointerUrl: string
  readonly payment: IncomingPayment
  readonly asset: Asset
}

const PAYMENT_URL = /^(.+)\/incoming-payments\/([^/]+)$/
const ASSET_PREFIX = 'asset_'

export class LocalReceivers {
  private readonly byId: Loader<string, Row>
  private readonly byConnection: Loader<string, Row>
  private readonly foundOf: (row: Row) => Found

  constructor(
    entities: EntityReader,
    reader: Reader,
    private readonly paymentPointers: PaymentPointerService,
    private readonly options: {
      /** What the URLs of own connections start with, without a slash at the end. */
      readonly openPaymentsUrl: string
    }
  ) {
    const payments = entities.of(IncomingPayment).table
    const assets = entities.of(Asset).table
    const end = { expires_at: 'least(payment.expires_at, pointer.payments_end_at)' }
    const text = (column: string): string => `
      SELECT ${payments.select('payment', '', end)}, pointer.url AS pointer_url, ${assets.select('asset', ASSET_PREFIX)}
      FROM incoming_payment AS payment
      JOIN payment_pointer AS pointer ON pointer.id = payment.payment_pointer_id
      JOIN asset ON asset.id = payment.asset_id
      WHERE payment.${column} = ANY($1::uuid[])`
    this.byId = reader.loader<string, Row>('local_receiver', text('id'), (row) => String(row.id))
    this.byConnection = reader.loader<string, Row>('local_receiver_by_connection', text('connection_id'), (row) =>
      String(row.connection_id)
    )
    this.foundOf = (row) => ({
      pointerUrl: row.pointer_url,
      payment: payments.entityOf(row),
      asset: assets.entityOf(row, ASSET_PREFIX)
    })
  }

  /** Undefined for URLs that are not of this instance. */
  async resolve(url: string, now: Date): Promise<Resolution<LocalReceiver> | undefined> {
    const connections = `${this.options.openPaymentsUrl}/connections/`
    if (url.startsWith(connections)) return this.resolveConnection(url.slice(connections.length), now)
    const [, pointer = '', id = ''] = PAYMENT_URL.exec(url) ?? []
    const pointerUrl = parsePaymentPointerUrl(pointer)
    return pointerUrl === undefined ? undefined : this.resolvePayment(pointerUrl, id, now)
  }

  private async resolvePayment(
    pointerUrl: string,
    id: string,
    now: Date
  ): Promise<Resolution<LocalReceiver> | undefined> {
    const uuid = parseUuid(id)
    const row = uuid === undefined ? undefined : await this.byId.load(uuid)
    const found = row && this.foundOf(row)
    if (found?.pointerUrl === pointerUrl) return resolutionOf(found, now)
    return (await this.paymentPointers.findByUrl(pointerUrl)) ? { state: 'unknown' } : undefined
  }

  /** A connection ends with its payment, so one that is not there may have been paid. It carries no amounts. */
  private async resolveConnection(id: string, now: Date): Promise<Resolution<LocalReceiver>> {
    const uuid = parseUuid(id)
    const row = uuid === undefined ? undefined : await this.byConnection.load(uuid)
    if (!row) return { state: 'gone' }
    const resolution = resolutionOf(this.foundOf(row), now)
    if (resolution.state !== 'open') return resolution
    const bare = { incomingAmount: undefined, remaining: undefined, expiresAt: undefined }
    return { state: 'open', receiver: { ...resolution.receiver, ...bare } }
  }
}

function resolutionOf({ payment, asset }: Found, now: Date): Resolution<LocalReceiver> {
  const { state, incomingAmount, receivedAmount, expiresAt } = payment
  if (state === 'COMPLETED') return { state: 'gone' }
  if (state === 'EXPIRED' || expiresAt <= now) return { state: 'expired' }
  return {
    state: 'open',
    receiver: {
      unit: { assetCode: asset.code, assetScale: asset.scale },
      incomingAmount: incomingAmount ?? undefined,
      remaining: incomingAmount === null ? undefined : incomingAmount - receivedAmount,
      expiresAt,
      payment,
      asset
    }
  }
}
