/**
 * Goal: a batch that relies on what the one before left behind costs one trip, and never a wrong answer.
 * Method: another ledger on the same database writes in between, and a proxy holds a batch back until long after its
 * connection was lost.
 */
import { Client } from 'pg'
import type { PostgresLedgerOptions } from '../../src/ledger/postgres/engine'
import { LedgerOutcomeUnknown, type AccountId } from '../../src/ledger/types'
import { createTestDatabase } from '../support/database'
import { DatabaseProxy } from '../support/proxy'
import { openAccounts, openLedger, submit, transfer, verify, type TestLedger } from './support'

let database: { url: string; drop(): Promise<void> }
let proxy: DatabaseProxy
let other: TestLedger
let sql: Client
let left: AccountId
let right: AccountId
const open: TestLedger[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  proxy = await DatabaseProxy.open(database.url)
  other = openLedger(database.url)
  sql = new Client({ connectionString: database.url })
  await sql.connect()
  ;[left, right] = (await openAccounts(other.ledger, ['none', 'none'])) as [AccountId, AccountId]
})
afterAll(async () => {
  await other.close()
  await sql.end()
  await proxy.close()
  await database.drop()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((opened) => opened.close()))
  expect((await verify(database.url)).firstBad).toBeUndefined()
})

/** A ledger that knows the last batch. */
async function knowing(options?: Partial<PostgresLedgerOptions>): Promise<TestLedger> {
  const opened = openLedger(proxy.url, undefined, options)
  open.push(opened)
  expect(await submit(opened.ledger, transfer(left, right, 1n))).toEqual(['ok'])
  return opened
}

const stored = async (id: string): Promise<number> =>
  (await sql.query('SELECT FROM ledger_transfer WHERE id = $1', [id])).rowCount!

it('is one that follows another of the same process', async () => {
  const { ledger } = await knowing()
  const { pieces } = proxy
  for (let count = 0; count < 3; count++) expect(await submit(ledger, transfer(left, right, 1n))).toEqual(['ok'])
  expect(proxy.pieces).toBe(pieces + 3)
})

it('is made again with what is there when somebody else has written meanwhile', async () => {
  const { ledger, retries } = await knowing()
  const [holder] = (await openAccounts(ledger, ['debits_must_not_exceed_credits'])) as [AccountId]
  expect(await submit(ledger, transfer(left, holder, 5n))).toEqual(['ok'])
  expect(await submit(other.ledger, transfer(holder, right, 3n))).toEqual(['ok'])
  expect(retries).toEqual([])
  // By what it knows there are five left.
  const commands = [transfer(left, right, 1n), transfer(holder, right, 3n), transfer(holder, right, 2n)]
  expect(await submit(ledger, ...commands)).toEqual(['ok', 'exceeds_credits', 'ok'])
  expect(retries).toMatchObject([{ name: 'StaleLedger' }])
})

it('does not refuse by what it knows, which may be of yesterday', async () => {
  const { ledger, retries } = await knowing()
  const [holder] = (await openAccounts(ledger, ['debits_must_not_exceed_credits'])) as [AccountId]
  expect(await submit(other.ledger, transfer(left, holder, 5n))).toEqual(['ok'])
  expect(await submit(ledger, transfer(holder, right, 5n))).toEqual(['ok'])
  expect(retries).toEqual([])
})

it('never takes effect once its caller was told that it did not', async () => {
  const { ledger } = await knowing({ recoveryMilliseconds: 0 })
  const command = transfer(left, right, 5n)
  proxy.nextCommit = 'late'
  const told: unknown = await submit(ledger, command).catch((error: unknown) => error)
  expect(told).toBeInstanceOf(Error)
  expect(told).not.toBeInstanceOf(LedgerOutcomeUnknown)
  await proxy.deliverLate()
  expect(await stored(command.id)).toBe(0)
  expect(await submit(ledger, transfer(left, right, 1n))).toEqual(['ok'])
})

it('takes effect once when it arrives after it was sent again', async () => {
  const { ledger } = await knowing()
  const command = transfer(left, right, 5n)
  proxy.nextCommit = 'late'
  expect(await submit(ledger, command)).toEqual(['ok'])
  await proxy.deliverLate()
  expect(await stored(command.id)).toBe(1)
  expect(await submit(ledger, transfer(left, right, 1n))).toEqual(['ok'])
})

it('asks again when a hold has reached its time, and knows of those that were placed since', async () => {
  const { ledger, clock } = await knowing()
  const [holder] = (await openAccounts(ledger, ['debits_must_not_exceed_credits'])) as [AccountId]
  expect(await submit(ledger, transfer(left, holder, 5n))).toEqual(['ok'])
  const placed = transfer(holder, right, 5n, { pending: true, holdSeconds: 10 })
  expect(await submit(ledger, placed)).toEqual(['ok'])
  clock.advanceSeconds(9)
  const { pieces } = proxy
  expect(await submit(ledger, transfer(left, right, 1n))).toEqual(['ok'])
  expect(proxy.pieces).toBe(pieces + 1)
  clock.advanceSeconds(1)
  expect(await submit(ledger, transfer(left, right, 1n))).toEqual(['ok'])
  expect((await ledger.transfer(placed.id))?.state).toBe('expired')
  expect(await ledger.account(holder)).toMatchObject({ debitsPending: 0n })
  const later = proxy.pieces
  expect(await submit(ledger, transfer(holder, right, 5n))).toEqual(['ok'])
  expect(proxy.pieces).toBe(later + 1)
})

it('asks again while more holds have reached their time than one batch releases', async () => {
  const { ledger, clock } = await knowing()
  const [holder] = (await openAccounts(ledger, ['debits_must_not_exceed_credits'])) as [AccountId]
  expect(await submit(ledger, transfer(left, holder, 5_000n))).toEqual(['ok'])
  const holds = Array.from({ length: 5_000 }, (_, index) =>
    transfer(holder, right, 1n, { pending: true, holdSeconds: index + 1 })
  )
  for (let start = 0; start < holds.length; start += 1_000) await submit(ledger, ...holds.slice(start, start + 1_000))
  // More than enough: the ledger may be ahead of a clock that was just set.
  clock.advanceSeconds(10_000)
  expect(await submit(ledger, transfer(left, right, 1n))).toEqual(['ok'])
  const open = `SELECT count(*)::int AS count FROM ledger_transfer h WHERE h.debit_account_id = $1 AND h.kind = 2
    AND NOT EXISTS (SELECT FROM ledger_transfer r WHERE r.hold_id = h.id)`
  expect((await sql.query<{ count: number }>(open, [String(holder)])).rows).toEqual([{ count: 0 }])
})

it('finds a used id that comes before what fails in its chain', async () => {
  const { ledger } = await knowing()
  const used = transfer(left, right, 1n, { linked: true })
  expect(await submit(ledger, { ...used, linked: false })).toEqual(['ok'])
  const commands = [used, transfer(left, left, 1n), transfer(left, right, 1n)]
  expect(await submit(ledger, ...commands)).toEqual(['exists', 'linked_failed', 'ok'])
})

it('is one again soon after somebody else wrote much and went silent', async () => {
  const { ledger, retries } = await knowing()
  // Wrong each time that it relies on what it knows: it asks for ever longer.
  for (let turn = 0; retries.length < 4; turn++) {
    expect(turn).toBeLessThan(100)
    expect(await submit(other.ledger, transfer(left, right, 1n))).toEqual(['ok'])
    expect(await submit(ledger, transfer(left, right, 1n))).toEqual(['ok'])
  }
  for (let count = 0; count < 3; count++) expect(await submit(ledger, transfer(left, right, 1n))).toEqual(['ok'])
  const { pieces } = proxy
  for (let count = 0; count < 3; count++) expect(await submit(ledger, transfer(left, right, 1n))).toEqual(['ok'])
  expect(proxy.pieces).toBe(pieces + 3)
  expect(retries).toHaveLength(4)
})
