/**
 * How much each peer may still send, and a warning when that runs low: its packets will soon be rejected, unless
 * more is put in for it.
 */
import type { Ledger } from '../../ledger/ledger'
import { availableOf } from '../../ledger/types'
import type { Logger } from '../../services/context'
import type { Neighbours } from '../router/neighbours'
import type { PacketFamily } from './figures'
import type { PacketPeer } from './types'

export class PeerLiquidity {
  private readonly low = new Set<string>()

  constructor(
    private readonly neighbours: Pick<Neighbours, 'all'>,
    private readonly ledger: Pick<Ledger, 'accounts'>,
    private readonly logger: Logger,
    /** In whole units of each peer's asset. Absent: nobody is warned of. */
    private readonly lowMark: number | undefined
  ) {}

  /** Warns of every peer that has come below the mark since the last look. */
  async look(): Promise<void> {
    if (this.lowMark === undefined) return
    for (const [peer, available] of await this.read()) {
      const isLow = available < BigInt(this.lowMark) * 10n ** BigInt(peer.asset.scale)
      if (isLow && !this.low.has(peer.id)) {
        const { code: assetCode, scale: assetScale } = peer.asset
        const facts = { peerId: peer.id, name: peer.name, available: String(available), assetCode, assetScale }
        this.logger.warn(facts, 'The liquidity of a peer is low')
      }
      if (isLow) this.low.add(peer.id)
      else this.low.delete(peer.id)
    }
  }

  get families(): PacketFamily[] {
    return [
      {
        name: 'ilp_peer_liquidity',
        help: 'What each peer may still send, in smallest units of its asset',
        type: 'gauge',
        read: async () =>
          (await this.read()).map(([{ id: peer, asset }, available]) => ({
            labels: { peer, asset: asset.code, scale: asset.scale },
            value: Number(available)
          }))
      },
      {
        name: 'ilp_peers_low',
        help: 'Peers whose liquidity is below the mark',
        type: 'gauge',
        read: () => [{ labels: {}, value: this.low.size }]
      }
    ]
  }

  private async read(): Promise<[PacketPeer, bigint][]> {
    const peers = await this.neighbours.all()
    const accounts = await this.ledger.accounts(peers.map(({ accountId }) => accountId))
    return peers.flatMap((peer, index): [PacketPeer, bigint][] => {
      const account = accounts[index]
      return account ? [[peer, availableOf(account)]] : []
    })
  }
}
