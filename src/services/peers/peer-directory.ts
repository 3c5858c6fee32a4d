/** All peers at once, with everything that their packets need: for who routes packets in memory. */
import type { EntityReader } from '../../database/entity-reader'
import type { EntityTable } from '../../database/entity-table'
import type { Reader } from '../../database/reader'
import { Asset, Peer } from '../../entities'
import type { Logger } from '../context'
import type { SecretBox } from '../secret-box'
import { PEER_TOKEN } from './peer-service'
import { hashToken } from './peer-statements'

/** Notified in every transaction that changes a peer or its tokens. */
export const PEERS_CHANNEL = 'peers'

export interface KnownPeer {
  /** With its outgoing token as it is sent. */
  readonly peer: Peer
  readonly asset: Asset
}

export interface PeerListing {
  readonly peers: readonly KnownPeer[]
  /** The peer's id by what `tokenKeyOf` makes of its incoming token. */
  readonly tokens: ReadonlyMap<string, string>
}

/** What a token is looked up by: its SHA-256, so that how long a comparison takes says nothing about tokens. */
export function tokenKeyOf(token: string): string {
  return hashToken(token).toString('base64')
}

type Row = Record<string, unknown>

export class PeerDirectory {
  private readonly peers: EntityTable<Peer>
  private readonly assets: EntityTable<Asset>

  constructor(
    entities: EntityReader,
    private readonly reader: Reader,
    private readonly secrets: SecretBox
  ) {
    this.peers = entities.of(Peer).table
    this.assets = entities.of(Asset).table
  }

  async list(logger: Logger): Promise<PeerListing> {
    const [rows, tokens] = await Promise.all([
      this.reader.rows<Row>({
        name: 'peer_directory',
        text: `SELECT ${this.peers.select('peer', 'p_')}, ${this.assets.select('asset', 'a_')}
          FROM peer JOIN asset ON asset.id = peer.asset_id`,
        values: []
      }),
      this.reader.rows<{ key: string; peer_id: string }>({
        name: 'peer_directory_tokens',
        text: `SELECT encode(token_hash, 'base64') AS key, peer_id FROM peer_incoming_token`,
        values: []
      })
    ])
    const peers = rows.flatMap((row): KnownPeer[] => {
      const peer = this.opened(this.peers.entityOf(row, 'p_'), logger)
      return peer ? [{ peer, asset: this.assets.entityOf(row, 'a_') }] : []
    })
    return { peers, tokens: new Map(tokens.map((row) => [row.key, row.peer_id])) }
  }

  /** A peer whose token nobody can read gets and sends no packets; the others do. */
  private opened(peer: Peer, logger: Logger): Peer | undefined {
    try {
      return { ...peer, outgoingAuthToken: this.secrets.open(PEER_TOKEN, peer.outgoingAuthToken) }
    } catch (error) {
      logger.error({ error, peerId: peer.id }, 'The outgoing token of a peer cannot be read: it is left out')
      return undefined
    }
  }
}
