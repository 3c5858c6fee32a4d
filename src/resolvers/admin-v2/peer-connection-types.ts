import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { PeerConnection, PeerConnectionOutcome } from '../../services/peers/peer-connections'
import { MutationResponse } from './interfaces'

const OUTCOMES = {
  CONNECTED: 'The peer answered as a peer does.',
  UNREACHABLE: 'Nobody is there, or something is wrong with the peer.',
  REFUSED: 'The peer does not let us in: most likely it knows us by another token.',
  BUSY: 'The peer has too much to do.',
  FAULTY: 'What is there answers, but not as a peer does.',
  NO_ANSWER: 'There was no answer in time.',
  ASSET_MISMATCH: 'The peer keeps its account for us in another asset than we do.'
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
  @Field(() => String, { description: 'The peer.' })
  id!: string
}

@ObjectType('PeerConnection', { description: 'What a test packet to a peer found out.' })
export class PeerConnectionNode {
  @Field(() => OutcomeEnum, { description: 'What became of it.' })
  outcome!: Outcome

  @Field(() => Int, { description: 'How long that took, in milliseconds.' })
  durationMilliseconds!: number

  @Field(() => String, { nullable: true, description: 'The ILP address by which the peer knows us, where it says so.' })
  ilpAddress!: string | null

  @Field(() => String, { nullable: true, description: 'The asset of its account for us, where it says so.' })
  assetCode!: string | null

  @Field(() => Int, { nullable: true, description: 'The scale of that asset.' })
  assetScale!: number | null
}

@ObjectType('TestPeerConnectionResponse', {
  implements: MutationResponse,
  description: 'What `testPeerConnection` answers.'
})
export class TestPeerConnectionResponse extends MutationResponse {
  @Field(() => PeerConnectionNode, {
    nullable: true,
    description: 'What was found out; null if there is no such peer.'
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
