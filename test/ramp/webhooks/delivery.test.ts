/**
 * Goal: what an agent or a merchant gets, and what is recorded of it, whatever the receiver does.
 * Method: the real workers, a real database and receivers on loopback that fail in every way there is.
 */
import 'reflect-metadata'
import { createHmac } from 'node:crypto'
import { GROUP_WRITER_SETTINGS, GroupWriter } from '../../../src/database/group-writer'
import { Pipeline } from '../../../src/database/pipeline'
import { rampSignatureOf } from '../../../src/services/ramp/webhooks/sender'
import { Receiver, type Answer } from '../../webhooks/receiver'
import { NEVER, RampWebhooks, rampEvent, startRampWorkers, type TestWorkers } from './support'

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

function start(...parameters: [settings?: Parameters<typeof startRampWorkers>[1]]): TestWorkers {
  const workers = startRampWorkers(ramp.url, ...parameters)
  running.push(workers)
  return workers
}

test('the signature of the documented body is the documented one', () => {
  expect(rampSignatureOf('{"event_type":"payment.assigned"}', 'tok')).toBe(
    'ab9ff641a2f86614588737408d809d66f94bf253c79425a1d2e6bd921183ad09'
  )
})

test('case 58: an event leaves with the commit, with the token and a signature over the raw bytes', async () => {
  start({ rampWebhookWorkerIdleMilliseconds: NEVER })
  const agent = await ramp.addBearer(receiver.url, 'agent token')
  const merchant = await ramp.addBearer(receiver.url, 'merchant token', 'merchant')
  const data = { id: 'é"\\', quantity: 200, metadata: { z: 1, a: [{}, null], '10': 1.5e-7 } }
  const events = [rampEvent(agent, { data }), rampEvent(merchant, { type: 'onchain_tx.updated', data })]
  for (const event of events) {
    await ramp.tell([event])
    expect(await ramp.settled(event.id)).toMatchObject({ status: 'delivered', attempts: 1, last_status: 200 })
  }
  expect(receiver.received.map(({ headers }) => headers['x-cashramp-token'])).toEqual(['agent token', 'merchant token'])
  for (const [index, { body, headers }] of receiver.received.entries()) {
    const { id, type } = events[index]!
    expect(body).toBe(JSON.stringify({ event_type: type, data }))
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-cashramp-event-id': id })
    const signed = (bytes: string): string =>
      createHmac('sha256', String(headers['x-cashramp-token'])).update(bytes).digest('hex')
    expect(headers['x-cashramp-signature']).toBe(signed(body))
    expect(headers['x-cashramp-signature']).not.toBe(signed(body.replace('200', '201')))
  }
})

test.each<[Answer, number | null, string]>([
  [500, 500, 'status'],
  [302, 302, 'status'],
  [400, 400, 'status'],
  ['reset', null, 'reset'],
  ['garbage', null, 'protocol'],
  ['hang', null, 'timeout']
])(
  'case 59: after %s twice it is sent a third time, the same bytes and id, then never again',
  async (answer, status, error) => {
    receiver.answer = ({ time }) => (time < 3 ? answer : 200)
    start({ rampWebhookTimeoutMilliseconds: answer === 'hang' ? 50 : 5_000 })
    const event = rampEvent(await ramp.addBearer(receiver.url))
    await ramp.tell([event])
    expect(await ramp.settled(event.id)).toMatchObject({ status: 'delivered', attempts: 3, last_status: 200 })
    const proof = receiver.received.map(({ body, headers }) => [
      body,
      headers['x-cashramp-signature'],
      headers['x-cashramp-event-id']
    ])
    expect(proof).toEqual([proof[0], proof[0], proof[0]])
    expect(await ramp.attempts(event.id)).toMatchObject([
      { number: 1, status, error },
      { number: 2, status, error },
      { number: 3, status: 200, error: null }
    ])
    expect(await ramp.count(`status = 'pending'`)).toBe(0)
  }
)

test('case 59: 204 counts as a success', async () => {
  receiver.answer = () => 204
  start()
  const event = rampEvent(await ramp.addBearer(receiver.url))
  await ramp.tell([event])
  expect(await ramp.settled(event.id)).toMatchObject({ status: 'delivered', attempts: 1, last_status: 204 })
})

test('it is sent again after 10 s, 30 s, 2 min, 10 min, 30 min, 2 h and 6 h, and then is dead', async () => {
  receiver.answer = () => 500
  const schedule = [10, 30, 120, 600, 1_800, 7_200, 21_600]
  start({ rampWebhookScheduleSeconds: schedule, rampWebhookWorkerIdleMilliseconds: 5 })
  const event = rampEvent(await ramp.addBearer(receiver.url))
  await ramp.tell([event])
  for (const [index, seconds] of schedule.entries()) {
    await ramp.until(event.id, (row) => row.attempts === index + 1)
    const [row] = await ramp.dataSource.query<{ pause: number }[]>(
      `SELECT extract(epoch FROM due_at - started_at)::float8 AS pause
      FROM ramp_webhook_delivery JOIN ramp_webhook_attempt ON delivery_id = id AND number = attempts WHERE event_id = $1`,
      [event.id]
    )
    expect(row!.pause).toBeGreaterThanOrEqual(seconds - 0.01)
    // Nobody has the time to wait for it.
    await ramp.dataSource.query('UPDATE ramp_webhook_delivery SET due_at = statement_timestamp()')
  }
  expect(await ramp.settled(event.id)).toMatchObject({ status: 'dead', attempts: 8, last_status: 500, lease: null })
  expect(receiver.received).toHaveLength(8)
})

test('without a URL nothing is written, and with what is rolled back nothing stays', async () => {
  start()
  const [mute, heard] = [await ramp.addBearer(null, null), await ramp.addBearer(receiver.url)]
  const [unheard, undone, told] = [rampEvent(mute), rampEvent(heard), rampEvent(heard)]
  await ramp.tell([unheard])
  const write = ramp.unitOfWork.run(async (manager) => {
    await ramp.outbox.write(manager, [undone])
    throw new Error('the order was refused')
  })
  await expect(write).rejects.toThrow('the order was refused')
  await ramp.tell([told])
  await ramp.settled(told.id)
  expect(receiver.received.map(({ id }) => id)).toEqual([told.id])
  expect(await ramp.dataSource.query('SELECT id FROM ramp_webhook_event')).toEqual([{ id: told.id }])
})

test('what many write in one transaction is told in their order, without those who were refused', async () => {
  const pipeline = new Pipeline({ url: ramp.url, name: 'test', settings: GROUP_WRITER_SETTINGS })
  const writer = new GroupWriter(pipeline)
  const [mute, heard] = [await ramp.addBearer(null, null), await ramp.addBearer(receiver.url)]
  const orderId = 'an order'
  const groups = Array.from({ length: 20 }, () => [
    rampEvent(heard, { orderId }),
    rampEvent(mute, { orderId }),
    rampEvent(heard, { orderId })
  ])
  // An order has an id.
  const refused = [rampEvent(heard, { orderId }), rampEvent(heard, { orderId: '' })]
  const writes = [...groups.slice(0, 10), refused, ...groups.slice(10)]
  const settled = await Promise.allSettled(writes.map((events) => writer.write(ramp.outbox.attachments(events))))
  await writer.close()
  expect(settled.map(({ status }) => status === 'fulfilled')).toEqual(writes.map((events) => events !== refused))
  start()
  const told = groups.flatMap(([first, , last]) => [first!.id, last!.id])
  await ramp.settled(told.at(-1)!)
  expect(receiver.received.map(({ id }) => id)).toEqual(told)
})

test('an attempt goes by the key of its moment, and without one it fails', async () => {
  const later = await Receiver.open()
  const workers = start({ rampWebhookScheduleSeconds: [0] })
  const bearer = await ramp.addBearer(receiver.url, 'old')
  receiver.answer = async () => {
    await ramp.addKey(bearer, later.url, 'new')
    return 500
  }
  const event = rampEvent(bearer)
  await ramp.tell([event])
  expect(await ramp.settled(event.id)).toMatchObject({ status: 'delivered', attempts: 2 })
  expect(later.received[0]).toMatchObject({ body: receiver.received[0]!.body, headers: { 'x-cashramp-token': 'new' } })
  await workers.stop()
  running.length = 0
  const lost = rampEvent(bearer)
  await ramp.tell([lost])
  await ramp.revokeKeys(bearer)
  start({ rampWebhookScheduleSeconds: [0] })
  expect(await ramp.settled(lost.id)).toMatchObject({ status: 'dead', attempts: 2, last_status: null })
  expect((await ramp.attempts(lost.id)).map(({ error }) => error)).toEqual(['no_receiver', 'no_receiver'])
  await later.close()
})

test('an event is never changed', async () => {
  await ramp.tell([rampEvent(await ramp.addBearer(receiver.url))])
  await expect(ramp.dataSource.query(`UPDATE ramp_webhook_event SET data = '{}'`)).rejects.toThrow('never changed')
})
