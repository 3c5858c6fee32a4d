/**
 * Goal: whoever changes the books behind the ledger's back is found out, and what was changed is named.
 * Method: as a superuser with the guards off, one change at a time in SQL, undone after the verifier has seen
 * it; each must be named, and clean data must never be.
 */
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { GENESIS } from '../../src/ledger/chain'
import type { AccountId } from '../../src/ledger/types'
import type { Verdict } from '../../src/ledger/verify'
import { createTestDatabase } from '../support/database'
import { openAccounts, openLedger, submit, transfer, verify } from './support'

let database: { url: string; drop(): Promise<void> }
let sql: Client
let accounts: AccountId[]
const names: Record<string, string> = {}

beforeAll(async () => {
  database = await createTestDatabase()
  const { ledger, clock, close } = openLedger(database.url)
  accounts = await openAccounts(ledger, [
    'credits_must_not_exceed_debits',
    ...Array<'debits_must_not_exceed_credits'>(4).fill('debits_must_not_exceed_credits')
  ])
  const [settlement, one, two, three, spare] = accounts as [AccountId, AccountId, AccountId, AccountId, AccountId]
  const deposit = transfer(settlement, one, 1_000n)
  const between = transfer(one, two, 300n)
  await submit(ledger, deposit, transfer(settlement, two, 500n), between, transfer(two, three, 10n))
  const posted = transfer(one, settlement, 50n, { pending: true })
  const voided = transfer(two, settlement, 60n, { pending: true })
  const expiring = transfer(two, three, 5n, { pending: true, holdSeconds: 10 })
  await submit(ledger, posted, voided, expiring)
  const post = { type: 'post' as const, id: randomUUID(), holdId: posted.id }
  await submit(ledger, post, { type: 'void', id: randomUUID(), holdId: voided.id })
  clock.advanceSeconds(11)
  await submit(ledger, transfer(three, two, 1n))
  await submit(ledger, { type: 'close', accountId: spare })
  await submit(ledger, transfer(one, three, 7n), transfer(one, two, 8n, { pending: true }))
  Object.assign(names, { deposit: deposit.id, between: between.id, posted: posted.id, post: post.id })
  await close()
  sql = new Client({ connectionString: database.url })
  await sql.connect()
  await sql.query(`SET session_replication_role = replica`)
  await sql.query(
    'ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_limit, DROP CONSTRAINT ledger_account_totals, DROP CONSTRAINT ledger_account_closed'
  )
  await sql.query('ALTER TABLE ledger_batch DROP CONSTRAINT ledger_batch_checksums')
  await sql.query('ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_kind')
})
afterAll(async () => {
  await sql.end()
  await database.drop()
})

/** Saves the tables, runs the change, has a look, and puts everything back. */
async function verdictAfter(change: string): Promise<Verdict> {
  return whileChanged(change, () => verify(database.url))
}

async function whileChanged<Result>(change: string, look: () => Promise<Result>): Promise<Result> {
  const tables = ['ledger_transfer', 'ledger_account', 'ledger_batch', 'ledger_balance']
  for (const table of tables) await sql.query(`CREATE TABLE saved_${table} AS TABLE ${table}`)
  try {
    const { rowCount } = await sql.query(change)
    expect(rowCount).toBeGreaterThan(0)
    return await look()
  } finally {
    for (const table of tables) {
      await sql.query(`DELETE FROM ${table}`)
      await sql.query(`INSERT INTO ${table} SELECT * FROM saved_${table}`)
      await sql.query(`DROP TABLE saved_${table}`)
    }
  }
}

/** Takes the last batch back as if it had never been: its transfers, its balances and what it did to the accounts. */
const CUT_BACK = `
  WITH last AS (DELETE FROM ledger_batch WHERE sequence = (SELECT max(sequence) FROM ledger_batch) RETURNING *),
    transfers AS (DELETE FROM ledger_transfer t USING last WHERE t.sequence >= last.first_transfer),
    balances AS (DELETE FROM ledger_balance b USING last WHERE b.batch = last.sequence)
  UPDATE ledger_account a SET batch = b.batch, debits_posted = b.debits_posted, debits_pending = b.debits_pending,
    credits_posted = b.credits_posted, credits_pending = b.credits_pending
  FROM last, LATERAL (SELECT DISTINCT ON (account_id) * FROM ledger_balance
    WHERE batch < last.sequence ORDER BY account_id, batch DESC) b
  WHERE a.batch = last.sequence AND b.account_id = a.id`

const idOf = (name: string): string => names[name]!
const swap = (table: string, column: string, key: string, left: string, right: string): string => `
  UPDATE ${table} t SET ${column} = o.${column} FROM ${table} o
  WHERE (t.${key} = ${left} AND o.${key} = ${right}) OR (t.${key} = ${right} AND o.${key} = ${left})`

describe('a clean ledger', () => {
  it('is found clean every time', async () => {
    const verdict = await verify(database.url)
    expect(verdict).toMatchObject({ firstBad: undefined, accounts: 5, openHolds: 1 })
    expect(await verify(database.url)).toEqual(verdict)
  })
})

describe('a link noted earlier', () => {
  it('is found again, also behind others', async () => {
    const { rows } = await sql.query<{ sequence: string; hash: string }>(
      `SELECT sequence, encode(hash, 'hex') AS hash FROM ledger_batch ORDER BY sequence`
    )
    const noted = rows.map(({ sequence, hash }) => ({ sequence: BigInt(sequence), hash }))
    expect(noted.length).toBeGreaterThan(2)
    for (const expected of noted) {
      expect(await verify(database.url, { expected })).toMatchObject({ firstBad: undefined, head: noted.at(-1)!.hash })
    }
  })
  it('is missed when the chain has another in its place', async () => {
    const { batches } = await verify(database.url)
    for (const sequence of [3n, batches]) {
      const { firstBad } = await verify(database.url, { expected: { sequence, hash: 'ab'.repeat(32) } })
      expect(firstBad).toMatchObject({ kind: 'batch', key: String(sequence) })
    }
  })
  it('of the time before the first batch is the one that every chain begins with', async () => {
    const { head } = await verify(database.url)
    expect(await verify(database.url, { expected: { sequence: 0n, hash: GENESIS } })).toMatchObject({
      firstBad: undefined,
      head
    })
    const { firstBad } = await verify(database.url, { expected: { sequence: 0n, hash: 'ab'.repeat(32) } })
    expect(firstBad).toMatchObject({ kind: 'batch', key: '0', problem: expect.stringContaining(GENESIS) as string })
  })
  it('is missed when the chain was cut back and nothing else gives it away', async () => {
    const { batches, head } = await verify(database.url)
    await whileChanged(CUT_BACK, async () => {
      expect(await verify(database.url)).toMatchObject({ firstBad: undefined, batches: batches - 1n })
      const { firstBad } = await verify(database.url, { expected: { sequence: batches, hash: head } })
      expect(firstBad).toEqual({ kind: 'batch', key: String(batches), problem: 'is missing' })
    })
  })
})

describe('a changed transfer', () => {
  it.each([
    ['amount', 'amount = 301'],
    ['debit account', 'debit_account_id = debit_account_id + 2'],
    ['code', 'code = 2'],
    ['reference', 'reference = gen_random_uuid()'],
    ['kind', 'kind = 2'],
    ['expiry', 'expires_us = 1']
  ])('is named when its %s was changed', async (_, change) => {
    const verdict = await verdictAfter(`UPDATE ledger_transfer SET ${change} WHERE id = '${idOf('between')}'`)
    expect(verdict.firstBad).toMatchObject({ kind: 'transfer', key: idOf('between') })
  })
  it('is named when its id was changed', async () => {
    const verdict = await verdictAfter(
      `UPDATE ledger_transfer SET id = '${randomUUID()}' WHERE id = '${idOf('between')}'`
    )
    expect(verdict.firstBad).toMatchObject({
      kind: 'transfer',
      problem: expect.stringContaining('position 3 ') as string
    })
  })
  it('is named when it was deleted', async () => {
    const verdict = await verdictAfter(`DELETE FROM ledger_transfer WHERE id = '${idOf('between')}'`)
    expect(verdict.firstBad).toMatchObject({
      kind: 'transfer',
      key: '3',
      problem: expect.stringContaining('missing') as string
    })
  })
  it('is named when it is the last one and was deleted', async () => {
    const verdict = await verdictAfter(
      'DELETE FROM ledger_transfer WHERE sequence = (SELECT max(sequence) FROM ledger_transfer)'
    )
    expect(verdict.firstBad).toMatchObject({ kind: 'transfer', problem: expect.stringContaining('missing') as string })
  })
  it('is named when it changed places with another', async () => {
    await sql.query('DROP INDEX ledger_transfer_sequence')
    const verdict = await verdictAfter(
      swap('ledger_transfer', 'sequence', 'id', `'${idOf('deposit')}'`, `'${idOf('between')}'`)
    )
    expect(verdict.firstBad).toMatchObject({ kind: 'transfer', key: idOf('between') })
  })
  it('is named when it was slipped in at the end', async () => {
    const verdict =
      await verdictAfter(`INSERT INTO ledger_transfer (sequence, id, kind, debit_account_id, credit_account_id, amount, code)
      SELECT max(sequence) + 1, gen_random_uuid(), 1, ${accounts[0]}, ${accounts[1]}, 5, 1 FROM ledger_transfer`)
    expect(verdict.firstBad).toMatchObject({ problem: 'is missing', kind: 'batch' })
  })
  it('is named when it resolves another hold', async () => {
    const verdict = await verdictAfter(
      `UPDATE ledger_transfer SET hold_id = '${idOf('deposit')}' WHERE id = '${idOf('post')}'`
    )
    expect(verdict.firstBad).toMatchObject({ kind: 'transfer', key: idOf('post') })
  })
})

describe('a changed account', () => {
  it.each([
    ['debits posted', 'debits_posted = debits_posted + 1'],
    ['credits pending', 'credits_pending = credits_pending + 1'],
    ['last batch', 'batch = batch - 1'],
    ['limit', 'limit_kind = 0'],
    ['owner', 'owner = gen_random_uuid()'],
    ['ledger', 'ledger = 2'],
    ['code', 'code = 9']
  ])('is named when its %s was changed', async (_, change) => {
    const verdict = await verdictAfter(`UPDATE ledger_account SET ${change} WHERE id = ${accounts[2]}`)
    expect(verdict.firstBad).toMatchObject({ kind: 'account', key: String(accounts[2]) })
  })
  it('is named when it was deleted, closed, or opened again', async () => {
    const deleted = await verdictAfter(`DELETE FROM ledger_account WHERE id = ${accounts[2]}`)
    expect(deleted.firstBad).toMatchObject({ kind: 'account' })
    const closed = await verdictAfter(`UPDATE ledger_account SET closed_batch = batch WHERE id = ${accounts[2]}`)
    expect(closed.firstBad).toMatchObject({ kind: 'account' })
    const opened = await verdictAfter(`UPDATE ledger_account SET closed_batch = NULL WHERE id = ${accounts[4]}`)
    expect(opened.firstBad).toMatchObject({ kind: 'account' })
  })
  it('is named when it changed totals with another', async () => {
    const verdict = await verdictAfter(
      swap('ledger_account', 'credits_posted', 'id', String(accounts[1]), String(accounts[2]))
    )
    expect(verdict.firstBad).toMatchObject({ kind: 'account', key: String(accounts[1]) })
  })
})

describe('a changed link', () => {
  it.each([
    ['hash', `hash = decode(repeat('ab', 32), 'hex')`],
    ['time', 'recorded_us = recorded_us + 1'],
    ['checksums', `checksums = decode(repeat('00', length(checksums)), 'hex')`],
    ['count', 'transfer_count = transfer_count - 1'],
    ['first transfer', 'first_transfer = first_transfer + 1']
  ])('is named when its %s was changed', async (_, change) => {
    const verdict = await verdictAfter(`UPDATE ledger_batch SET ${change} WHERE sequence = 3`)
    expect(verdict.firstBad).toMatchObject({ kind: 'batch', key: '3' })
  })
  it('is named when it was deleted, in the middle or at the end', async () => {
    const middle = await verdictAfter('DELETE FROM ledger_batch WHERE sequence = 3')
    expect(middle.firstBad).toMatchObject({ kind: 'batch', key: '3', problem: 'is missing' })
    const end = await verdictAfter('DELETE FROM ledger_batch WHERE sequence = (SELECT max(sequence) FROM ledger_batch)')
    expect(end.firstBad).toMatchObject({ kind: 'batch', problem: 'is missing' })
  })
  it('is named when it changed hashes with another', async () => {
    const verdict = await verdictAfter(swap('ledger_batch', 'hash', 'sequence', '2', '3'))
    expect(verdict.firstBad).toMatchObject({ kind: 'batch', key: '2' })
  })
})

describe('a changed balance', () => {
  it.each([
    ['changed', 'UPDATE ledger_balance SET credits_posted = credits_posted + 1'],
    ['deleted', 'DELETE FROM ledger_balance']
  ])('is named when it was %s', async (_, change) => {
    const verdict = await verdictAfter(`${change} WHERE account_id = ${accounts[1]} AND batch = 2`)
    expect(verdict.firstBad).toMatchObject({ kind: 'balance', key: `${accounts[1]}/2` })
  })
  it('is named when it was slipped in', async () => {
    const verdict = await verdictAfter(`INSERT INTO ledger_balance SELECT ${accounts[4]}, 2, 0, 0, 0, 0`)
    expect(verdict.firstBad).toMatchObject({ kind: 'balance', key: `${accounts[4]}/2` })
  })
})

describe('the guards of the database', () => {
  let guarded: Client
  beforeAll(async () => {
    guarded = new Client({ connectionString: database.url })
    await guarded.connect()
  })
  afterAll(() => guarded.end())
  it.each([
    'UPDATE ledger_transfer SET amount = 1',
    'DELETE FROM ledger_transfer',
    'TRUNCATE ledger_transfer',
    'UPDATE ledger_batch SET transfer_count = 0',
    'DELETE FROM ledger_balance',
    'DELETE FROM ledger_account',
    'UPDATE ledger_account SET limit_kind = 0'
  ])('refuse %s', async (statement) => {
    await expect(guarded.query(statement)).rejects.toThrow('append-only')
  })
})
