import type { Balances } from '../../services/liquidity/balances'
import { notFound } from '../shared/errors'

/** @throws GraphQLError where there is no such account */
export async function liquidityOf(balances: Balances, accountId: bigint): Promise<bigint> {
  const available = await balances.available(accountId)
  if (available === undefined) throw notFound('No liquidity account found')
  return available
}
