/** The port to whoever knows what access tokens allow. */
import type { RequestContext } from '../../../services/context'
import type { ActiveToken, GrantService } from '../../../services/grants/grant-service'

/** `inactive`: unknown, expired or revoked. `unusable`: nobody can say, or what is said makes no sense. */
export type Introspection = ActiveToken | 'inactive' | 'unusable'

export interface Introspector {
  introspect(context: RequestContext, token: string): Promise<Introspection>
}

/** The authority in this process. */
export class EmbeddedIntrospector implements Introspector {
  constructor(private readonly grants: GrantService) {}

  async introspect(context: RequestContext, token: string): Promise<Introspection> {
    return (await this.grants.introspect(token, context.now())) ?? 'inactive'
  }
}
