/**
 * Goal: clients make, read, list and end incoming payments, each its own and no others.
 * Method: signed requests of two clients to one payment pointer; every answer fits the document. Cases 13 and 18
 * to 25.
 */
import { createOpenAPI, HttpMethod } from '@interledger/openapi'
import { RESOURCE_SERVER } from '../../../src/interledger/open-payments/document'
import type { NodeIdentity } from '../../../src/interledger/open-payments/node-identity'
import { ClientService } from '../../../src/services/clients/client-service'
import { processDue, receive } from '../../payments/support'
import { OpenPaymentsWorld, OWN, type Answer, type Json, type Pointer, type Sent } from './support'

let world: OpenPaymentsWorld
let pointer: Pointer
let other: Pointer
let [client, stranger]: NodeIdentity[] = []
let [token, strangersToken, wideToken]: string[] = []
let fits: (path: string, method: HttpMethod, answer: Answer) => void

beforeAll(async () => {
  world = await OpenPaymentsWorld.open()
  pointer = await world.newPointer()
  other = await world.newPointer({}, pointer.asset)
  client = world.newClient()
  stranger = world.newClient()
  token = await world.grant(client, OWN)
  strangersToken = await world.grant(stranger, OWN)
  wideToken = await world.grant(stranger, { type: 'incoming-payment', actions: ['create', 'read-all', 'list-all'] })
  const api = await createOpenAPI(structuredClone(RESOURCE_SERVER) as unknown as string)
  fits = (path, method, { status, json }) => {
    api.createResponseValidator({ path, method })({ status, body: json })
  }
})
afterAll(() => world.close())

function send(url: string, sent: Sent = {}): Promise<Answer> {
  return world.send(url, { token, client, ...sent })
}

async function create(body: object = {}, sent: Sent = {}): Promise<Json> {
  const answer = await send(`${pointer.url}/incoming-payments`, { method: 'POST', body, ...sent })
  expect(answer.status).toBe(201)
  fits('/incoming-payments', HttpMethod.POST, answer)
  return answer.json
}

async function refused(body: object): Promise<[number, string]> {
  const { status, text } = await send(`${pointer.url}/incoming-payments`, { method: 'POST', body })
  return [status, text]
}

function uuidOf({ id }: Json): string {
  return id.split('/').at(-1)!
}

const amount = (value: string, more: object = {}): object => ({ value, ...pointer.unit, ...more })
const inDays = (days: number): string => new Date(world.api.clock.now().getTime() + days * 86_400_000).toISOString()

test('case 18: a payment of any amount', async () => {
  const before = world.api.clock.now().getTime()
  const payment = await create()
  expect(payment).toMatchObject({ paymentPointer: pointer.url, completed: false, receivedAmount: amount('0') })
  expect(payment.id.startsWith(`${pointer.url}/incoming-payments/`)).toBe(true)
  expect(payment).not.toHaveProperty('incomingAmount')
  expect(payment).not.toHaveProperty('metadata')
  const life = Date.parse(String(payment.expiresAt)) - before
  expect(Math.round(life / 86_400_000)).toBe(30)
  const { ilpStreamConnection: connection } = payment
  expect(connection).toMatchObject(pointer.unit)
  expect(world.credentials.keys[0].server.decodePaymentTag(connection.ilpAddress)).toBe(uuidOf(payment))
})

test('a payment with everything', async () => {
  const metadata = { nested: { text: 'ümlaut \u0000', list: [1, null, { a: 'b' }] } }
  const expiresAt = inDays(1)
  const payment = await create({ incomingAmount: amount('18446744073709551615'), expiresAt, metadata })
  expect(payment).toMatchObject({ incomingAmount: amount('18446744073709551615'), expiresAt, metadata })
})

describe('case 19: terms that cannot be', () => {
  test.each<[string, () => object, number, string]>([
    ['nothing', () => ({ incomingAmount: amount('0') }), 400, 'invalid amount'],
    ['another asset', () => ({ incomingAmount: amount('5', { assetCode: 'XYZ' }) }), 400, 'invalid amount'],
    ['another scale', () => ({ incomingAmount: amount('5', { assetScale: 9 }) }), 400, 'invalid amount'],
    ['the past', () => ({ expiresAt: inDays(-1) }), 400, 'invalid expiresAt'],
    ['too far in the future', () => ({ expiresAt: inDays(31) }), 400, 'invalid expiresAt'],
    [
      'less than nothing',
      () => ({ incomingAmount: amount('-5') }),
      400,
      'body.incomingAmount.value must match format "uint64"'
    ],
    [
      'too much',
      () => ({ incomingAmount: amount('18446744073709551616') }),
      400,
      'body.incomingAmount.value must match format "uint64"'
    ],
    [
      'no decimal number',
      () => ({ incomingAmount: amount('0x10') }),
      400,
      'body.incomingAmount.value must match format "uint64"'
    ],
    [
      'an amount of nothing known',
      () => ({ incomingAmount: { value: '5' } }),
      400,
      "body.incomingAmount must have required property 'assetCode'"
    ],
    ['a member that is unknown', () => ({ foo: 1 }), 400, 'body must NOT have additional properties: foo'],
    ['no date', () => ({ expiresAt: 'tomorrow' }), 400, 'body.expiresAt must match format "date-time"'],
    ['a list', () => [], 400, 'body must be object'],
    ['metadata that is no object', () => ({ metadata: 'x' }), 400, 'body.metadata must be object']
  ])('%s', async (_, body, status, text) => {
    expect(await refused(body())).toEqual([status, text])
  })

  test('a body that is none', async () => {
    const post = (alter: Sent['alter']): Promise<Answer> =>
      send(`${pointer.url}/incoming-payments`, { method: 'POST', body: {}, alter })
    const broken = await post((wire) => (wire.body = '{'))
    expect([broken.status, broken.text]).toEqual([400, 'body must be JSON'])
    const nested = await post((wire) => (wire.body = `{"metadata":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_001)}`))
    expect([nested.status, nested.text]).toEqual([400, 'body must not be nested deeper than 64'])
    const absent = await post((wire) => delete wire.body)
    expect([absent.status, absent.text]).toEqual([400, 'body is required'])
    const form = await post(({ headers }) => (headers['content-type'] = 'application/x-www-form-urlencoded'))
    expect(form.status).toBe(415)
    const large = await post((wire) => (wire.body = `{"metadata":{"a":"${'x'.repeat(300_000)}"}}`))
    expect(large.status).toBe(413)
    expect(large.headers['content-type']).toBe('text/plain; charset=utf-8')
  })
})

test('case 20: texts of older clients are taken and dropped', async () => {
  const payment = await create({ description: 'shoes', externalRef: '#1' })
  expect(payment).not.toHaveProperty('description')
  expect(payment).not.toHaveProperty('externalRef')
  expect(payment).not.toHaveProperty('metadata')
})

test('case 21: each reading has credentials of its own, all of the same payment', async () => {
  const payment = await create()
  const readings = await Promise.all([send(payment.id), send(payment.id)])
  for (const reading of readings) fits('/incoming-payments/{id}', HttpMethod.GET, reading)
  const connections = [payment, ...readings.map(({ json }) => json)].map((one) => one.ilpStreamConnection)
  expect(new Set(connections.map(({ ilpAddress }) => ilpAddress)).size).toBe(3)
  expect(new Set(connections.map(({ sharedSecret }) => sharedSecret)).size).toBe(3)
  const { server } = world.credentials.keys[0]
  expect(connections.map(({ ilpAddress }) => server.decodePaymentTag(ilpAddress))).toEqual(
    connections.map(() => uuidOf(payment))
  )
})

describe('case 22: connections', () => {
  test('are there as long as the payment can be paid', async () => {
    const payment = await create({ incomingAmount: amount('10') })
    const { id } = payment.ilpStreamConnection
    expect(id).toMatch(new RegExp(`^https://${world.host}/connections/[0-9a-f-]{36}$`))
    const listed = await send(`${pointer.url}/incoming-payments?first=100`)
    const inList = listed.json.result.find((one) => one.id === payment.id)
    expect(inList?.ilpStreamConnection).toBe(id)
    const [one, two] = [await world.send(id), await world.send(id)]
    fits('/connections/{id}', HttpMethod.GET, one)
    expect(one.headers['cache-control']).toBe('no-store')
    expect(one.json.id).toBe(id)
    expect(one.json.ilpAddress).not.toBe(two.json.ilpAddress)
    const spsp = await world.send(id, { headers: { accept: '*/*' } })
    expect(world.credentials.keys[0].server.decodePaymentTag(String(spsp.json.destination_account))).toBe(
      uuidOf(payment)
    )
    expect((await world.send(id, { headers: { accept: 'text/html' } })).status).toBe(406)

    await receive(world.api, uuidOf(payment), 10n)
    expect((await world.send(id)).status).toBe(404)
    const read = await send(payment.id)
    fits('/incoming-payments/{id}', HttpMethod.GET, read)
    expect(read.json).toMatchObject({ completed: true, receivedAmount: amount('10') })
    expect(read.json).not.toHaveProperty('ilpStreamConnection')
  })

  test('end with the life of the payment, processed or not', async () => {
    const expiresAt = new Date(world.api.clock.now().getTime() + 120_000).toISOString()
    const payment = await create({ expiresAt })
    await receive(world.api, uuidOf(payment), 1n)
    const { id } = payment.ilpStreamConnection
    world.api.clock.advanceSeconds(121)
    for (const step of ['not processed', 'processed']) {
      expect({ step, status: (await world.send(id)).status }).toEqual({ step, status: 404 })
      const { json } = await send(payment.id)
      expect(json).toMatchObject({ completed: false, receivedAmount: amount('1') })
      expect(json).not.toHaveProperty('ilpStreamConnection')
      await processDue(world.api)
    }
  })

  test('are of no other form', async () => {
    for (const path of ['/connections/7', '/connections/../x', '/connections/00000000-0000-4000-8000-000000000000']) {
      expect((await world.send(`https://${world.host}${path}`)).status).toBe(404)
    }
  })
})

describe('case 23: completing', () => {
  const complete = (id: string, sent: Sent = {}): Promise<Answer> => send(`${id}/complete`, { method: 'POST', ...sent })

  test('ends a payment once', async () => {
    const payment = await create()
    const answer = await complete(payment.id)
    fits('/incoming-payments/{id}/complete', HttpMethod.POST, answer)
    expect(answer.json).toMatchObject({ id: payment.id, completed: true })
    const again = await complete(payment.id)
    expect([again.status, again.text]).toEqual([409, 'wrong state'])
  })

  test('is for the client that made it, at its own payment pointer', async () => {
    const { id } = await create()
    const elsewhere = id.replace(pointer.url, other.url)
    for (const [url, sent] of [
      [elsewhere, {}],
      [id, { token: strangersToken, client: stranger }],
      [`${pointer.url}/incoming-payments/7`, {}]
    ] as const) {
      const { status, text } = await complete(url, sent)
      expect([status, text]).toEqual([404, 'unknown payment'])
    }
    expect((await send(id)).json.completed).toBe(false)
  })
})

test('case 24: what is not there', async () => {
  const { id } = await create()
  const asked: [string, string][] = [
    ['GET', `${pointer.url}/incoming-payments/7`],
    ['GET', id.replace(pointer.url, other.url)],
    ['GET', `${pointer.url}/quotes`],
    ['DELETE', `${pointer.url}/incoming-payments`],
    ['PUT', id],
    ['POST', pointer.url],
    ['GET', `${id}/complete`],
    ['GET', `https://${world.host}/keys/00000000-0000-4000-8000-000000000000`]
  ]
  for (const [method, url] of asked) {
    const { status, text } = await send(url, { method })
    expect({ method, url, status, text }).toEqual({ method, url, status: 404, text: 'Not Found' })
  }
})

describe('case 25: pages', () => {
  test.each([
    ['last=5', 'last requires cursor'],
    ['first=0', 'first must be >= 1'],
    ['first=500', 'first must be <= 100'],
    ['first=x', 'first must be integer'],
    ['first=1&last=1', 'first and last are mutually exclusive'],
    ['first=1&first=2', 'first must not be repeated'],
    ['cursor=', 'cursor must NOT have fewer than 1 characters'],
    ['cursor=7', 'cursor must be the id of a resource']
  ])('not with %s', async (query, text) => {
    const answer = await send(`${pointer.url}/incoming-payments?${query}`)
    expect([answer.status, answer.text]).toEqual([400, text])
  })

  test('follow each other in both directions', async () => {
    const own = await world.newPointer({}, pointer.asset)
    const made: string[] = []
    for (let number = 0; number < 5; number++) {
      const { json } = await send(`${own.url}/incoming-payments`, { method: 'POST', body: {} })
      made.push(json.id)
    }
    const page = async (query: string): Promise<Json> => {
      const answer = await send(`${own.url}/incoming-payments${query}`)
      expect(answer.status).toBe(200)
      fits('/incoming-payments', HttpMethod.GET, answer)
      return answer.json
    }
    const idsOf = ({ result }: Json): string[] => result.map(({ id }) => id)
    expect(idsOf(await page(''))).toEqual(made)
    const first = await page('?first=2')
    expect(idsOf(first)).toEqual(made.slice(0, 2))
    const cursor = uuidOf({ id: made[1]! } as Json)
    expect(first.pagination).toEqual({
      startCursor: uuidOf({ id: made[0]! } as Json),
      endCursor: cursor,
      hasNextPage: true,
      hasPreviousPage: false
    })
    expect(idsOf(await page(`?first=2&cursor=${cursor}`))).toEqual(made.slice(2, 4))
    const back = await page(`?last=1&cursor=${cursor}`)
    expect(idsOf(back)).toEqual(made.slice(0, 1))
    expect(back.pagination).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
    const none = await page('?cursor=00000000-0000-4000-8000-000000000000')
    expect(none).toEqual({ pagination: { hasNextPage: false, hasPreviousPage: false }, result: [] })
  })
})

describe('case 13: whose payments a client sees', () => {
  test('its own, unless its token reaches further', async () => {
    const own = await world.newPointer({}, pointer.asset)
    const list = `${own.url}/incoming-payments`
    const mine = (await send(list, { method: 'POST', body: {} })).json.id
    const theirs = (await send(list, { method: 'POST', body: {}, token: strangersToken, client: stranger })).json.id
    const operators = await world.api.mutate(
      'createIncomingPayment',
      'CreateIncomingPaymentInput',
      { paymentPointerId: own.id },
      'payment { id }'
    )
    const all = [mine, theirs, `${list}/${(operators.payment as Json).id}`]
    const seen = async (sent: Sent): Promise<string[]> => (await send(list, sent)).json.result.map(({ id }) => id)
    expect(await seen({})).toEqual([mine])
    expect(await seen({ token: strangersToken, client: stranger })).toEqual([theirs])
    expect(await seen({ token: wideToken, client: stranger })).toEqual(all)
    expect((await send(theirs)).status).toBe(404)
    for (const id of all) expect((await send(id, { token: wideToken, client: stranger })).status).toBe(200)
  })
})

test('the key document of a client of the first generation', async () => {
  const clients = world.api.container.resolve(ClientService)
  const terms = { name: 'Shop', uri: 'https://shop.test', image: 'https://shop.test/i.png', email: 'a@shop.test' }
  const made = await clients.create(world.api.context(), terms)
  if (!made.done) throw new Error('the client was not made')
  const id = '3e4b3f4e-7f5e-4a2c-9a51-0e2f6f6c1a11'
  const jwk = { kid: `https://keys.test/keys/${id}`, kty: 'OKP' }
  const { id: clientId } = made.value.client
  await clients.addKey(world.api.context(), { id, clientId, jwk: JSON.stringify(jwk) })
  const { status, json } = await world.send(`https://${world.host}/keys/${id}`)
  expect({ status, json }).toEqual({ status: 200, json: { key: jwk, jwk, client: { id: clientId, ...terms } } })
  await clients.revokeKey(world.api.context(), id)
  expect((await world.send(`https://${world.host}/keys/${id}`)).json.key).toEqual({ ...jwk, revoked: true })
})
