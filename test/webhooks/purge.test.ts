/**
 * Goal: events that arrived long ago are removed with all that was kept of them, and nothing that is still open.
 * Method: events whose deliveries have every state and age, and what stays of them; payments and transfers that
 * events ask for.
 */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import type { WebhookTables } from '../../src/services/webhooks/ask-again'
import { WebhookPurge } from '../../src/services/webhooks/purge'
import { Payments } from '../payments/outgoing-support'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { openWebhooks, type TestWebhooks } from './support'

const DAY_MILLISECONDS = 86_400_000
const BEFORE = new Date(Date.now() - 90 * DAY_MILLISECONDS)
const OLD = 100
const YOUNG = 80

let database: TestDatabase
let webhooks: TestWebhooks
let purge: WebhookPurge

beforeEach(async () => {
  database = await createTestDatabase()
  webhooks = await openWebhooks(database.url)
  purge = new WebhookPurge(webhooks.unitOfWork)
})

afterEach(async () => {
  await webhooks.close()
  await database.drop()
})

interface Told {
  /** Days ago. */
  readonly created: number
  readonly settled?: number
  readonly status: 'pending' | 'delivered' | 'dead'
  readonly isReplayed?: boolean
}

const INSERT_EVENT: Readonly<Record<WebhookTables, string>> = {
  webhook: `INSERT INTO webhook_event (id, type, resource_id, data, created_at)
    VALUES ($1::uuid, 'incoming_payment.created', $1::uuid::text, '{}', now() - $2 * interval '1 day')`,
  ramp_webhook: `INSERT INTO ramp_webhook_event (id, bearer_kind, bearer_id, type, order_id, data, created_at)
    VALUES ($1::uuid, 'agent', gen_random_uuid(), 'payment.assigned', $1::uuid::text, '{}', now() - $2 * interval '1 day')`
}

/** An event with these deliveries, of one attempt each. */
async function event(name: WebhookTables, ...deliveries: readonly Told[]): Promise<string> {
  const id = randomUUID()
  await webhooks.dataSource.query(INSERT_EVENT[name], [id, deliveries[0]!.created])
  const [column, value] = name === 'webhook' ? ['', ''] : ['bearer_id, ', 'gen_random_uuid(), ']
  for (const { created, settled, status, isReplayed = false } of deliveries) {
    await webhooks.dataSource.query(
      `WITH delivery AS (
        INSERT INTO ${name}_delivery (id, event_id, ${column}resource_id, status, attempts, created_at, settled_at, is_replayed)
        VALUES (gen_random_uuid(), $1::uuid, ${value}$1::uuid::text, $2, 1, now() - $3 * interval '1 day',
          now() - $4 * interval '1 day', $5) RETURNING id)
      INSERT INTO ${name}_attempt (delivery_id, number, started_at, duration_milliseconds) SELECT id, 1, now(), 1 FROM delivery`,
      [id, status, created, settled ?? null, isReplayed]
    )
  }
  return id
}

async function remaining(name: WebhookTables): Promise<{ events: string[]; deliveries: number; attempts: number }> {
  const [row] = await webhooks.dataSource.query<[{ events: string[]; deliveries: number; attempts: number }]>(
    `SELECT ARRAY(SELECT id::text FROM ${name}_event ORDER BY id) AS events,
      (SELECT count(*)::int FROM ${name}_delivery) AS deliveries, (SELECT count(*)::int FROM ${name}_attempt) AS attempts`
  )
  return row
}

describe.each(['webhook', 'ramp_webhook'] as const)('%s', (name) => {
  test('what arrived long ago goes; what is young, open or given up stays with all that belongs to it', async () => {
    const dead = { created: OLD + 1, settled: OLD, status: 'dead' } as const
    const superseded = { ...dead, isReplayed: true }
    const arrived = { created: OLD, settled: OLD, status: 'delivered' } as const
    await event(name, arrived)
    await event(name, superseded, arrived)
    const staying = [
      await event(name, { created: YOUNG, settled: YOUNG, status: 'delivered' }),
      await event(name, { created: OLD, settled: YOUNG, status: 'delivered' }),
      await event(name, { created: OLD, status: 'pending' }),
      await event(name, dead),
      await event(name, superseded, { created: OLD, status: 'pending' }),
      await event(name, superseded, { created: YOUNG, settled: YOUNG, status: 'delivered' })
    ]
    expect(await purge.purge(name, BEFORE)).toBe(2)
    expect(await remaining(name)).toEqual({ events: staying.sort(), deliveries: 8, attempts: 8 })
    expect(await purge.purge(name, BEFORE)).toBe(0)
  })

  test('more than one step takes goes, and instances that purge together do not hold each other up', async () => {
    const kept = await event(name, { created: OLD, settled: OLD, status: 'dead' })
    const arrived = (column: string, value: string): string => `
      INSERT INTO ${name}_delivery (id, event_id, ${column}resource_id, status, created_at, settled_at)
      SELECT gen_random_uuid(), id, ${value}id::text, 'delivered', created_at, created_at
      FROM ${name}_event AS event WHERE id <> '${kept}'`
    await webhooks.dataSource.query(
      `INSERT INTO ${name}_event SELECT (jsonb_populate_record(event, jsonb_build_object('id', gen_random_uuid()))).*
      FROM ${name}_event AS event, generate_series(1, 2500)`
    )
    await webhooks.dataSource.query(name === 'webhook' ? arrived('', '') : arrived('bearer_id, ', 'bearer_id, '))
    const removed = await Promise.all([1, 2, 3].map(() => purge.purge(name, BEFORE)))
    expect(removed.reduce((sum, count) => sum + count)).toBe(2_500)
    expect(await remaining(name)).toEqual({ events: [kept], deliveries: 1, attempts: 1 })
  })
})

test('an event that asks for money stays until the money has moved', async () => {
  const arrived = { created: OLD, settled: OLD, status: 'delivered' } as const
  const [owed, paid] = [await event('webhook', arrived), await event('webhook', arrived)]
  const { dataSource } = webhooks
  await dataSource.query(`ALTER TABLE webhook_event DISABLE TRIGGER webhook_event_is_final`)
  await dataSource.query(
    `UPDATE webhook_event SET withdrawal_account_id = 1, withdrawal_asset_id = gen_random_uuid(), withdrawal_amount = 5`
  )
  await dataSource.query(
    `INSERT INTO ledger_transfer (sequence, id, kind, debit_account_id, credit_account_id, amount, code)
    VALUES (1, $1, 1, 1, 2, 5, 1)`,
    [paid]
  )
  expect(await purge.purge('webhook', BEFORE)).toBe(1)
  expect((await remaining('webhook')).events).toEqual([owed])
})

test('what asks for the money of a payment stays while that waits, and can then still be answered', async () => {
  const payments = await Payments.open()
  try {
    const { container } = payments.api
    const route = await payments.route('1')
    const { id } = await payments.createFor(route, (await payments.expectPayment(route, 5)).url)
    const eventId = await payments.eventId(id)
    const dataSource = container.resolve(DataSource)
    await dataSource.query(`UPDATE webhook_delivery SET status = 'delivered', created_at = $1, settled_at = $1`, [
      new Date(BEFORE.getTime() - DAY_MILLISECONDS)
    ])
    const ofEvent = async (): Promise<unknown[]> =>
      dataSource.query('SELECT id FROM webhook_event WHERE id = $1', [eventId])
    await container.resolve(WebhookPurge).purge('webhook', BEFORE)
    expect(await ofEvent()).toHaveLength(1)
    expect(await payments.deposit(eventId)).toMatchObject({ code: '200', success: true })
    await container.resolve(WebhookPurge).purge('webhook', BEFORE)
    expect(await ofEvent()).toEqual([])
  } finally {
    await payments.close()
  }
})
