import DataLoader from 'dataloader'
import type { Ledger } from '../../ledger/ledger'
import { availableOf, type Account } from '../../ledger/types'

/** Most accounts in one merged read. */
const MERGED_ACCOUNTS_MAX = 1_000

/** Balances of ledger accounts; what is asked for in one turn of the event loop is read at once. */
export class Balances {
  private readonly accounts: DataLoader<bigint, Account | undefined>

  constructor(ledger: Ledger) {
    this.accounts = new DataLoader(
      async (ids) => {
        const distinct = [...new Set(ids)]
        const accounts = await ledger.accounts(distinct)
        const byId = new Map(distinct.map((id, index) => [id, accounts[index]]))
        return ids.map((id) => byId.get(id))
      },
      { cache: false, maxBatchSize: MERGED_ACCOUNTS_MAX, batchScheduleFn: (dispatch) => setImmediate(dispatch) }
    )
  }

  /** What can be spent from an account, in the smallest unit; undefined where there is no account. */
  async available(accountId: bigint): Promise<bigint | undefined> {
    const account = await this.accounts.load(accountId)
    return account && availableOf(account)
  }
}
