/**
 * Goal: `hazina verify` tells of the ramp's money, and fails when some of it is missing.
 * Method: the command as a process, on a database that the services filled and that is then tampered with.
 */
import { USD } from '../../../src/services/ramp/money'
import { hazina } from '../../e2e/support'
import { valueOf } from '../../support/answers'
import { createTestDatabase, type TestDatabase } from '../../support/database'
import { Parties } from '../parties/support'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

async function verify(): Promise<{ code: number | null; lines: string[] }> {
  const { code, output } = await hazina('verify', { DATABASE_URL: database.url })
  return { code, lines: output.trim().split('\n') }
}

test('verify says what is held and lent, and names a credit line that was not granted', async () => {
  const empty = await verify()
  expect(empty).toMatchObject({ code: 0 })
  expect(empty.lines.at(-1)).toBe(
    "Ramp: in order; 0.0 USD held on chains and lent, and as much is everybody's, in 0 accounts of parties; 0 orders."
  )

  const parties = await Parties.open(database.url)
  const agent = await parties.agent()
  await parties.fund({ kind: 'agent', id: agent.id }, 12_500_000n)
  valueOf(await parties.agents.grantCredit(parties.context, agent.id, 2n * USD))
  const sound = await verify()
  expect(sound).toMatchObject({ code: 0 })
  expect(sound.lines.at(-1)).toBe(
    "Ramp: in order; 14.5 USD held on chains and lent, and as much is everybody's, in 2 accounts of parties; 0 orders."
  )

  await parties.query(`UPDATE ramp_agent SET credit_line = 1 WHERE id = $1`, [agent.id])
  await parties.close()
  const bad = await verify()
  expect(bad.code).toBe(1)
  expect(bad.lines.slice(-2)).toEqual([
    `BAD: ramp: agent ${agent.id}: more credit is free than its line of 1`,
    'BAD: ramp: platform:credit_extended: 1 were granted, and 2000000 may be owed'
  ])
})
