import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm'
import { Asset } from './asset'
import { wholeNumber } from './transformers'

/** A neighbour in the Interledger network, with a balance in one asset. */
@Entity('peer')
@Unique('peer_static_ilp_address', ['staticIlpAddress'])
@Index('peer_created', ['createdAt', 'id'])
@Check('peer_max_packet_amount_range', 'max_packet_amount >= 0')
export class Peer {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'peer_pkey' })
  id!: string

  @Column('uuid', { name: 'asset_id' })
  @ForeignKey(() => Asset, { name: 'peer_asset' })
  assetId!: string

  /** Packets to this address, and to addresses that continue it with a dot, go to this peer. */
  @Column('text', { name: 'static_ilp_address' })
  staticIlpAddress!: string

  @Column('text', { nullable: true })
  name!: string | null

  /** Sent as a bearer token with every packet to the peer. */
  @Column('text', { name: 'outgoing_auth_token' })
  outgoingAuthToken!: string

  @Column('text', { name: 'outgoing_endpoint' })
  outgoingEndpoint!: string

  /** Largest packet taken from the peer, in the asset's smallest unit. */
  @Column('numeric', { name: 'max_packet_amount', precision: 20, scale: 0, nullable: true, transformer: wholeNumber })
  maxPacketAmount!: bigint | null

  /** The ledger account of what the operator holds for the peer. */
  @Column('bigint', { name: 'liquidity_account_id', transformer: wholeNumber })
  liquidityAccountId!: bigint

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}
