/** Errors that leave a resolver as entries of `errors`, with a message made for the caller. */
import { GraphQLError } from 'graphql'
import type { IdempotencyRefused, IdempotencyFailure } from '../../services/idempotency/failures'

/** The code of every error that has none of its own. */
export const INTERNAL_CODE = 'INTERNAL_SERVER_ERROR'

export function notFound(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: INTERNAL_CODE } })
}

const KEY_SHOWN_MAX = 255

const IDEMPOTENCY_MESSAGES: Readonly<Record<IdempotencyFailure, (key: string) => string>> = {
  key_in_use: (key) => `Concurrent request for idempotencyKey: ${key}`,
  key_reused: (key) => `Incoming arguments are different than the original request for idempotencyKey: ${key}`,
  key_invalid: (key) => `Invalid idempotencyKey: ${key}`
}

export function idempotencyError({ failure, key }: IdempotencyRefused): GraphQLError {
  const message = IDEMPOTENCY_MESSAGES[failure](key.slice(0, KEY_SHOWN_MAX))
  return new GraphQLError(message, { extensions: { code: INTERNAL_CODE } })
}
