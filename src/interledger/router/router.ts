/**
 * Which neighbour a packet goes to: the one whose address is the longest beginning of the destination, part by
 * part. `test.a` owns `test.a.b` and has nothing to do with `test.ab`.
 */

/** A neighbour, as far as routing needs it. */
export interface Hop {
  readonly id: string
  readonly ilpAddress: string
  readonly asset: { readonly id: string }
  readonly createdAt: Date
}

export class Router<Peer extends Hop> {
  private readonly byAddress = new Map<string, Peer[]>()

  constructor(peers: Iterable<Peer>) {
    const oldestFirst = [...peers].sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime())
    for (const peer of oldestFirst) {
      const sharing = this.byAddress.get(peer.ilpAddress)
      if (sharing) sharing.push(peer)
      else this.byAddress.set(peer.ilpAddress, [peer])
    }
  }

  /**
   * Undefined if nobody is responsible. Of neighbours that share an address the one that takes the source's
   * asset, then the oldest.
   */
  next(destination: string, sourceAssetId: string): Peer | undefined {
    for (let address = destination; ; address = address.slice(0, address.lastIndexOf('.'))) {
      const peers = this.byAddress.get(address)
      if (peers) return peers.find(({ asset }) => asset.id === sourceAssetId) ?? peers[0]
      if (!address.includes('.')) return undefined
    }
  }
}
