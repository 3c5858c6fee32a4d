/**
 * Goal: money of the ramp starts right: accounts are opened once, coins are booked once, credit and declared
 * liquidity are what was last asked for and never take what is reserved, whoever else is at it.
 * Method: two instances of the service on one database.
 */
import { randomUUID } from 'node:crypto'
import { ASSET_SYMBOLS, NETWORK_CODES } from '../../../src/services/ramp/assets'
import { USD } from '../../../src/services/ramp/money'
import { valueOf } from '../../support/answers'
import { createTestDatabase, type TestDatabase } from '../../support/database'
import { Parties, transactionHash } from './support'

let database: TestDatabase
let one: Parties
let other: Parties

beforeAll(async () => {
  database = await createTestDatabase()
  ;[one, other] = await Promise.all([Parties.open(database.url), Parties.open(database.url)])
})
afterAll(async () => {
  await Promise.all([one.close(), other.close()])
  await database.drop()
})

test("the ramp's own accounts are opened once, however many instances start at once", async () => {
  const third = await Parties.open(database.url)
  await Promise.all([one, other, third].flatMap(({ accounts }) => [accounts.ensure(), accounts.ensure()]))
  await third.close()
  const rows = await one.query<{ name: string; account_id: string; ledger: number; limit_kind: unknown }>(
    `SELECT name, account_id, unit.ledger FROM ramp_account JOIN ramp_ledger AS unit ON unit.code = ledger_code`
  )
  const floats = ASSET_SYMBOLS.flatMap((symbol) => NETWORK_CODES.map((network) => `onchain:float:${symbol}:${network}`))
  const worlds = ['NGN', 'GHS', 'KES', 'ZAR', 'XAF', 'UGX', 'ZMW', 'MWK'].map((code) => `fiat:world:${code}`)
  const platform = ['p2p:clearing', 'platform:fees', 'platform:fx_spread', 'platform:credit_extended']
  expect(rows.map(({ name }) => name).sort()).toEqual([...platform, ...floats, ...worlds].sort())
  for (const { name, account_id: id, ledger } of rows) {
    const account = await one.account(BigInt(id))
    expect(account.ledger).toBe(ledger)
    expect(await other.accounts.id(name as 'p2p:clearing')).toBe(account.id)
  }
  expect(new Set(rows.map(({ ledger }) => ledger)).size).toBe(1 + worlds.length)
  expect((await one.account(await one.accounts.id('p2p:clearing'))).limit).toBe('debits_must_not_exceed_credits')
  expect((await one.account(await one.accounts.float('USDC', 'OP'))).limit).toBe('credits_must_not_exceed_debits')
  expect((await one.account(await one.accounts.fiatWorld('NGN'))).limit).toBe('none')
  expect((await one.query(`SELECT id FROM ledger_account`)).length).toBe(rows.length)
})

describe('coins that arrive', () => {
  it('are booked once, however often and wherever they are reported', async () => {
    const merchant = await one.merchant()
    const floatBefore = await one.account(await one.accounts.float('USDT', 'BASE'))
    const arrival = {
      bearer: { kind: 'merchant', id: merchant.id },
      symbol: 'usd_tether',
      network: 'base',
      amount: 500n * USD,
      transactionHash: transactionHash().toUpperCase().replace('X', 'x')
    } as const
    const answers = await Promise.all(
      [one, other, one, other].map((party) => party.floats.credit(party.context, arrival))
    )
    const [first] = answers
    expect(first).toMatchObject({ done: true, value: { symbol: 'USDT', network: 'BASE', amount: 500n * USD } })
    for (const answer of answers) expect(answer).toEqual(first)
    expect(await one.available(merchant.balanceAccountId)).toBe(500n * USD)
    const float = await one.account(await one.accounts.float('USDT', 'BASE'))
    expect(float.debitsPosted - floatBefore.debitsPosted).toBe(500n * USD)
    expect(await one.floats.credit(one.context, { ...arrival, amount: 1n })).toEqual({
      done: false,
      failure: 'DUPLICATE_REFERENCE'
    })
    expect(await one.available(merchant.balanceAccountId)).toBe(500n * USD)
  })

  it('of one transaction can be for several bearers', async () => {
    const [agent, merchant] = [await one.agent(), await one.merchant()]
    const common = { symbol: 'USDC', network: 'polygon', amount: 3n, transactionHash: transactionHash() }
    for (const bearer of [{ kind: 'agent', id: agent.id } as const, { kind: 'merchant', id: merchant.id } as const]) {
      expect(await one.floats.credit(one.context, { ...common, bearer })).toMatchObject({ done: true })
    }
    expect(await one.available(agent.balanceAccountId)).toBe(3n)
    expect(await one.available(merchant.balanceAccountId)).toBe(3n)
  })

  it('are told to a merchant who can be told, in the same commit', async () => {
    const merchant = await one.merchant()
    const bearer = { kind: 'merchant', id: merchant.id } as const
    await one.fund(bearer, 1n)
    valueOf(await one.keys.issue(one.context, bearer, { webhookUrl: 'https://shop.example/hook' }))
    const transaction = transactionHash()
    const arrival = { bearer, symbol: 'USDC', network: 'CELO', amount: 12_500_000n, transactionHash: transaction }
    const { transferId } = valueOf(await one.floats.credit(one.context, arrival))
    valueOf(await one.floats.credit(one.context, arrival))
    const events = await one.query<{ type: string; data: object }>(
      `SELECT type, data FROM ramp_webhook_event WHERE bearer_id = $1`,
      [merchant.id]
    )
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({
      type: 'onchain_payment.received',
      data: { id: transferId, amount_usd: '12.5', symbol: 'USDC', network: 'CELO', txhash: transaction }
    })
  })

  it.each([
    ['UNSUPPORTED_ASSET', { symbol: 'NOPE' }],
    ['UNSUPPORTED_NETWORK', { network: 'TRON' }],
    ['INVALID_ADDRESS', { transactionHash: '0x12' }],
    ['INVALID_AMOUNT', { amount: 0n }],
    ['INVALID_AMOUNT', { amount: -1n }],
    ['INVALID_AMOUNT', { amount: 2n ** 64n }],
    ['NOT_FOUND', { bearer: { kind: 'merchant', id: '00000000-0000-4000-8000-000000000000' } as const }]
  ] as const)('are refused as %s: %p', async (failure, change) => {
    const agent = await one.agent()
    const bearer = { kind: 'agent', id: agent.id } as const
    const arrival = { bearer, symbol: 'USDC', network: 'CELO', amount: 1n, transactionHash: transactionHash() }
    expect(await one.floats.credit(one.context, { ...arrival, ...change })).toEqual({ done: false, failure })
    expect(await one.available(agent.balanceAccountId)).toBe(0n)
  })
})

describe('a credit line', () => {
  it('is granted, raised and lowered by the difference', async () => {
    const agent = await one.agent()
    const extended = await one.accounts.id('platform:credit_extended')
    const before = (await one.account(extended)).debitsPosted - (await one.account(extended)).creditsPosted
    for (const line of [10n * USD, 25n * USD, 25n * USD, 5n * USD, 0n]) {
      expect(await one.agents.grantCredit(one.context, agent.id, line)).toMatchObject({
        done: true,
        value: { creditLine: line }
      })
      expect(await one.available(agent.creditAccountId)).toBe(line)
      expect((await one.agents.get(agent.id)).creditLine).toBe(line)
      const account = await one.account(extended)
      expect(account.debitsPosted - account.creditsPosted - before).toBe(line)
    }
  })

  it('goes no lower than what of it is drawn or reserved', async () => {
    const agent = await one.agent()
    valueOf(await one.agents.grantCredit(one.context, agent.id, 10n * USD))
    const clearing = await one.accounts.id('p2p:clearing')
    const hold = await one.transfer(agent.creditAccountId, clearing, 4n * USD, true)
    expect(hold.result).toBe('ok')
    expect(valueOf(await one.agents.grantCredit(one.context, agent.id, 0n)).creditLine).toBe(4n * USD)
    expect((await one.agents.get(agent.id)).creditLine).toBe(4n * USD)
    expect(await one.available(agent.creditAccountId)).toBe(0n)
    expect(valueOf(await one.agents.grantCredit(one.context, agent.id, 1n)).creditLine).toBe(4n * USD)
  })

  it('is one of those that were asked for at once, and the accounts agree with it', async () => {
    const agent = await one.agent()
    const lines = Array.from({ length: 12 }, (_, index) => BigInt((index * 7) % 12) * USD)
    const answers = await Promise.all(
      lines.map((line, index) => {
        const party = index % 2 ? one : other
        return party.agents.grantCredit(party.context, agent.id, line)
      })
    )
    expect(answers.map((answer) => valueOf(answer).creditLine)).toEqual(lines)
    const { creditLine } = await one.agents.get(agent.id)
    expect(lines).toContain(creditLine)
    expect(await one.available(agent.creditAccountId)).toBe(creditLine)
  })

  it('is lowered under reservations that come and go, and never takes what is reserved', async () => {
    const agent = await one.agent()
    const clearing = await one.accounts.id('p2p:clearing')
    valueOf(await one.agents.grantCredit(one.context, agent.id, 20n))
    const holds: string[] = []
    await Promise.all([
      ...Array.from({ length: 10 }, async () => {
        const { id, result } = await one.transfer(agent.creditAccountId, clearing, 3n, true)
        if (result === 'ok') holds.push(id)
      }),
      other.agents.grantCredit(other.context, agent.id, 7n)
    ])
    const { creditLine } = await one.agents.get(agent.id)
    const reserved = BigInt(holds.length) * 3n
    expect(creditLine >= reserved && creditLine >= 7n).toBe(true)
    expect(await one.available(agent.creditAccountId)).toBe(creditLine - reserved)
  })

  it.each([-1n, 2n ** 64n])('is no line of %p', async (line) => {
    const agent = await one.agent()
    expect(await one.agents.grantCredit(one.context, agent.id, line)).toEqual({
      done: false,
      failure: 'INVALID_AMOUNT'
    })
    expect((await one.agents.get(agent.id)).creditLine).toBe(0n)
  })

  it('is granted to nobody who is not there', async () => {
    const nobody = '00000000-0000-4000-8000-000000000000'
    expect(await one.agents.grantCredit(one.context, nobody, 1n)).toEqual({ done: false, failure: 'NOT_FOUND' })
  })
})

describe('declared liquidity', () => {
  it('case 54: is set, not added, by method and by type', async () => {
    const agent = await one.agent()
    const older = await one.method(agent)
    const newer = await one.method(agent)
    const set = (wish: object): Promise<unknown> =>
      one.agents.setLiquidity(one.context, agent.id, { amount: '5000', ...wish })
    expect(await set({ methodId: older.id })).toMatchObject({ done: true, value: { id: older.id } })
    expect(await one.available(older.liquidityAccountId)).toBe(500_000n)
    expect(await set({ methodId: older.id, amount: '20.5' })).toMatchObject({ done: true })
    expect(await one.available(older.liquidityAccountId)).toBe(2_050n)
    expect(await set({ railIdentifier: 'bank_transfer' })).toMatchObject({ done: true, value: { id: newer.id } })
    expect(await one.available(newer.liquidityAccountId)).toBe(500_000n)
    expect(await set({ railIdentifier: 'bank_transfer_ng', amount: 0n })).toMatchObject({ done: true })
    expect(await one.available(newer.liquidityAccountId)).toBe(0n)
    expect(await set({ methodId: older.id, railIdentifier: 'bank_transfer', amount: '1' })).toMatchObject({
      value: { id: older.id }
    })
    expect(await set({})).toEqual({ done: false, failure: 'REQUIRED_ATTRIBUTES_MISSING' })
    for (const amount of ['-1', '1.005', 'x', 2n ** 64n]) {
      expect(await set({ methodId: older.id, amount })).toEqual({ done: false, failure: 'INVALID_AMOUNT' })
    }
    expect(await one.available(older.liquidityAccountId)).toBe(100n)
  })

  it("is not set on somebody else's method, a customer's, a deleted one, or an unknown type", async () => {
    const [agent, stranger] = [await one.agent(), await one.agent()]
    const foreign = await one.method(stranger)
    const deleted = await one.method(agent)
    valueOf(await one.methods.softDelete(one.context, 'agent', agent.id, deleted.id))
    const merchant = await one.merchant()
    const fields = deleted.fields
    const added = await one.methods.addForCustomer(one.context, await one.customer(merchant.id), {
      railIdentifier: 'bank_transfer',
      fields
    })
    const set = (wish: object): Promise<unknown> =>
      one.agents.setLiquidity(one.context, agent.id, { amount: '1', ...wish })
    const notFound = { done: false, failure: 'NOT_FOUND' }
    expect(await set({ methodId: foreign.id })).toEqual(notFound)
    expect(await set({ methodId: valueOf(added).id })).toEqual(notFound)
    expect(await set({ railIdentifier: 'bank_transfer' })).toEqual(notFound)
    expect(await set({ railIdentifier: 'mtn_momo_gh' })).toEqual(notFound)
    expect(await set({ railIdentifier: 'carrier_pigeon' })).toEqual(notFound)
    expect(await set({ methodId: deleted.id })).toEqual({ done: false, failure: 'INVALID_PAYMENT_METHOD' })
    expect(await one.available(foreign.liquidityAccountId)).toBe(0n)
  })

  it('leaves alone what accepted withdrawals have reserved', async () => {
    const agent = await one.agent()
    const method = await one.method(agent)
    const world = await one.accounts.fiatWorld('NGN')
    const set = (amount: bigint): Promise<unknown> =>
      one.agents.setLiquidity(one.context, agent.id, { methodId: method.id, amount })
    await set(100n)
    const { id: holdId } = await one.transfer(method.liquidityAccountId!, world, 60n, true)
    await set(30n)
    const account = await one.account(method.liquidityAccountId)
    expect(account).toMatchObject({ debitsPending: 60n, creditsPosted: 100n, debitsPosted: 10n })
    await one.ledger.submit({ commands: [{ type: 'void', id: randomUUID(), holdId }] })
    expect(await one.available(method.liquidityAccountId)).toBe(90n)
  })

  it('is one of those that were declared at once', async () => {
    const agent = await one.agent()
    const method = await one.method(agent)
    const amounts = Array.from({ length: 12 }, (_, index) => BigInt((index * 5) % 12))
    const answers = await Promise.all(
      amounts.map((amount, index) => {
        const party = index % 2 ? one : other
        return party.agents.setLiquidity(party.context, agent.id, { methodId: method.id, amount })
      })
    )
    answers.forEach(valueOf)
    expect(amounts).toContain(await one.available(method.liquidityAccountId))
  })

  it('comes after every withdrawal that was accepted meanwhile', async () => {
    const agent = await one.agent()
    const method = await one.method(agent)
    const world = await one.accounts.fiatWorld('NGN')
    const wish = { methodId: method.id, amount: 100n }
    valueOf(await one.agents.setLiquidity(one.context, agent.id, wish))
    const accepted = await Promise.all([
      ...Array.from({ length: 8 }, () => one.transfer(method.liquidityAccountId!, world, 15n, true)),
      other.agents.setLiquidity(other.context, agent.id, { ...wish, amount: 20n }).then(valueOf)
    ])
    const held = accepted.filter((one) => 'result' in one && one.result === 'ok').length
    const account = await one.account(method.liquidityAccountId)
    expect(account.debitsPending).toBe(BigInt(held) * 15n)
    const available = await one.available(method.liquidityAccountId)
    expect(available >= 0n && available <= 20n).toBe(true)
    valueOf(await one.agents.setLiquidity(one.context, agent.id, { ...wish, amount: 20n }))
    expect(await one.available(method.liquidityAccountId)).toBe(20n)
  })
})

test('the ledger is in order after all of it', async () => {
  const [sums] = await one.query<Record<string, boolean>>(
    `SELECT sum(debits_posted) = sum(credits_posted) AS posted, sum(debits_pending) = sum(credits_pending) AS pending
    FROM ledger_account`
  )
  expect(sums).toEqual({ posted: true, pending: true })
})
