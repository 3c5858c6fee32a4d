/**
 * Goal: clients quote and pay out of a payment pointer, within what the operator granted them and not a unit
 * more, however many try at once.
 * Method: signed requests with grants of the operator's; receivers at the same service. Cases 26 and 27.
 */
import { DataSource } from 'typeorm'
import { createOpenAPI, HttpMethod } from '@interledger/openapi'
import { OutgoingPayment } from '../../../src/entities'
import { RESOURCE_SERVER } from '../../../src/interledger/open-payments/document'
import type { NodeIdentity } from '../../../src/interledger/open-payments/node-identity'
import type { GrantLimits } from '../../../src/services/payments/outgoing/payment-grants'
import { createIncomingPayment, eventsOf } from '../../payments/support'
import { OpenPaymentsWorld, type Answer, type Json, type Pointer, type Sent } from './support'

let world: OpenPaymentsWorld
let sender: Pointer
let receiver: Pointer
let client: NodeIdentity
let quoting: string
let fits: (path: string, method: HttpMethod, answer: Answer) => void

beforeAll(async () => {
  world = await OpenPaymentsWorld.open()
  sender = await world.newPointer()
  receiver = await world.newPointer({}, sender.asset)
  client = world.newClient()
  quoting = await world.grant(client, { type: 'quote', actions: ['create', 'read'] })
  const api = await createOpenAPI(structuredClone(RESOURCE_SERVER) as unknown as string)
  fits = (path, method, { status, json }) => {
    api.createResponseValidator({ path, method })({ status, body: json })
  }
})
afterAll(() => world.close())

const amount = (value: string): { value: string; assetCode: string; assetScale: number } => ({ value, ...sender.unit })
const limit = (value: bigint): { value: bigint; assetCode: string; assetScale: number } => ({ value, ...sender.unit })

async function newReceiver(): Promise<string> {
  const { id } = await createIncomingPayment(world.api, receiver.id)
  return `${receiver.url}/incoming-payments/${id}`
}

function askQuote(body: object, sent: Sent = {}): Promise<Answer> {
  return world.send(`${sender.url}/quotes`, { method: 'POST', body, token: quoting, client, ...sent })
}

async function quote(value: string, url?: string): Promise<Json> {
  const answer = await askQuote({ receiver: url ?? (await newReceiver()), sendAmount: amount(value) })
  expect(answer.status).toBe(201)
  fits('/quotes', HttpMethod.POST, answer)
  return answer.json
}

function grant(limits?: GrantLimits): Promise<string> {
  const actions = ['create', 'read', 'list'] as const
  return world.grant(client, { type: 'outgoing-payment', actions, identifier: sender.url, ...(limits && { limits }) })
}

async function pay(token: string, quoteId: string, more: object = {}): Promise<Answer> {
  const body = { quoteId, ...more }
  return world.send(`${sender.url}/outgoing-payments`, { method: 'POST', body, token, client })
}

async function outcome(token: string, quoteId: string): Promise<[number, string]> {
  const { status, text } = await pay(token, quoteId)
  return [status, status === 201 ? '' : text]
}

function uuidOf(url: string): string {
  return url.split('/').at(-1)!
}

describe('case 26: quotes', () => {
  test('of each kind', async () => {
    const url = await newReceiver()
    const sending = await quote('100', url)
    expect(sending).toMatchObject({ paymentPointer: sender.url, receiver: url, sendAmount: amount('100') })
    const receiving = await askQuote({ receiver: url, receiveAmount: amount('7') })
    expect(receiving.json).toMatchObject({ sendAmount: amount('7'), receiveAmount: amount('7') })
    const read = await world.send(sending.id, { token: quoting, client })
    fits('/quotes/{id}', HttpMethod.GET, read)
    expect(read.json).toEqual(sending)
  })

  test.each<[string, () => object, number, string]>([
    ['both amounts', () => ({ sendAmount: amount('1'), receiveAmount: amount('1') }), 400, 'body must NOT be valid'],
    [
      'plain HTTP',
      () => ({ receiver: `http://a.test/incoming-payments/${UUID}` }),
      400,
      'body.receiver must match pattern'
    ],
    ['no receiver', () => ({ receiver: undefined }), 400, "body must have required property 'receiver'"],
    [
      'a receiver that is not there',
      () => ({ receiver: `${receiver.url}/incoming-payments/${UUID}` }),
      400,
      'invalid receiver'
    ],
    ['no amount at all', () => ({}), 400, 'invalid receiver'],
    ['nothing', () => ({ sendAmount: amount('0') }), 400, 'invalid amount'],
    [
      'too much',
      () => ({ sendAmount: amount('18446744073709551616') }),
      400,
      'body.sendAmount.value must match format'
    ],
    ['another asset', () => ({ sendAmount: { ...amount('1'), assetCode: 'XYZ' } }), 400, 'invalid amount'],
    ['a member that is unknown', () => ({ debitAmount: amount('1') }), 400, 'additional properties: debitAmount']
  ])('not with %s', async (_, more, status, text) => {
    const answer = await askQuote({ receiver: await newReceiver(), ...more() })
    expect(answer.status).toBe(status)
    expect(answer.text).toContain(text)
  })

  test('are for the client that asked for them', async () => {
    const { id } = await quote('1')
    const stranger = world.newClient()
    const token = await world.grant(stranger, { type: 'quote', actions: ['read'] })
    expect((await world.send(id, { token, client: stranger })).status).toBe(404)
    const wide = await world.grant(stranger, { type: 'quote', actions: ['read-all'] })
    expect((await world.send(id, { token: wide, client: stranger })).status).toBe(200)
    expect((await world.send(id.replace(sender.url, receiver.url), { token: wide, client: stranger })).status).toBe(404)
  })
})

const UUID = '00000000-0000-4000-8000-000000000000'

describe('case 27: outgoing payments', () => {
  test('are made of a quote, once, and shown to who made them', async () => {
    const token = await grant()
    const { id: quoteId, receiver: url } = await quote('100')
    const answer = await pay(token, quoteId, { metadata: { invoice: 7 }, description: 'x' })
    expect(answer.status).toBe(201)
    fits('/outgoing-payments', HttpMethod.POST, answer)
    expect(answer.json).toMatchObject({
      id: `${sender.url}/outgoing-payments/${uuidOf(quoteId)}`,
      quoteId,
      receiver: url,
      sendAmount: amount('100'),
      sentAmount: amount('0'),
      failed: false,
      metadata: { invoice: 7 }
    })
    expect(await outcome(token, quoteId)).toEqual([400, 'invalid quote'])
    const read = await world.send(answer.json.id, { token, client })
    fits('/outgoing-payments/{id}', HttpMethod.GET, read)
    expect(read.json).toEqual(answer.json)
    const list = await world.send(`${sender.url}/outgoing-payments`, { token, client })
    fits('/outgoing-payments', HttpMethod.GET, list)
    expect(list.json.result).toEqual([answer.json])
    const [created, ...others] = await eventsOf(world.api, uuidOf(quoteId))
    expect([created?.type, others]).toEqual(['outgoing_payment.created', []])
    const stranger = world.newClient()
    const actions = ['read', 'list'] as const
    const theirs = await world.grant(stranger, { type: 'outgoing-payment', actions, identifier: sender.url })
    expect((await world.send(answer.json.id, { token: theirs, client: stranger })).status).toBe(404)
    const seen = await world.send(`${sender.url}/outgoing-payments`, { token: theirs, client: stranger })
    expect(seen.json.result).toEqual([])
  })

  test('are not made of what is no quote of this payment pointer', async () => {
    const token = await grant()
    expect(await outcome(token, `${sender.url}/quotes/${UUID}`)).toEqual([404, 'unknown quote'])
    expect(await outcome(token, `${sender.url}/quotes/x`)).toEqual([404, 'unknown quote'])
    const answer = await world.send(`${receiver.url}/quotes`, {
      method: 'POST',
      body: { receiver: await newReceiver(), sendAmount: amount('1') },
      token: quoting,
      client
    })
    expect(await outcome(token, answer.json.id)).toEqual([400, 'invalid quote'])
  })

  test('spend no unit more than the grant allows', async () => {
    const { id } = await quote('100')
    expect(await outcome(await grant({ sendAmount: limit(99n) }), id)).toEqual([403, 'unauthorized'])
    expect(await outcome(await grant({ receiveAmount: limit(99n) }), id)).toEqual([403, 'unauthorized'])
    expect(await outcome(await grant({ receiver: await newReceiver() }), id)).toEqual([403, 'unauthorized'])
    const foreign = { ...limit(1_000n), assetCode: 'XYZ' }
    expect(await outcome(await grant({ sendAmount: foreign }), id)).toEqual([403, 'unauthorized'])
    const over = `R1/2020-01-01T00:00:00Z/P1M`
    expect(await outcome(await grant({ sendAmount: limit(1_000n), interval: over }), id)).toEqual([403, 'unauthorized'])
    expect(await eventsOf(world.api, uuidOf(id))).toEqual([])
    expect(await outcome(await grant({ sendAmount: limit(100n), receiveAmount: limit(100n) }), id)).toEqual([201, ''])
  })

  test('add up, within an interval', async () => {
    const token = await grant({ sendAmount: limit(150n) })
    expect(await outcome(token, (await quote('100')).id)).toEqual([201, ''])
    expect(await outcome(token, (await quote('51')).id)).toEqual([403, 'unauthorized'])
    expect(await outcome(token, (await quote('50')).id)).toEqual([201, ''])
    expect(await outcome(token, (await quote('1')).id)).toEqual([403, 'unauthorized'])

    const now = world.api.clock.now().getTime()
    const interval = `R/${new Date(now - 30_000).toISOString()}/PT1M`
    const hourly = await grant({ sendAmount: limit(100n), interval })
    expect(await outcome(hourly, (await quote('100')).id)).toEqual([201, ''])
    expect(await outcome(hourly, (await quote('1')).id)).toEqual([403, 'unauthorized'])
    world.api.clock.advanceSeconds(60)
    expect(await outcome(hourly, (await quote('1')).id)).toEqual([201, ''])
  })

  test('that failed count with what they cost', async () => {
    const token = await grant({ sendAmount: limit(100n) })
    const { id } = await quote('100')
    expect(await outcome(token, id)).toEqual([201, ''])
    const { manager } = world.api.container.resolve(DataSource)
    const fail = (sentAmount: bigint): Promise<unknown> =>
      manager.update(OutgoingPayment, { id: uuidOf(id) }, { state: 'FAILED', sentAmount })
    await fail(40n)
    const next = await quote('61')
    expect(await outcome(token, next.id)).toEqual([403, 'unauthorized'])
    await fail(39n)
    expect(await outcome(token, next.id)).toEqual([201, ''])
  })

  test('at once do not spend more than one after the other', async () => {
    for (let round = 0; round < 3; round++) {
      const token = await grant({ sendAmount: limit(100n) })
      // The first payment of a grant makes the row that the others wait for; both ways have to hold.
      if (round > 0) expect(await outcome(token, (await quote('1')).id)).toEqual([201, ''])
      const quotes = await Promise.all(Array.from({ length: 6 }, () => quote('60')))
      const outcomes = await Promise.all(quotes.map(({ id }) => outcome(token, id)))
      expect(outcomes.map(([status]) => status).sort()).toEqual([201, 403, 403, 403, 403, 403])
    }
  })

  test('of one quote at once are one payment', async () => {
    const token = await grant()
    const { id } = await quote('1')
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => outcome(token, id)))
    expect(outcomes.map(([status]) => status).sort()).toEqual([201, 400, 400, 400])
  })

  test('need a right that names the payment pointer', async () => {
    const elsewhere = await world.grant(client, {
      type: 'outgoing-payment',
      actions: ['create'],
      identifier: receiver.url
    })
    expect(await outcome(elsewhere, (await quote('1')).id)).toEqual([403, 'Insufficient Grant'])
  })
})
