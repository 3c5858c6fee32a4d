/**
 * Goal: an auditor can read the accounts behind a thing and every line of them through the API.
 * Method: deposits and a withdrawal through the API, then the statements of both sides, page by page.
 */
import { randomUUID } from 'node:crypto'
import { createTestDatabase } from '../support/database'
import { TestApi, type Fields } from './support'

let database: { url: string; drop(): Promise<void> }
let api: TestApi
let assetId: string

const TOTALS = 'debitsPosted debitsPending creditsPosted creditsPending'
const ENTRY = `position kind purpose side amount transferId counterAccountId holdId recordedAt totals { ${TOTALS} }`

beforeAll(async () => {
  database = await createTestDatabase()
  api = await TestApi.open(database.url)
  const { asset } = await api.mutate('createAsset', 'CreateAssetInput', { code: 'USD', scale: 2 }, 'asset { id }')
  assetId = asset.id
})
afterAll(async () => {
  await api.close()
  await database.drop()
})

async function liquidity(name: string, input: object): Promise<Fields> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`
  return api.mutate(name, type, { idempotencyKey: randomUUID(), ...input }, 'code success message error')
}

async function accounts(): Promise<Fields[]> {
  const { data } = await api.run(
    `query ($id: ID!) { ledgerAccounts(ownerId: $id) { id purpose ledger closed balance totals { ${TOTALS} } } }`,
    { id: assetId }
  )
  return data.ledgerAccounts as Fields[]
}

describe('the statement of an asset', () => {
  const withdrawalId = randomUUID()
  beforeAll(async () => {
    for (const amount of ['100', '50', '7']) await liquidity('addAssetLiquidity', { assetId, amount, id: randomUUID() })
    await liquidity('createAssetLiquidityWithdrawal', { assetId, amount: '30', id: withdrawalId })
    await liquidity('postLiquidityWithdrawal', { withdrawalId })
  })

  it('shows both accounts, balanced against each other', async () => {
    expect(await accounts()).toMatchObject([
      { purpose: 'SETTLEMENT', balance: '127', closed: false, totals: { debitsPosted: '157', creditsPosted: '30' } },
      {
        purpose: 'LIQUIDITY_ASSET',
        balance: '127',
        closed: false,
        totals: { debitsPosted: '30', creditsPosted: '157' }
      }
    ])
  })

  it('lists every line once, with running totals, page by page', async () => {
    const [, account] = await accounts()
    const lines: Fields[] = []
    for (let after: string | null = null; ;) {
      const { data } = await api.run(
        `query ($id: ID!, $after: String) { ledgerAccount(id: $id) { statement(after: $after, first: 2) {
          edges { cursor node { ${ENTRY} } } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } } }`,
        { id: account!.id, after }
      )
      const page = (data.ledgerAccount as Fields).statement as Fields
      expect(page.pageInfo.hasPreviousPage).toBe(after !== null)
      lines.push(...page.edges.map((edge) => edge.node))
      if (!page.pageInfo.hasNextPage) break
      after = page.pageInfo.endCursor
    }
    expect(lines.map(({ kind, purpose, side, amount }) => [kind, purpose, side, amount])).toEqual([
      ['TRANSFER', 'DEPOSIT', 'CREDIT', '100'],
      ['TRANSFER', 'DEPOSIT', 'CREDIT', '50'],
      ['TRANSFER', 'DEPOSIT', 'CREDIT', '7'],
      ['HOLD', 'WITHDRAWAL', 'DEBIT', '30'],
      ['POST', 'WITHDRAWAL', 'DEBIT', '30']
    ])
    expect(lines[3]).toMatchObject({ transferId: withdrawalId, totals: { debitsPending: '30', creditsPosted: '157' } })
    expect(lines[4]).toMatchObject({ holdId: withdrawalId, totals: { debitsPosted: '30', debitsPending: '0' } })
  })

  it('tells the totals as of a time', async () => {
    const [, account] = await accounts()
    const query = `query ($id: ID!, $time: String!) { ledgerAccount(id: $id) { totalsAt(time: $time) { ${TOTALS} } } }`
    const now = await api.run(query, { id: account!.id, time: api.clock.now().toISOString() })
    expect(now.data.ledgerAccount).toEqual({
      totalsAt: { debitsPosted: '30', debitsPending: '0', creditsPosted: '157', creditsPending: '0' }
    })
    const before = await api.run(query, { id: account!.id, time: '2000-01-01T00:00:00Z' })
    expect(before.data.ledgerAccount).toEqual({ totalsAt: null })
    expect((await api.run(query, { id: account!.id, time: 'soon' })).errors).toHaveLength(1)
  })

  it.each(['0', '-1', 'x', '99999999999999999999', '999999'])('knows no account %s', async (id) => {
    const { data, errors } = await api.run('query ($id: ID!) { ledgerAccount(id: $id) { id } }', { id })
    expect(data.ledgerAccount).toBeNull()
    expect(errors).toMatchObject([{ message: 'No ledger account' }])
  })

  it('has no accounts for what is no owner', async () => {
    for (const id of [randomUUID(), 'nonsense']) {
      expect(
        (await api.run('query ($id: ID!) { ledgerAccounts(ownerId: $id) { id } }', { id })).data.ledgerAccounts
      ).toEqual([])
    }
  })
})
