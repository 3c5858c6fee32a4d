/** How what the operator is refused is answered. */
import { RAMP_FAILURES, type RampFailure } from '../../services/ramp/failures'
import type { FailureCode } from '../failure'

/** What use cases refuse the operator. */
export type OperatorFailure = RampFailure

/** What the edge refuses before a use case is asked, and where too much work waits for one to be carried out. */
export const EDGE_FAILURES = [
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'UNAUTHENTICATED',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'OVERLOADED'
] as const satisfies readonly FailureCode[]

/** 404: there is no such thing. 409: not as things are. 403: not for you. 422: not with these values. */
export const STATUS: Readonly<Record<OperatorFailure, number>> = {
  ABOVE_MAXIMUM: 422,
  ACCOUNT_RESTRICTED: 403,
  BELOW_MINIMUM: 422,
  DAILY_LIMIT_EXCEEDED: 409,
  DUPLICATE_REFERENCE: 409,
  EMAIL_TAKEN: 409,
  FORBIDDEN: 403,
  GRAPHQL_PARSE_FAILED: 400,
  GRAPHQL_VALIDATION_FAILED: 400,
  INSUFFICIENT_BALANCE: 409,
  INSUFFICIENT_LIQUIDITY: 409,
  INVALID_ADDRESS: 422,
  INVALID_AMOUNT: 422,
  INVALID_DATE_RANGE: 422,
  INVALID_GLOBAL_ID: 404,
  INVALID_MARGIN: 422,
  INVALID_ORDER_TYPE: 409,
  INVALID_PAGINATION: 422,
  INVALID_PAYMENT_METHOD: 422,
  INVALID_RATE: 422,
  INVALID_STATUS: 409,
  MARKET_RATE_UNAVAILABLE: 409,
  MISSING_FIELD: 422,
  NOT_FOUND: 404,
  QUOTE_CONSUMED: 409,
  QUOTE_EXPIRED: 409,
  QUOTE_TYPE_MISMATCH: 409,
  RECEIPT_REQUIRED: 409,
  REQUIRED_ATTRIBUTES_MISSING: 422,
  UNAUTHENTICATED: 401,
  UNSUPPORTED_ASSET: 422,
  UNSUPPORTED_COUNTRY: 422,
  UNSUPPORTED_NETWORK: 422
}

export function detailOf(code: OperatorFailure): string {
  return RAMP_FAILURES[code]
}
