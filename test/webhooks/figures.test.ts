/**
 * Goal: who watches the service sees how many webhooks wait, for how long, and how many were given up.
 * Method: deliveries in each of their states, set by the test.
 */
import 'reflect-metadata'
import { webhookFigures } from '../../src/services/webhooks/figures'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { newEvent, openWebhooks, type TestWebhooks } from './support'

let database: TestDatabase
let webhooks: TestWebhooks

beforeEach(async () => {
  database = await createTestDatabase()
  webhooks = await openWebhooks(database.url)
})

afterEach(async () => {
  await webhooks.close()
  await database.drop()
})

async function figures(): Promise<Record<string, number>> {
  const read = webhookFigures(webhooks.reader).map(async ({ name, read }) => [name, await read()] as const)
  return Object.fromEntries(await Promise.all(read))
}

test('nothing waits', async () => {
  expect(await figures()).toEqual({
    hazina_webhook_deliveries_pending: 0,
    hazina_webhook_deliveries_dead: 0,
    hazina_webhook_oldest_pending_seconds: 0
  })
})

test('what waits is counted and has an age, what was given up is counted apart, what was delivered is not', async () => {
  const anHourAgo = new Date(Date.now() - 3_600_000)
  const events = [newEvent({ createdAt: anHourAgo }), newEvent(), newEvent(), newEvent(), newEvent()]
  await webhooks.write(events)
  for (const [status, event] of [
    ['dead', events[2]],
    ['dead', events[3]],
    ['delivered', events[4]]
  ] as const) {
    await webhooks.dataSource.query(`UPDATE webhook_delivery SET status = $1 WHERE event_id = $2`, [status, event!.id])
  }
  const { hazina_webhook_oldest_pending_seconds: age, ...counts } = await figures()
  expect(counts).toEqual({ hazina_webhook_deliveries_pending: 2, hazina_webhook_deliveries_dead: 2 })
  expect(age).toBeGreaterThanOrEqual(3_600)
  expect(age).toBeLessThan(7_200)
})
