/**
 * The agent's money outside the service: the bank account or the wallet that customers pay into and are paid from.
 * Here it is a file. Where a real bank stands in its place, the order's id is the key under which the bank is asked
 * to pay, so that it pays once however often it is asked.
 */
import { Journal } from '../wallet/journal'
import { formatLocal, parseLocal } from './money'

type Line =
  | { readonly line: 'received'; readonly orderId: string; readonly amount: string; readonly currency: string }
  | {
      readonly line: 'paid'
      readonly orderId: string
      readonly amount: string
      readonly currency: string
      readonly to: string
    }

export interface Movement {
  /** In hundredths. */
  readonly amount: bigint
  readonly currency: string
}

export class Till {
  private readonly received = new Map<string, Movement>()
  private readonly paid = new Map<string, Movement>()
  /** Lines on their way to the disk, by what they tell of. */
  private readonly writing = new Map<string, Promise<void>>()
  private journal!: Journal<Line>

  private constructor() {}

  static async open(file: string): Promise<Till> {
    const till = new Till()
    till.journal = await Journal.open<Line>(file, (line) => till.take(line))
    return till
  }

  /** A customer's money came in for an order. The same order receives once. */
  async receive(orderId: string, amount: bigint, currency: string): Promise<void> {
    await this.write({ line: 'received', orderId, amount: formatLocal(amount), currency })
  }

  /** Whether what an order asks for is here, to the last hundredth. */
  hasReceived(orderId: string, { amount, currency }: Movement): boolean {
    const found = this.received.get(orderId)
    return found !== undefined && found.amount === amount && found.currency === currency
  }

  /** Pays a customer and says under which receipt. The same order is paid once. */
  async pay(orderId: string, { amount, currency }: Movement, to: string): Promise<string> {
    await this.write({ line: 'paid', orderId, amount: formatLocal(amount), currency, to })
    return `till-${orderId}`
  }

  /** By currency: what came in less what went out. */
  balances(): Record<string, string> {
    const sums = new Map<string, bigint>()
    const add = ({ amount, currency }: Movement, sign: bigint): void => {
      sums.set(currency, (sums.get(currency) ?? 0n) + sign * amount)
    }
    for (const movement of this.received.values()) add(movement, 1n)
    for (const movement of this.paid.values()) add(movement, -1n)
    return Object.fromEntries([...sums].map(([currency, sum]) => [currency, formatLocal(sum)]))
  }

  close(): Promise<void> {
    return this.journal.close()
  }

  private write(line: Line): Promise<void> {
    const key = `${line.line} ${line.orderId}`
    const known = this.writing.get(key)
    if (known) return known
    if ((line.line === 'paid' ? this.paid : this.received).has(line.orderId)) return Promise.resolve()
    const written = this.journal.append(line).then(
      () => this.take(line),
      (error: unknown) => {
        this.writing.delete(key)
        throw error
      }
    )
    this.writing.set(key, written)
    return written
  }

  private take({ line, orderId, amount, currency }: Line): void {
    const movements = line === 'paid' ? this.paid : this.received
    movements.set(orderId, { amount: parseLocal(amount), currency })
  }
}
