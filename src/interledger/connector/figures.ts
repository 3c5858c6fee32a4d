/** What there is to know about packets at a glance. */
import type { Ledger } from '../../ledger/ledger'
import { TRANSFER_CODES } from '../../services/ledger-codes'
import type { PacketPeer, Source } from './types'
import type { PacketObserver } from './pipeline/ports'

/** A family of numbers with labels, for those who watch the service. */
export interface PacketFamily {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  read(): readonly PacketFamilyValue[] | Promise<readonly PacketFamilyValue[]>
}

export interface PacketFamilyValue {
  readonly metricName?: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

/** Upper bounds of the histogram's buckets, in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** Most labels of a family: neighbours and codes are few, but codes of others are what they choose. */
const SERIES_MAX = 5_000
const OTHER_CODE = 'other'
const CODE = /^[FTR]\d\d$/

const DIRECTIONS: Readonly<Record<Source['kind'], string>> = { peer: 'incoming', payment: 'outgoing', probe: 'probe' }

/** Sums by labels. */
export class Counts {
  private readonly sums = new Map<string, { readonly labels: PacketFamilyValue['labels']; value: bigint }>()

  add(labels: PacketFamilyValue['labels'], value = 1n): void {
    const key = Object.values(labels).join('\n')
    const known = this.sums.get(key)
    if (known) known.value += value
    else if (this.sums.size < SERIES_MAX) this.sums.set(key, { labels, value })
  }

  get values(): PacketFamilyValue[] {
    return [...this.sums.values()].map(({ labels, value }) => ({ labels, value: Number(value) }))
  }
}

/** How long something takes, as a histogram. */
export class Durations {
  private readonly buckets = new Array<number>(BUCKETS.length).fill(0)
  private count = 0
  private sum = 0

  /** One more that took so long. */
  add(seconds: number): void {
    const bucket = BUCKETS.findIndex((bound) => seconds <= bound)
    if (bucket >= 0) this.buckets[bucket]!++
    this.count++
    this.sum += seconds
  }

  valuesOf(name: string): PacketFamilyValue[] {
    let count = 0
    const buckets = BUCKETS.map((le, bucket) => {
      count += this.buckets[bucket]!
      return { metricName: `${name}_bucket`, labels: { le }, value: count }
    })
    return [
      ...buckets,
      { metricName: `${name}_bucket`, labels: { le: '+Inf' }, value: this.count },
      { metricName: `${name}_sum`, labels: {}, value: this.sum },
      { metricName: `${name}_count`, labels: {}, value: this.count }
    ]
  }
}

type Packet = Parameters<PacketObserver['answered']>[0]

export class PacketFigures implements PacketObserver {
  private readonly packets = new Counts()
  private readonly amounts = new Counts()
  private readonly peerPackets = new Counts()
  private readonly peerAmounts = new Counts()
  private readonly late = new Counts()
  private readonly lost = new Counts()
  private readonly tooSoon = new Counts()
  private readonly durations = new Durations()
  private holds = 0

  answered(packet: Packet): void {
    const { source, destination, result, sourceAmount, destinationAmount, milliseconds } = packet
    const code = packet.code === '' || CODE.test(packet.code) ? packet.code : OTHER_CODE
    this.packets.add({ direction: DIRECTIONS[source.kind], result, code })
    this.durations.add(milliseconds / 1_000)
    if (source.kind === 'peer') this.ofPeer(source.peer, 'incoming', packet, sourceAmount)
    if (destination?.kind === 'peer') this.ofPeer(destination.peer, 'outgoing', packet, destinationAmount)
    if (sourceAmount === 0n) return
    const { code: asset, scale } = source.kind === 'peer' ? source.peer.asset : source.asset
    this.amounts.add({ asset, scale: String(scale) }, sourceAmount)
  }

  held(change: 1 | -1): void {
    this.holds += change
  }

  fulfilledLate(peer: PacketPeer): void {
    this.late.add({ peer: peer.id })
  }

  unrecorded(peer: PacketPeer): void {
    this.lost.add({ peer: peer.id })
  }

  answeredTooSoon(source: Source): void {
    this.tooSoon.add({ peer: source.kind === 'peer' ? source.peer.id : '' })
  }

  get families(): PacketFamily[] {
    const counter = (name: string, help: string, counts: Counts): PacketFamily => ({
      name,
      help,
      type: 'counter',
      read: () => counts.values
    })
    return [
      counter('ilp_packets_total', 'Packets that were answered', this.packets),
      counter('ilp_amount_total', 'What was fulfilled, in smallest units of the asset it came in', this.amounts),
      counter('ilp_peer_packets_total', 'Packets from and to each peer', this.peerPackets),
      counter('ilp_peer_amount_total', 'What was fulfilled, in smallest units of the peer', this.peerAmounts),
      counter('late_fulfil_total', 'Packets that a peer fulfilled after we had given them up', this.late),
      counter('ilp_unrecorded_total', 'Packets that a peer fulfilled and that could not be stored in time', this.lost),
      counter(
        'ilp_fulfilled_unheard_total',
        'Packets of a peer that were fulfilled after it was told that they expired',
        this.tooSoon
      ),
      {
        name: 'ilp_packet_seconds',
        help: 'Time from a packet to its reply',
        type: 'histogram',
        read: () => this.durations.valuesOf('ilp_packet_seconds')
      },
      {
        name: 'ilp_holds_open',
        help: 'Packets of this instance for which money is set aside',
        type: 'gauge',
        read: () => [{ labels: {}, value: this.holds }]
      }
    ]
  }

  private ofPeer({ id: peer }: PacketPeer, direction: string, { result }: Packet, amount: bigint): void {
    this.peerPackets.add({ peer, direction, result })
    if (amount > 0n) this.peerAmounts.add({ peer, direction }, amount)
  }
}

/** Packets whose outcome nobody recorded: what was set aside for them ran out of time. */
export function lostPacketsFamily(ledger: Pick<Ledger, 'expirationCount'>): PacketFamily {
  return {
    name: 'ilp_packets_lost_total',
    help: 'Packets whose outcome nobody recorded, since the database was made: legs of theirs that ran out of time',
    type: 'counter',
    read: async () => [{ labels: {}, value: await ledger.expirationCount(TRANSFER_CODES.PACKET) }]
  }
}
