import type { Logger, RequestContext } from '../../services/context'
import type { Principal } from '../../services/ramp/principal'

/** What resolvers of the Agent and the Merchant API know of a request: also who is calling. */
export class RampContext implements RequestContext {
  readonly requestId: string
  readonly address?: string

  constructor(
    private readonly context: RequestContext,
    readonly principal: Principal,
    readonly isConfirmed?: Promise<boolean>
  ) {
    this.requestId = context.requestId
    this.address = context.address
  }

  get logger(): Logger {
    return this.context.logger
  }

  now(): Date {
    return this.context.now()
  }
}
