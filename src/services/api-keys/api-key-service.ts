import type { UnitOfWork } from '../../database/unit-of-work'
import { ApiKey } from '../../entities'
import { done, refused, type Answer } from '../answer'
import type { RequestContext } from '../context'
import { parseUuid, type Identifiers } from '../identifiers'
import type { Secrets } from '../secrets'
import type { OpenSession, SessionService } from '../sessions/session-service'
import { orRefused } from '../storage-refusals'
import type { GuessLimiter } from './guess-limiter'

export type ApiKeyFailure =
  | 'unknown_payment_pointer'
  /** No key of the payment pointer matches. */
  | 'unknown_api_key'
  /** Too many failed guesses at the payment pointer, or from the caller's address. */
  | 'too_many_guesses'

/** A new key with its secret, which cannot be had again. */
export interface CreatedApiKey {
  readonly id: string
  readonly paymentPointerId: string
  readonly key: string
  readonly createdAt: Date
}

export class ApiKeyService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly secrets: Secrets,
    private readonly sessions: SessionService,
    private readonly guesses: GuessLimiter,
    private readonly identifiers: Identifiers
  ) {}

  async create(
    context: RequestContext,
    paymentPointerId: string
  ): Promise<Answer<CreatedApiKey, 'unknown_payment_pointer'>> {
    const pointer = parseUuid(paymentPointerId)
    if (pointer === undefined) return refused('unknown_payment_pointer')
    const key = this.secrets.create()
    const row: ApiKey = {
      id: this.identifiers.next(),
      hash: await this.secrets.hash('api key', key),
      paymentPointerId: pointer,
      createdAt: context.now()
    }
    return orRefused(['unknown_payment_pointer'], async () => {
      await this.unitOfWork.run((manager) => manager.insert(ApiKey, row))
      return done({ id: row.id, paymentPointerId: pointer, key, createdAt: row.createdAt })
    })
  }

  /** Removes all keys of a payment pointer. Sessions that they opened go on. */
  async deleteAll(
    _context: RequestContext,
    paymentPointerId: string
  ): Promise<Answer<null, 'unknown_payment_pointer'>> {
    const pointer = parseUuid(paymentPointerId)
    if (pointer === undefined) return refused('unknown_payment_pointer')
    await this.unitOfWork.run((manager) => manager.delete(ApiKey, { paymentPointerId: pointer }))
    return done(null)
  }

  /**
   * Opens a session with a key; the key can be used again. The key is found by its hash in one indexed read, so
   * how long the answer takes says nothing about how much of a guess was right.
   */
  async redeem(
    context: RequestContext,
    input: { readonly key: string; readonly paymentPointerId: string }
  ): Promise<Answer<OpenSession, 'unknown_api_key' | 'too_many_guesses'>> {
    const pointer = parseUuid(input.paymentPointerId)
    if (pointer === undefined) return refused('unknown_api_key')
    if (!(await this.guesses.take(pointer, context.address))) return refused('too_many_guesses')
    const session = await this.sessions.open(context, pointer, await this.secrets.hash('api key', input.key))
    if (!session) return refused('unknown_api_key')
    await this.guesses.giveBack(pointer, context.address)
    return done(session)
  }
}
