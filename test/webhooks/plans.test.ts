/**
 * Goal: taking deliveries in hand, recording them and reading them costs the same however many there are.
 * Method: the statements that are really sent, explained on a table where most rows are of no interest.
 */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { EntityReader } from '../../src/database/entity-reader'
import { EntityTable } from '../../src/database/entity-table'
import { Pipeline } from '../../src/database/pipeline'
import { HOT_READ_SETTINGS } from '../../src/database/reader'
import type { Statement } from '../../src/database/statement'
import { WebhookAttempt } from '../../src/entities'
import type { RequestContext } from '../../src/services/context'
import type { Idempotency } from '../../src/services/idempotency/idempotency'
import { WebhookDeliveries } from '../../src/services/webhooks/deliveries'
import { DeliveryQueue, OPERATOR_DELIVERIES } from '../../src/services/webhooks/delivery-queue'
import { WebhookReplay } from '../../src/services/webhooks/replay'
import { createTestDatabase } from '../support/database'
import { openWebhooks, type TestWebhooks } from './support'

let database: { url: string; drop(): Promise<void> }
let webhooks: TestWebhooks
let pipeline: Pipeline
const sent: Statement[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  webhooks = await openWebhooks(database.url)
  pipeline = new Pipeline({ url: database.url, name: 'plans', settings: HOT_READ_SETTINGS })
  await webhooks.dataSource.query(`
    INSERT INTO webhook_event (id, type, resource_id, data, created_at)
      SELECT gen_random_uuid(), 'payment_pointer.not_found', 'r' || n % 500, '{}', now() FROM generate_series(1, 5000) AS n`)
  await webhooks.dataSource.query(`
    INSERT INTO webhook_delivery (id, event_id, resource_id, status, attempts, created_at)
      SELECT gen_random_uuid(), id, resource_id, CASE sequence % 10 WHEN 0 THEN 'pending' ELSE 'delivered' END,
        sequence % 20 / 10, created_at FROM webhook_event`)
  await webhooks.dataSource.query('ANALYZE webhook_event, webhook_delivery')
})

beforeEach(() => {
  sent.length = 0
})

afterAll(async () => {
  await pipeline.close()
  await webhooks.close()
  await database.drop()
})

const query: Pipeline['query'] = (statement) => {
  sent.push(statement)
  return pipeline.query(statement)
}

/** The plans of what was sent, each of them free of a walk through a table that grows. */
async function plans(): Promise<string> {
  const plans = await Promise.all(
    sent.map(async ({ name, text, values }) => {
      const explained = { name: `explain_${name}`, text: `EXPLAIN ${text}`, values }
      const rows = await pipeline.query<{ 'QUERY PLAN': string }>(explained)
      return rows.map((row) => row['QUERY PLAN']).join('\n')
    })
  )
  const all = plans.join('\n\n')
  expect(all).not.toMatch(/Seq Scan on webhook_/)
  return all
}

test('claims find what is due in the index of their turn, settlements go by the key', async () => {
  const spy = Object.assign(Object.create(pipeline) as Pipeline, { query })
  const queue = new DeliveryQueue(OPERATOR_DELIVERIES, spy, spy, { leaseMilliseconds: 60_000, newLease: randomUUID })
  const first = await queue.claim('first', 5)
  const again = await queue.claim('again', 5)
  expect([first.length, again.length]).toEqual([5, 5])
  const attempt = { startedAt: new Date(), durationMilliseconds: 1, status: 200, error: null }
  await queue.settle(
    [...first, ...again].map((delivery) => ({ delivery, attempt, status: 'delivered', pauseMilliseconds: 0 }))
  )
  const all = await plans()
  for (const index of ['webhook_delivery_first', 'webhook_delivery_again', 'webhook_delivery_line']) {
    expect(all).toContain(`using ${index} `)
  }
  expect(sent.map(({ name }) => name)).toEqual([
    'webhook_claim_first',
    'webhook_claim_again',
    'webhook_settle',
    'webhook_promote'
  ])
})

test('lists of deliveries and attempts go by their indexes', async () => {
  const spy = Object.assign(Object.create(webhooks.reader) as typeof webhooks.reader, { rows: query })
  const attempts = new EntityTable<WebhookAttempt>(webhooks.dataSource.getMetadata(WebhookAttempt))
  const deliveries = new WebhookDeliveries(new EntityReader(webhooks.dataSource, spy), attempts, spy)
  const request = { direction: 'forward', limit: 10 } as const
  const page = await deliveries.page(request, { statuses: ['dead', 'pending'] })
  expect(page.nodes).toHaveLength(10)
  const [{ id, eventId }] = page.nodes as [(typeof page.nodes)[0]]
  await deliveries.page({ ...request, cursor: id }, {})
  await deliveries.page(request, { eventId })
  await deliveries.latestOf(eventId)
  await deliveries.attemptsOf(id, 20)
  const all = await plans()
  for (const index of ['webhook_delivery_status_created', 'webhook_delivery_of_event', 'webhook_attempt_pkey']) {
    expect(all).toContain(index)
  }
})

test('what is dead in a range of time is found by its index, and on from the cursor in it', async () => {
  await webhooks.dataSource.query(`UPDATE webhook_delivery SET status = 'dead' WHERE sequence % 10 = 1`)
  const run = <Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> =>
    webhooks.unitOfWork.run((manager) => {
      const spied: EntityManager['query'] = (text, values) => {
        sent.push({ name: `replay_${sent.length}`, text, values: values as unknown[] })
        return manager.query(text, values)
      }
      return work(Object.assign(Object.create(manager) as EntityManager, { query: spied }))
    })
  const idempotency = {
    execute: (_: unknown, __: string, ___: unknown, work: (recorder: { run: typeof run }) => unknown) => work({ run })
  } as unknown as Idempotency
  const replay = new WebhookReplay(idempotency)
  const context = { now: () => new Date() } as RequestContext
  const range = { idempotencyKey: null, from: '2000-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z', limit: 10 }
  const first = await replay.replayRange(context, range)
  expect(first).toMatchObject({ done: true, value: { count: 10, hasMore: true } })
  const after = first.done ? first.value.endCursor : null
  sent.length = 0
  expect(await replay.replayRange(context, { ...range, after })).toMatchObject({ done: true, value: { count: 10 } })
  const all = await plans()
  expect(all).toContain('using webhook_delivery_dead ')
  expect(all).toMatch(/Index Cond: .*ROW\(created_at, id\) > ROW/)
  expect(all).toContain('webhook_delivery_of_event')
})
