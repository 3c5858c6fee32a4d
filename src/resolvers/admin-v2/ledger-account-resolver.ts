import { injectable } from 'tsyringe'
import { Arg, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql'
import { parseLedgerNumber, StatementService } from '../../services/statements/statement-service'
import { notFound } from '../shared/errors'
import { pageRequestOf, type Connection } from '../shared/pagination'
import {
  LedgerAccountNode,
  ledgerAccountNode,
  LedgerEntry,
  ledgerEntry,
  LedgerStatementConnection,
  LedgerTotals,
  totalsNode
} from './ledger-account-types'

@injectable()
@Resolver(() => LedgerAccountNode)
export class LedgerAccountResolver {
  constructor(private readonly statements: StatementService) {}

  @Query(() => LedgerAccountNode, {
    nullable: true,
    description: 'An account of the ledger. An error `No ledger account` if there is none of this number.'
  })
  async ledgerAccount(
    @Arg('id', () => ID, { description: 'Number of the ledger account.' }) id: string
  ): Promise<LedgerAccountNode> {
    const account = await this.statements.account(id)
    if (!account) throw notFound('No ledger account')
    return ledgerAccountNode(account)
  }

  @Query(() => [LedgerAccountNode], {
    description: 'The ledger accounts behind an asset, peer, payment pointer or payment; empty if it has none.'
  })
  async ledgerAccounts(
    @Arg('ownerId', () => ID, { description: 'Identifier of the asset, peer, payment pointer or payment.' })
    ownerId: string
  ): Promise<LedgerAccountNode[]> {
    return (await this.statements.accountsOf(ownerId)).map(ledgerAccountNode)
  }

  @FieldResolver(() => LedgerStatementConnection, {
    description: "The account's lines in ledger order, each with the totals after it."
  })
  async statement(
    @Root() account: LedgerAccountNode,
    @Arg('after', () => String, {
      nullable: true,
      description: 'The cursor after which to start; absent: with the first line.'
    })
    after?: string | null,
    @Arg('first', () => Int, { nullable: true, description: 'How many lines, 1 to 100; 20 if 0 or absent.' })
    first?: number | null
  ): Promise<Connection<LedgerEntry>> {
    const { limit } = pageRequestOf({ first })
    const position = after == null ? undefined : parseLedgerNumber(after)
    if (after != null && position === undefined) throw notFound('Invalid cursor')
    const page = await this.statements.statement(BigInt(account.id), { after: position, limit })
    const nodes = page.entries.map((entry) => ledgerEntry(account.id, entry))
    return {
      edges: nodes.map((node) => ({ cursor: node.position, node })),
      pageInfo: {
        startCursor: nodes[0]?.position ?? null,
        endCursor: nodes.at(-1)?.position ?? null,
        hasNextPage: page.hasNextPage,
        hasPreviousPage: page.hasPreviousPage
      }
    }
  }

  @FieldResolver(() => LedgerTotals, {
    nullable: true,
    description: "The account's totals as they were at a time; null before its first line."
  })
  async totalsAt(
    @Root() account: LedgerAccountNode,
    @Arg('time', () => String, { description: 'The moment to look at, ISO 8601.' }) time: string
  ): Promise<LedgerTotals | null> {
    const date = new Date(time)
    if (Number.isNaN(date.getTime())) throw notFound('Invalid time')
    const totals = await this.statements.totalsAt(BigInt(account.id), date)
    return totals ? totalsNode(totals) : null
  }
}
