import { Field, InputType, ObjectType } from 'type-graphql'
import type { ClientKey } from '../../entities'
import type { ClientWithKeys } from '../../services/clients/client-service'
import { Model, MutationResponse } from './interfaces'

const NAME = 'Name of the client, for people.'
const URI = 'URL where to learn about the client.'
const IMAGE = 'URL of an image that stands for the client.'
const EMAIL = 'Email address of whoever answers for the client.'
const JWK = 'Public key as the text of a JSON Web Key.'

@ObjectType('ClientKeys', { implements: Model, description: 'A public key of a client.' })
export class ClientKeyNode extends Model {
  @Field(() => String, { description: 'Identifier of the client that the key belongs to.' })
  clientId!: string

  @Field(() => String, { description: `${JWK} Has \`revoked: true\` once the key is revoked.` })
  jwk!: string
}

@ObjectType('Client', { implements: Model, description: 'An application that speaks Open Payments in its own name.' })
export class ClientNode extends Model {
  @Field(() => String, { description: NAME })
  name!: string

  @Field(() => String, { description: URI })
  uri!: string

  @Field(() => String, { description: IMAGE })
  image!: string

  @Field(() => String, { description: EMAIL })
  email!: string

  @Field(() => [ClientKeyNode], { description: 'Keys of the client, newest first, revoked ones included.' })
  keys!: ClientKeyNode[]
}

export function clientNode({ client, keys }: ClientWithKeys): ClientNode {
  const { id, name, uri, image, email, createdAt } = client
  return { id, name, uri, image, email, keys: keys.map(keyNode), createdAt: createdAt.toISOString() }
}

function keyNode({ id, clientId, jwk, createdAt }: ClientKey): ClientKeyNode {
  return { id, clientId, jwk: JSON.stringify(jwk), createdAt: createdAt.toISOString() }
}

@InputType('CreateClientInput', { description: 'A new client. Each text has at most 255 characters.' })
export class CreateClientInput {
  @Field(() => String, { description: NAME })
  name!: string

  @Field(() => String, { description: URI })
  uri!: string

  @Field(() => String, { description: IMAGE })
  image!: string

  @Field(() => String, { description: EMAIL })
  email!: string
}

@InputType('AddKeyToClientInput', { description: 'A new key of a client.' })
export class AddKeyToClientInput {
  @Field(() => String, { description: 'Identifier of the key, chosen by the caller: a UUID that no other key has.' })
  id!: string

  @Field(() => String, { description: 'Identifier of the client that gets the key.' })
  clientId!: string

  @Field(() => String, { description: JWK })
  jwk!: string
}

@ObjectType('CreateClientMutationResponse', {
  implements: MutationResponse,
  description: 'What `createClient` answers.'
})
export class CreateClientMutationResponse extends MutationResponse {
  @Field(() => ClientNode, { nullable: true, description: 'The new client; null on failure.' })
  client!: ClientNode | null
}

@ObjectType('AddKeyToClientMutationResponse', {
  implements: MutationResponse,
  description: 'What `addKeyToClient` answers.'
})
export class AddKeyToClientMutationResponse extends MutationResponse {
  @Field(() => ClientNode, { nullable: true, description: 'The client with all its keys; null on failure.' })
  client!: ClientNode | null
}

@ObjectType('RevokeClientKeyMutationResponse', {
  implements: MutationResponse,
  description: 'What `revokeClientKey` answers.'
})
export class RevokeClientKeyMutationResponse extends MutationResponse {
  @Field(() => String, { description: 'Identifier of the key that was to be revoked.' })
  keyId!: string
}
