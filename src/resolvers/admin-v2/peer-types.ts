import { Field, ID, InputType, ObjectType } from 'type-graphql'
import type { Peer } from '../../entities'
import { connectionType } from '../shared/pagination'
import { UInt64 } from '../shared/scalars'
import { IDEMPOTENCY_KEY } from './descriptions'
import { Model, MutationResponse } from './interfaces'

const AUTH_TOKEN = 'Sent as a bearer token with each packet to the peer.'
const ENDPOINT = 'http or https URL to which packets for the peer are posted.'
const ADDRESS = "The peer's ILP address."
const MAX_PACKET = "Largest packet taken from the peer, in the asset's smallest unit; null: no limit."
const NAME = 'Name of the peer, for people.'

@ObjectType('HttpOutgoing', { description: 'How packets are sent to a peer.' })
export class HttpOutgoing {
  @Field(() => String, { description: AUTH_TOKEN })
  authToken!: string

  @Field(() => String, { description: ENDPOINT })
  endpoint!: string
}

@ObjectType('Http', { description: 'How packets are exchanged with a peer. Incoming tokens are never shown.' })
export class Http {
  @Field(() => HttpOutgoing, { description: 'How packets are sent to the peer.' })
  outgoing!: HttpOutgoing
}

@ObjectType('Peer', { implements: Model, description: 'A neighbour in the Interledger network.' })
export class PeerNode extends Model {
  @Field(() => Http, { description: 'How packets are exchanged with the peer.' })
  http!: Http

  @Field(() => UInt64, { nullable: true, description: MAX_PACKET })
  maxPacketAmount!: bigint | null

  @Field(() => String, { nullable: true, description: NAME })
  name!: string | null

  @Field(() => String, { description: ADDRESS })
  staticIlpAddress!: string

  /** Not shown. */
  assetId!: string

  /** Not shown. */
  liquidityAccountId!: bigint
}

export function peerNode(peer: Peer): PeerNode {
  const { id, assetId, staticIlpAddress, name, maxPacketAmount, liquidityAccountId, createdAt } = peer
  return {
    id,
    assetId,
    staticIlpAddress,
    name,
    maxPacketAmount,
    liquidityAccountId,
    http: { outgoing: { authToken: peer.outgoingAuthToken, endpoint: peer.outgoingEndpoint } },
    createdAt: createdAt.toISOString()
  }
}

@InputType('HttpOutgoingInput', { description: 'How packets are sent to a peer.' })
export class HttpOutgoingInput {
  @Field(() => String, { description: AUTH_TOKEN })
  authToken!: string

  @Field(() => String, { description: ENDPOINT })
  endpoint!: string
}

@InputType('HttpIncomingInput', { description: "How a peer's packets are told from others." })
export class HttpIncomingInput {
  @Field(() => [String], {
    description: 'Bearer tokens of the peer, each used by no other peer. In an update they replace all earlier ones.'
  })
  authTokens!: string[]
}

@InputType('HttpInput', { description: 'How packets are exchanged with a peer.' })
export class HttpInput {
  @Field(() => HttpOutgoingInput, { description: 'How packets are sent to the peer.' })
  outgoing!: HttpOutgoingInput

  @Field(() => HttpIncomingInput, { nullable: true, description: "How the peer's packets are told from others." })
  incoming?: HttpIncomingInput | null
}

@InputType('CreatePeerInput', { description: 'A new peer.' })
export class CreatePeerInput {
  @Field(() => String, { description: 'The asset in which accounts are kept with the peer; never changes.' })
  assetId!: string

  @Field(() => String, { description: `${ADDRESS} No other peer has it.` })
  staticIlpAddress!: string

  @Field(() => HttpInput, { description: 'How packets are exchanged with the peer.' })
  http!: HttpInput

  @Field(() => UInt64, { nullable: true, description: MAX_PACKET })
  maxPacketAmount?: bigint | null

  @Field(() => String, { nullable: true, description: NAME })
  name?: string | null

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
}

@InputType('UpdatePeerInput', { description: 'Changes to a peer. What is absent stays as it is.' })
export class UpdatePeerInput {
  @Field(() => String, { description: 'Identifier of the peer to be changed.' })
  id!: string

  @Field(() => String, { nullable: true, description: `${ADDRESS} No other peer has it.` })
  staticIlpAddress?: string | null

  @Field(() => HttpInput, { nullable: true, description: 'How packets are exchanged with the peer.' })
  http?: HttpInput | null

  @Field(() => UInt64, { nullable: true, description: MAX_PACKET })
  maxPacketAmount?: bigint | null

  @Field(() => String, { nullable: true, description: `${NAME} Null removes it.` })
  name?: string | null

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
}

@InputType('DeletePeerInput', { description: 'A peer to be deleted.' })
export class DeletePeerInput {
  @Field(() => ID, { description: 'Identifier of the peer. It must hold no liquidity.' })
  id!: string

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null
}

@ObjectType('CreatePeerMutationResponse', { implements: MutationResponse, description: 'What `createPeer` answers.' })
export class CreatePeerMutationResponse extends MutationResponse {
  @Field(() => PeerNode, { nullable: true, description: 'The new peer; null on failure.' })
  peer!: PeerNode | null
}

@ObjectType('UpdatePeerMutationResponse', { implements: MutationResponse, description: 'What `updatePeer` answers.' })
export class UpdatePeerMutationResponse extends MutationResponse {
  @Field(() => PeerNode, { nullable: true, description: 'The peer as it is now; null on failure.' })
  peer!: PeerNode | null
}

@ObjectType('DeletePeerMutationResponse', { implements: MutationResponse, description: 'What `deletePeer` answers.' })
export class DeletePeerMutationResponse extends MutationResponse {}

export const PeersConnection = connectionType(PeerNode, {
  connection: 'PeersConnection',
  edge: 'PeerEdge',
  what: 'peers'
})
