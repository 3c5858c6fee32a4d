/**
 * Goal: what the receiver gets, and what is recorded of it, whatever the receiver does.
 * Method: the real workers, a real database and a receiver on loopback that fails in every way there is.
 */
import 'reflect-metadata'
import { createHmac } from 'node:crypto'
import canonicalize from 'canonicalize'
import { createTestDatabase } from '../support/database'
import { Receiver, type Answer } from './receiver'
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
  await Promise.all(running.splice(0).map((workers) => workers.stop()))
  await receiver.close()
  await webhooks.dataSource.query('TRUNCATE webhook_event, webhook_delivery, webhook_attempt')
})

afterAll(async () => {
  await webhooks.close()
  await database.drop()
})

function start(options: Partial<Parameters<typeof startWorkers>[1]> = {}): TestWorkers {
  const workers = startWorkers(database.url, { url: receiver.url, ...options })
  running.push(workers)
  return workers
}

test('case 117: an event leaves with the commit, once, as exactly id, type and data', async () => {
  start({ idleMilliseconds: NEVER })
  const data = { payment: { id: 'é"\\', metadata: { z: 1, a: [{}, null], '10': 1.5e-7 }, balance: '0' } }
  const [event, later] = [newEvent({ data }), newEvent()]
  await webhooks.write([event])
  await deliveries.settled(event.id)
  await webhooks.write([later])
  await deliveries.settled(later.id)
  expect(receiver.received.map(({ id }) => id)).toEqual([event.id, later.id])
  const [{ body, headers }] = receiver.received as [(typeof receiver.received)[0]]
  expect(body).toBe(JSON.stringify({ id: event.id, type: event.type, data }))
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body))
  })
  expect(headers).not.toHaveProperty('rafiki-signature')
  expect(await deliveries.of(event.id)).toMatchObject([
    { status: 'delivered', attempts: 1, last_status: 200, lease: null }
  ])
  expect(await deliveries.attempts(event.id)).toMatchObject([{ number: 1, status: 200, error: null }])
})

test.each<[Answer, number | null, string]>([
  [201, 201, 'status'],
  [204, 204, 'status'],
  [302, 302, 'status'],
  [400, 400, 'status'],
  [504, 504, 'status'],
  ['reset', null, 'reset'],
  ['garbage', null, 'protocol'],
  ['hang', null, 'timeout']
])('after %s it is sent again, the same bytes', async (answer, status, error) => {
  receiver.answer = ({ time }) => (time < 3 ? answer : 200)
  start({ timeoutMilliseconds: answer === 'hang' ? 50 : 5_000 })
  const event = newEvent()
  await webhooks.write([event])
  expect(await deliveries.settled(event.id)).toMatchObject({ status: 'delivered', attempts: 3, last_status: 200 })
  expect(receiver.received).toHaveLength(3)
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
  expect(await deliveries.attempts(event.id)).toMatchObject([
    { number: 1, status, error },
    { number: 2, status, error },
    { number: 3, status: 200, error: null }
  ])
})

test('pauses are at least 10 s after the first failure and 20 s after the second', async () => {
  receiver.answer = () => 500
  start({ retryMillisecondsMin: 10_000, retryMillisecondsMax: 600_000, idleMilliseconds: 5 })
  const event = newEvent()
  await webhooks.write([event])
  const pauses: number[] = []
  for (const attempts of [1, 2, 3]) {
    await deliveries.until(event.id, (row) => row.attempts === attempts)
    const [row] = await webhooks.dataSource.query<{ pause: number }[]>(
      `SELECT extract(epoch FROM due_at - started_at - duration_milliseconds * interval '1 ms')::float8 AS pause
      FROM webhook_delivery JOIN webhook_attempt ON delivery_id = id AND number = attempts WHERE event_id = $1`,
      [event.id]
    )
    pauses.push(row!.pause)
    // Nobody has the time to wait for it.
    await webhooks.dataSource.query('UPDATE webhook_delivery SET due_at = statement_timestamp()')
  }
  expect(pauses[0]).toBeGreaterThan(9.99)
  expect(pauses[1]).toBeGreaterThan(19.99)
  expect(pauses[2]).toBeGreaterThan(39.99)
})

test('any 2xx counts where the operator says so, and nothing else', async () => {
  receiver.answer = ({ time }) => [199 + 103, 500, 204][time - 1]!
  start({ acceptsAny2xx: true })
  const event = newEvent()
  await webhooks.write([event])
  expect(await deliveries.settled(event.id)).toMatchObject({ status: 'delivered', attempts: 3, last_status: 204 })
})

test('case 118: with a secret every attempt is signed anew, and the signature verifies from the parsed body', async () => {
  let seconds = 1_700_000_000
  receiver.answer = ({ time }) => (time < 2 ? 500 : 200)
  start({ signature: { secret: 'a secret', version: 3 }, now: () => new Date(seconds++ * 1_000 + 400) })
  const event = newEvent({ data: { z: [1, 'é\u2028'], a: { y: null, b: '🙂', B: 1e21 } } })
  await webhooks.write([event])
  await deliveries.settled(event.id)
  const stamps = receiver.received.map(({ headers, body }) => {
    const [, stamp, version, digest] = /^t=(\d+), v(\d+)=([0-9a-f]{64})$/.exec(String(headers['rafiki-signature']))!
    const signed = `${stamp}.${canonicalize(JSON.parse(body))}`
    expect(digest).toBe(createHmac('sha256', 'a secret').update(signed).digest('hex'))
    expect(version).toBe('3')
    return stamp
  })
  expect(stamps).toEqual(['1700000000', '1700000001'])
})

test('a receiver that is down is tried until it is back', async () => {
  await receiver.close()
  start()
  const event = newEvent()
  await webhooks.write([event])
  await deliveries.until(event.id, ({ attempts }) => attempts >= 3)
  expect((await deliveries.attempts(event.id))[0]).toMatchObject({ status: null, error: 'connection' })
  await receiver.open()
  expect(await deliveries.settled(event.id)).toMatchObject({ status: 'delivered' })
  expect(receiver.times(event.id)).toBe(1)
})

test('connections are used again, and one that the receiver closed meanwhile costs no attempt', async () => {
  start()
  const first = newEvent()
  await webhooks.write([first])
  await deliveries.settled(first.id)
  const second = newEvent()
  receiver.answer = ({ id, time }) => (id === second.id && time === 1 ? 'reset' : 200)
  await webhooks.write([second])
  expect(await deliveries.settled(second.id)).toMatchObject({ status: 'delivered', attempts: 1 })
  const [one, two, three] = receiver.received
  expect(two!.socket).toBe(one!.socket)
  expect(three!.socket).not.toBe(one!.socket)
  expect(three!.body).toBe(two!.body)
})

test('of an endless answer only so much is read', async () => {
  receiver.answer = () => 'endless'
  start()
  const event = newEvent()
  await webhooks.write([event])
  expect(await deliveries.settled(event.id)).toMatchObject({ status: 'delivered' })
  const { socket } = receiver.received[0]!
  if (!socket.closed) await new Promise((resolve) => socket.on('close', resolve))
})

test('an event that cannot be sent at all is given up as any other, and the loop goes on', async () => {
  const workers = start({ attemptsMax: 3, signature: { secret: 'a secret', version: 1 } })
  // A number that JSON can write and no canonical form can.
  await webhooks.dataSource.query(`
    WITH event AS (
      INSERT INTO webhook_event (id, type, resource_id, data, created_at)
      VALUES ('aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', 'payment_pointer.not_found', 'x', '{"a": 1e400}', now()))
    INSERT INTO webhook_delivery (id, event_id, resource_id, created_at)
    VALUES (gen_random_uuid(), 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', 'x', now())`)
  const poison = await deliveries.settled('aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa')
  expect(poison).toMatchObject({ status: 'dead', attempts: 3, last_status: null })
  const attempts = await deliveries.attempts('aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa')
  expect(attempts.map(({ error }) => error)).toEqual(['internal', 'internal', 'internal'])
  const event = newEvent()
  await webhooks.write([event])
  expect(await deliveries.settled(event.id)).toMatchObject({ status: 'delivered' })
  expect(workers.lines.filter(({ level }) => level === 'error')).toHaveLength(3)
})
