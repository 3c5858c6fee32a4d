/** What this service asks of other Open Payments servers. The first dialect: payment pointers and connections. */
import type { RequestContext } from '../../../services/context'
import type { GrantKey } from '../../../services/remote-grants/remote-grant-store'
import {
  connectionOf,
  incomingPaymentOf,
  pointerOf,
  type RemoteConnection,
  type RemoteIncomingPayment,
  type RemotePointer,
  type WireAmount
} from './documents'
import { refuseFailure, type RemoteGrants } from './grants'
import type { RemoteAnswer, RemoteHttp, RemoteRequest } from './remote-http'

export interface NewRemotePayment {
  readonly incomingAmount?: WireAmount
  /** ISO 8601. */
  readonly expiresAt?: string
  readonly metadata?: Record<string, unknown>
}

/** Exactly these actions, so that one grant serves every use of a kind. */
const CREATE = ['create', 'read-all'] as const
const READ = ['read-all'] as const

const TOKEN_REFUSED: ReadonlySet<number> = new Set([401, 403])

/** Every operation throws RemoteRefused, RemoteUnreachable or, where a grant is needed, GrantUnusable. */
export class OpenPaymentsClient {
  constructor(
    private readonly http: RemoteHttp,
    private readonly grants: RemoteGrants
  ) {}

  async pointer({ logger }: RequestContext, url: string): Promise<RemotePointer> {
    return pointerOf(await this.get(logger, url), url)
  }

  async connection({ logger }: RequestContext, url: string): Promise<RemoteConnection> {
    return connectionOf(await this.get(logger, url))
  }

  async createIncomingPayment(
    context: RequestContext,
    pointer: RemotePointer,
    payment: NewRemotePayment
  ): Promise<RemoteIncomingPayment> {
    const request = { method: 'POST', url: `${pointer.id}/incoming-payments`, body: payment } as const
    const answer = await this.withToken(context, pointer, CREATE, request)
    return incomingPaymentOf(answer.body, pointer)
  }

  async incomingPayment(context: RequestContext, pointer: RemotePointer, url: string): Promise<RemoteIncomingPayment> {
    const answer = await this.withToken(context, pointer, READ, { method: 'GET', url })
    return incomingPaymentOf(answer.body, pointer)
  }

  private async get(logger: RequestContext['logger'], url: string): Promise<unknown> {
    const answer = await this.http.send(logger, { method: 'GET', url })
    refuseFailure(answer, url)
    return answer.body
  }

  /** A token that the resource refuses, however good it looked, is exchanged once. */
  private async withToken(
    context: RequestContext,
    { authServer }: RemotePointer,
    actions: GrantKey['actions'],
    request: RemoteRequest
  ): Promise<RemoteAnswer> {
    const key: GrantKey = { authServer, accessType: 'incoming-payment', actions }
    const token = await this.grants.token(context, key)
    const first = await this.http.send(context.logger, { ...request, token })
    const answer = TOKEN_REFUSED.has(first.status)
      ? await this.http.send(context.logger, { ...request, token: await this.grants.token(context, key, token) })
      : first
    refuseFailure(answer, request.url)
    return answer
  }
}
