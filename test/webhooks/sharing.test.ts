/**
 * Goal: at least once, in order per resource, no resource in another's way, work shared between instances.
 * Method: many events and receivers that fail at random, by resource or for good; instances that are killed
 * while a request is on its way; a database that goes away when outcomes are to be recorded.
 */
import 'reflect-metadata'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { NewWebhookEvent } from '../../src/services/webhooks/outbox'
import { createTestDatabase } from '../support/database'
import { DatabaseProxy } from '../support/proxy'
import { Receiver, type Received } from './receiver'
import { Deliveries, newEvent, NEVER, openWebhooks, startWorkers, type TestWebhooks, type TestWorkers } from './support'

let database: { url: string; drop(): Promise<void> }
let webhooks: TestWebhooks
let deliveries: Deliveries
let receiver: Receiver
const running: TestWorkers[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  webhooks = await openWebhooks(database.url)
  deliveries = new Deliveries(webhooks.dataSource)
})

beforeEach(async () => {
  receiver = await Receiver.open()
})

afterEach(async () => {
  await receiver.close()
  await Promise.all(running.splice(0).map((workers) => workers.stop()))
  await webhooks.dataSource.query('TRUNCATE webhook_event, webhook_delivery, webhook_attempt')
})

afterAll(async () => {
  await webhooks.close()
  await database.drop()
})

function start(options: Partial<Parameters<typeof startWorkers>[1]> = {}, url = database.url): TestWorkers {
  const workers = startWorkers(url, { url: receiver.url, ...options })
  running.push(workers)
  return workers
}

/** So many events of so many resources, in the order in which they are to be written. */
function makeEvents(resources: number, each: number, name = 'r'): NewWebhookEvent[] {
  return Array.from({ length: resources * each }, (_, index) => newEvent({ resourceId: `${name}${index % resources}` }))
}

async function count(condition: string): Promise<number> {
  const rows = await webhooks.dataSource.query<{ count: number }[]>(
    `SELECT count(*)::int FROM webhook_delivery WHERE ${condition}`
  )
  return rows[0]!.count
}

async function untilNone(condition: string): Promise<void> {
  while ((await count(condition)) > 0) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('two instances share the work: each event is sent once, and both send some', async () => {
  const events = makeEvents(200, 2)
  receiver.answer = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    return 200
  }
  const instances = [start(), start()]
  for (let index = 0; index < events.length; index += 20) await webhooks.write(events.slice(index, index + 20))
  await untilNone(`status = 'pending'`)
  expect(receiver.received.map(({ id }) => id).sort()).toEqual(events.map(({ id }) => id).sort())
  const shares = instances.map(
    ({ lines }) => lines.filter(({ message }) => message === 'a webhook was delivered').length
  )
  expect(shares[0]! + shares[1]!).toBe(events.length)
  expect(Math.min(...shares)).toBeGreaterThan(0)
})

test('events of a resource go out in order, whatever fails, from two instances', async () => {
  const events = makeEvents(25, 8)
  const order = new Map(events.map(({ id }, index) => [id, index]))
  const resourceOf = new Map(events.map(({ id, resourceId }) => [id, resourceId]))
  /** Per resource, what is accepted and what is on its way, as the receiver sees it. */
  const accepted = new Map<string, number>()
  const early: string[] = []
  let failures = 0
  receiver.answer = async ({ id, time }: Received) => {
    const resource = resourceOf.get(id)!
    const before = accepted.get(resource) ?? order.get(id)! % 25
    if (order.get(id) !== before) early.push(id)
    await new Promise((resolve) => setTimeout(resolve, order.get(id)! % 3))
    // Every third event fails once, every ninth twice.
    const index = order.get(id)!
    if ((index % 3 === 0 && time === 1) || (index % 9 === 0 && time === 2)) {
      failures++
      return index % 2 ? 500 : 'reset'
    }
    accepted.set(resource, before + 25)
    return 200
  }
  start()
  start()
  for (let index = 0; index < events.length; index += 40) await webhooks.write(events.slice(index, index + 40))
  await untilNone(`status = 'pending'`)
  expect(early).toEqual([])
  expect(failures).toBeGreaterThan(50)
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(events.length)
  expect(await count(`status = 'delivered'`)).toBe(events.length)
})

test('the next event of a resource waits until the one before is delivered', async () => {
  let letGo!: () => void
  const held = new Promise<void>((resolve) => (letGo = resolve))
  const [first, second, other] = [newEvent({ resourceId: 'a' }), newEvent({ resourceId: 'a' }), newEvent()]
  receiver.answer = async ({ id }) => {
    if (id === first.id) await held
    return 200
  }
  start({ idleMilliseconds: NEVER })
  await webhooks.write([first])
  await webhooks.write([second])
  await webhooks.write([other])
  await deliveries.settled(other.id)
  expect(receiver.received.map(({ id }) => id)).toEqual([first.id, other.id])
  letGo()
  // Nothing polls here: the settled head itself hands on to its follower.
  await deliveries.settled(second.id)
  expect(receiver.received.map(({ id }) => id)).toEqual([first.id, other.id, second.id])
})

test('after its last attempt an event is dead, listed as such, and the next of its resource is sent', async () => {
  const [first, second] = [newEvent({ resourceId: 'a' }), newEvent({ resourceId: 'a' })]
  receiver.answer = ({ id }) => (id === first.id ? 503 : 200)
  start({ attemptsMax: 4 })
  await webhooks.write([first, second])
  await deliveries.settled(second.id)
  expect(receiver.received.map(({ id }) => id)).toEqual([first.id, first.id, first.id, first.id, second.id])
  expect(await deliveries.of(first.id)).toMatchObject([{ status: 'dead', attempts: 4, last_status: 503, lease: null }])
})

test('resources that hang, many more than there are hands, delay no other', async () => {
  const hanging = makeEvents(60, 1)
  const isHanging = new Set(hanging.map(({ id }) => id))
  receiver.answer = ({ id }) => (isHanging.has(id) ? 'hang' : 200)
  // First attempts time out; from then on every hand for further attempts is held for good.
  const workers = start({ concurrency: 4, timeoutMilliseconds: 30 })
  await webhooks.write(hanging)
  await untilNone('attempts = 0')
  await workers.stop()
  running.length = 0
  const before = receiver.received.length
  start({ concurrency: 4, timeoutMilliseconds: NEVER / 2 })
  await receiver.until(() => receiver.received.length === before + 4)
  const healthy = makeEvents(30, 3, 'healthy')
  await webhooks.write(healthy)
  for (const { id } of healthy) expect(await deliveries.settled(id)).toMatchObject({ status: 'delivered' })
  expect(await count(`status = 'pending'`)).toBe(60)
})

test('a long line behind a dead head is put off, not looked at again and again', async () => {
  receiver.answer = () => 500
  start({ retryMillisecondsMin: 100_000, retryMillisecondsMax: 100_000 })
  await webhooks.write(makeEvents(1, 300))
  await untilNone(`due_at < statement_timestamp() + interval '1 second'`)
  expect(receiver.received).toHaveLength(1)
})

test('an instance that is killed with a request on its way loses nothing', async () => {
  const events = makeEvents(3, 2)
  receiver.answer = () => 'hang'
  const instance = spawn(
    process.execPath,
    ['-r', join(__dirname, '../../scripts/register.cjs'), join(__dirname, 'instance.ts'), database.url, receiver.url],
    { stdio: ['ignore', 'ignore', 'inherit'] }
  )
  const exited = once(instance, 'exit')
  await webhooks.write(events)
  await receiver.until(() => receiver.received.length >= 3)
  instance.kill('SIGKILL')
  await exited
  const bodies = receiver.received.map(({ body }) => body)
  receiver.answer = () => 200
  start()
  for (const { id } of events) expect(await deliveries.settled(id)).toMatchObject({ status: 'delivered' })
  const after = receiver.received.slice(bodies.length)
  expect(after.map(({ id }) => id).sort()).toEqual(events.map(({ id }) => id).sort())
  expect(after.map(({ body }) => body)).toEqual(expect.arrayContaining(bodies))
})

test('an outcome that cannot be recorded at first is recorded when the database is back', async () => {
  const proxy = await DatabaseProxy.open(database.url)
  let letGo!: () => void
  const held = new Promise<void>((resolve) => (letGo = resolve))
  receiver.answer = async () => {
    await held
    return 200
  }
  const workers = start({}, proxy.url)
  const event = newEvent()
  await webhooks.write([event])
  await receiver.until(() => receiver.received.length === 1)
  proxy.down = true
  proxy.cutAll()
  letGo()
  while (!workers.lines.some(({ message }) => message.includes('could not be recorded yet'))) {
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  proxy.down = false
  expect(await deliveries.settled(event.id)).toMatchObject({ status: 'delivered', attempts: 1 })
  expect(receiver.received).toHaveLength(1)
  await workers.stop()
  running.length = 0
  await proxy.close()
})

test('while the database is away the workers wait, and go on when it is back', async () => {
  const proxy = await DatabaseProxy.open(database.url)
  const workers = start({}, proxy.url)
  proxy.down = true
  proxy.cutAll()
  while (!workers.lines.some(({ message }) => message === 'a worker could not look for work')) {
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  const event = newEvent()
  await webhooks.write([event])
  proxy.down = false
  expect(await deliveries.settled(event.id)).toMatchObject({ status: 'delivered' })
  await workers.stop()
  running.length = 0
  await proxy.close()
})

test('stopping records what was on its way', async () => {
  let letGo!: () => void
  const held = new Promise<void>((resolve) => (letGo = resolve))
  receiver.answer = async () => {
    await held
    return 200
  }
  const workers = start()
  const event = newEvent()
  await webhooks.write([event])
  await receiver.until(() => receiver.received.length === 1)
  const stopped = workers.stop()
  running.length = 0
  letGo()
  await stopped
  expect(await deliveries.of(event.id)).toMatchObject([{ status: 'delivered', attempts: 1 }])
})
