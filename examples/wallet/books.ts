/**
 * The wallet's own double entry, in memory. Each entry takes from some accounts what it gives to others, in one asset;
 * an entry's id counts once, however often it is posted.
 *
 * A balance is what was given minus what was taken. Per asset there are
 *
 *   outside          money that came from elsewhere: below zero by what customers have paid in
 *   customer/<name>  what the wallet owes a customer: never below zero
 *   reserved         taken from customers for payments that the service does not have the money of yet
 *   service          what the service holds for the wallet, the mirror of its settlement account: payments move it up,
 *                    withdrawals down, and across currencies what leaves one arrives in another
 *   fees             what the wallet earned
 *   unclaimed        arrived for nobody that the wallet knows
 */

export interface Unit {
  readonly assetCode: string
  readonly assetScale: number
}

export interface Posting {
  readonly account: string
  /** More than zero gives, less than zero takes; in the smallest unit. */
  readonly amount: bigint
}

export interface Entry {
  /** Says what it is for, so that the same thing is never booked twice. */
  readonly id: string
  readonly asset: string
  readonly postings: readonly Posting[]
}

export class InsufficientMoney extends Error {
  override readonly name = 'InsufficientMoney'
}

export const CUSTOMER_PREFIX = 'customer/'

/** `USD/2`: the same code at another scale is another asset. */
export function assetNameOf({ assetCode, assetScale }: Unit): string {
  return `${assetCode}/${assetScale}`
}

/** An entry with one taker and one giver. */
export function movement(id: string, asset: string, from: string, to: string, amount: bigint): Entry {
  return {
    id,
    asset,
    postings: [
      { account: from, amount: -amount },
      { account: to, amount }
    ]
  }
}

export class Books {
  private readonly balances = new Map<string, bigint>()
  private readonly posted = new Map<string, Entry>()

  /** In the smallest unit. */
  balance(account: string, asset: string): bigint {
    return this.balances.get(keyOf(account, asset)) ?? 0n
  }

  /** Every account that ever moved, by asset and account. */
  all(): { readonly asset: string; readonly account: string; readonly balance: bigint }[] {
    return [...this.balances].sort().map(([key, balance]) => {
      const [asset = '', account = ''] = key.split(' ')
      return { asset, account, balance }
    })
  }

  entries(): IterableIterator<Entry> {
    return this.posted.values()
  }

  /** False: it was posted before, and nothing changed. @throws InsufficientMoney, and then nothing changed either */
  post(entry: Entry): boolean {
    if (this.posted.has(entry.id)) return false
    if (entry.postings.reduce((sum, { amount }) => sum + amount, 0n) !== 0n) {
      throw new RangeError(`entry ${entry.id} gives more or less than it takes`)
    }
    for (const { account, amount } of entry.postings) {
      const after = this.balance(account, entry.asset) + amount
      if (amount < 0n && after < 0n && account.startsWith(CUSTOMER_PREFIX)) {
        throw new InsufficientMoney(`${account} lacks ${-after} of ${entry.asset} for ${entry.id}`)
      }
    }
    for (const { account, amount } of entry.postings) {
      this.balances.set(keyOf(account, entry.asset), this.balance(account, entry.asset) + amount)
    }
    this.posted.set(entry.id, entry)
    return true
  }
}

function keyOf(account: string, asset: string): string {
  return `${asset} ${account}`
}
