/**
 * Goal: who subscribes over HTTP is told everything once, also across lost connections and restarts, and
 * holds up neither the drain nor anybody else.
 * Method: a real listener on a real database, read as server-sent events; the wire is cut by the test.
 */
import 'reflect-metadata'
import { request, type IncomingMessage } from 'node:http'
import { container as root } from 'tsyringe'
import { Pipeline } from '../../src/database/pipeline'
import { startAdminListener } from '../../src/http/admin-listener'
import { graphqlEndpoint } from '../../src/http/graphql-endpoint'
import type { RunningListener } from '../../src/http/listener'
import { createLogger } from '../../src/logging'
import { buildAdminV2Schema } from '../../src/resolvers/admin-v2/schema'
import { ChangeHub } from '../../src/services/changes/change-hub'
import { ChangeLog } from '../../src/services/changes/change-log'
import { NotificationListener } from '../../src/workers/notification-listener'
import { TestApi } from '../admin-v2/support'
import { createTestDatabase } from '../support/database'
import { newEvent, NEVER, openWebhooks, type TestWebhooks } from '../webhooks/support'
import { recordingLogger } from '../workers/support'

let database: { url: string; drop(): Promise<void> }
let webhooks: TestWebhooks
let api: TestApi
let hub: ChangeHub
let listener: RunningListener
let closeHub: () => Promise<void>

beforeEach(async () => {
  database = await createTestDatabase()
  webhooks = await openWebhooks(database.url)
  api = await TestApi.open(database.url)
  const { logger: hubLogger } = recordingLogger()
  const writer = new Pipeline({ url: database.url, name: 'hazina changes' })
  const signals = new NotificationListener({ url: database.url, logger: hubLogger })
  hub = new ChangeHub(new ChangeLog(webhooks.reader, writer), signals, hubLogger, {
    followersMax: 3,
    idleMilliseconds: NEVER
  })
  closeHub = async () => {
    hub.close()
    await signals.close()
    await writer.close()
  }
  const container = api.container.createChildContainer()
  container.registerInstance(ChangeHub, hub)
  const logger = createLogger({ level: 'silent' })
  const now = (): Date => new Date()
  listener = await startAdminListener({
    host: '127.0.0.1',
    port: 0,
    credentials: { token: TOKEN },
    signatures: { claim: () => Promise.reject(new Error('no signature was expected')) },
    checks: {},
    hasProcessFigures: false,
    logger,
    now,
    limits: { drainNoticeMilliseconds: 0 },
    routes: (authenticate) => [
      graphqlEndpoint({
        path: '/graphql',
        schema: buildAdminV2Schema(container),
        authenticate,
        contextOf: ({ context }) => context,
        logger,
        now
      })
    ]
  })
})

afterEach(async () => {
  await listener.drain()
  await closeHub()
  await api.close()
  await webhooks.close()
  await database.drop()
  root.clearInstances()
})

const TOKEN = 'open-sesame'

type Told = Readonly<Record<string, { readonly position: string; readonly [field: string]: unknown }>>
interface Message {
  readonly data?: Told
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[]
}

/** A client of server-sent events. */
class Stream {
  private text = ''
  private watch: () => void = () => undefined
  private ended = false

  private constructor(readonly response: IncomingMessage) {
    response.setEncoding('utf8')
    response.on('error', () => undefined)
    response.on('data', (piece: string) => {
      this.text += piece
      this.watch()
    })
    response.on('close', () => {
      this.ended = true
      this.watch()
    })
  }

  static open(query: string, accept = 'text/event-stream', token = TOKEN): Promise<Stream> {
    const body = JSON.stringify({ query })
    const headers = { accept, authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    return new Promise((resolve, reject) => {
      request(`${listener.url}/graphql`, { method: 'POST', headers })
        .on('response', (response) => resolve(new Stream(response)))
        .on('error', reject)
        .end(body)
    })
  }

  get messages(): Message[] {
    return [...this.text.matchAll(/^event: next\ndata: (.*)$/gm)].map(([, data]) => JSON.parse(data!) as Message)
  }

  get isComplete(): boolean {
    return this.text.includes('event: complete')
  }

  async until(isTrue: (stream: this) => boolean): Promise<void> {
    while (!isTrue(this) && !this.ended) await new Promise<void>((resolve) => (this.watch = resolve))
  }

  /** The payloads of one field, once there are so many. */
  async take(field: string, count: number): Promise<Told[string][]> {
    await this.until(({ messages }) => messages.length >= count)
    return this.messages.map(({ data }) => data![field]!)
  }

  async end(): Promise<void> {
    await this.until(() => this.ended)
  }

  cut(): void {
    this.response.destroy()
  }
}

const created = (args = ''): string =>
  `subscription { webhookEventCreated${args} { position event { id type data delivery { status } } } }`

test('new events are told with all that can be asked of them', async () => {
  const stream = await Stream.open(created())
  await stream.until(({ response }) => response.statusCode === 200)
  // The subscription stands once the hub has a follower; the first event after that is told.
  const event = newEvent({ data: { a: 1 } })
  while (stream.messages.length === 0) {
    await webhooks.write([newEvent({ ...event, id: newEvent().id })])
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const [first] = await stream.take('webhookEventCreated', 1)
  expect(first).toMatchObject({ event: { type: event.type, data: event.data, delivery: { status: 'PENDING' } } })
})

test('across cut connections nothing is missed or told twice', async () => {
  const events = Array.from({ length: 40 }, () => newEvent())
  const wanted = events.map(({ id }) => id)
  const writing = (async () => {
    for (const event of events) await webhooks.write([event])
  })()
  const seen: Told[string][] = []
  while (seen.length < events.length) {
    const stream = await Stream.open(created(`(after: "${seen.at(-1)?.position ?? '0'}")`))
    await stream.take('webhookEventCreated', Math.min(3, events.length - seen.length))
    stream.cut()
    seen.push(...stream.messages.map(({ data }) => data!.webhookEventCreated!))
  }
  await writing
  expect(seen.map(({ event }) => (event as { id: string }).id)).toEqual(wanted)
})

test('only what was asked for is told', async () => {
  const types = ['incoming_payment.created', 'incoming_payment.expired', 'payment_pointer.not_found'] as const
  const events = types.flatMap((type) => [newEvent({ type }), newEvent({ type })])
  await webhooks.write(events)
  const stream = await Stream.open(created(`(after: "0", type: ["${types[1]}"])`))
  const told = await stream.take('webhookEventCreated', 2)
  expect(told.map(({ event }) => (event as { id: string }).id)).toEqual([events[2]!.id, events[3]!.id])
})

test('deliveries given up are told', async () => {
  await webhooks.write([newEvent()])
  await webhooks.dataSource.query(`UPDATE webhook_delivery SET status = 'dead'`)
  const stream = await Stream.open(
    `subscription { webhookDeliveryGivenUp(after: "0") { position delivery { status event { id } } } }`
  )
  const [told] = await stream.take('webhookDeliveryGivenUp', 1)
  expect(told).toMatchObject({ delivery: { status: 'DEAD' } })
})

test('payments are told in each of their states, one payment or all', async () => {
  const { asset } = await create('createAsset', 'CreateAssetInput', { code: 'USD', scale: 2 }, 'asset { id }')
  const url = 'https://wallet.example/alice'
  const pointer = await create(
    'createPaymentPointer',
    'CreatePaymentPointerInput',
    { assetId: id(asset), url },
    'paymentPointer { id }'
  )
  const paymentPointerId = id(pointer.paymentPointer)
  const payments = [1, 2].map(() =>
    create('createIncomingPayment', 'CreateIncomingPaymentInput', { paymentPointerId }, 'payment { id }')
  )
  const [one, two] = (await Promise.all(payments)).map(({ payment }) => id(payment))
  await webhooks.dataSource.query(
    `UPDATE incoming_payment SET state = 'EXPIRED', process_at = NULL, connection_id = NULL`
  )
  const follow = (args: string): Promise<Stream> =>
    Stream.open(
      `subscription { paymentStateChanged(after: "0"${args}) {
        position paymentId type state incomingPayment { id state } outgoingPayment { id } } }`
    )
  const all = await (await follow('')).take('paymentStateChanged', 4)
  expect(all.map(({ paymentId }) => paymentId).sort()).toEqual([one, one, two, two].sort())
  const own = await (await follow(`, paymentId: "${two}", type: INCOMING`)).take('paymentStateChanged', 2)
  expect(own).toMatchObject([
    { paymentId: two, type: 'INCOMING', state: 'PENDING', outgoingPayment: null },
    { paymentId: two, type: 'INCOMING', state: 'EXPIRED', incomingPayment: { id: two, state: 'EXPIRED' } }
  ])
})

async function create(name: string, type: string, input: object, fields: string): Promise<Record<string, unknown>> {
  const { data, errors } = await api.attempt(name, type, input, fields)
  expect(errors).toEqual([])
  return data[name] as Record<string, unknown>
}

const id = (thing: unknown): string => (thing as { id: string }).id

test.each([
  ['(after: "soon")', 'UNKNOWN_POSITION'],
  ['(after: "9999")', 'UNKNOWN_POSITION']
])('a position that never was is refused: %s', async (args, code) => {
  const stream = await Stream.open(created(args))
  await stream.end()
  expect(stream.messages.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code))).toEqual([code])
  expect(stream.isComplete).toBe(true)
})

test('connections that are cut make room for others', async () => {
  for (let round = 0; round < 4; round++) {
    const streams = await Promise.all([1, 2, 3].map(() => Stream.open(created('(after: "0")'))))
    await webhooks.write([newEvent()])
    await Promise.all(streams.map((stream) => stream.take('webhookEventCreated', round + 1)))
    const surplus = await Stream.open(created())
    await surplus.end()
    expect(surplus.messages[0]?.errors?.[0]?.extensions.code).toBe('TOO_MANY_SUBSCRIPTIONS')
    streams.forEach((stream) => stream.cut())
    while (listener.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 2))
    await new Promise((resolve) => setImmediate(resolve))
  }
})

test('a drain ends the streams and waits for none of them', async () => {
  const streams = await Promise.all([1, 2].map(() => Stream.open(created('(after: "0")'))))
  await webhooks.write([newEvent()])
  await Promise.all(streams.map((stream) => stream.take('webhookEventCreated', 1)))
  const drained = listener.drain()
  await Promise.all(streams.map((stream) => stream.end()))
  expect(streams.map(({ isComplete }) => isComplete)).toEqual([true, true])
  await drained
})

test('a client that takes no stream is told how to ask', async () => {
  const stream = await Stream.open(created(), 'application/json')
  expect(stream.response.statusCode).toBe(400)
  await stream.end()
})

test('a wrong variable is a request error', async () => {
  const stream = await Stream.open('subscription ($after: ID!) { webhookEventCreated(after: $after) { position } }')
  await stream.end()
  expect(stream.messages[0]?.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
})

test('nobody is told anything without credentials', async () => {
  await webhooks.write([newEvent()])
  const stream = await Stream.open(created('(after: "0")'), 'text/event-stream', 'close-sesame')
  expect(stream.response.statusCode).toBe(401)
  await stream.end()
  expect(stream.messages).toEqual([])
})
