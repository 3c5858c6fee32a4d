/**
 * The Open Payments resource server: what a request must pass, in its order. Route, payment pointer, `Accept`,
 * form, token, rights, signature; then the operation itself.
 */
import type { PaymentPointer } from '../../../entities'
import type { PaymentPointerSearch } from '../../../services/payment-pointers/payment-pointer-search'
import { statusOf } from '../../../services/payment-pointers/payment-pointer-service'
import { parsePaymentPointerUrl } from '../../../services/payment-pointers/payment-pointer-url'
import { jsonAnswer, Refusal, TEXT_TYPE, type OpenPaymentsAnswer, type OpenPaymentsRequest } from '../messages'
import type { NodeIdentity } from '../node-identity'
import type { Call } from './call'
import type { Guard } from './guard'
import type { IncomingPayments } from './incoming-payments'
import { accepts, JSON_MEDIA_TYPE } from './negotiation'
import type { OutgoingPayments } from './outgoing-payments'
import { NOT_FOUND, type Pointers } from './pointers'
import type { Quotes } from './quotes'
import { keySetJson } from './representations'
import { matchRoute, OPERATIONS, type Match, type OperationName, type Right } from './routes'
import type { RequestValidation } from './validation'

export interface ResourceServerParts {
  readonly search: PaymentPointerSearch
  readonly validation: RequestValidation
  readonly guard: Guard
  readonly pointers: Pointers
  readonly incomingPayments: IncomingPayments
  readonly outgoingPayments: OutgoingPayments
  readonly quotes: Quotes
  readonly identity: NodeIdentity
  /** Where clients get grants. */
  readonly authServer: string
}

type Protected = {
  [Name in OperationName]: (typeof OPERATIONS)[Name] extends { right: Right } ? Name : never
}[OperationName]

type Operation = (call: Call) => Promise<OpenPaymentsAnswer>

export class ResourceServer {
  private readonly operations: Readonly<Record<Protected, Operation>>
  private readonly ownUrl: string | undefined

  constructor(private readonly parts: ResourceServerParts) {
    const { incomingPayments, outgoingPayments, quotes } = parts
    this.ownUrl = parsePaymentPointerUrl(parts.identity.paymentPointerUrl)
    this.operations = {
      'create-incoming-payment': (call) => incomingPayments.create(call),
      'list-incoming-payments': (call) => incomingPayments.list(call),
      'get-incoming-payment': (call) => incomingPayments.get(call),
      'complete-incoming-payment': (call) => incomingPayments.complete(call),
      'create-outgoing-payment': (call) => outgoingPayments.create(call),
      'list-outgoing-payments': (call) => outgoingPayments.list(call),
      'get-outgoing-payment': (call) => outgoingPayments.get(call),
      'create-quote': (call) => quotes.create(call),
      'get-quote': (call) => quotes.get(call)
    }
  }

  /** Answers whatever is expected to go wrong; throws what is not. */
  async handle(request: OpenPaymentsRequest): Promise<OpenPaymentsAnswer> {
    const match = matchRoute(request.method, request.path)
    try {
      if (!match) throw NOT_FOUND
      return { ...(await this.answer(request, match)), route: match.name }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const headers = error.hasChallenge ? ['www-authenticate', `GNAP as_uri=${this.parts.authServer}`] : []
      return { status: error.status, contentType: TEXT_TYPE, body: error.message, headers, route: match?.name }
    }
  }

  private async answer(request: OpenPaymentsRequest, match: Match): Promise<OpenPaymentsAnswer> {
    const { pointers, identity } = this.parts
    if (match.name === 'get-connection') return pointers.getConnection(request, match.id)
    if (match.name === 'get-client-key') return pointers.getClientKey(match.id)
    const url = `https://${request.host ?? ''}${match.pointerPath}`
    if (this.ownUrl !== undefined && parsePaymentPointerUrl(url) === this.ownUrl) {
      if (match.name !== 'get-keys') throw NOT_FOUND
      return jsonAnswer(200, keySetJson([identity.publicKey]))
    }
    const pointer = await this.parts.search.find(request.context, url)
    if (!pointer || statusOf(pointer, request.context.now()) === 'INACTIVE') throw NOT_FOUND
    if (match.name === 'get-payment-pointer') return pointers.get(request, pointer)
    if (match.name === 'get-keys') return pointers.getKeys(pointer)
    return this.protect(request, { name: match.name, id: match.id, pointer })
  }

  private async protect(
    request: OpenPaymentsRequest,
    { name, id, pointer }: { name: Protected; id: string; pointer: PaymentPointer }
  ): Promise<OpenPaymentsAnswer> {
    const { validation, guard } = this.parts
    if (!accepts(request.headers.accept, JSON_MEDIA_TYPE)) throw new Refusal(406, 'must accept json')
    const valid = await validation.check(name, request)
    const permission = await guard.admit(request, OPERATIONS[name].right, pointer, valid.sentBody)
    return this.operations[name]({ ...valid, context: request.context, pointer, permission, id })
  }
}
