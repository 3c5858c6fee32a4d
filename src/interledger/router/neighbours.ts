/**
 * All neighbours, in memory, as the operator has set them up. They are read again whenever the database tells
 * that one of them changed, from time to time even if it does not, and at once when somebody unknown appears:
 * most likely it was set up a moment ago.
 */
import type { Logger } from '../../services/context'
import {
  PEERS_CHANNEL,
  tokenKeyOf,
  type KnownPeer,
  type PeerDirectory,
  type PeerListing
} from '../../services/peers/peer-directory'
import type { PacketPeer } from '../connector/types'
import { Router } from './router'

/** How old what is known may be at most while nobody tells of changes, in milliseconds. */
const FRESH_MILLISECONDS = 5_000
/** Least time between two readings on behalf of somebody unknown. */
const PAUSE_MILLISECONDS = 250

/** The way to hear of changes. */
export interface ChangeNotices {
  /** Calls `wake` after each notification on the channel. Returns the way to stop. */
  listen(channel: string, wake: () => void): () => void
}

interface Snapshot {
  readonly byId: ReadonlyMap<string, PacketPeer>
  readonly router: Router<PacketPeer>
  readonly tokens: ReadonlyMap<string, string>
}

export class Neighbours {
  private snapshot: Snapshot | undefined
  private readMilliseconds = -Infinity
  private reading: Promise<Snapshot> | undefined
  private isChanged = false
  private stopListening: (() => void) | undefined

  constructor(
    private readonly directory: Pick<PeerDirectory, 'list'>,
    private readonly logger: Logger
  ) {}

  /** From now on changes count as soon as the database tells of them. */
  follow(notices: ChangeNotices): void {
    this.stopListening ??= notices.listen(PEERS_CHANNEL, () => {
      this.isChanged = true
      this.readInBackground()
    })
  }

  close(): void {
    this.stopListening?.()
  }

  /** The neighbour that a packet with this incoming token comes from. */
  byToken(token: string): Promise<PacketPeer | undefined> {
    const key = tokenKeyOf(token)
    return this.find(({ tokens, byId }) => byId.get(tokens.get(key) ?? ''))
  }

  byId(id: string): Promise<PacketPeer | undefined> {
    return this.find(({ byId }) => byId.get(id))
  }

  /** The neighbour that is responsible for an address. */
  next(destination: string, sourceAssetId: string): Promise<PacketPeer | undefined> {
    return this.find(({ router }) => router.next(destination, sourceAssetId))
  }

  async all(): Promise<readonly PacketPeer[]> {
    return [...(await this.current()).byId.values()]
  }

  private async find<Found>(look: (snapshot: Snapshot) => Found | undefined): Promise<Found | undefined> {
    const found = look(await this.current())
    if (found !== undefined || this.age < PAUSE_MILLISECONDS) return found
    return look(await this.read())
  }

  private current(): Snapshot | Promise<Snapshot> {
    if (!this.snapshot || this.isChanged) return this.read()
    if (this.age > FRESH_MILLISECONDS) this.readInBackground()
    return this.snapshot
  }

  private get age(): number {
    return performance.now() - this.readMilliseconds
  }

  private readInBackground(): void {
    this.read().catch((error: unknown) => {
      this.logger.warn({ error }, 'Peers could not be read')
    })
  }

  private read(): Promise<Snapshot> {
    // A reading that began before the change may not show it.
    if (this.reading && this.isChanged) return this.reading.then(() => this.read())
    return (this.reading ??= this.load().finally(() => (this.reading = undefined)))
  }

  private async load(): Promise<Snapshot> {
    this.isChanged = false
    const begun = performance.now()
    try {
      this.snapshot = snapshotOf(await this.directory.list(this.logger))
      this.readMilliseconds = begun
      return this.snapshot
    } catch (error) {
      this.isChanged = true
      throw error
    }
  }
}

function snapshotOf({ peers, tokens }: PeerListing): Snapshot {
  const all = peers.map(packetPeerOf)
  return { byId: new Map(all.map((peer) => [peer.id, peer])), router: new Router(all), tokens }
}

function packetPeerOf({ peer, asset }: KnownPeer): PacketPeer {
  return {
    id: peer.id,
    name: peer.name,
    ilpAddress: peer.staticIlpAddress,
    asset,
    accountId: peer.liquidityAccountId,
    maxPacketAmount: peer.maxPacketAmount,
    outgoing: { endpoint: peer.outgoingEndpoint, authToken: peer.outgoingAuthToken },
    createdAt: peer.createdAt
  }
}
