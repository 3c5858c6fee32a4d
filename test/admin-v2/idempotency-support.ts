/** What is asked for over and over, and what came of it. */
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { ANSWER, type Fields, type Reply, type TestApi } from './support'

export function createAssetWith(api: TestApi, input: object): Promise<Reply> {
  return api.attempt('createAsset', 'CreateAssetInput', input, `${ANSWER} asset { id code scale createdAt }`)
}

export async function countAssets(api: TestApi, code: string): Promise<number> {
  const rows = await api.container
    .resolve(DataSource)
    .query<{ n: number }[]>('SELECT count(*)::int AS n FROM asset WHERE code = $1', [code])
  return rows[0]?.n ?? -1
}

export async function liquidity(api: TestApi, id: string): Promise<string> {
  return (await api.run('query ($id: String!) { asset(id: $id) { liquidity } }', { id })).data.asset.liquidity
}

export function add(api: TestApi, assetId: string, more: object = {}): Promise<Fields> {
  const input = { assetId, amount: 10, id: randomUUID(), idempotencyKey: randomUUID(), ...more }
  return api.mutate('addAssetLiquidity', 'AddAssetLiquidityInput', input, `${ANSWER} error`)
}

export function withdraw(api: TestApi, assetId: string, more: object = {}): Promise<Fields> {
  const input = { assetId, amount: 10, id: randomUUID(), idempotencyKey: randomUUID(), ...more }
  return api.mutate('createAssetLiquidityWithdrawal', 'CreateAssetLiquidityWithdrawalInput', input, `${ANSWER} error`)
}
