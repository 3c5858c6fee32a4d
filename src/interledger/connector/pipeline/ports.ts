/** What the pipeline needs of others. None of it speaks of HTTP or SQL. */
import type { AccountId } from '../../../ledger/types'
import type { Ratio } from '../../../services/rates/ratio'
import type { PacketAsset, PacketPeer, Source } from '../types'

/** What is paid here: an incoming payment, or a payment pointer itself. */
export interface LocalDestination {
  readonly id: string
  readonly asset: PacketAsset
  /** Whether it takes no more money. */
  isFinished(now: Date): boolean
  /** Credits it, in one durable step that is not begun after the deadline. @throws Refusal F02, R00, T04 */
  deliver(movement: Movement, deadline: Date): Promise<void>
}

/** A destination: a neighbour, or something here. */
export type Destination =
  { readonly kind: 'peer'; readonly peer: PacketPeer } | { readonly kind: 'local'; readonly local: LocalDestination }

export interface Destinations {
  /** The destination of a STREAM address, by the id in it. */
  local(tag: string): Promise<LocalDestination | undefined>
  /** The neighbour that is responsible for an address. */
  peer(destination: string, sourceAssetId: string): Promise<PacketPeer | undefined>
}

/** An account that a packet touches. */
export interface PacketAccount {
  readonly accountId: AccountId
  readonly asset: PacketAsset
}

/** What a packet moves. Both amounts are at least 1, each in the smallest unit of its account's asset. */
export interface Movement {
  readonly source: PacketAccount
  readonly sourceAmount: bigint
  readonly destinationAmount: bigint
  /** What the packet belongs to: an outgoing payment. */
  readonly reference?: string
}

/** Money that is set aside until the next hop has answered. */
export interface PacketHold {
  /** Makes it final. @throws Error if that cannot be known to be stored */
  post(): Promise<void>
  /** Goes on trying to make it final for as long as it lasts. Resolves to whether it is. Never throws. */
  postEventually(): Promise<boolean>
  /** Gives it back. What cannot be given back now is given back when its time is over. Never throws. */
  void(): Promise<void>
}

export interface PacketLedger {
  /** @throws Refusal F02, T04 */
  hold(movement: Movement, destination: PacketAccount): Promise<PacketHold>
}

export interface ExchangeRates {
  /** Smallest units of one asset for one of the other; undefined if there is no rate. @throws RatesUnavailable */
  conversion(source: PacketAsset, destination: PacketAsset): Promise<Ratio | undefined>
}

/** Why a neighbour's answer did not come. */
export type PeerFailureReason =
  /** It cannot be reached, or answered that something is wrong with it. */
  | 'unreachable'
  /** It has too much to do, or we have too much under way to it. */
  | 'busy'
  /** It does not want our requests: something is wrong with how it was set up. */
  | 'refused'
  /** What it answered is no reply. */
  | 'faulty'
  /** It had no answer in time. */
  | 'no_answer'

export class PeerFailure extends Error {
  constructor(
    readonly reason: PeerFailureReason,
    message: string,
    cause?: unknown
  ) {
    super(message, { cause })
    this.name = 'PeerFailure'
  }
}

export type PacketResult = 'fulfilled' | 'rejected'

/** Told what happens, for figures. */
export interface PacketObserver {
  answered(packet: {
    readonly source: Source
    readonly destination: Destination | undefined
    readonly result: PacketResult
    /** Of a Reject. */
    readonly code: string
    /** What was fulfilled moved: nothing for probes. */
    readonly sourceAmount: bigint
    readonly destinationAmount: bigint
    readonly milliseconds: number
  }): void
  /** One more hold is open, or one fewer. */
  held(change: 1 | -1): void
  /** A neighbour fulfilled a packet after we had given it up. */
  fulfilledLate(peer: PacketPeer): void
  /** A neighbour fulfilled a packet, and that could not be stored in time. */
  unrecorded(peer: PacketPeer): void
  /** A packet was stored as fulfilled when its sender had been told that it expired. */
  answeredTooSoon(source: Source): void
}
