/**
 * Something here that packets are credited to, shared by all packets for it. Those that arrive while others are
 * being stored are stored together, and change what they are for once.
 *
 * What is known of it may be a moment old. Whether it still takes money is judged again, by what is stored, in
 * the transaction that credits it; so what is known too late costs a refusal and never money. Two things are
 * taken in turn, because a crowd of packets would only refuse each other: the first credit, which opens the
 * account, and credits that may be one too many for what is asked for.
 */
import { AttachmentRefused } from '../../ledger/types'
import { wasOpenedMeanwhile, type CreditOfMany } from '../../services/credit'
import { creditRefusalOf } from '../../services/payments/incoming/credit'
import type { LedgerOfPackets } from './packet-ledger'
import type { LocalDestination, Movement } from './pipeline/ports'
import { DISABLED_DESTINATION, PACKET_EXPIRED, Refusal, UNKNOWN_DESTINATION } from './pipeline/refusal'
import type { PacketAsset } from './types'

/** An incoming payment or a payment pointer, as it was read. */
export interface Payee {
  readonly id: string
  readonly asset: PacketAsset
  /** Whether its ledger account is open. */
  readonly hasAccount: boolean
  /** What it still takes; undefined: any amount. The packet that reaches it may overshoot. */
  readonly remaining: bigint | undefined
  isFinished(now: Date): boolean
  credit(now: Date): Promise<CreditOfMany>
}

/** Packets of one submission. */
const TOGETHER_MAX = 256
/** Submissions under way: one is being stored, one is next. */
const SUBMISSIONS_MAX = 2
/** How often a credit starts over because the account was opened by somebody else. */
const ATTEMPTS_MAX = 5

/** What becomes of a packet: it is credited, is to be tried again, or fails. */
type Fate = 'credited' | 'again' | Error

interface Queued {
  readonly movement: Movement
  /** When it has to be on its way into the ledger. */
  readonly deadline: Date
  /** Not together with others. */
  readonly isAlone: boolean
  readonly resolve: (fate: Fate) => void
}

export class LocalAccount implements LocalDestination {
  /** Amounts under way. */
  private pending = 0n
  /** Credited since the payee was read. */
  private credited = 0n
  private isStale = false
  private refreshing: Promise<void> | undefined
  private waiting: (() => void)[] = []
  private readonly queue: Queued[] = []
  private submissions = 0

  constructor(
    private payee: Payee,
    private readonly read: () => Promise<Payee | undefined>,
    private readonly ledger: Pick<LedgerOfPackets, 'credit'>,
    private readonly now: () => Date
  ) {}

  get id(): string {
    return this.payee.id
  }

  get asset(): PacketAsset {
    return this.payee.asset
  }

  /** Whether there is reason to read it again. */
  get isOutdated(): boolean {
    return this.isStale
  }

  isFinished(now: Date): boolean {
    return this.payee.isFinished(now)
  }

  /** Reads it again. @throws Refusal F02 */
  async refresh(): Promise<void> {
    await (this.refreshing ??= this.readAgain().finally(() => (this.refreshing = undefined)))
  }

  async deliver(movement: Movement, deadline: Date): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await this.turn(movement.destinationAmount)
      const fate = await new Promise<Fate>((resolve) => {
        this.queue.push({ movement, deadline, isAlone: attempt > 1, resolve })
        this.submitQueued()
      })
      if (fate === 'credited') return
      if (fate !== 'again') throw fate
      if (attempt === ATTEMPTS_MAX) throw new Refusal('F02', DISABLED_DESTINATION)
    }
  }

  /**
   * Waits while others are to go first, and counts the amount as under way from then on.
   *
   * @throws Refusal F02 if it takes no more by then
   */
  private async turn(amount: bigint): Promise<void> {
    for (;;) {
      if (this.isStale) await this.refresh()
      else if (this.pending > 0n && (!this.payee.hasAccount || this.isFull)) await this.change()
      else break
    }
    if (this.payee.isFinished(this.now())) throw new Refusal('F02', DISABLED_DESTINATION)
    this.pending += amount
  }

  private submitQueued(): void {
    while (this.submissions < SUBMISSIONS_MAX && this.queue.length > 0) {
      const alone = this.queue.findIndex(({ isAlone }) => isAlone)
      const count = alone < 0 ? TOGETHER_MAX : Math.max(alone, 1)
      const packets = this.inTime(this.queue.splice(0, count))
      if (packets.length === 0) continue
      this.submissions++
      void this.submit(packets)
    }
  }

  /** Refuses those that have waited too long: whoever sent them has been told so by now. */
  private inTime(packets: readonly Queued[]): readonly Queued[] {
    const now = this.now()
    const late = packets.filter(({ deadline }) => deadline <= now)
    if (late.length === 0) return packets
    this.leave(late, new Array<Fate>(late.length).fill(new Refusal('R00', PACKET_EXPIRED)))
    return packets.filter(({ deadline }) => deadline > now)
  }

  private async submit(packets: readonly Queued[]): Promise<void> {
    const { payee } = this
    const fates = await this.fatesOf(packets, payee)
    for (const [index, { movement }] of packets.entries()) {
      if (fates[index] === 'credited') this.credited += movement.destinationAmount
    }
    if (!payee.hasAccount || this.isFull) this.isStale = true
    this.submissions--
    this.leave(packets, fates)
    this.submitQueued()
  }

  /** Packets that are no longer under way. */
  private leave(packets: readonly Queued[], fates: readonly Fate[]): void {
    for (const { movement } of packets) this.pending -= movement.destinationAmount
    for (const wake of this.waiting.splice(0)) wake()
    for (const [index, { resolve }] of packets.entries()) resolve(fates[index]!)
  }

  /** A credit that is refused says nothing about a packet among others: each of them tries again alone. */
  private async fatesOf(packets: readonly Queued[], payee: Payee): Promise<Fate[]> {
    const movements = packets.map(({ movement }) => movement)
    try {
      const credit = await payee.credit(this.now())
      const failures = await this.ledger.credit(movements, { accountId: credit.accountId, asset: payee.asset }, credit)
      return failures.map((failure) => failure ?? 'credited')
    } catch (error) {
      this.isStale = true
      const fate = this.fateOf(error, packets.length)
      return packets.map(() => fate)
    }
  }

  private fateOf(error: unknown, packets: number): Fate {
    if (!(error instanceof AttachmentRefused) || creditRefusalOf(error) === undefined) return error as Error
    return packets > 1 || wasOpenedMeanwhile(error) ? 'again' : new Refusal('F02', DISABLED_DESTINATION)
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  /** Whether nothing is left to ask for once all that is under way has arrived. */
  private get isFull(): boolean {
    const { remaining } = this.payee
    return remaining !== undefined && this.credited + this.pending >= remaining
  }

  private async readAgain(): Promise<void> {
    this.isStale = false
    const payee = await this.read()
    if (!payee) throw new Refusal('F02', UNKNOWN_DESTINATION)
    this.payee = payee
    this.credited = 0n
  }
}
