/**
 * The refusals of the edge: everything that a listener or an endpoint says no to before a resolver runs.
 *
 * The set is closed. Each code has one HTTP status; `docs/errors.md` lists them. A client branches on the
 * code, never on the message.
 */
export const FAILURES = {
  /** No credentials, wrong ones, ones of another kind, or ones used before: always the same answer. */
  UNAUTHENTICATED: 401,
  /** Valid credentials of somebody whom this is not for. */
  FORBIDDEN: 403,
  /** The request came over plain HTTP where only HTTPS is taken. */
  TLS_REQUIRED: 403,
  /** Nothing is served at this path. */
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  /** The head or the body of the request took too long to arrive. */
  REQUEST_TIMEOUT: 408,
  BODY_TOO_LARGE: 413,
  /** A GraphQL request is `application/json`, in UTF-8, not compressed. */
  UNSUPPORTED_MEDIA_TYPE: 415,
  HEADERS_TOO_LARGE: 431,
  /** The request is not well-formed HTTP, JSON or GraphQL over HTTP. */
  BAD_REQUEST: 400,
  /** A JSON array of operations: one request carries one operation. */
  BATCHING_REFUSED: 400,
  GRAPHQL_PARSE_FAILED: 400,
  GRAPHQL_VALIDATION_FAILED: 400,
  /** A variable or a literal has a value that its type does not take. */
  BAD_USER_INPUT: 400,
  /** No operation of that name, or several and no name. */
  OPERATION_RESOLUTION_FAILURE: 400,
  SUBSCRIPTION_NOT_SUPPORTED: 400,
  INTROSPECTION_DISABLED: 400,
  QUERY_TOO_LONG: 400,
  QUERY_TOO_DEEP: 400,
  QUERY_TOO_COMPLEX: 400,
  TOO_MANY_ALIASES: 400,
  TOO_MANY_ROOT_FIELDS: 400,
  INTERNAL_SERVER_ERROR: 500,
  /** More requests at once than the listener takes. Nothing was done; try again. */
  OVERLOADED: 503,
  /** The service is stopping. Nothing was done; try another instance, or again later. */
  SHUTTING_DOWN: 503,
  /** Something that the request needs does not answer. Nothing was done. */
  SERVICE_UNAVAILABLE: 503
} as const

export type FailureCode = keyof typeof FAILURES

export const INTERNAL_MESSAGE = 'Internal server error'

/** A refusal, thrown or returned on the way to a resolver. Its message is for the client. */
export class Failure extends Error {
  constructor(
    readonly code: FailureCode,
    message: string,
    options?: ErrorOptions
  ) {
    super(message, options)
    this.name = 'Failure'
  }

  get status(): number {
    return FAILURES[this.code]
  }
}

/** The one answer to whoever may not come in, the same for every reason. */
export const UNAUTHENTICATED = new Failure('UNAUTHENTICATED', 'Unauthorized')

/** A failure in the form of a GraphQL answer, which all endpoints of the edge share. */
export function failureBody(failure: Failure): string {
  return JSON.stringify({ errors: [{ message: failure.message, extensions: { code: failure.code } }] })
}
