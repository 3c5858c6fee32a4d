/** Why a request with an idempotency key got no answer. Nothing was executed, nothing was overwritten. */
export type IdempotencyFailure = 'key_in_use' | 'key_reused' | 'key_invalid'

export class IdempotencyRefused extends Error {
  constructor(
    readonly failure: IdempotencyFailure,
    readonly key: string,
    options?: ErrorOptions
  ) {
    super(`idempotency key refused: ${failure}`, options)
    this.name = 'IdempotencyRefused'
  }
}
