import { randomFillSync } from 'node:crypto'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** The canonical form of a UUID of any version, or undefined for what is none. */
export function parseUuid(text: string): string | undefined {
  return UUID.test(text) ? text.toLowerCase() : undefined
}

/** The canonical form of the id that a client chose for a transfer: a UUID of version 4. */
export function parseTransferId(text: string): string | undefined {
  return UUID_V4.test(text) ? text.toLowerCase() : undefined
}

const RANDOM_BYTES = 8
/** Randomness is fetched for so many ids at a time: asking for it costs more than an id. */
const RANDOM_IDS = 128
const COUNTER_BITS = 12
const COUNTER_MAX = 2 ** COUNTER_BITS - 1

/**
 * New ids: UUIDs of version 7, ascending within the process, so that they lie beside each other in an index.
 * No id of this kind is a version 4, so none meets an id that a client chose for a transfer.
 */
export class Identifiers {
  private milliseconds = 0
  private counter = 0
  private readonly pool = Buffer.alloc(RANDOM_BYTES * RANDOM_IDS)
  private used = this.pool.length

  constructor(private readonly now: () => number = Date.now) {}

  next(): string {
    this.advance()
    const random = this.random()
    random[0] = 0x80 | (random[0]! & 0x3f)
    const time = this.milliseconds.toString(16).padStart(12, '0')
    const counter = this.counter.toString(16).padStart(3, '0')
    const tail = random.toString('hex')
    return `${time.slice(0, 8)}-${time.slice(8)}-7${counter}-${tail.slice(0, 4)}-${tail.slice(4)}`
  }

  /** The least id that can have been given at a time or later: what is newer is found by the primary key. */
  static since(time: Date): string {
    const milliseconds = time.getTime().toString(16).padStart(12, '0')
    return `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}-7000-8000-000000000000`
  }

  private random(): Buffer {
    if (this.used === this.pool.length) {
      randomFillSync(this.pool)
      this.used = 0
    }
    this.used += RANDOM_BYTES
    return this.pool.subarray(this.used - RANDOM_BYTES, this.used)
  }

  /** One tick: the clock's, or while the clock stands still the counter's. */
  private advance(): void {
    const now = this.now()
    if (now > this.milliseconds) {
      this.milliseconds = now
      this.counter = 0
    } else if (this.counter < COUNTER_MAX) {
      this.counter++
    } else {
      this.milliseconds++
      this.counter = 0
    }
  }
}
