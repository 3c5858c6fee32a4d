import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { PeerConnection, PeerConnectionOutcome } from '../../services/peers/peer-connections'
import { MutationResponse } from './interfaces'

const OUTCOMES = {
  CONNECTED: 'The peer answered as a peer does.',
  UNREACHABLE: 'Nobody is at the URL of the peer, or something is wrong with the peer.',
  REFUSED: 'The peer does not let this instance in: most likely it knows it by another token.',
  BUSY: 'The peer has too much to do.',
  FAULTY: 'What is at the URL of the peer answers, but not as a peer does.',
  NO_ANSWER: 'The peer did not answer in time.',
  ASSET_MISMATCH: 'The peer keeps its account for this instance in another asset than this instance does.'
} as const satisfies Record<Uppercase<PeerConnectionOutcome>, string>

type Outcome = keyof typeof OUTCOMES

const OutcomeEnum = Object.fromEntries(Object.keys(OUTCOMES).map((key) => [key, key]))
registerEnumType(OutcomeEnum, {
  name: 'PeerConnectionOutcome',
  description: 'What became of a test packet to a peer.',
  valuesConfig: Object.fromEntries(Object.entries(OUTCOMES).map(([key, description]) => [key, { description }]))
})

@InputType('TestPeerConnectionInput', { description: 'Which peer is to be tested.' })
export class TestPeerConnectionInput {
  @Field(() => String, { description: 'Identifier of the peer to be tested.' })
  id!: string
}

@ObjectType('PeerConnection', { description: 'What a test packet to a peer found out.' })
export class PeerConnectionNode {
  @Field(() => OutcomeEnum, { description: 'What became of the test packet.' })
  outcome!: Outcome

  @Field(() => Int, { description: 'How long the test took, in milliseconds.' })
  durationMilliseconds!: number

  @Field(() => String, {
    nullable: true,
    description: 'The ILP address by which the peer knows this instance; null where it does not say so.'
  })
  ilpAddress!: string | null

  @Field(() => String, {
    nullable: true,
    description:
      'Code of the asset in which the peer keeps its account for this instance; null where it does not say so.'
  })
  assetCode!: string | null

  @Field(() => Int, {
    nullable: true,
    description:
      'Scale of the asset in which the peer keeps its account for this instance; null where it does not say so.'
  })
  assetScale!: number | null
}

@ObjectType('TestPeerConnectionResponse', {
  implements: MutationResponse,
  description: 'What `testPeerConnection` answers.'
})
export class TestPeerConnectionResponse extends MutationResponse {
  @Field(() => PeerConnectionNode, {
    nullable: true,
    description: 'What the test found out; null if there is no such peer.'
  })
  connection!: PeerConnectionNode | null
}

export function peerConnectionNode({ outcome, durationMilliseconds, account }: PeerConnection): PeerConnectionNode {
  return Object.assign(new PeerConnectionNode(), {
    outcome: outcome.toUpperCase() as Outcome,
    durationMilliseconds,
    ilpAddress: account?.ilpAddress ?? null,
    assetCode: account?.assetCode ?? null,
    assetScale: account?.assetScale ?? null
  })
}
