/**
 * Holds the wallet's books against the service's ledger.
 *
 * The wallet's account `service` mirrors the settlement account of the asset: both get one line for every deposit and
 * every withdrawal, under the event's id. Lines of other ids are the operator's own doing, such as liquidity of the
 * asset.
 */
import { LedgerAccountsDocument, LedgerStatementDocument, type HazinaClient } from '../../clients/typescript'
import { assetNameOf, type Books } from './books'
import type { Wallet } from './wallet'

export interface Reconciliation {
  readonly asset: string
  /** Deposits minus withdrawals of events, by the wallet's books. */
  readonly wallet: bigint
  /** The same by the service's ledger. */
  readonly ledger: bigint
  /** What else went through the settlement account. */
  readonly others: bigint
  /** What the service says its settlement account holds. It is the sum of the two above. */
  readonly settlement: bigint
  /** Lines that one side has and the other has not, or not with this amount. Empty: all is well. */
  readonly differences: readonly string[]
}

const LINES_PER_PAGE = 100

/** Reads every statement in full. Wait until the wallet is idle, or what is under way counts as a difference. */
export async function reconcile(wallet: Wallet, client: HazinaClient): Promise<Reconciliation[]> {
  const assets = new Map(wallet.accountList().map((account) => [assetNameOf(account), account.assetId]))
  const reconciliations: Reconciliation[] = []
  for (const [asset, assetId] of assets)
    reconciliations.push(await reconcileAsset(wallet.books, client, asset, assetId))
  return reconciliations
}

async function reconcileAsset(
  books: Books,
  client: HazinaClient,
  asset: string,
  assetId: string
): Promise<Reconciliation> {
  const expected = movementsOf(books, asset)
  const { ledgerAccounts } = await client.request(LedgerAccountsDocument, { ownerId: assetId })
  const settlement = ledgerAccounts.find(({ purpose }) => purpose === 'SETTLEMENT')
  if (!settlement) throw new Error(`the service has no settlement account of ${asset}`)
  const differences: string[] = []
  let ledger = 0n
  let others = 0n
  for await (const { transferId, amount } of finalLines(client, settlement.id)) {
    const booked = expected.get(transferId)
    expected.delete(transferId)
    if (booked === undefined) others += amount
    else ledger += amount
    if (booked !== undefined && booked !== amount) {
      differences.push(`${transferId}: ${booked} in the books, ${amount} in the ledger`)
    }
  }
  for (const [transferId, amount] of expected) differences.push(`${transferId}: ${amount} in the books only`)
  const balance = BigInt(settlement.balance)
  if (ledger + others !== balance) differences.push(`the statement sums up to ${ledger + others}, not to ${balance}`)
  return { asset, wallet: books.balance('service', asset), ledger, others, settlement: balance, differences }
}

/** By the id of the event: more than 0 for a deposit, less for a withdrawal. */
function movementsOf(books: Books, asset: string): Map<string, bigint> {
  const movements = new Map<string, bigint>()
  for (const entry of books.entries()) {
    const posting = entry.postings.find(({ account }) => account === 'service')
    if (entry.asset === asset && posting) movements.set(entry.id.split('/')[0]!, posting.amount)
  }
  return movements
}

/** What a line moved for good; holds and what releases them move nothing. */
async function* finalLines(client: HazinaClient, id: string): AsyncGenerator<{ transferId: string; amount: bigint }> {
  for (let after: string | null = null; ;) {
    const page: { id: string; after: string | null; first: number } = { id, after, first: LINES_PER_PAGE }
    const { ledgerAccount } = await client.request(LedgerStatementDocument, page)
    if (!ledgerAccount) throw new Error(`there is no ledger account ${id}`)
    const { edges, pageInfo } = ledgerAccount.statement
    for (const { node } of edges) {
      if (node.kind !== 'TRANSFER' && node.kind !== 'POST') continue
      yield { transferId: node.transferId, amount: node.side === 'DEBIT' ? BigInt(node.amount) : -BigInt(node.amount) }
    }
    if (!pageInfo.hasNextPage) return
    after = pageInfo.endCursor
  }
}
