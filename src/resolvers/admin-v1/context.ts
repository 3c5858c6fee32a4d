/** What resolvers of this API know of a request beyond what every use case is told. */
import type { Logger, RequestContext } from '../../services/context'
import type { SessionService } from '../../services/sessions/session-service'

export interface V1Caller {
  /** Whether the caller showed credentials of the operator. */
  readonly isAdmin: boolean
  /** The header `authorization`: the bare key of a session, if it is one. */
  readonly authorization?: string
  /** Where the request came from. */
  readonly address?: string
}

export class V1Context implements RequestContext {
  readonly requestId: string
  readonly address?: string
  readonly isAdmin: boolean
  private session: Promise<boolean> | undefined

  constructor(
    private readonly context: RequestContext,
    private readonly caller: V1Caller,
    private readonly sessions: SessionService
  ) {
    this.requestId = context.requestId
    this.address = caller.address
    this.isAdmin = caller.isAdmin
  }

  get logger(): Logger {
    return this.context.logger
  }

  now(): Date {
    return this.context.now()
  }

  /** Whether the caller holds a live session, whosoever it is. Looked up when it is first asked. */
  hasSession(): Promise<boolean> {
    return (this.session ??= this.findSession())
  }

  private async findSession(): Promise<boolean> {
    const { authorization } = this.caller
    return authorization ? (await this.sessions.find(this.context, authorization)) !== undefined : false
  }
}
