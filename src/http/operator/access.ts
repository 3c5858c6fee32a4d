/** Who may come in to the operator routes. */
import { bearerOf, secretMatcher } from '../access'
import type { Exchange } from '../exchange'
import { Failure, UNAUTHENTICATED } from '../failure'

const NOT_FOUND = new Failure('NOT_FOUND', 'Not found')

/**
 * Lets the operator's own token in and nothing else: neither the administrator's credentials nor a key of the
 * ramp. Without a token the routes are there for this machine alone, and for others there is nothing.
 *
 * @throws Failure
 */
export function operatorAccess(token: string | undefined): (exchange: Exchange) => void {
  if (!token) {
    return (exchange) => {
      if (!exchange.isLocal) throw NOT_FOUND
    }
  }
  const isToken = secretMatcher(token)
  return (exchange) => {
    const bearer = bearerOf(exchange.header('authorization'))
    if (bearer === undefined || !isToken(bearer)) throw UNAUTHENTICATED
  }
}
