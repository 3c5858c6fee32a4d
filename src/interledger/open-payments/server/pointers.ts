/** What is public: payment pointers, their keys, connections and the keys of clients. */
import type { Asset, IncomingPayment, PaymentPointer } from '../../../entities'
import type { AssetService } from '../../../services/assets/asset-service'
import type { ClientService } from '../../../services/clients/client-service'
import type { PaymentPointerKeyService } from '../../../services/payment-pointers/payment-pointer-key-service'
import type { IncomingPaymentService } from '../../../services/payments/incoming/incoming-payment-service'
import type { StreamCredentials } from '../../stream/credentials'
import { jsonAnswer, Refusal, type OpenPaymentsAnswer, type OpenPaymentsRequest } from '../messages'
import { connectionJson, keySetJson, pointerJson } from './representations'
import { spspAnswer, wantsSpsp } from './spsp'

/** How others reach this service. */
export interface Addresses {
  /** What the URLs of connections start with, without a slash at the end. */
  readonly openPaymentsUrl: string
  /** Where clients get grants. */
  readonly authServer: string
}

export const NOT_FOUND = new Refusal(404, 'Not Found')

/** A payment pointer changes rarely; which of its two forms is answered, `Accept` decides. */
const POINTER_HEADERS = ['cache-control', 'public, max-age=60', 'vary', 'Accept']
const VARY = ['vary', 'Accept']

export class Pointers {
  constructor(
    private readonly assets: AssetService,
    private readonly keys: PaymentPointerKeyService,
    private readonly clients: ClientService,
    private readonly payments: IncomingPaymentService,
    private readonly credentials: StreamCredentials,
    private readonly addresses: Addresses
  ) {}

  async get(request: OpenPaymentsRequest, pointer: PaymentPointer): Promise<OpenPaymentsAnswer> {
    const asset = await this.assetOf(pointer.assetId)
    if (wantsSpsp(request)) return spspAnswer(request, this.credentials, { paymentTag: pointer.id, asset })
    return jsonAnswer(200, pointerJson(pointer, asset, this.addresses.authServer), POINTER_HEADERS)
  }

  async getKeys(pointer: PaymentPointer): Promise<OpenPaymentsAnswer> {
    return jsonAnswer(200, keySetJson(await this.keys.active(pointer.id)))
  }

  async getConnection(request: OpenPaymentsRequest, id: string): Promise<OpenPaymentsAnswer> {
    const payment = await this.payments.findByConnection(id)
    if (!payment || !isPayable(payment, request.context.now())) throw NOT_FOUND
    const asset = await this.assetOf(payment.assetId)
    if (wantsSpsp(request)) return spspAnswer(request, this.credentials, { paymentTag: payment.id, asset })
    return jsonAnswer(200, this.connectionOf(payment, asset), VARY)
  }

  /** The key document of clients of the first generation, which look for the key under either of two names. */
  async getClientKey(id: string): Promise<OpenPaymentsAnswer> {
    const found = await this.clients.findKey(id)
    if (!found) throw NOT_FOUND
    const { jwk } = found.key
    const { id: clientId, name, uri, email, image } = found.client
    return jsonAnswer(200, { key: jwk, jwk, client: { id: clientId, name, uri, email, image } })
  }

  async assetOf(id: string): Promise<Asset> {
    const asset = await this.assets.find(id)
    if (!asset) throw new Error(`asset ${id} is gone`)
    return asset
  }

  /** A connection with fresh credentials. */
  connectionOf(payment: IncomingPayment, asset: Asset): ReturnType<typeof connectionJson> {
    const credentials = this.credentials.issue({ paymentTag: payment.id, asset })
    return connectionJson(this.connectionUrl(payment), credentials, asset)
  }

  connectionUrl({ connectionId }: IncomingPayment): string {
    return `${this.addresses.openPaymentsUrl}/connections/${connectionId}`
  }
}

/** Whether a payment still takes money. One that expired may not have been processed yet. */
export function isPayable({ connectionId, expiresAt }: IncomingPayment, now: Date): boolean {
  return connectionId !== null && expiresAt > now
}
