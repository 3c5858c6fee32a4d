import { injectable } from 'tsyringe'
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { done, type Answer } from '../../services/answer'
import { ApiKeyService } from '../../services/api-keys/api-key-service'
import type { RequestContext } from '../../services/context'
import { SessionService, type OpenSession } from '../../services/sessions/session-service'
import {
  apiKeyNode,
  CreateApiKeyInput,
  CreateApiKeyMutationResponse,
  DeleteAllApiKeysInput,
  DeleteAllApiKeysMutationResponse,
  RedeemApiKeyInput,
  RedeemApiKeyMutationResponse,
  RefreshSessionInput,
  RefreshSessionMutationResponse,
  RevokeSessionInput,
  RevokeSessionMutationResponse,
  sessionNode,
  type SessionNode
} from './api-key-types'
import { apiKeyFailures, SESSION_FAILURES } from './failures'
import { respond } from './mutation'

const CREATE = { code: '400', message: 'Error trying to create api key' }
const DELETE_ALL = { code: '400', message: 'Error trying to delete all api keys' }
const REDEEM = { code: '400', message: 'Error trying to redeem API key' }
const REFRESH = { catchAll: { code: '400', message: 'Error trying to refresh session' }, failures: SESSION_FAILURES }
const REVOKE = { catchAll: { code: '400', message: 'Error trying to revoke session' }, failures: {} }

@injectable()
@Resolver()
export class ApiKeyResolver {
  constructor(
    private readonly apiKeys: ApiKeyService,
    private readonly sessions: SessionService
  ) {}

  @Mutation(() => CreateApiKeyMutationResponse, {
    nullable: true,
    description: 'Create an API key of a payment pointer. Its secret is in the answer and nowhere else.'
  })
  createApiKey(
    @Arg('input', () => CreateApiKeyInput) { paymentPointerId }: CreateApiKeyInput,
    @Ctx() context: RequestContext
  ): Promise<CreateApiKeyMutationResponse> {
    const operation = { catchAll: CREATE, failures: apiKeyFailures(paymentPointerId) }
    return respond(
      context,
      operation,
      'Created Api Key',
      (created) => ({ apiKey: created ? apiKeyNode(created) : null }),
      () => this.apiKeys.create(context, paymentPointerId)
    )
  }

  @Mutation(() => DeleteAllApiKeysMutationResponse, {
    nullable: true,
    description: 'Delete all API keys of a payment pointer. Sessions that they opened go on.'
  })
  deleteAllApiKeys(
    @Arg('input', () => DeleteAllApiKeysInput) { paymentPointerId }: DeleteAllApiKeysInput,
    @Ctx() context: RequestContext
  ): Promise<DeleteAllApiKeysMutationResponse> {
    const operation = { catchAll: DELETE_ALL, failures: apiKeyFailures(paymentPointerId) }
    return respond(
      context,
      operation,
      `Deleted all Api Keys for payment pointer with id=${paymentPointerId}`,
      () => ({}),
      () => this.apiKeys.deleteAll(context, paymentPointerId)
    )
  }

  @Mutation(() => RedeemApiKeyMutationResponse, {
    nullable: true,
    description: 'Open a session with an API key, which can be used again. `429` after too many wrong ones.'
  })
  redeemApiKey(
    @Arg('input', () => RedeemApiKeyInput) input: RedeemApiKeyInput,
    @Ctx() context: RequestContext
  ): Promise<RedeemApiKeyMutationResponse> {
    const { paymentPointerId } = input
    const operation = { catchAll: REDEEM, failures: apiKeyFailures(paymentPointerId), ids: [paymentPointerId] }
    return respond(context, operation, 'Redeemed API Key', payloadOf, () => this.apiKeys.redeem(context, input))
  }

  @Mutation(() => RefreshSessionMutationResponse, {
    nullable: true,
    description: 'Give a live session a whole lifetime from now.'
  })
  refreshSession(
    @Arg('input', () => RefreshSessionInput) { key }: RefreshSessionInput,
    @Ctx() context: RequestContext
  ): Promise<RefreshSessionMutationResponse> {
    return respond(context, REFRESH, 'Refreshed Session', payloadOf, () => this.sessions.refresh(context, key))
  }

  @Mutation(() => RevokeSessionMutationResponse, {
    nullable: true,
    description: 'End a session. Nothing happens if there is none.'
  })
  revokeSession(
    @Arg('input', () => RevokeSessionInput) { key }: RevokeSessionInput,
    @Ctx() context: RequestContext
  ): Promise<RevokeSessionMutationResponse> {
    const revoke = async (): Promise<Answer<void, never>> => done(await this.sessions.revoke(context, key))
    return respond(context, REVOKE, 'Revoked Session', () => ({}), revoke)
  }
}

function payloadOf(session: OpenSession | undefined): { session: SessionNode | null } {
  return { session: session ? sessionNode(session) : null }
}
