/**
 * Goal: at least once, in order per order while deliveries succeed, and no receiver in another's way.
 * Method: receivers that hang or fail beside others that do not, with far more waiting for them than there are
 * hands; two instances on one database.
 */
import 'reflect-metadata'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import type { NewRampEvent } from '../../../src/services/ramp/webhooks/outbox'
import { HANDS_MAX } from '../../../src/services/ramp/webhooks/delivery-shape'
import { Receiver } from '../../webhooks/receiver'
import { NEVER, RampWebhooks, rampEvent, startRampWorkers, type Bearer, type TestWorkers } from './support'

let ramp: RampWebhooks
let receiver: Receiver
const running: TestWorkers[] = []

beforeAll(async () => {
  ramp = await RampWebhooks.open()
})

beforeEach(async () => {
  receiver = await Receiver.open()
})

afterEach(async () => {
  await receiver.close()
  await Promise.all(running.splice(0).map((workers) => workers.stop()))
  await ramp.clear()
})

afterAll(async () => {
  await ramp.close()
})

function start(settings: Parameters<typeof startRampWorkers>[1] = {}): TestWorkers {
  const workers = startRampWorkers(ramp.url, settings)
  running.push(workers)
  return workers
}

function eventsOf(bearer: Bearer, count: number, orderId?: string): NewRampEvent[] {
  return Array.from({ length: count }, () => rampEvent(bearer, orderId === undefined ? {} : { orderId }))
}

test('what one receiver is told of one order arrives in the order in which it was written', async () => {
  const bearer = await ramp.addBearer(receiver.url)
  const orders = Array.from({ length: 10 }, () => randomUUID())
  const events = Array.from({ length: 100 }, (_, index) => rampEvent(bearer, { orderId: orders[index % 10]! }))
  receiver.answer = async () => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 4))
    return 200
  }
  start()
  start()
  for (let index = 0; index < events.length; index += 20) await ramp.tell(events.slice(index, index + 20))
  await ramp.untilNone(`status = 'pending'`)
  expect(receiver.received).toHaveLength(events.length)
  const position = new Map(receiver.received.map(({ id }, index) => [id, index]))
  for (const orderId of orders) {
    const positions = events.filter((event) => event.orderId === orderId).map(({ id }) => position.get(id)!)
    expect(positions).toEqual([...positions].sort((one, other) => one - other))
  }
})

test('the next of an order waits for the first attempt of the one before, not for its success', async () => {
  const bearer = await ramp.addBearer(receiver.url)
  const [first, second] = eventsOf(bearer, 2, 'an order') as [NewRampEvent, NewRampEvent]
  let letGo!: () => void
  const held = new Promise<void>((resolve) => (letGo = resolve))
  receiver.answer = async ({ id }) => {
    if (id !== first.id) return 200
    await held
    return 500
  }
  // Nothing polls here: what was sent itself hands on to its follower.
  start({ rampWebhookWorkerIdleMilliseconds: NEVER, rampWebhookScheduleSeconds: [1_000] })
  await ramp.tell([first, second])
  const other = rampEvent(bearer)
  await ramp.tell([other])
  await ramp.settled(other.id)
  expect(receiver.received.map(({ id }) => id)).toEqual([first.id, other.id])
  letGo()
  await ramp.settled(second.id)
  expect(receiver.received.map(({ id }) => id)).toEqual([first.id, other.id, second.id])
  expect(await ramp.of(first.id)).toMatchObject([{ status: 'pending', attempts: 1 }])
})

test('the same order is told to several receivers, and one that is dead holds up none of the others', async () => {
  const dead = await ramp.addBearer('http://127.0.0.1:1/')
  const merchant = await ramp.addBearer(receiver.url, 'tok', 'merchant')
  const orderId = randomUUID()
  start({ rampWebhookScheduleSeconds: [1_000] })
  const told = [...eventsOf(dead, 2, orderId), ...eventsOf(merchant, 2, orderId)]
  await ramp.tell(told)
  await ramp.settled(told[3]!.id)
  expect(receiver.received.map(({ id }) => id)).toEqual([told[2]!.id, told[3]!.id])
})

test('a receiver that hangs, with far more waiting than there are hands, delays no other', async () => {
  const hanging = await Receiver.open()
  hanging.answer = () => 'hang'
  const stuck = await ramp.addBearer(hanging.url)
  await ramp.tell(eventsOf(stuck, 200))
  // Nothing that is in hand for it ever comes back.
  start({ rampWebhookConcurrency: 12, rampWebhookTimeoutMilliseconds: NEVER / 2 })
  start({ rampWebhookConcurrency: 12, rampWebhookTimeoutMilliseconds: NEVER / 2 })
  await hanging.until(() => hanging.received.length >= HANDS_MAX)
  const healthy = await Promise.all([1, 2, 3].map(() => ramp.addBearer(receiver.url)))
  const events = healthy.flatMap((bearer) => eventsOf(bearer, 50))
  await ramp.tell(events)
  for (const { id } of events) expect(await ramp.settled(id)).toMatchObject({ status: 'delivered' })
  // Two instances that look at the same moment may each take a share.
  expect(hanging.received.length).toBeLessThanOrEqual(2 * HANDS_MAX)
  await hanging.close()
})

test('a receiver that fails gets one first attempt at a time', async () => {
  let [underWay, most] = [0, 0]
  const bearer = await ramp.addBearer(receiver.url)
  const failed = rampEvent(bearer)
  receiver.answer = async ({ id }) => {
    if (id === failed.id) return 503
    most = Math.max(most, ++underWay)
    await new Promise((resolve) => setTimeout(resolve, 5))
    underWay--
    return 200
  }
  start({ rampWebhookScheduleSeconds: [1_000] })
  await ramp.tell([failed])
  await ramp.until(failed.id, ({ attempts }) => attempts === 1)
  await ramp.tell(eventsOf(bearer, 20))
  await ramp.untilNone(`status = 'pending' AND attempts = 0`)
  expect(most).toBe(1)
  expect(receiver.received).toHaveLength(21)
})

test('two instances share the work: each event is sent once', async () => {
  const bearers = await Promise.all(Array.from({ length: 20 }, () => ramp.addBearer(receiver.url)))
  const events = bearers.flatMap((bearer) => eventsOf(bearer, 10))
  start()
  start()
  for (let index = 0; index < events.length; index += 20) await ramp.tell(events.slice(index, index + 20))
  await ramp.untilNone(`status = 'pending'`)
  expect(receiver.received.map(({ id }) => id).sort()).toEqual(events.map(({ id }) => id).sort())
})

test('a receiver that restarts gets everything, with the same bytes', async () => {
  const bearer = await ramp.addBearer(receiver.url)
  const events = eventsOf(bearer, 30)
  await receiver.close()
  start({ rampWebhookScheduleSeconds: Array<number>(50).fill(0) })
  await ramp.tell(events)
  await ramp.untilNone('attempts = 0')
  await receiver.open()
  await ramp.untilNone(`status = 'pending'`)
  expect(receiver.received.map(({ id }) => id).sort()).toEqual(events.map(({ id }) => id).sort())
  const bodies = new Map(events.map(({ id, type, data }) => [id, JSON.stringify({ event_type: type, data })]))
  for (const { id, body } of receiver.received) expect(body).toBe(bodies.get(id))
})

test('an instance that is killed with requests on their way loses nothing', async () => {
  const bearers = await Promise.all([1, 2, 3].map(() => ramp.addBearer(receiver.url)))
  const events = bearers.flatMap((bearer) => eventsOf(bearer, 2, randomUUID()))
  receiver.answer = () => 'hang'
  const program = ['-r', join(__dirname, '../../../scripts/register.cjs'), join(__dirname, 'instance.ts'), ramp.url]
  const instance = spawn(process.execPath, program, { stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = once(instance, 'exit')
  await ramp.tell(events)
  await receiver.until(() => receiver.received.length >= 3)
  instance.kill('SIGKILL')
  await exited
  const before = receiver.received.map(({ body }) => body)
  receiver.answer = () => 200
  start()
  for (const { id } of events) expect(await ramp.settled(id)).toMatchObject({ status: 'delivered' })
  const after = receiver.received.slice(before.length)
  expect(new Set(after.map(({ id }) => id))).toEqual(new Set(events.map(({ id }) => id)))
  expect(after.map(({ body }) => body)).toEqual(expect.arrayContaining(before))
})
