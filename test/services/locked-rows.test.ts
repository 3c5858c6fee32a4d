/**
 * Goal: who waits for somebody's row in vain is told so, and neither its key nor its neighbours are blamed.
 * Method: rows held by a transaction beside the service, and requests that come all at once.
 */
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { createAsset, createPaymentPointer } from '../admin-v2/fixtures'
import { ANSWER, TestApi, type Fields, type Reply } from '../admin-v2/support'
import { createTestDatabase, type TestDatabase } from '../support/database'

let database: TestDatabase
let api: TestApi
let holder: Client
let asset: Fields

beforeAll(async () => {
  database = await createTestDatabase()
  api = await TestApi.open(database.url)
  holder = new Client({ connectionString: database.url })
  await holder.connect()
  asset = await createAsset(api)
})
afterEach(() => holder.query('ROLLBACK'))
afterAll(async () => {
  await holder.end()
  await api.close()
  await database.drop()
})

function createIncomingPayment(paymentPointerId: string, idempotencyKey: string = randomUUID()): Promise<Reply> {
  const input = { paymentPointerId, idempotencyKey }
  return api.attempt('createIncomingPayment', 'CreateIncomingPaymentInput', input, `${ANSWER} payment { id }`)
}

async function holdKey(key: string): Promise<void> {
  await holder.query('BEGIN')
  await holder.query(
    `INSERT INTO idempotency_record (key, operation, arguments_hash, answer, recorded_at, expires_at)
      VALUES ($1, 'x', sha256(''), '{}', now(), now() + interval '1 day')`,
    [key]
  )
}

it('who creates a payment on a pointer that is being changed is busy, and nobody else notices', async () => {
  const pointers = await Promise.all(Array.from({ length: 20 }, () => createPaymentPointer(api, asset.id)))
  await holder.query('BEGIN')
  await holder.query('SELECT FROM payment_pointer WHERE id = $1 FOR NO KEY UPDATE', [pointers[7]!.id])
  const replies = await Promise.all(pointers.map(({ id }) => createIncomingPayment(id)))
  const [waited] = replies.splice(7, 1)
  for (const { data } of replies) expect(data).toMatchObject({ createIncomingPayment: { code: '200' } })
  expect(waited!.errors).toEqual([])
  expect(waited!.data.createIncomingPayment).toMatchObject({
    success: false,
    message: expect.stringContaining('too busy, nothing was done') as string
  })
  expect(api.lines).toMatchObject([{ level: 'error', facts: { error: { name: 'RowLocked' } } }])
})

it('who comes with a key that another process is just using is told so, beside the ledger and in it', async () => {
  const { id } = await createPaymentPointer(api, asset.id)
  const key = randomUUID()
  await holdKey(key)
  const { errors } = await createIncomingPayment(id, key)
  const deposit = { id: randomUUID(), assetId: asset.id, amount: 1, idempotencyKey: key }
  const inLedger = await api.attempt('addAssetLiquidity', 'AddAssetLiquidityInput', deposit, ANSWER)
  for (const { message } of [...errors, ...inLedger.errors]) expect(message).toContain(key)
  expect([errors.length, inLedger.errors.length]).toEqual([1, 1])
})
