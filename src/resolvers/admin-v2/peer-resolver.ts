import { injectable } from 'tsyringe'
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql'
import type { Peer } from '../../entities'
import { AssetService } from '../../services/assets/asset-service'
import type { RequestContext } from '../../services/context'
import { Balances } from '../../services/liquidity/balances'
import { PeerService } from '../../services/peers/peer-service'
import { notFound } from '../shared/errors'
import { connectionOf, PageArguments, pageRequestOf, type Connection } from '../shared/pagination'
import { UInt64 } from '../shared/scalars'
import { assetNode, AssetNode } from './asset-types'
import { PEER_FAILURES } from './failures'
import { liquidityOf } from './liquidity-field'
import { respond } from './mutation'
import {
  CreatePeerInput,
  CreatePeerMutationResponse,
  DeletePeerInput,
  DeletePeerMutationResponse,
  peerNode,
  PeerNode,
  PeersConnection,
  UpdatePeerInput,
  UpdatePeerMutationResponse
} from './peer-types'

const CREATE = { code: '500', message: 'Error trying to create peer' } as const
const UPDATE = { code: '500', message: 'Error trying to update peer' } as const
const DELETE = { code: '500', message: 'Error trying to delete peer' } as const

@injectable()
@Resolver(() => PeerNode)
export class PeerResolver {
  constructor(
    private readonly service: PeerService,
    private readonly assets: AssetService,
    private readonly balances: Balances
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

  @Mutation(() => CreatePeerMutationResponse, { description: 'Create a peer, with an account for its liquidity.' })
  createPeer(
    @Arg('input', () => CreatePeerInput) input: CreatePeerInput,
    @Ctx() context: RequestContext
  ): Promise<CreatePeerMutationResponse> {
    return respond(context, CREATE, PEER_FAILURES, 'Created ILP Peer', payloadOf, () =>
      this.service.create(context, input)
    )
  }

  @Mutation(() => UpdatePeerMutationResponse, { description: 'Change a peer: everything that is given, or nothing.' })
  updatePeer(
    @Arg('input', () => UpdatePeerInput) input: UpdatePeerInput,
    @Ctx() context: RequestContext
  ): Promise<UpdatePeerMutationResponse> {
    return respond(context, UPDATE, PEER_FAILURES, 'Updated ILP Peer', payloadOf, () =>
      this.service.update(context, input)
    )
  }

  @Mutation(() => DeletePeerMutationResponse, {
    description: 'Delete a peer and its tokens, and close its account. `409` while the account holds anything.'
  })
  deletePeer(
    @Arg('input', () => DeletePeerInput) input: DeletePeerInput,
    @Ctx() context: RequestContext
  ): Promise<DeletePeerMutationResponse> {
    return respond(
      context,
      DELETE,
      PEER_FAILURES,
      'Deleted ILP Peer',
      () => ({}),
      () => this.service.delete(context, input)
    )
  }

  @FieldResolver(() => AssetNode, { description: 'The asset in which accounts are kept with the peer.' })
  async asset(@Root() peer: PeerNode): Promise<AssetNode> {
    const asset = await this.assets.find(peer.assetId)
    if (!asset) throw new Error(`asset ${peer.assetId} of a peer is gone`)
    return assetNode(asset)
  }

  @FieldResolver(() => UInt64, {
    nullable: true,
    description: "What the peer's account has to spend now, in the smallest unit of its asset."
  })
  liquidity(@Root() peer: PeerNode): Promise<bigint> {
    return liquidityOf(this.balances, peer.liquidityAccountId)
  }
}

function payloadOf(peer: Peer | undefined): { peer: PeerNode | null } {
  return { peer: peer ? peerNode(peer) : null }
}
