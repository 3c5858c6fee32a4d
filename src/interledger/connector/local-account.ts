/**
 * Something here that packets are credited to, shared by all packets for it.
 *
 * What is known of it may be a moment old. Whether it still takes money is judged again, by what is stored, in
 * the transaction that credits it; so what is known too late costs a refusal and never money. Two things are
 * taken in turn, because a crowd of packets would only refuse each other: the first credit, which opens the
 * account, and credits that may be one too many for what is asked for.
 */
import { AttachmentRefused } from '../../ledger/types'
import { wasOpenedMeanwhile, type Credit } from '../../services/credit'
import { creditRefusalOf } from '../../services/payments/incoming/credit'
import type { LedgerOfPackets } from './packet-ledger'
import type { LocalDestination, Movement } from './pipeline/ports'
import { DISABLED_DESTINATION, Refusal, UNKNOWN_DESTINATION } from './pipeline/refusal'
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
  credit(amount: bigint, now: Date): Promise<Credit>
}

/** How often a credit starts over because the account was opened by somebody else. */
const ATTEMPTS_MAX = 5

export class LocalAccount implements LocalDestination {
  /** Amounts under way. */
  private pending = 0n
  /** Credited since the payee was read. */
  private credited = 0n
  private isStale = false
  private refreshing: Promise<void> | undefined
  private waiting: (() => void)[] = []

  constructor(
    private payee: Payee,
    private readonly read: () => Promise<Payee | undefined>,
    private readonly ledger: LedgerOfPackets,
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

  async deliver(movement: Movement): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await this.turn(movement.destinationAmount)
      if (await this.attempt(movement, attempt < ATTEMPTS_MAX)) return
    }
  }

  /**
   * Waits while others are to go first, and counts the amount as under way from then on.
   *
   * @throws Refusal F02 if what went first was all it takes
   */
  private async turn(amount: bigint): Promise<void> {
    for (;;) {
      if (this.isStale) await this.refresh()
      else if (this.pending > 0n && (!this.payee.hasAccount || this.isFull)) await this.change()
      else break
    }
    if (this.isFull && this.payee.isFinished(this.now())) throw new Refusal('F02', DISABLED_DESTINATION)
    this.pending += amount
  }

  /** Whether it was credited; false says that somebody else has opened the account meanwhile. */
  private async attempt(movement: Movement, mayStartOver: boolean): Promise<boolean> {
    const { payee } = this
    const amount = movement.destinationAmount
    try {
      const credit = await payee.credit(amount, this.now())
      await this.ledger.credit(movement, { accountId: credit.accountId, asset: payee.asset }, credit)
      this.credited += amount
      return true
    } catch (error) {
      this.isStale = true
      if (mayStartOver && wasOpenedMeanwhile(error)) return false
      if (!(error instanceof AttachmentRefused) || creditRefusalOf(error) === undefined) throw error
      throw new Refusal('F02', DISABLED_DESTINATION)
    } finally {
      if (!payee.hasAccount || this.isFull) this.isStale = true
      this.pending -= amount
      for (const wake of this.waiting.splice(0)) wake()
    }
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
