/**
 * What the connector is asked, and what it asks of others. Amounts are in the smallest unit of the account's
 * asset, 0 … 2^64 − 1. Packets are bytes as they travel; a reply is a Fulfill or a Reject.
 */
import type { IlpFulfill, IlpPrepare, IlpReject } from 'ilp-packet'
import type { AccountId } from '../../ledger/types'

/** An asset, as far as packets need it. */
export interface PacketAsset {
  readonly id: string
  readonly code: string
  readonly scale: number
  /** Number of its ledger. */
  readonly ledger: number
  /** What the operator lends to conversions. */
  readonly liquidityAccountId: AccountId
}

/** A neighbour, with everything that packets to and from it need. */
export interface PacketPeer {
  readonly id: string
  readonly name: string | null
  readonly ilpAddress: string
  readonly asset: PacketAsset
  /** What it may still send; grows with what it receives. */
  readonly accountId: AccountId
  /** Largest packet that is taken from it; null: any. */
  readonly maxPacketAmount: bigint | null
  readonly outgoing: { readonly endpoint: string; readonly authToken: string }
  readonly createdAt: Date
}

/**
 * Where a packet comes from.
 * - `peer`: the network. The peer's account pays.
 * - `payment`: an outgoing payment of this service, which is funded. Its account pays.
 * - `probe`: somebody probes a path, with packets that nobody can fulfil. No money moves.
 */
export type Source =
  | { readonly kind: 'peer'; readonly peer: PacketPeer }
  | {
      readonly kind: 'payment'
      readonly payment: { readonly id: string; readonly liquidityAccountId: AccountId | null }
      readonly asset: PacketAsset
    }
  | { readonly kind: 'probe'; readonly asset: PacketAsset }

/** Takes packets on. */
export interface Connector {
  /** The reply to a serialized Prepare. Whatever goes wrong is a Reject. @throws TypeError if it is no Prepare */
  handle(prepare: Buffer, source: Source): Promise<Buffer>
}

/** What a packet for a STREAM address of ours is answered, if nothing is wrong with the money. */
export type StreamAnswer =
  | {
      readonly fulfil: IlpFulfill
      /** To be called if the packet is not fulfilled after all. */
      revert(): Promise<void>
    }
  | { readonly reject: IlpReject }

/** Who knows the STREAM secret. */
export interface StreamReceiver {
  /** The id of what is paid: an incoming payment or a payment pointer. Undefined for addresses that are not ours. */
  decode(destination: string): string | undefined
  /** Looks at the packet alone; its amount is what would arrive, in the asset of what is paid. */
  reply(prepare: IlpPrepare): Promise<StreamAnswer>
}

/** Takes packets to neighbours. */
export interface PeerClient {
  /** What the peer answered. @throws PeerUnreachable, PeerBusy, PeerFaulty and DeadlinePassed */
  send(peer: PacketPeer, prepare: Buffer, deadline: Date): Promise<Buffer>
}
