/** Everything that the ramp refuses to agents, merchants, customers and the operator, with a sentence for people. */
import type { Answer } from '../answer'

export const RAMP_FAILURES = {
  REQUIRED_ATTRIBUTES_MISSING: 'At least one of the arguments has to be given.',
  UNAUTHENTICATED: 'The API key is missing, malformed, unknown or revoked.',
  FORBIDDEN: 'This API key may not do that.',
  ACCOUNT_RESTRICTED: 'The account has been restricted; ask the operator.',
  INVALID_GLOBAL_ID: 'The ID is malformed, or names an object of another type.',
  NOT_FOUND: 'There is no such object, or it belongs to somebody else.',
  INVALID_STATUS: 'The object is not in a state that allows this.',
  INVALID_ORDER_TYPE: 'A deposit was meant to be a withdrawal, or the reverse.',
  INSUFFICIENT_BALANCE: 'The available balance does not cover the amount and its fee.',
  INSUFFICIENT_LIQUIDITY: 'Nobody has enough liquidity for this amount right now.',
  INVALID_AMOUNT: 'The amount is not positive, too large, or has too many decimals.',
  BELOW_MINIMUM: 'The amount is below the minimum.',
  ABOVE_MAXIMUM: 'The amount is above the maximum.',
  DAILY_LIMIT_EXCEEDED: 'The customer would exceed the daily limit.',
  QUOTE_EXPIRED: 'The quote has expired; refresh it.',
  QUOTE_CONSUMED: 'The quote has been used.',
  QUOTE_TYPE_MISMATCH: 'The quote is for the other direction.',
  DUPLICATE_REFERENCE: 'The reference already names something with other values.',
  EMAIL_TAKEN: 'The email address is taken.',
  INVALID_PAYMENT_METHOD: 'The payment method, or its type, cannot be used here.',
  MISSING_FIELD: 'A required field is absent or blank, or a text is too long or not what it should be.',
  RECEIPT_REQUIRED: 'A receipt is required.',
  INVALID_RATE: 'The rate is out of range, or has too many decimals.',
  INVALID_MARGIN: 'A margin must be zero or more, with at most six decimals.',
  MARKET_RATE_UNAVAILABLE: 'The market rate of this currency is not known.',
  UNSUPPORTED_COUNTRY: 'This country is not supported.',
  UNSUPPORTED_ASSET: 'This asset is not supported.',
  UNSUPPORTED_NETWORK: 'This network is not supported for the asset.',
  INVALID_ADDRESS: 'The address or transaction is not one of this network, or the URL cannot be used.',
  INVALID_PAGINATION: 'Pages and their sizes start at 1.',
  INVALID_DATE_RANGE: 'The range of dates ends before it begins.',
  GRAPHQL_PARSE_FAILED: 'The document is not GraphQL.',
  GRAPHQL_VALIDATION_FAILED: 'The document or its variables do not fit the schema.'
} as const

export type RampFailure = keyof typeof RAMP_FAILURES

export type RampAnswer<Value> = Answer<Value, RampFailure>
