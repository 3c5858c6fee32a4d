/**
 * Goal: an operator sees every event and delivery, and can have them sent again.
 * Method: the Admin API in process on a real database, with the real workers and a receiver on loopback.
 */
import 'reflect-metadata'
import { createHmac, randomUUID } from 'node:crypto'
import canonicalize from 'canonicalize'
import { webhookFigures } from '../../src/services/webhooks/figures'
import { TestApi, type Reply } from '../admin-v2/support'
import { createTestDatabase } from '../support/database'
import { Receiver } from './receiver'
import { Deliveries, newEvent, openWebhooks, startWorkers, type TestWebhooks, type TestWorkers } from './support'

let database: { url: string; drop(): Promise<void> }
let webhooks: TestWebhooks
let deliveries: Deliveries
let receiver: Receiver
let api: TestApi
const running: TestWorkers[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  receiver = await Receiver.open()
  webhooks = await openWebhooks(database.url)
  deliveries = new Deliveries(webhooks.dataSource)
  api = await TestApi.open(database.url, { settings: { webhookUrl: receiver.url, signatureSecret: 'shared' } })
})

afterEach(async () => {
  await Promise.all(running.splice(0).map((workers) => workers.stop()))
  receiver.answer = () => 200
  receiver.received.length = 0
  await webhooks.dataSource.query('TRUNCATE webhook_event, webhook_delivery, webhook_attempt')
})

afterAll(async () => {
  await api.close()
  await webhooks.close()
  await receiver.close()
  await database.drop()
})

function start(options: Partial<Parameters<typeof startWorkers>[1]> = {}): void {
  running.push(startWorkers(database.url, { url: receiver.url, ...options }))
}

const EVENT = `id type data createdAt delivery { status attemptCount lastStatus nextAttemptAt settledAt
  attempts { number status error startedAt durationMilliseconds } }`

interface Answer {
  readonly code: string
  readonly success: boolean
  readonly message: string
  readonly [field: string]: unknown
}

async function mutate(name: string, type: string, input: object, fields: string): Promise<Answer> {
  const { data, errors } = await api.attempt(name, type, input, `code success message ${fields}`)
  expect(errors).toEqual([])
  return data[name] as Answer
}

const replay = (id: string, more: object = {}): Promise<Answer> =>
  mutate('replayWebhookEvent', 'ReplayWebhookEventInput', { id, ...more }, 'delivery { id status event { id } }')

const replayRange = (input: object): Promise<Answer> =>
  mutate('replayWebhookEvents', 'ReplayWebhookEventsInput', input, 'count endCursor hasMore')

const whole = { from: '2000-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' }

function nodesOf({ data, errors }: Reply, list: string): Record<string, unknown>[] {
  expect(errors).toEqual([])
  return (data[list] as { edges: { node: Record<string, unknown> }[] }).edges.map(({ node }) => node)
}

test('case 119: every delivered event is listed with the id, type and data that were sent, and with its attempts', async () => {
  receiver.answer = ({ time }) => (time === 1 ? 503 : 200)
  start()
  const events = [newEvent(), newEvent({ type: 'payment_pointer.not_found', data: { paymentPointerUrl: 'https://x' } })]
  await webhooks.write(events)
  for (const { id } of events) await deliveries.settled(id)
  const listed = nodesOf(await api.run(`{ webhookEvents { edges { node { ${EVENT} } } } }`), 'webhookEvents')
  const sent = receiver.received.map(({ body }) => JSON.parse(body) as { id: string })
  for (const { id, type, data } of events) {
    const node = listed.find((candidate) => candidate.id === id)
    expect(node).toMatchObject({ id, type, data })
    expect(sent.filter((body) => body.id === id)).toEqual([
      { id, type, data },
      { id, type, data }
    ])
    expect(node?.delivery).toMatchObject({
      status: 'DELIVERED',
      attemptCount: 2,
      lastStatus: 200,
      nextAttemptAt: null,
      settledAt: expect.any(String) as unknown,
      attempts: [
        { number: 1, status: 503, error: 'STATUS' },
        { number: 2, status: 200, error: null }
      ]
    })
  }
  const one = await api.run(`query ($id: String!) { webhookEvent(id: $id) { ${EVENT} } }`, { id: events[0]!.id })
  expect(one.data.webhookEvent).toEqual(listed.find(({ id }) => id === events[0]!.id))
})

test('case 66: a filter of types keeps the order of creation, and the page knows of it', async () => {
  const types = ['incoming_payment.created', 'incoming_payment.completed', 'outgoing_payment.created'] as const
  const events = Array.from({ length: 9 }, (_, index) =>
    newEvent({ type: types[index % 3], createdAt: new Date(Date.now() + index) })
  )
  await webhooks.write(events)
  const page = async (variables: object): Promise<{ edges: { cursor: string }[]; pageInfo: object }> => {
    const { data, errors } = await api.run(
      `query ($first: Int, $after: String, $last: Int, $before: String, $in: [String!]!) {
        webhookEvents(first: $first, after: $after, last: $last, before: $before, filter: { type: { in: $in } }) {
          edges { cursor } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }`,
      { in: types.slice(0, 2), ...variables }
    )
    expect(errors).toEqual([])
    return data.webhookEvents as never
  }
  const wanted = events.filter(({ type }) => type !== types[2]).map(({ id }) => id)
  const first = await page({ first: 4 })
  expect(first.edges.map(({ cursor }) => cursor)).toEqual(wanted.slice(0, 4))
  expect(first.pageInfo).toMatchObject({ endCursor: wanted[3], hasNextPage: true, hasPreviousPage: false })
  const rest = await page({ first: 4, after: wanted[3] })
  expect(rest.edges.map(({ cursor }) => cursor)).toEqual(wanted.slice(4))
  expect(rest.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  const back = await page({ last: 2, before: wanted[4] })
  expect(back.edges.map(({ cursor }) => cursor)).toEqual(wanted.slice(2, 4))
  const all = await page({ in: [] })
  expect(all.edges.map(({ cursor }) => cursor)).toEqual(events.map(({ id }) => id))
  expect((await page({ in: ['nothing', 'a\0b'] })).edges).toEqual([])
})

test('what there is not is answered as such', async () => {
  const missing = await api.run(`{ webhookEvent(id: "no id") { id } }`)
  expect([missing.data.webhookEvent, missing.errors[0]?.message]).toEqual([null, 'No webhook event'])
  const foreign = await api.run(`{ webhookDeliveries(filter: { eventId: "no id" }) { edges { cursor } } }`)
  expect(foreign.errors[0]?.message).toBe('Invalid eventId')
  expect(await replay(randomUUID())).toMatchObject({ code: '404', success: false, delivery: null })
  expect(await replay('no id')).toMatchObject({ code: '404', success: false })
})

test('dead letters are listed, replayed with the same bytes, and listed no more', async () => {
  receiver.answer = () => 500
  start({ attemptsMax: 2 })
  const events = [newEvent(), newEvent(), newEvent({ type: 'payment_pointer.not_found' })]
  await webhooks.write(events)
  for (const { id } of events) await deliveries.settled(id)
  const dead = `{ webhookDeliveries(filter: { status: [DEAD] }) { edges { node { status event { id } attempts { error } } } } }`
  const listed = nodesOf(await api.run(dead), 'webhookDeliveries')
  expect(listed.map(({ event }) => (event as { id: string }).id).sort()).toEqual(events.map(({ id }) => id).sort())
  expect(listed[0]).toMatchObject({ status: 'DEAD', attempts: [{ error: 'STATUS' }, { error: 'STATUS' }] })

  receiver.answer = () => 200
  const [first] = events
  expect(await replay(first!.id)).toMatchObject({ code: '200', success: true, delivery: { event: { id: first!.id } } })
  expect(await deliveries.settled(first!.id)).toMatchObject({ status: 'delivered', attempts: 1 })
  expect(new Set(receiver.received.filter(({ id }) => id === first!.id).map(({ body }) => body)).size).toBe(1)
  const range = await replayRange({ ...whole, type: ['outgoing_payment.created'] })
  expect(range).toMatchObject({ code: '200', count: 1, hasMore: false })
  await deliveries.until(events[1]!.id, ({ status }) => status === 'delivered')
  expect(await deliveries.of(events[2]!.id)).toMatchObject([{ status: 'dead' }])
  expect(await deliveries.of(first!.id)).toMatchObject([{ status: 'dead' }, { status: 'delivered' }])
})

test('what was given up is counted until it is sent again', async () => {
  receiver.answer = () => 500
  start({ attemptsMax: 1 })
  const events = Array.from({ length: 5 }, () => newEvent())
  await webhooks.write(events)
  for (const { id } of events) await deliveries.settled(id)
  const dead = webhookFigures(webhooks.reader).find(({ name }) => name.endsWith('deliveries_dead'))!
  expect(await dead.read()).toBe(5)
  await replay(events[0]!.id)
  await deliveries.until(events[0]!.id, ({ status, attempts }) => status === 'dead' && attempts === 1)
  expect(await dead.read()).toBe(5)

  receiver.answer = () => 200
  expect(await replayRange(whole)).toMatchObject({ count: 5, hasMore: false })
  for (const { id } of events) await deliveries.until(id, ({ status }) => status === 'delivered')
  expect(await dead.read()).toBe(0)
  expect(await replayRange(whole)).toMatchObject({ count: 0, endCursor: null, hasMore: false })
})

test('what is on its way is not replayed; a replay with the same key is one replay', async () => {
  const pending = newEvent()
  await webhooks.write([pending])
  expect(await replay(pending.id)).toMatchObject({ code: '409', success: false, delivery: null })
  await webhooks.dataSource.query(`UPDATE webhook_delivery SET status = 'delivered'`)
  const input = { idempotencyKey: randomUUID() }
  const answers = await Promise.all([1, 2, 3, 4].map(() => replay(pending.id, input)))
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(answers[0]).toMatchObject({ code: '200', delivery: { status: 'PENDING' } })
  expect(await deliveries.of(pending.id)).toHaveLength(2)
})

test('replays that race make one delivery', async () => {
  const event = newEvent()
  await webhooks.write([event])
  await webhooks.dataSource.query(`UPDATE webhook_delivery SET status = 'dead'`)
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) => (index % 2 ? replay(event.id) : replayRange(whole)))
  )
  const done = answers.filter(({ code, count }) => code === '200' && count !== 0)
  expect(done).toHaveLength(1)
  expect(await deliveries.of(event.id)).toHaveLength(2)
})

test('a range is replayed in steps, in order, each event once', async () => {
  const start = Date.now() - 100_000
  const events = Array.from({ length: 25 }, (_, index) =>
    newEvent({ resourceId: 'one', createdAt: new Date(start + Math.floor(index / 3) * 1_000) })
  )
  for (const event of events) await webhooks.write([event])
  await webhooks.dataSource.query(`UPDATE webhook_delivery SET status = 'delivered'`)
  // From the fourth second on, without the last.
  const range = { from: new Date(start + 4_000).toISOString(), to: new Date(start + 8_000).toISOString() }
  let after: unknown
  let total = 0
  for (let more = true; more;) {
    const step = await replayRange({ ...range, after, limit: 5, status: ['DELIVERED'] })
    total += step.count as number
    after = step.endCursor
    more = step.hasMore as boolean
  }
  expect(total).toBe(12)
  expect(await replayRange({ ...range, status: ['DEAD'] })).toMatchObject({ count: 0, endCursor: null, hasMore: false })
  const again = await webhooks.dataSource.query<{ event_id: string }[]>(
    `SELECT event_id FROM webhook_delivery WHERE status = 'pending' ORDER BY sequence`
  )
  expect(again.map(({ event_id: id }) => id)).toEqual(events.slice(12, 24).map(({ id }) => id))
})

test.each([
  [{ from: 'soon' }, '400'],
  [{ limit: 0 }, '400'],
  [{ limit: 1_001 }, '400'],
  [{ status: ['PENDING'] }, '400'],
  [{ after: randomUUID() }, '404']
])('a range that makes no sense is refused: %j', async (input, code) => {
  expect(await replayRange({ ...whole, ...input })).toMatchObject({ code, success: false, count: null })
})

test('deliveries are listed by event and by status, a page at a time', async () => {
  const [one, other] = [newEvent(), newEvent()]
  await webhooks.write([one, other])
  await webhooks.dataSource.query(`UPDATE webhook_delivery SET status = 'dead'`)
  await replay(one.id)
  const list = async (filter: string): Promise<unknown[]> =>
    nodesOf(
      await api.run(`{ webhookDeliveries(filter: ${filter}) { edges { node { status event { id } } } } }`),
      'webhookDeliveries'
    ).map(({ status, event }) => [status, (event as { id: string }).id])
  expect(await list(`{ eventId: "${one.id}" }`)).toEqual([
    ['DEAD', one.id],
    ['PENDING', one.id]
  ])
  expect(await list(`{ eventId: "${one.id}", status: [PENDING] }`)).toEqual([['PENDING', one.id]])
  expect(await list(`{ status: [PENDING] }`)).toEqual([['PENDING', one.id]])
  expect(await list(`{ status: [] }`)).toHaveLength(3)
})

test('a test webhook is sent at once, signed, and not stored', async () => {
  const send = (input: object): Promise<Answer> =>
    mutate('sendTestWebhook', 'SendTestWebhookInput', input, 'id status error durationMilliseconds')
  expect(await send({ note: 'hello' })).toMatchObject({ code: '200', success: true, status: 200, error: null })
  const [{ body, headers }] = receiver.received as [(typeof receiver.received)[0]]
  expect(JSON.parse(body)).toMatchObject({ type: 'webhook.test', data: { note: 'hello' } })
  const [, stamp, digest] = /^t=(\d+), v1=([0-9a-f]+)$/.exec(String(headers['rafiki-signature']))!
  const signed = `${stamp}.${canonicalize(JSON.parse(body))}`
  expect(digest).toBe(createHmac('sha256', 'shared').update(signed).digest('hex'))
  receiver.answer = () => 201
  expect(await send({})).toMatchObject({ code: '502', success: false, status: 201, error: 'STATUS' })
  expect(await send({ note: 'x'.repeat(256) })).toMatchObject({ code: '400', status: null, error: null })
  expect(nodesOf(await api.run(`{ webhookEvents { edges { node { id } } } }`), 'webhookEvents')).toEqual([])
})

test('without a receiver events are stored and listed, and a test is refused', async () => {
  const quiet = await TestApi.open(database.url)
  const event = newEvent()
  await webhooks.write([event])
  const listed = await quiet.run(`{ webhookEvents { edges { node { id delivery { status attemptCount } } } } }`)
  expect(nodesOf(listed, 'webhookEvents')).toEqual([{ id: event.id, delivery: { status: 'PENDING', attemptCount: 0 } }])
  const { data } = await quiet.run(`mutation { sendTestWebhook { code success message id } }`)
  expect(data.sendTestWebhook).toMatchObject({ code: '409', success: false, id: null })
  await quiet.close()
})
