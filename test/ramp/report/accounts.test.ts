/**
 * Goal: the report finds nothing in a sound ramp, also while it is busy, and names each thing that is wrong.
 * Method: parties that are funded, lent to and reserved from; then the tables are changed behind the service,
 * one thing at a time, and put back.
 */
import { Reader } from '../../../src/database/reader'
import { LOCAL_SCALE, parseDecimal, USD } from '../../../src/services/ramp/money'
import { accountsReport, type AccountsReport } from '../../../src/services/ramp/report/accounts'
import { valueOf } from '../../support/answers'
import { createTestDatabase, type TestDatabase } from '../../support/database'
import { Parties } from '../parties/support'

let database: TestDatabase
let parties: Parties

beforeAll(async () => {
  database = await createTestDatabase()
  parties = await Parties.open(database.url)
})
afterAll(async () => {
  await parties.close()
  await database.drop()
})

const report = (): Promise<AccountsReport> => accountsReport(parties.api.container.resolve(Reader), parties.ledger)
const findings = async (): Promise<string[]> =>
  (await report()).findings.map(({ invariant, subject, problem }) => `${invariant}: ${subject}: ${problem}`)

test('an empty ramp is sound', async () => {
  expect(await report()).toMatchObject({ assets: 0n, liabilities: 0n, accounts: 0, held: [], findings: [] })
})

test('what is held, owed and declared is told by purpose', async () => {
  const [agent, merchant] = [await parties.agent(), await parties.merchant()]
  const method = await parties.method(agent)
  await parties.fund({ kind: 'agent', id: agent.id }, 30n * USD)
  await parties.fund({ kind: 'merchant', id: merchant.id }, 500n * USD)
  valueOf(await parties.agents.grantCredit(parties.context, agent.id, 10n * USD))
  const declared = { methodId: method.id, amount: '40000' }
  valueOf(await parties.agents.setLiquidity(parties.context, agent.id, declared))
  const clearing = await parties.accounts.id('p2p:clearing')
  expect((await parties.transfer(agent.creditAccountId, clearing, 4n * USD, true)).result).toBe('ok')
  const fees = await parties.accounts.id('platform:fees')
  expect((await parties.transfer(merchant.balanceAccountId, fees, 20n * USD)).result).toBe('ok')

  const { findings: wrong, assets, liabilities, accounts, held, units } = await report()
  expect(wrong).toEqual([])
  expect([assets, liabilities]).toEqual([540n * USD, 540n * USD])
  expect(accounts).toBe(4)
  const line = (kind: string): unknown =>
    held.filter((one) => one.kind === kind && one.amount !== 0n).map(({ accounts: _, ...rest }) => rest)
  const usd = (kind: string, amount: bigint, more: object = {}): object[] => {
    return [{ unit: 'USD', kind, amount, reserved: 0n, promised: 0n, ...more }]
  }
  expect(line('AGENT_BALANCE')).toEqual(usd('AGENT_BALANCE', 30n * USD))
  expect(line('AGENT_CREDIT')).toEqual(usd('AGENT_CREDIT', 10n * USD, { reserved: 4n * USD }))
  expect(line('MERCHANT_BALANCE')).toEqual(usd('MERCHANT_BALANCE', 480n * USD))
  expect(line('FEES')).toEqual(usd('FEES', 20n * USD))
  expect(held.filter(({ kind }) => kind === 'CLEARING')).toMatchObject(usd('CLEARING', 0n, { promised: 4n * USD }))
  expect(line('ONCHAIN_FLOAT')).toEqual(usd('ONCHAIN_FLOAT', 530n * USD))
  expect(line('CREDIT_EXTENDED')).toEqual(usd('CREDIT_EXTENDED', 10n * USD))
  const local = parseDecimal('40000', LOCAL_SCALE)!
  expect(line('FIAT_LIQUIDITY')).toEqual([{ ...usd('FIAT_LIQUIDITY', local)[0], unit: 'NGN' }])
  expect(line('FIAT_WORLD')).toEqual([{ ...usd('FIAT_WORLD', -local)[0], unit: 'NGN' }])
  const ngn = units.find(({ unit }) => unit === 'NGN')
  expect(ngn).toEqual({ unit: 'NGN', debitsPosted: local, creditsPosted: local, debitsPending: 0n, creditsPending: 0n })
})

test('it finds nothing wrong while credit lines and liquidity change all the time', async () => {
  const agents = await Promise.all(Array.from({ length: 4 }, () => parties.agent()))
  const methods = await Promise.all(agents.map((agent) => parties.method(agent)))
  let isBusy = true
  const busy = agents.map(async (agent, index) => {
    for (let round = 1n; isBusy; round++) {
      valueOf(await parties.agents.grantCredit(parties.context, agent.id, (round % 5n) * USD))
      const wish = { methodId: methods[index]!.id, amount: round % 7n }
      valueOf(await parties.agents.setLiquidity(parties.context, agent.id, wish))
    }
  })
  for (let count = 0; count < 15; count++) expect(await findings()).toEqual([])
  isBusy = false
  await Promise.all(busy)
  expect(await findings()).toEqual([])
})

describe('it names', () => {
  /** Changes the tables, looks, and puts them back. */
  async function tampered(change: string, restore: string): Promise<string[]> {
    await parties.query(change)
    try {
      return await findings()
    } finally {
      await parties.query(restore)
      expect(await findings()).toEqual([])
    }
  }

  const account = (name: string): string => `(SELECT account_id FROM ramp_account WHERE name = '${name}')`

  it('a ledger that does not balance, and money that came from nowhere', async () => {
    const change = (sign: string): string =>
      `UPDATE ledger_account SET credits_posted = credits_posted ${sign} 5 WHERE id = ${account('platform:fees')}`
    const found = await tampered(change('+'), change('-'))
    expect(found).toHaveLength(2)
    expect(found[0]).toMatch(/^ledgers_balance: USD: posted: debits \d+, credits \d+$/)
    expect(found[1]).toMatch(/^money_is_conserved: USD: \d+ are held or owed, and everybody together has \d+$/)
  })

  it('holds that only one side has', async () => {
    const change = (sign: string): string =>
      `UPDATE ledger_account SET debits_pending = debits_pending ${sign} 5 WHERE id = ${account('fiat:world:GHS')}`
    expect(await tampered(change('+'), change('-'))).toEqual(['ledgers_balance: GHS: pending: debits 5, credits 0'])
  })

  it('an account beyond its limit', async () => {
    const [method] = await parties.query<{ id: string }>(`SELECT liquidity_account_id AS id FROM ramp_payment_method`)
    const [world] = await parties.query<{ id: string }>(`SELECT ${account('fiat:world:NGN')} AS id`)
    const limit = `CASE limit_kind WHEN 1 THEN debits_posted + debits_pending <= credits_posted
      WHEN 2 THEN credits_posted + credits_pending <= debits_posted ELSE true END`
    const move = (sign: string): string =>
      `UPDATE ledger_account SET debits_pending = debits_pending ${sign} 1e12 WHERE id = ${method!.id};
      UPDATE ledger_account SET credits_pending = credits_pending ${sign} 1e12 WHERE id = ${world!.id};`
    const found = await tampered(
      `ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_limit; ${move('+')}`,
      `${move('-')} ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_limit CHECK (${limit})`
    )
    expect(found).toEqual([`limits_hold: account ${method!.id}: it is beyond its limit`])
  })

  it('a party with an account that is not its own', async () => {
    const [one, other] = [await parties.merchant(), await parties.agent()]
    const set = (id: bigint): string => `UPDATE ramp_merchant SET balance_account_id = ${id} WHERE id = '${one.id}'`
    const found = await tampered(set(other.balanceAccountId), set(one.balanceAccountId))
    expect(found).toEqual([
      `accounts_belong: merchant ${one.id}: account ${other.balanceAccountId} is not its account of code 22 in USD`
    ])
  })

  it('an account that is not there', async () => {
    const agent = await parties.agent()
    const method = await parties.method(agent)
    const set = (id: bigint): string =>
      `UPDATE ramp_payment_method SET liquidity_account_id = ${id} WHERE id = '${method.id}'`
    const found = await tampered(set(10n ** 15n), set(method.liquidityAccountId!))
    expect(found).toEqual([
      `accounts_belong: payment_method ${method.id}: account 1000000000000000 is not its account of code 29 in NGN`
    ])
  })

  it('a credit line that is not what was lent', async () => {
    const agent = await parties.agent()
    valueOf(await parties.agents.grantCredit(parties.context, agent.id, 7n))
    const set = (line: number): string => `UPDATE ramp_agent SET credit_line = ${line} WHERE id = '${agent.id}'`
    const low = await tampered(set(6), set(7))
    expect(low).toHaveLength(2)
    expect(low[0]).toBe(`credit_is_covered: agent ${agent.id}: more credit is free than its line of 6`)
    expect(low[1]).toMatch(/^credit_is_covered: platform:credit_extended: \d+ were granted, and \d+ may be owed$/)
    expect(await tampered(set(8), set(7))).toHaveLength(1)
  })

  it('money that an order left in clearing', async () => {
    const { id, balanceAccountId } = await parties.merchant()
    await parties.fund({ kind: 'merchant', id }, 9n)
    const clearing = await parties.accounts.id('p2p:clearing')
    expect((await parties.transfer(balanceAccountId, clearing, 9n)).result).toBe('ok')
    expect(await findings()).toEqual(['orders_settle: p2p:clearing in USD: 9 is left there'])
    expect((await parties.transfer(clearing, balanceAccountId, 9n)).result).toBe('ok')
    expect(await findings()).toEqual([])
  })

  it('an account of a purpose that has no business in its unit', async () => {
    const ledger = await parties.accounts.ledgerOf('GHS')
    const [id] = await parties.ledger.allocateAccountIds(1)
    const { id: owner } = await parties.merchant()
    const stray = { id: id!, ledger, code: 2, limit: 'none', owner } as const
    await parties.ledger.submit({ accounts: [stray], commands: [] })
    expect(await findings()).toEqual(['money_is_conserved: GHS: 1 accounts of purpose UNKNOWN have no business there'])
  })
})
