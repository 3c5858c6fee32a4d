import { Field, InputType, ObjectType } from 'type-graphql'
import type { CreatedApiKey } from '../../services/api-keys/api-key-service'
import type { OpenSession } from '../../services/sessions/session-service'
import { Model, MutationResponse } from './interfaces'

const PAYMENT_POINTER = 'Identifier of the payment pointer that the API key belongs to.'
const SESSION_KEY = 'Secret of the session, the value of the header `authorization`.'

@ObjectType('ApiKey', { implements: Model, description: 'A secret that opens sessions.' })
export class ApiKeyNode extends Model {
  @Field(() => String, { description: PAYMENT_POINTER })
  paymentPointerId!: string

  @Field(() => String, { description: 'Secret of the API key. It is shown this once and cannot be had again.' })
  key!: string

  @Field(() => String, { description: 'Date and time of the last change, ISO 8601 in UTC with milliseconds.' })
  updatedAt!: string
}

export function apiKeyNode({ id, paymentPointerId, key, createdAt: created }: CreatedApiKey): ApiKeyNode {
  const createdAt = created.toISOString()
  return { id, paymentPointerId, key, createdAt, updatedAt: createdAt }
}

@ObjectType('Session', { description: 'A short-lived credential.' })
export class SessionNode {
  @Field(() => String, { description: SESSION_KEY })
  key!: string

  @Field(() => String, { description: 'When the session ends, in milliseconds since 1970-01-01T00:00Z.' })
  expiresAt!: string
}

export function sessionNode({ token, expiresAt }: OpenSession): SessionNode {
  return { key: token, expiresAt: String(expiresAt.getTime()) }
}

@InputType('CreateApiKeyInput', { description: 'A new API key.' })
export class CreateApiKeyInput {
  @Field(() => String, { description: PAYMENT_POINTER })
  paymentPointerId!: string
}

@InputType('DeleteAllApiKeysInput', { description: 'API keys to be deleted.' })
export class DeleteAllApiKeysInput {
  @Field(() => String, { description: PAYMENT_POINTER })
  paymentPointerId!: string
}

@InputType('RedeemApiKeyInput', { description: 'An API key for which a session is wanted.' })
export class RedeemApiKeyInput {
  @Field(() => String, { description: 'Secret of the API key.' })
  key!: string

  @Field(() => String, { description: PAYMENT_POINTER })
  paymentPointerId!: string
}

@InputType('RefreshSessionInput', { description: 'A session that is to live on.' })
export class RefreshSessionInput {
  @Field(() => String, { description: SESSION_KEY })
  key!: string
}

@InputType('RevokeSessionInput', { description: 'A session that is to end.' })
export class RevokeSessionInput {
  @Field(() => String, { description: SESSION_KEY })
  key!: string
}

@ObjectType('CreateApiKeyMutationResponse', {
  implements: MutationResponse,
  description: 'What `createApiKey` answers.'
})
export class CreateApiKeyMutationResponse extends MutationResponse {
  @Field(() => ApiKeyNode, { nullable: true, description: 'The new API key with its secret; null on failure.' })
  apiKey!: ApiKeyNode | null
}

@ObjectType('DeleteAllApiKeysMutationResponse', {
  implements: MutationResponse,
  description: 'What `deleteAllApiKeys` answers.'
})
export class DeleteAllApiKeysMutationResponse extends MutationResponse {}

@ObjectType('RedeemApiKeyMutationResponse', {
  implements: MutationResponse,
  description: 'What `redeemApiKey` answers.'
})
export class RedeemApiKeyMutationResponse extends MutationResponse {
  @Field(() => SessionNode, { nullable: true, description: 'The new session; null on failure.' })
  session!: SessionNode | null
}

@ObjectType('RefreshSessionMutationResponse', {
  implements: MutationResponse,
  description: 'What `refreshSession` answers.'
})
export class RefreshSessionMutationResponse extends MutationResponse {
  @Field(() => SessionNode, { nullable: true, description: 'The session as it is now; null on failure.' })
  session!: SessionNode | null
}

@ObjectType('RevokeSessionMutationResponse', {
  implements: MutationResponse,
  description: 'What `revokeSession` answers.'
})
export class RevokeSessionMutationResponse extends MutationResponse {}
