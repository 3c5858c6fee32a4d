/** Steps 5, 6 and 10: how many packets an account may send, and how much. In memory, so for each instance. */
import type { Source } from '../types'
import { Refusal } from './refusal'

/** Most accounts whose buckets are remembered; the one that was used longest ago makes room, full again. */
const ACCOUNTS_MAX = 10_000

interface Bucket {
  left: bigint
  filledMilliseconds: number
}

/** A bucket a key, full at first, which is filled up once every period. */
export class Buckets {
  private readonly buckets = new Map<string, Bucket>()

  constructor(
    private readonly capacity: bigint,
    private readonly periodMilliseconds: number,
    private readonly now: () => number = () => performance.now()
  ) {}

  /** Takes so much out, if it is there. */
  take(key: string, amount: bigint): boolean {
    const now = this.now()
    const bucket = this.buckets.get(key) ?? { left: this.capacity, filledMilliseconds: now }
    if (now - bucket.filledMilliseconds >= this.periodMilliseconds) {
      bucket.left = this.capacity
      bucket.filledMilliseconds = now
    }
    this.buckets.delete(key)
    this.buckets.set(key, bucket)
    if (this.buckets.size > ACCOUNTS_MAX) this.buckets.delete(this.buckets.keys().next().value!)
    if (bucket.left < amount) return false
    bucket.left -= amount
    return true
  }
}

export interface PacketLimits {
  /** For each account, 1 … */
  readonly packetsPerMinute: number
  /** In each direction of each account, in the smallest unit of its asset. Absent: as much as there is. */
  readonly amountPerSecond?: bigint
}

const MINUTE_MILLISECONDS = 60_000
const SECOND_MILLISECONDS = 1_000

export class Limiter {
  private readonly packets: Buckets
  private readonly incoming: Buckets | undefined
  private readonly outgoing: Buckets | undefined

  constructor({ packetsPerMinute, amountPerSecond }: PacketLimits) {
    this.packets = new Buckets(BigInt(packetsPerMinute), MINUTE_MILLISECONDS)
    if (amountPerSecond === undefined) return
    this.incoming = new Buckets(amountPerSecond, SECOND_MILLISECONDS)
    this.outgoing = new Buckets(amountPerSecond, SECOND_MILLISECONDS)
  }

  /** Steps 5 and 6. A probe moves nothing, and is limited by who asks for it. @throws Refusal T04, T05 */
  checkIncoming(source: Source, amount: bigint): void {
    if (source.kind === 'probe') return
    const key = source.kind === 'peer' ? source.peer.id : source.payment.id
    if (!this.packets.take(key, 1n)) throw new Refusal('T05', 'too many requests, throttling.')
    if (this.incoming?.take(key, amount) === false) throw throttled()
  }

  /** Step 10, before anything is set aside. @throws Refusal T04 */
  checkOutgoing(destinationId: string, amount: bigint): void {
    if (this.outgoing?.take(destinationId, amount) === false) throw throttled()
  }
}

function throttled(): Refusal {
  return new Refusal('T04', 'exceeded money bandwidth, throttling.')
}
