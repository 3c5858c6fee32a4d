/** Whether packets get through to a peer, for who has just set it up. */
import { done, refused, type Answer } from '../answer'
import type { RequestContext } from '../context'
import type { PeerService } from './peer-service'

export const PEER_CONNECTION_OUTCOMES = [
  /** It answered as a peer does. */
  'connected',
  /** Nobody is there, or something is wrong with it. */
  'unreachable',
  /** It does not let us in: most likely it knows us by another token. */
  'refused',
  /** It has too much to do. */
  'busy',
  /** What it answers is no reply to a packet: it may be something else than a peer. */
  'faulty',
  'no_answer',
  /** It keeps its account for us in another asset than we do. */
  'asset_mismatch'
] as const

export type PeerConnectionOutcome = (typeof PEER_CONNECTION_OUTCOMES)[number]

export interface PeerConnection {
  readonly outcome: PeerConnectionOutcome
  readonly durationMilliseconds: number
  /** What it knows us as. Absent where it does not say. */
  readonly account?: { readonly ilpAddress: string; readonly assetCode: string; readonly assetScale: number }
}

/** Who can send packets. */
export interface PeerTester {
  /** Sends one packet that moves no money. Undefined if there is no such peer. */
  test(peerId: string, context: RequestContext): Promise<PeerConnection | undefined>
}

export class PeerConnections {
  private tester: PeerTester | undefined

  constructor(private readonly peers: Pick<PeerService, 'find'>) {}

  /** From now on this one sends the packets. */
  plug(tester: PeerTester): void {
    this.tester = tester
  }

  async test(context: RequestContext, id: string): Promise<Answer<PeerConnection, 'unknown_peer'>> {
    const peer = await this.peers.find(id)
    if (!peer) return refused('unknown_peer')
    if (!this.tester) throw new Error('nobody sends packets here')
    const connection = await this.tester.test(peer.id, context)
    return connection ? done(connection) : refused('unknown_peer')
  }
}
