import { injectable } from 'tsyringe'
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql'
import type { Peer } from '../../entities'
import { AssetService } from '../../services/assets/asset-service'
import type { RequestContext } from '../../services/context'
import { PeerService } from '../../services/peers/peer-service'
import { notFound } from '../shared/errors'
import { connectionOf, PageArguments, pageRequestOf, type Connection } from '../shared/pagination'
import { assetNode, AssetNode, checkScale } from './asset-types'
import { CREATE_PEER_FAILURES, PEER_FAILURES } from './failures'
import { failed, respond } from './mutation'
import {
  CreatePeerInput,
  CreatePeerMutationResponse,
  DeletePeerMutationResponse,
  peerNode,
  PeerNode,
  PeersConnection,
  UpdatePeerInput,
  UpdatePeerMutationResponse
} from './peer-types'

const CREATE = { catchAll: { code: '500', message: 'Error trying to create peer' }, failures: CREATE_PEER_FAILURES }
const UPDATE = { catchAll: { code: '400', message: 'Error trying to update peer' }, failures: PEER_FAILURES }
const DELETE = { catchAll: { code: '500', message: 'Error trying to delete peer' }, failures: PEER_FAILURES }

@injectable()
@Resolver(() => PeerNode)
export class PeerResolver {
  constructor(
    private readonly service: PeerService,
    private readonly assets: AssetService
  ) {}

  @Query(() => PeerNode, { nullable: true, description: 'A peer. An error `No peer` if there is none of this id.' })
  async peer(@Arg('id', () => String, { description: 'Identifier of the peer.' }) id: string): Promise<PeerNode> {
    const peer = await this.service.find(id)
    if (!peer) throw notFound('No peer')
    return peerNode(peer)
  }

  @Query(() => PeersConnection, { description: 'All peers, a page at a time.' })
  async peers(@Args(() => PageArguments) page: PageArguments): Promise<Connection<PeerNode>> {
    return connectionOf(await this.service.page(pageRequestOf(page)), peerNode)
  }

  @Mutation(() => CreatePeerMutationResponse, {
    description: 'Create a peer, with an account for its liquidity, and with its asset if there is none.'
  })
  async createPeer(
    @Arg('input', () => CreatePeerInput) input: CreatePeerInput,
    @Ctx() context: RequestContext
  ): Promise<CreatePeerMutationResponse> {
    checkScale(input.asset)
    return respond(context, CREATE, 'Created ILP Peer', payloadOf, () => this.service.createInUnit(context, input))
  }

  @Mutation(() => UpdatePeerMutationResponse, { description: 'Change a peer: everything that is given, or nothing.' })
  async updatePeer(
    @Arg('input', () => UpdatePeerInput) input: UpdatePeerInput,
    @Ctx() context: RequestContext
  ): Promise<UpdatePeerMutationResponse> {
    if (input.http === null) return { ...failed(UPDATE.catchAll), ...payloadOf(undefined) }
    const operation = { ...UPDATE, ids: [input.id] }
    return respond(context, operation, 'Updated ILP Peer', payloadOf, () => this.service.update(context, input))
  }

  @Mutation(() => DeletePeerMutationResponse, {
    description: 'Delete a peer and its tokens, and close its account. `409` while the account holds anything.'
  })
  deletePeer(
    @Arg('id', () => String, { description: 'Identifier of the peer.' }) id: string,
    @Ctx() context: RequestContext
  ): Promise<DeletePeerMutationResponse> {
    const operation = { ...DELETE, ids: [id] }
    return respond(
      context,
      operation,
      'Deleted ILP Peer',
      () => ({}),
      () => this.service.delete(context, { id })
    )
  }

  @FieldResolver(() => AssetNode, { description: 'The asset in which accounts are kept with the peer.' })
  async asset(@Root() peer: PeerNode): Promise<AssetNode> {
    const asset = await this.assets.find(peer.assetId)
    if (!asset) throw new Error(`asset ${peer.assetId} of a peer is gone`)
    return assetNode(asset)
  }
}

function payloadOf(peer: Peer | undefined): { peer: PeerNode | null } {
  return { peer: peer ? peerNode(peer) : null }
}
