import { injectable } from 'tsyringe'
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import type { RequestContext } from '../../services/context'
import { PeerConnections } from '../../services/peers/peer-connections'
import { respond } from './mutation'
import { peerConnectionNode, TestPeerConnectionInput, TestPeerConnectionResponse } from './peer-connection-types'

const TEST = { code: '500', message: 'Error trying to test the connection to the peer' } as const
const FAILURES = { unknown_peer: { code: '404', message: 'Unknown peer' } } as const

@injectable()
@Resolver()
export class PeerConnectionResolver {
  constructor(private readonly connections: PeerConnections) {}

  @Mutation(() => TestPeerConnectionResponse, {
    description:
      'Send one packet to a peer that moves no money, and tell what it answers. `502` if packets do not get through.'
  })
  async testPeerConnection(
    @Arg('input', () => TestPeerConnectionInput) input: TestPeerConnectionInput,
    @Ctx() context: RequestContext
  ): Promise<TestPeerConnectionResponse> {
    const answer = await respond(
      context,
      TEST,
      FAILURES,
      'The peer answered',
      (found) => ({ connection: found ? peerConnectionNode(found) : null }),
      () => this.connections.test(context, input.id)
    )
    if (!answer.connection || answer.connection.outcome === 'CONNECTED') return answer
    return { ...answer, code: '502', success: false, message: 'Packets do not get through to the peer' }
  }
}
