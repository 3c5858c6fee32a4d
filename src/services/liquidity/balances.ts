import type { Ledger } from '../../ledger/ledger'
import { availableOf } from '../../ledger/types'

/** Balances of ledger accounts. The ledger merges what is asked for in one turn of the event loop. */
export class Balances {
  constructor(private readonly ledger: Ledger) {}

  /** What can be spent from an account, in the smallest unit; undefined where there is no account. */
  async available(accountId: bigint): Promise<bigint | undefined> {
    const account = await this.ledger.account(accountId)
    return account && availableOf(account)
  }
}
