/** A caller that an access rule let in, together with what it says about its session. */
import type { Authenticate, Caller } from './access'
import { addressOf } from './address'
import type { Exchange } from './exchange'

export interface SessionCaller extends Caller {
  /** The header `authorization` as it came: the bare key of a session, if it is one. */
  readonly authorization?: string
  /** Where the request came from. */
  readonly address?: string
}

/** The same rule. A session lets nobody in; it is looked at where an operation asks for one. */
export function withSession(authenticate: Authenticate): Authenticate<SessionCaller> {
  return (exchange) => {
    const caller = authenticate(exchange)
    return caller instanceof Promise ? caller.then((known) => describe(known, exchange)) : describe(caller, exchange)
  }
}

function describe(caller: Caller | undefined, exchange: Exchange): SessionCaller | undefined {
  return (
    caller && {
      ...caller,
      authorization: exchange.header('authorization'),
      address: addressOf(exchange.request)
    }
  )
}
