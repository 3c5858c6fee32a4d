/** Tells the operator about neighbours that do not work as they should, each at most once in a while. */
import type { Logger } from '../../services/context'
import type { PeerAlarm } from './pipeline/forwarding'
import type { PeerFailure } from './pipeline/ports'
import type { PacketPeer } from './types'

const PAUSE_MILLISECONDS = 60_000

export class PeerAlarms implements PeerAlarm {
  private readonly told = new Map<string, number>()

  constructor(private readonly logger: Logger) {}

  failed(peer: PacketPeer, failure: PeerFailure): void {
    const key = `${peer.id} ${failure.reason}`
    const now = performance.now()
    if (now - (this.told.get(key) ?? -Infinity) < PAUSE_MILLISECONDS) return
    this.told.set(key, now)
    const facts = { peerId: peer.id, reason: failure.reason, error: failure }
    if (failure.reason === 'refused') this.logger.error(facts, 'A peer refuses our packets: is its token right?')
    else this.logger.warn(facts, 'Packets do not get through to a peer')
  }
}
