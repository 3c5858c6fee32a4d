/**
 * Goal: balances as of any moment and histories with running totals agree with what happened, without
 * summing it; and no hot query ever scans a growing table.
 * Method: a random story of batches, noted down naively while it is written; then every moment is asked for.
 * Plans are read with EXPLAIN as the statements are really sent.
 */
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import type { AccountId, Command, Totals } from '../../src/ledger/types'
import * as statements from '../../src/ledger/postgres/statements'
import { WRITER_SETTINGS } from '../../src/ledger/postgres/settings'
import { HOT_READ_SETTINGS } from '../../src/database/reader'
import type { Statement } from '../../src/database/statement'
import { createTestDatabase } from '../support/database'
import { openAccounts, openLedger, transfer, type TestLedger } from './support'

let database: { url: string; drop(): Promise<void> }
let test: TestLedger

beforeAll(async () => {
  database = await createTestDatabase()
  test = openLedger(database.url)
})
afterAll(async () => {
  await test.close()
  await database.drop()
})

const pick = ({ debitsPosted, debitsPending, creditsPosted, creditsPending }: Totals): Totals => ({
  debitsPosted,
  debitsPending,
  creditsPosted,
  creditsPending
})

describe('history', () => {
  it('answers every moment and every page', async () => {
    const [settlement, one, two] = await openAccounts(test.ledger, ['none', 'none', 'none'])
    const [id] = [one!]
    const moments: { microseconds: bigint; totals: Totals }[] = []
    const holds: string[] = []
    for (let round = 0; round < 40; round++) {
      test.clock.advanceSeconds(1 + (round % 3))
      await test.ledger.submit({ commands: storyOf(round, settlement!, id, two!, holds) })
      moments.push({ microseconds: test.clock.microseconds, totals: pick((await test.ledger.account(id))!) })
    }
    for (const { microseconds, totals } of moments) {
      expect(await test.ledger.totalsAsOf(id, { microseconds })).toEqual(totals)
    }
    expect(await test.ledger.totalsAsOf(id, { microseconds: 1n })).toBeUndefined()

    const entries = await test.ledger.history(id, { limit: 1_000 })
    expect(entries.at(-1)!.totals).toEqual(moments.at(-1)!.totals)
    expect(
      entries.every(
        ({ transfer: { debitAccountId, creditAccountId } }) => debitAccountId === id || creditAccountId === id
      )
    ).toBe(true)
    for (const entry of entries) {
      expect(await test.ledger.totalsAsOf(id, { sequence: entry.transfer.sequence })).toEqual(entry.totals)
    }
    for (const limit of [1, 3, 7]) {
      const paged: typeof entries = []
      for (let after: bigint | undefined; ;) {
        const page = await test.ledger.history(id, after === undefined ? { limit } : { after, limit })
        if (page.length === 0) break
        expect(page.length).toBeLessThanOrEqual(limit)
        paged.push(...page)
        after = page.at(-1)!.transfer.sequence
      }
      expect(paged).toEqual(entries)
    }
  })

  it('shows the state of a hold, and nothing for an id that is not one', async () => {
    const [left, right] = await openAccounts(test.ledger, ['none', 'none'])
    const hold = transfer(left!, right!, 5n, { pending: true, holdSeconds: 5, reference: randomUUID() })
    await test.ledger.submit({ commands: [hold] })
    expect(await test.ledger.transfer(hold.id)).toMatchObject({
      kind: 'hold',
      state: 'pending',
      amount: 5n,
      reference: hold.reference
    })
    const now = test.clock.microseconds
    test.clock.advanceSeconds(5)
    expect(await test.ledger.transfer(hold.id)).toMatchObject({ state: 'expired' })
    // Not swept yet, but already free at that time; and still reserved the moment before.
    expect(await test.ledger.totalsAsOf(left!, { microseconds: test.clock.microseconds })).toMatchObject({
      debitsPending: 0n
    })
    expect(await test.ledger.totalsAsOf(left!, { microseconds: now })).toMatchObject({ debitsPending: 5n })
    expect(await test.ledger.transfer('nonsense')).toBeUndefined()
    expect(await test.ledger.transfer(randomUUID())).toBeUndefined()
  })

  it('bounds a page', async () => {
    await expect(test.ledger.history(1n, { limit: 1_001 })).rejects.toThrow(RangeError)
    await expect(test.ledger.history(1n, { limit: 0 })).rejects.toThrow(RangeError)
  })
})

/** Several transfers a batch, holds that are posted, voided or left to expire. */
function storyOf(round: number, settlement: AccountId, one: AccountId, two: AccountId, holds: string[]): Command[] {
  const commands: Command[] = [
    transfer(settlement, one, 20n),
    transfer(settlement, two, 9n),
    transfer(one, two, BigInt(1 + (round % 7)))
  ]
  const hold = transfer(one, two, 3n, { pending: true, holdSeconds: round % 2 ? 4 : 0 })
  holds.push(hold.id)
  commands.push(hold)
  const earlier = holds[round - 2]
  if (earlier && round % 3 === 0) commands.push({ type: 'post', id: randomUUID(), holdId: earlier, amount: 2n })
  if (earlier && round % 3 === 1) commands.push({ type: 'void', id: randomUUID(), holdId: earlier })
  return commands
}

describe('plans', () => {
  let sql: Client
  beforeAll(async () => {
    const [left, right] = await openAccounts(test.ledger, ['none', 'none'])
    await openAccounts(test.ledger, Array<'none'>(2_000).fill('none'))
    for (let round = 0; round < 20; round++) {
      await test.ledger.submit({
        commands: Array.from({ length: 500 }, () =>
          transfer(left!, right!, 1n, { pending: true, holdSeconds: round + 1 })
        )
      })
    }
    sql = new Client({ connectionString: database.url })
    await sql.connect()
    await sql.query('ANALYZE')
  })
  afterAll(() => sql.end())

  const now = 2_000_000_000_000_000n
  const reads: [string, Statement][] = [
    ['the last batch', statements.headAt(now)],
    ['expired holds', statements.dueHolds(now)],
    ['expired holds of an account', statements.dueHoldsOfAccount(1n, now - 1n, now)],
    ['accounts', statements.accountsById([1n, 2n])],
    ['current accounts', { name: 'current', text: statements.CURRENT_ACCOUNTS, values: ['{1,2}', String(now)] }],
    ['accounts of an owner', statements.currentAccountsOf(randomUUID(), now)],
    ['transfers', statements.transfersById([randomUUID()])],
    ['used ids', statements.usedIds([randomUUID()])],
    ['a link', statements.batchHash(3n)],
    ['totals at a batch', statements.totalsAtBatch(1n, 5n)],
    ['a batch by time', statements.batchAtTime(now)],
    ['a batch by position', statements.batchAtSequence(50n)],
    ['transfers of an account', statements.transfersOfAccount(1n, 2n, 100)],
    [
      'updating accounts',
      {
        name: 'update',
        text: statements.UPDATE_ACCOUNTS,
        values: ['9', 1, '{1}', '{f}', '{1}', '{0}', '{1}', '{0}', '{1}']
      }
    ]
  ]
  it.each(reads)('of %s use an index', async (_, { text, values }) => {
    // As on the real connections, which plan once for all parameters. A sequential scan is then the last
    // resort of a statement that no index serves.
    for (const [name, value] of Object.entries(text.includes('UPDATE') ? WRITER_SETTINGS : HOT_READ_SETTINGS))
      await sql.query(`SET ${name} = '${value}'`)
    const parameters = values.map((value) => `'${String(value)}'`).join(', ')
    await sql.query(`PREPARE plan_test AS ${text}`)
    const { rows } = await sql.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN EXECUTE plan_test${values.length ? `(${parameters})` : ''}`
    )
    await sql.query('DEALLOCATE plan_test')
    await sql.query('RESET ALL')
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(plan).toMatch(/Index/)
    expect(plan).not.toMatch(/Seq Scan/)
  })
})
