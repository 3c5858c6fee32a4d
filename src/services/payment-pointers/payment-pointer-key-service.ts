import type { Reader } from '../../database/reader'
import { PaymentPointer, PaymentPointerKey } from '../../entities'
import { done, refused, type Answer } from '../answer'
import type { RequestContext } from '../context'
import { parseUuid, type Identifiers } from '../identifiers'
import type { Idempotency, Repeatable } from '../idempotency/idempotency'
import { orRefused } from '../storage-refusals'
import { isStorable } from '../text'

export type PaymentPointerKeyFailure =
  | 'unknown_payment_pointer'
  /** `kid` is empty, too long or cannot be stored. */
  | 'invalid_kid'
  /** `x` is not 32 bytes in base64url. */
  | 'invalid_public_key'
  /** The pointer has an active key of this name. */
  | 'duplicate_kid'
  | 'unknown_key'

export interface AddPaymentPointerKey extends Repeatable {
  readonly paymentPointerId: string
  /** An Ed25519 public key; what kind of key it is, the caller has made sure. */
  readonly jwk: { readonly kid: string; readonly x: string }
}

export interface RevokePaymentPointerKey extends Repeatable {
  readonly id: string
}

/** 32 bytes in base64url without padding: 42 characters of six bits and one of four. */
const PUBLIC_KEY = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/** Most keys of one payment pointer that others are shown. */
const SHOWN_MAX = 1_000

const ACTIVE = {
  name: 'payment_pointer_keys_active',
  text: `SELECT kid, x FROM payment_pointer_key WHERE payment_pointer_id = $1 AND revoked_at IS NULL
    ORDER BY created_at, id LIMIT ${SHOWN_MAX}`
} as const

export class PaymentPointerKeyService {
  constructor(
    private readonly reader: Reader,
    private readonly idempotency: Idempotency,
    private readonly identifiers: Identifiers
  ) {}

  /** The keys by which the payment pointer signs now, the oldest first. */
  active(paymentPointerId: string): Promise<Pick<PaymentPointerKey, 'kid' | 'x'>[]> {
    return this.reader.rows({ ...ACTIVE, values: [paymentPointerId] })
  }

  add(
    context: RequestContext,
    input: AddPaymentPointerKey
  ): Promise<Answer<PaymentPointerKey, Exclude<PaymentPointerKeyFailure, 'unknown_key'>>> {
    return this.idempotency.execute(context, 'add_payment_pointer_key', input, async (recorder) => {
      const { kid, x } = input.jwk
      const paymentPointerId = parseUuid(input.paymentPointerId)
      if (paymentPointerId === undefined) return refused('unknown_payment_pointer')
      const id = this.identifiers.next()
      const key: PaymentPointerKey = { id, paymentPointerId, kid, x, revokedAt: null, createdAt: context.now() }
      return orRefused(['duplicate_kid'], () =>
        recorder.run(async (manager) => {
          const known = await manager.existsBy(PaymentPointer, { id: paymentPointerId })
          if (!known) return refused('unknown_payment_pointer')
          if (kid === '' || !isStorable(kid)) return refused('invalid_kid')
          if (!PUBLIC_KEY.test(x)) return refused('invalid_public_key')
          await manager.insert(PaymentPointerKey, key)
          return done(key)
        })
      )
    })
  }

  /** Revokes a key for ever. Doing so again changes nothing. */
  revoke(context: RequestContext, input: RevokePaymentPointerKey): Promise<Answer<PaymentPointerKey, 'unknown_key'>> {
    return this.idempotency.execute(context, 'revoke_payment_pointer_key', input, async (recorder) => {
      const id = parseUuid(input.id)
      if (id === undefined) return refused('unknown_key')
      return recorder.run(async (manager) => {
        const key = await manager.findOne(PaymentPointerKey, { where: { id }, lock: { mode: 'for_no_key_update' } })
        if (!key) return refused('unknown_key')
        if (key.revokedAt) return done(key)
        key.revokedAt = context.now()
        await manager.update(PaymentPointerKey, { id }, { revokedAt: key.revokedAt })
        return done(key)
      })
    })
  }
}
