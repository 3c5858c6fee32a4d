/**
 * Goal: a service that is told to stop finishes what it has begun, takes nothing new, loses nothing, and exits
 * with 0; told again, it exits at once.
 * Method: the real process under load or with a request that a lock holds up, and signals.
 */
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { verify } from '../ledger/support'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { NoAnswer, ServiceProcess } from '../support/service-process'
import { freePort } from '../support/ports'
import { hazinaProcess } from './support'

const CALLERS = 16

let database: TestDatabase
let sql: Client
let service: ServiceProcess

beforeEach(async () => {
  database = await createTestDatabase()
  sql = new Client({ connectionString: database.url })
  await sql.connect()
  service = await ServiceProcess.start({ DATABASE_URL: database.url, GRAPHQL_IDEMPOTENCY_KEY_LOCK_MS: '60000' })
})
afterEach(async () => {
  await service.kill('SIGKILL')
  await sql.end()
  await database.drop()
})

const newAsset = async (): Promise<string> => {
  const input = { code: 'USD', scale: 2 }
  return (await service.mutate<{ asset: { id: string } }>('createAsset', input, 'asset { id }')).asset.id
}

/** Deposits until the service says or shows that it goes; the ids of those that it has acknowledged. */
async function depositUntilTheEnd(assetId: string, acknowledged: string[], ends: string[]): Promise<void> {
  for (;;) {
    const id = randomUUID()
    const input = { assetId, amount: '1', id, idempotencyKey: id }
    try {
      const { status, body } = await service.post(
        'mutation ($input: AddAssetLiquidityInput!) { addAssetLiquidity(input: $input) { code } }',
        { input }
      )
      if (status === 200) {
        expect(body.data).toEqual({ addAssetLiquidity: { code: '200' } })
        acknowledged.push(id)
        continue
      }
      ends.push(String(status))
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error
      ends.push('closed')
    }
    return
  }
}

test('SIGTERM under load: what was begun is finished, what is new is refused, nothing is lost', async () => {
  const assetId = await newAsset()
  const acknowledged: string[] = []
  const ends: string[] = []
  const callers = Array.from({ length: CALLERS }, () => depositUntilTheEnd(assetId, acknowledged, ends))
  while (acknowledged.length < 200) await new Promise((resolve) => setTimeout(resolve, 5))
  service.child.kill('SIGTERM')
  await Promise.all(callers)
  expect(await service.ended).toBe(0)
  // A request that meets the port before it closes is answered; afterwards there is nobody to answer.
  expect(ends.every((end) => end === '503' || end === 'closed')).toBe(true)
  expect(ends).toContain('503')
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM ledger_transfer')
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(acknowledged))
  expect((await verify(database.url)).firstBad).toBeUndefined()
})

/** A mutation that waits for a row until `sql` lets it go. */
async function heldUp(): Promise<{ answer: Promise<unknown> }> {
  const id = await newAsset()
  await sql.query('BEGIN')
  await sql.query('SELECT FROM asset WHERE id = $1 FOR UPDATE', [id])
  const answer = service
    .post('mutation ($input: UpdateAssetInput!) { updateAssetWithdrawalThreshold(input: $input) { code } }', {
      input: { id, withdrawalThreshold: '1' }
    })
    .then(({ body }) => body.data)
    .catch((error: unknown) => error)
  for (;;) {
    // Within a transaction the activity is read once and then remembered.
    await sql.query('SELECT pg_stat_clear_snapshot()')
    const { rows } = await sql.query<{ waiting: string }>(
      `SELECT count(*) AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`
    )
    if (rows[0]!.waiting !== '0') return { answer }
    const early = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 10, 'waits'))])
    if (early !== 'waits') throw new Error(`it was to wait, but: ${JSON.stringify(early)}`)
  }
}

const draining = async (): Promise<void> => {
  while (!service.log.includes('"draining"')) await new Promise((resolve) => setTimeout(resolve, 10))
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s and its echo wait for a request under way', async (signal) => {
  const { answer } = await heldUp()
  service.child.kill(signal)
  service.child.kill(signal)
  await draining()
  await sql.query('COMMIT')
  expect(await answer).toEqual({ updateAssetWithdrawalThreshold: { code: '200' } })
  expect(await service.ended).toBe(0)
})

test('a second signal ends it at once, whatever is under way', async () => {
  const { answer } = await heldUp()
  service.child.kill('SIGTERM')
  await draining()
  // Past the time in which a second signal counts as an echo of the first.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(service.child.exitCode).toBeNull()
  service.child.kill('SIGTERM')
  expect(await service.ended).toBe(143)
  expect(await answer).toBeInstanceOf(NoAnswer)
  await sql.query('ROLLBACK')
})

test('a start that waits for its database is broken off', async () => {
  const waiting = hazinaProcess({ DATABASE_URL: `postgres://hazina@127.0.0.1:${await freePort()}/hazina` })
  while (!waiting.output().includes('waiting for the database')) await new Promise((resolve) => setTimeout(resolve, 10))
  waiting.child.kill('SIGTERM')
  expect(await waiting.ended).toBe(0)
})
