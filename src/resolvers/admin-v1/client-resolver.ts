import { injectable } from 'tsyringe'
import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql'
import { ClientService, type ClientWithKeys } from '../../services/clients/client-service'
import type { RequestContext } from '../../services/context'
import {
  AddKeyToClientInput,
  AddKeyToClientMutationResponse,
  clientNode,
  ClientNode,
  CreateClientInput,
  CreateClientMutationResponse,
  RevokeClientKeyMutationResponse
} from './client-types'
import { CLIENT_FAILURES } from './failures'
import { respond } from './mutation'

const CREATE = { catchAll: { code: '500', message: 'Error trying to create client' }, failures: CLIENT_FAILURES }
const ADD_KEY = { catchAll: { code: '500', message: 'Error trying to add key to client' }, failures: CLIENT_FAILURES }
const REVOKE = { catchAll: { code: '500', message: 'Error trying to revoke client key' }, failures: CLIENT_FAILURES }

@injectable()
@Resolver(() => ClientNode)
export class ClientResolver {
  constructor(private readonly service: ClientService) {}

  @Query(() => ClientNode, { nullable: true, description: 'A client; null, without an error, for whatever reason.' })
  async client(
    @Arg('id', () => String, { description: 'Identifier of the client.' }) id: string,
    @Ctx() context: RequestContext
  ): Promise<ClientNode | null> {
    try {
      const found = await this.service.find(id)
      return found ? clientNode(found) : null
    } catch (error) {
      context.logger.error({ error }, 'a client could not be read')
      return null
    }
  }

  @Mutation(() => CreateClientMutationResponse, { nullable: true, description: 'Create a client without keys.' })
  createClient(
    @Arg('input', () => CreateClientInput) input: CreateClientInput,
    @Ctx() context: RequestContext
  ): Promise<CreateClientMutationResponse> {
    return respond(context, CREATE, 'Created Client', payloadOf, () => this.service.create(context, input))
  }

  @Mutation(() => AddKeyToClientMutationResponse, { nullable: true, description: 'Add a key to a client.' })
  addKeyToClient(
    @Arg('input', () => AddKeyToClientInput) input: AddKeyToClientInput,
    @Ctx() context: RequestContext
  ): Promise<AddKeyToClientMutationResponse> {
    return respond(context, ADD_KEY, 'Added Key To Client', payloadOf, () => this.service.addKey(context, input))
  }

  @Mutation(() => RevokeClientKeyMutationResponse, {
    nullable: true,
    description: 'Mark a key as revoked, for ever. Doing so again changes nothing.'
  })
  revokeClientKey(
    @Arg('keyId', () => String, { description: 'Identifier of the key to be revoked.' }) keyId: string,
    @Ctx() context: RequestContext
  ): Promise<RevokeClientKeyMutationResponse> {
    const echo = (): { keyId: string } => ({ keyId })
    return respond(context, REVOKE, 'Client key revoked', echo, () => this.service.revokeKey(context, keyId))
  }
}

function payloadOf(found: ClientWithKeys | undefined): { client: ClientNode | null } {
  return { client: found ? clientNode(found) : null }
}
