/**
 * Goal: an event and its first delivery become durable with what they tell of, or not at all.
 * Method: events written through the ledger and through transactions of their own, looked at in SQL.
 */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { AttachmentRefused } from '../../src/ledger/types'
import { WEBHOOK_EVENT_TYPES } from '../../src/entities/webhook-event'
import { openAccounts, openLedger, transfer, type TestLedger } from '../ledger/support'
import { createTestDatabase } from '../support/database'
import { newEvent, openWebhooks, type TestWebhooks } from './support'

let database: { url: string; drop(): Promise<void> }
let webhooks: TestWebhooks
let ledger: TestLedger
let client: Client

beforeAll(async () => {
  database = await createTestDatabase()
  webhooks = await openWebhooks(database.url)
  ledger = openLedger(database.url)
  client = new Client(database.url)
  await client.connect()
})

afterAll(async () => {
  await client.end()
  await ledger.close()
  await webhooks.close()
  await database.drop()
})

async function stored(ids: readonly string[]): Promise<Record<string, unknown>[]> {
  const { rows } = await client.query<Record<string, unknown>>(
    `SELECT event.id, event.type, event.data::text, withdrawal_account_id, withdrawal_amount, status, attempts
    FROM webhook_event AS event LEFT JOIN webhook_delivery ON event_id = event.id
    WHERE event.id = ANY($1) ORDER BY event.sequence`,
    [ids]
  )
  return rows
}

test('events travel with a submission to the ledger, in their order', async () => {
  const [debit, credit] = await openAccounts(ledger.ledger, ['none', 'none'])
  const events = WEBHOOK_EVENT_TYPES.map((type) => newEvent({ type, data: { metadata: { 'é"\\': ['{}', null] } } }))
  await ledger.ledger.submit({
    commands: [transfer(debit!, credit!, 5n)],
    attach: () => webhooks.outbox.attachments(events)
  })
  const rows = await stored(events.map(({ id }) => id))
  expect(rows.map(({ id, type, data, status, attempts }) => ({ id, type, data, status, attempts }))).toEqual(
    events.map(({ id, type, data }) => ({ id, type, data: JSON.stringify(data), status: 'pending', attempts: 0 }))
  )
})

test('a submission that is refused leaves no event and no delivery; its neighbour keeps its own', async () => {
  const kept = newEvent()
  const lost = newEvent()
  const twin = newEvent({ id: lost.id })
  const submit = (events: ReturnType<typeof newEvent>[]): Promise<unknown> =>
    ledger.ledger.submit({ commands: [], attach: () => webhooks.outbox.attachments(events) })
  const [first, second] = await Promise.allSettled([submit([kept]), submit([lost, twin])])
  expect(first.status).toBe('fulfilled')
  expect(second).toMatchObject({ status: 'rejected', reason: expect.any(AttachmentRefused) as unknown })
  expect((await stored([kept.id, lost.id])).map(({ id }) => id)).toEqual([kept.id])
})

test('events are written in a transaction of its own, and go with it', async () => {
  const withdrawal = { accountId: 7n, assetId: randomUUID(), amount: 2n ** 64n }
  const event = newEvent({ withdrawal })
  await webhooks.unitOfWork.run((manager) => webhooks.outbox.write(manager, [event]))
  expect(await stored([event.id])).toMatchObject([{ withdrawal_account_id: '7', withdrawal_amount: String(2n ** 64n) }])

  const undone = newEvent()
  const failing = webhooks.unitOfWork.run(async (manager) => {
    await webhooks.outbox.write(manager, [undone])
    throw new Error('the use case failed')
  })
  await expect(failing).rejects.toThrow('the use case failed')
  expect(await stored([undone.id])).toEqual([])
  await webhooks.unitOfWork.run((manager) => webhooks.outbox.write(manager, []))
})

test('an event is never changed', async () => {
  const event = newEvent()
  await webhooks.write([event])
  await expect(client.query(`UPDATE webhook_event SET data = '{}' WHERE id = $1`, [event.id])).rejects.toThrow('never')
})

test('the commit wakes who listens', async () => {
  const listener = new Client(database.url)
  await listener.connect()
  const woken = new Promise((resolve) => listener.once('notification', resolve))
  await listener.query('LISTEN webhook_delivery')
  await webhooks.write([newEvent()])
  expect(await woken).toMatchObject({ channel: 'webhook_delivery' })
  await listener.end()
})

test('the entities describe the tables', async () => {
  const drift = await webhooks.dataSource.driver.createSchemaBuilder().log()
  const ours = drift.upQueries.map(({ query }) => query).filter((query) => query.includes('webhook'))
  expect(ours).toEqual([])
})
