/**
 * How a request can fail, as four classes to tell apart with `instanceof`.
 */

export abstract class HazinaError extends Error {
  /** Whether the same request, with the same idempotency key, may succeed later. */
  abstract readonly isRetryable: boolean
}

/**
 * No answer arrived: refused connection, broken wire, timeout. It is not known whether anything was done, so send the
 * very same request again.
 */
export class Unreachable extends HazinaError {
  override readonly name = 'Unreachable'
  readonly isRetryable = true
}

const BUSY_STATUS = 503
const INTERNAL_STATUS = 500

/** The service refused before it ran anything: no credentials, bad input, overload. */
export class RequestRefused extends HazinaError {
  override readonly name = 'RequestRefused'

  constructor(
    message: string,
    /** Of the HTTP response. */
    readonly status: number,
    /** From a closed list, such as `UNAUTHENTICATED` and `BAD_USER_INPUT`; undefined where no Hazina answered. */
    readonly code: string | undefined,
    /** Names the request in the service's log. */
    readonly requestId: string | undefined
  ) {
    super(message)
  }

  get isRetryable(): boolean {
    return this.status === BUSY_STATUS || this.status >= INTERNAL_STATUS
  }
}

/**
 * An error of a field: a query for what is not there, an idempotency key that stands for another request or for one
 * that is under way.
 */
export class FieldFailed extends HazinaError {
  override readonly name = 'FieldFailed'
  readonly isRetryable = false

  constructor(
    message: string,
    readonly path: readonly (string | number)[],
    readonly requestId: string | undefined
  ) {
    super(message)
  }
}

/** A mutation said no. Nothing was done. */
export class MutationRefused extends HazinaError {
  override readonly name = 'MutationRefused'
  readonly isRetryable = false

  constructor(
    message: string,
    /** In the manner of an HTTP status: `404`, `409`. */
    readonly code: string,
    /** The name of the refusal, where the mutation has a list of them. */
    readonly error: string | undefined
  ) {
    super(message)
  }
}
