/**
 * Goal: taking deliveries in hand, recording and listing them costs the same however many there are.
 * Method: the statements that are really sent, explained on a table where most rows are of no interest.
 */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { Pipeline } from '../../../src/database/pipeline'
import { HOT_READ_SETTINGS, type Reader } from '../../../src/database/reader'
import type { Statement } from '../../../src/database/statement'
import type { UnitOfWork } from '../../../src/database/unit-of-work'
import type { RequestContext } from '../../../src/services/context'
import { RampDeliveries } from '../../../src/services/ramp/webhooks/deliveries'
import { HANDS_MAX, RAMP_DELIVERIES } from '../../../src/services/ramp/webhooks/delivery-shape'
import { DeliveryQueue } from '../../../src/services/webhooks/delivery-queue'
import { RampWebhooks } from './support'

const BEARERS = 20

let ramp: RampWebhooks
let pipeline: Pipeline
const sent: Statement[] = []

beforeAll(async () => {
  ramp = await RampWebhooks.open()
  pipeline = new Pipeline({ url: ramp.url, name: 'plans', settings: HOT_READ_SETTINGS })
  for (let index = 0; index < BEARERS; index++) await ramp.addBearer('http://127.0.0.1:1/')
  await ramp.dataSource.query(`
    INSERT INTO ramp_webhook_event (id, bearer_kind, bearer_id, type, order_id, data, created_at)
      SELECT gen_random_uuid(), 'agent', bearer_id, 'payment.assigned', 'o' || n % 500, '{}', now()
      FROM ramp_api_key, generate_series(1, 250) AS n`)
  await ramp.dataSource.query(`
    INSERT INTO ramp_webhook_delivery (id, event_id, bearer_id, resource_id, status, attempts, created_at)
      SELECT gen_random_uuid(), id, bearer_id, bearer_id || ':' || order_id,
        CASE place % 10 WHEN 0 THEN 'pending' WHEN 1 THEN 'dead' ELSE 'delivered' END, place % 20 / 10, created_at
      FROM (SELECT *, row_number() OVER (PARTITION BY bearer_id) AS place FROM ramp_webhook_event) AS event`)
  await ramp.dataSource.query('ANALYZE ramp_webhook_event, ramp_webhook_delivery')
})

beforeEach(() => {
  sent.length = 0
})

afterAll(async () => {
  await pipeline.close()
  await ramp.close()
})

const query: Pipeline['query'] = (statement) => {
  sent.push(statement)
  return pipeline.query(statement)
}

/** The plans of what was sent, each of them free of a walk through a table that grows. */
async function plans(): Promise<string> {
  const plans = await Promise.all(
    sent.map(async ({ name, text, values }) => {
      const rows = await pipeline.query<{ 'QUERY PLAN': string }>({
        name: `explain_${name}`,
        text: `EXPLAIN ${text}`,
        values
      })
      return rows.map((row) => row['QUERY PLAN']).join('\n')
    })
  )
  const all = plans.join('\n\n')
  expect(all).not.toMatch(/Seq Scan on ramp_/)
  return all
}

test('claims go receiver by receiver through the index of their turn, and leave room for others', async () => {
  const spy = Object.assign(Object.create(pipeline) as Pipeline, { query })
  const queue = new DeliveryQueue(RAMP_DELIVERIES, spy, spy, { leaseMilliseconds: 60_000, newLease: randomUUID })
  const again = await queue.claim('again', 1_000)
  const first = await queue.claim('first', 1_000)
  const shares = (claimed: typeof first): number[] => {
    const counts = new Map<string, number>()
    for (const { resourceId } of claimed) {
      const bearer = resourceId.split(':')[0]!
      counts.set(bearer, (counts.get(bearer) ?? 0) + 1)
    }
    return [...counts.values()]
  }
  expect(shares(again)).toHaveLength(BEARERS)
  expect(Math.max(...shares(again))).toBe(HANDS_MAX)
  // All of them have something that failed.
  expect(shares(first)).toEqual(Array<number>(BEARERS).fill(1))
  expect(await queue.claim('first', 1_000)).toEqual([])
  const attempt = { startedAt: new Date(), durationMilliseconds: 1, status: 200, error: null }
  await queue.settle(first.map((delivery) => ({ delivery, attempt, status: 'delivered', pauseMilliseconds: 0 })))
  const all = await plans()
  for (const index of ['first', 'again', 'line', 'in_hand']) {
    expect(all).toMatch(new RegExp(`(using|on) ramp_webhook_delivery_${index} `))
  }
})

/** The same for what is sent within a transaction. */
const spiedUnitOfWork = (): UnitOfWork => {
  const run: UnitOfWork['run'] = (work) =>
    ramp.unitOfWork.run((manager) => {
      const spied: EntityManager['query'] = (text, values) => {
        sent.push({ name: `dead_${sent.length}`, text, values: values as unknown[] })
        return manager.query(text, values)
      }
      return work(Object.assign(Object.create(manager) as EntityManager, { query: spied }))
    })
  return Object.assign(Object.create(ramp.unitOfWork) as UnitOfWork, { run })
}

const FROM_CURSOR = /Index Cond: .*ROW\(created_at, id\) > ROW/

const LISTS = (['pending', 'delivered', 'dead'] as const).flatMap((status) => [
  { status, whose: 'of all receivers', index: 'ramp_webhook_delivery_status_created' },
  { status, whose: 'of one receiver', index: 'ramp_webhook_delivery_of_bearer' }
])

test.each(LISTS)('lists of $status deliveries $whose go by an index, and on from the cursor in it', async (list) => {
  const { status, whose, index } = list
  const spy = Object.assign(Object.create(pipeline) as unknown as Reader, { rows: query })
  const deliveries = new RampDeliveries(spy, ramp.unitOfWork)
  const all = await deliveries.page({ status, limit: 10 })
  sent.length = 0
  const bearerId = whose === 'of one receiver' ? all.nodes[0]!.bearerId : undefined
  const wish = { status, limit: 10, bearerId }
  const page = await deliveries.page(wish)
  expect(page.nodes).toHaveLength(10)
  expect(await plans()).toContain(`using ${index} `)
  sent.length = 0
  await deliveries.page({ ...wish, after: page.nodes[9]!.id })
  const continued = await plans()
  expect(continued).toContain(`using ${index} `)
  expect(continued).toMatch(FROM_CURSOR)
})

test('what is dead is found to be sent again without looking at what was sent again before', async () => {
  const deliveries = new RampDeliveries(pipeline as unknown as Reader, spiedUnitOfWork())
  const context = { now: () => new Date() } as RequestContext
  const [bearer] = await ramp.dataSource.query<{ bearer_id: string }[]>(
    `SELECT bearer_id FROM ramp_webhook_delivery WHERE status = 'dead' LIMIT 1`
  )
  expect(await deliveries.replayDead(context, { limit: 10 })).toEqual({ count: 10 })
  expect(await deliveries.replayDead(context, { limit: 10, bearerId: bearer!.bearer_id })).toEqual({ count: 10 })
  const all = await plans()
  for (const index of ['status_created', 'of_bearer', 'of_event']) {
    expect(all).toMatch(new RegExp(`(using|on) ramp_webhook_delivery_${index} `))
  }
})
