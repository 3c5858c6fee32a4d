/**
 * Goal: the ledger's page is true: its list of results is the code's, and a link of the chain can be checked with
 * nothing but psql and sha256sum, as the page shows.
 * Method: compare the table with `RESULTS`; run the page's own commands against a ledger, then against one that
 * was changed behind its back.
 */
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { RESULTS } from '../../src/ledger/types'
import { openAccounts, openLedger } from '../ledger/support'
import { createTestDatabase } from '../support/database'
import { readPage } from './support/page'
import { hasCommands, Shell } from './support/shell'

const page = readPage('src/ledger/README.md')

test('the results and their precedence are those of the code', () => {
  const table = page.text.slice(page.text.indexOf('<!-- results:begin -->'), page.text.indexOf('<!-- results:end -->'))
  const rows = [...table.matchAll(/^\| (\d+) +\| `(\w+)`/gm)]
  expect(rows.map(([, number]) => Number(number))).toEqual(RESULTS.map((_, index) => index + 1))
  expect(rows.map(([, , name]) => name)).toEqual([...RESULTS])
})

test('the page has one example and nothing that nobody runs', () => {
  expect(page.examples).toHaveLength(1)
  expect(page.unmarked).toEqual([])
})

// psql comes with PostgreSQL's client tools, which the service itself does not need.
const testWithClientTools = hasCommands('psql', 'sha256sum') ? test : test.skip

testWithClientTools('a link is checked by hand', async () => {
  const database = await createTestDatabase()
  try {
    await fillTwoBatches(database.url)
    const honest = await linesOfExample(database.url)
    expect(honest).toEqual([
      expect.stringMatching(/^[0-9a-f]{64} +-$/),
      expect.stringMatching(/^[0-9a-f]{64} +stored$/)
    ])
    expect(honest[0]!.slice(0, 64)).toBe(honest[1]!.slice(0, 64))

    await changeAnAmount(database.url)
    const changed = await linesOfExample(database.url)
    expect(changed[1]).toBe(honest[1])
    expect(changed[0]!.slice(0, 64)).not.toBe(changed[1]!.slice(0, 64))
  } finally {
    await database.drop()
  }
})

/** The first batch creates accounts; the second holds every kind of line: accounts, a close and transfers. */
async function fillTwoBatches(url: string): Promise<void> {
  const { ledger, close } = openLedger(url)
  const [settlement, liquidity, idle] = await openAccounts(ledger, [
    'credits_must_not_exceed_debits',
    'debits_must_not_exceed_credits',
    'none'
  ])
  const [id] = await ledger.allocateAccountIds(1)
  const hold = randomUUID()
  const deposit = { debitAccountId: settlement!, creditAccountId: liquidity!, code: 1 }
  const withdrawal = { debitAccountId: liquidity!, creditAccountId: settlement!, code: 2 }
  const { results } = await ledger.submit({
    accounts: [{ id: id!, ledger: 1, code: 1, limit: 'none', owner: randomUUID() }],
    commands: [
      { type: 'transfer', id: randomUUID(), ...deposit, amount: 2n ** 64n - 1n, reference: randomUUID() },
      { type: 'transfer', id: hold, ...withdrawal, amount: 100n, pending: true, holdSeconds: 60 },
      { type: 'post', id: randomUUID(), holdId: hold, amount: 40n },
      { type: 'close', accountId: idle! }
    ]
  })
  expect(results).toEqual(['ok', 'ok', 'ok', 'ok'])
  await close()
}

async function changeAnAmount(url: string): Promise<void> {
  const client = new Client(url)
  await client.connect()
  await client.query('ALTER TABLE ledger_transfer DISABLE TRIGGER ledger_transfer_append_only')
  const { rowCount } = await client.query('UPDATE ledger_transfer SET amount = amount - 1 WHERE sequence = 1')
  expect(rowCount).toBe(1)
  await client.end()
}

async function linesOfExample(url: string): Promise<string[]> {
  const shell = new Shell(process.cwd(), { ...process.env, DATABASE_URL: url })
  const { output, code } = await shell.run(page.examples[0]!.command)
  await shell.close()
  expect({ output, code }).toMatchObject({ code: 0 })
  return output.trim().split('\n')
}
