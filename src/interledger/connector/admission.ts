/**
 * How many packets of the network are worked on at once. What is too much is rejected, and does not wait: a
 * neighbour whose packet is answered too late loses more than the packet.
 */
import type { Prepare } from '../packet/prepare'
import type { Pipeline } from './pipeline/pipeline'
import type { PacketObserver } from './pipeline/ports'
import { Refusal } from './pipeline/refusal'
import type { PacketPeer } from './types'

export interface AdmissionLimits {
  /** Packets under way, from whomever. */
  readonly inFlightMax: number
  /** Packets under way from one neighbour. */
  readonly inFlightPerPeerMax: number
}

export class Admission {
  private readonly ofPeers = new Map<string, number>()
  private underWay = 0

  constructor(
    private readonly pipeline: Pick<Pipeline, 'take'>,
    private readonly ilpAddress: string,
    private readonly limits: AdmissionLimits,
    private readonly observer: Pick<PacketObserver, 'answered'>
  ) {}

  /** Packets under way. */
  get inFlight(): number {
    return this.underWay
  }

  /** The reply, a Reject if there is too much to do. */
  async take(prepare: Prepare, peer: PacketPeer): Promise<Buffer> {
    const ofPeer = this.ofPeers.get(peer.id) ?? 0
    if (this.underWay >= this.limits.inFlightMax) return this.refuse(peer, new Refusal('T03', 'too much to do'))
    if (ofPeer >= this.limits.inFlightPerPeerMax)
      return this.refuse(peer, new Refusal('T02', 'too many packets at once'))
    this.underWay++
    this.ofPeers.set(peer.id, ofPeer + 1)
    try {
      return await this.pipeline.take(prepare, { kind: 'peer', peer })
    } finally {
      this.underWay--
      const left = this.ofPeers.get(peer.id)! - 1
      if (left > 0) this.ofPeers.set(peer.id, left)
      else this.ofPeers.delete(peer.id)
    }
  }

  private refuse(peer: PacketPeer, refusal: Refusal): Buffer {
    this.observer.answered({
      source: { kind: 'peer', peer },
      destination: undefined,
      result: 'rejected',
      code: refusal.code,
      sourceAmount: 0n,
      destinationAmount: 0n,
      milliseconds: 0
    })
    return refusal.serialize(this.ilpAddress)
  }
}
