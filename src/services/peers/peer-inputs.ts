import type { AssetUnit } from '../assets/asset-service'
import type { Repeatable } from '../idempotency/idempotency'

export type PeerFailure =
  | 'invalid_ilp_address'
  /** An update that takes the address away. */
  | 'ilp_address_required'
  | 'invalid_endpoint'
  | 'invalid_name'
  /** The outgoing token is empty, too long or cannot be stored. */
  | 'invalid_auth_token'
  /** One of the incoming tokens is, or there are too many. */
  | 'invalid_incoming_token'
  | 'unknown_asset'
  /** Another peer has the address. */
  | 'duplicate_ilp_address'
  /** An incoming token is another peer's, or is given twice. */
  | 'duplicate_incoming_token'
  | 'unknown_peer'
  /** The peer's account has a balance or an open hold. */
  | 'peer_not_empty'
  /** The receiver of an outgoing payment is behind the peer. */
  | 'peer_in_use'

export interface PeerHttp {
  /** How packets reach the peer. */
  readonly outgoing: { readonly authToken: string; readonly endpoint: string }
  /** The tokens by which its packets are known. In an update they replace all earlier ones. */
  readonly incoming?: { readonly authTokens: readonly string[] } | null
}

export interface PeerTerms extends Repeatable {
  readonly staticIlpAddress: string
  readonly http: PeerHttp
  readonly maxPacketAmount?: bigint | null
  readonly name?: string | null
}

export interface CreatePeer extends PeerTerms {
  readonly assetId: string
}

/** A peer by the unit of its asset, which is created with the peer if there is none. */
export interface CreatePeerInUnit extends PeerTerms {
  readonly asset: AssetUnit
}

export interface UpdatePeer extends Repeatable {
  readonly id: string
  readonly staticIlpAddress?: string | null
  readonly http?: PeerHttp | null
  readonly maxPacketAmount?: bigint | null
  readonly name?: string | null
}

export interface DeletePeer extends Repeatable {
  readonly id: string
}
