import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm'
import { Peer } from './peer'

/** A token by which a peer's packets are known to be its own. Only its SHA-256 is kept. */
@Entity('peer_incoming_token')
@Index('peer_incoming_token_of_peer', ['peerId'])
export class PeerIncomingToken {
  @PrimaryColumn('bytea', { name: 'token_hash', primaryKeyConstraintName: 'peer_incoming_token_pkey' })
  tokenHash!: Buffer

  @Column('uuid', { name: 'peer_id' })
  @ForeignKey(() => Peer, { name: 'peer_incoming_token_peer', onDelete: 'CASCADE' })
  peerId!: string
}
