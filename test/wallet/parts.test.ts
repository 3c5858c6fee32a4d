/**
 * Goal: each part of the wallet keeps its word by itself: the journal after a crash, the books against nonsense, the
 * door against everybody who is not the service.
 * Method: files that are cut off at every byte; entries that must not be; a wallet's door with forged, old and repeated
 * webhooks.
 */
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import canonicalize from 'canonicalize'
import { HazinaClient } from '../../clients/typescript'
import { Books, InsufficientMoney, movement } from '../../examples/wallet/books'
import { MalformedEvent, parseEvent, taskOf } from '../../examples/wallet/events'
import { Journal } from '../../examples/wallet/journal'
import { startWalletServer, type WalletServer } from '../../examples/wallet/server'
import { Wallet } from '../../examples/wallet/wallet'
import { signatureOf } from '../../src/services/webhooks/signature'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'hazina-wallet-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the journal', () => {
  async function read(path: string): Promise<unknown[]> {
    const lines: unknown[] = []
    await (await Journal.open(path, (line) => lines.push(line))).close()
    return lines
  }

  test('gives back every line in order, however many came at once', async () => {
    const path = join(folder, 'journal')
    const journal = await Journal.open<number>(path, () => undefined)
    const numbers = Array.from({ length: 1_000 }, (_, index) => index)
    await Promise.all(numbers.map((number) => journal.append(number)))
    await journal.close()
    expect(await read(path)).toEqual(numbers)
  })

  test('wherever a crash cuts the last line off, the lines before it stay, and new ones follow', async () => {
    const whole = '{"a":"ä"}\n{"b":"€"}\n'
    const bytes = Buffer.from(whole)
    for (let length = 0; length <= bytes.length; length++) {
      const path = join(folder, String(length))
      writeFileSync(path, bytes.subarray(0, length))
      const kept = [{ a: 'ä' }, { b: '€' }].slice(0, length < 11 ? 0 : length < bytes.length ? 1 : 2)
      expect({ length, lines: await read(path) }).toEqual({ length, lines: kept })
      const journal = await Journal.open(path, () => undefined)
      await journal.append('next')
      await journal.close()
      expect({ length, lines: await read(path) }).toEqual({ length, lines: [...kept, 'next'] })
    }
  })

  test('after a failed write nothing is taken any more', async () => {
    const journal = await Journal.open<number>(join(folder, 'journal'), () => undefined)
    await journal.close()
    await expect(journal.append(1)).rejects.toThrow('cannot be written')
    await expect(journal.append(2)).rejects.toThrow('cannot be written')
  })
})

describe('the books', () => {
  test('an entry counts once', () => {
    const books = new Books()
    const entry = movement('one', 'USD/2', 'outside', 'customer/alice', 5n)
    expect([books.post(entry), books.post(entry)]).toEqual([true, false])
    expect(books.balance('customer/alice', 'USD/2')).toBe(5n)
    expect(books.balance('customer/alice', 'USD/3')).toBe(0n)
    expect(books.balance('outside', 'USD/2')).toBe(-5n)
  })

  test('a customer never owes anything, and a refused entry leaves no trace', () => {
    const books = new Books()
    books.post(movement('one', 'USD/2', 'outside', 'customer/alice', 5n))
    const postings = [
      { account: 'reserved', amount: 6n },
      { account: 'customer/alice', amount: -6n }
    ]
    expect(() => books.post({ id: 'two', asset: 'USD/2', postings })).toThrow(InsufficientMoney)
    expect(books.balance('reserved', 'USD/2')).toBe(0n)
    expect(books.post(movement('two', 'USD/2', 'customer/alice', 'reserved', 5n))).toBe(true)
  })

  test('nothing comes from nowhere', () => {
    const entry = { id: 'one', asset: 'USD/2', postings: [{ account: 'customer/alice', amount: 1n }] }
    expect(() => new Books().post(entry)).toThrow(RangeError)
  })
})

const ID = '1f1f4a0c-8b0f-4c59-9d1b-2c2f3b1f7a10'

describe('events', () => {
  const amount = { value: '12', assetCode: 'USD', assetScale: 2 }

  test.each([
    ['nothing', undefined],
    ['a text', 'hello'],
    ['a list', []],
    ['no id', { type: 'x', data: {} }],
    ['an id that is none', { id: '../x', type: 'x', data: {} }],
    ['no type', { id: ID, data: {} }],
    ['no data', { id: ID, type: 'x' }]
  ])('%s is none', (_, value) => {
    expect(() => parseEvent(value)).toThrow(MalformedEvent)
  })

  test.each([
    ['outgoing_payment.created', { payment: { id: ID, paymentPointerId: ID } }],
    ['outgoing_payment.created', { id: ID, paymentPointerId: ID, sendAmount: amount }],
    ['outgoing_payment.completed', { payment: { paymentPointerId: ID, sentAmount: amount, balance: '1.5' } }],
    ['outgoing_payment.failed', { payment: { paymentPointerId: ID, sentAmount: amount, balance: 3 } }],
    [
      'incoming_payment.completed',
      { incomingPayment: { paymentPointerId: ID, receivedAmount: { ...amount, value: '-1' } } }
    ],
    ['payment_pointer.web_monetization', { paymentPointer: { id: ID } }]
  ])('%s without what it must have is refused: %j', (type, data) => {
    expect(() => taskOf(parseEvent({ id: ID, type, data }))).toThrow(MalformedEvent)
  })

  test('what a wallet does not know is news', () => {
    expect(taskOf(parseEvent({ id: ID, type: 'something.new', data: {} }))).toEqual({ kind: 'none' })
  })

  test('a payment that left nothing over is news', () => {
    const data = { payment: { paymentPointerId: ID, sentAmount: amount, balance: '0' } }
    expect(taskOf(parseEvent({ id: ID, type: 'outgoing_payment.completed', data }))).toEqual({ kind: 'none' })
  })
})

describe('the door', () => {
  const SECRET = 'what both sides know'
  const EVENT = { id: ID, type: 'incoming_payment.created', data: { z: 'ä€𝄞', a: [1, 1e21, { b: null, a: '"' }] } }
  const NOW = new Date('2026-03-01T12:00:00.400Z')
  const client = new HazinaClient({ url: 'http://127.0.0.1:1/graphql' })
  let wallet: Wallet
  let server: WalletServer

  beforeEach(async () => {
    wallet = await Wallet.open({ client, journal: join(folder, 'journal') })
    server = await startWalletServer({ wallet, client, port: 0, signatureSecret: SECRET, now: () => NOW })
  })
  afterEach(async () => {
    await server.close()
    await wallet.stop()
  })

  async function knock(body: string, signature: string | undefined): Promise<number> {
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (signature !== undefined) headers['rafiki-signature'] = signature
    return (await fetch(`${server.url}/webhooks`, { method: 'POST', headers, body })).status
  }
  const events = (): number => readFileSync(join(folder, 'journal'), 'utf8').match(/"line":"event"/g)?.length ?? 0
  const signed = (body: string, at = NOW): string => signatureOf(body, at, { secret: SECRET, version: 1 })

  test('lets in what the service signed, however the body is laid out', async () => {
    const body = JSON.stringify(EVENT, null, 2)
    expect(await knock(body, signed(body))).toBe(200)
    expect(events()).toBe(1)
    await wallet.idle()
    expect(wallet.outcomeOf(ID)).toBe('noted')
  })

  test('the signature is what the documentation says it is', async () => {
    const body = JSON.stringify(EVENT)
    const time = Math.round(NOW.getTime() / 1_000)
    const mac = createHmac('sha256', SECRET)
      .update(`${time}.${canonicalize(EVENT)}`)
      .digest('hex')
    expect(await knock(body, `t=${time}, v1=${mac}`)).toBe(200)
  })

  test('answers the same event with 200 as often as it comes, and takes it in once', async () => {
    const body = JSON.stringify(EVENT)
    const statuses = await Promise.all(Array.from({ length: 20 }, () => knock(body, signed(body))))
    expect(statuses).toEqual(statuses.map(() => 200))
    expect(events()).toBe(1)
  })

  const body = JSON.stringify(EVENT)
  const second = 1_000
  test.each([
    ['no signature', body, undefined],
    ['an empty one', body, ''],
    ['another secret', body, signatureOf(body, NOW, { secret: 'another', version: 1 })],
    ['another body', JSON.stringify({ ...EVENT, type: 'incoming_payment.expired' }), signed(body)],
    ['a time that was not signed', body, signed(body).replace(/t=\d+/, `t=${NOW.getTime() / second - 1}`)],
    ['one of six minutes ago', body, signed(body, new Date(NOW.getTime() - 360 * second))],
    ['one of the future', body, signed(body, new Date(NOW.getTime() + 360 * second))],
    ['a short one', body, signed(body).slice(0, -2)]
  ])('keeps out %s', async (_, text, signature) => {
    expect(await knock(text, signature)).toBe(401)
    expect(events()).toBe(0)
  })

  test('says what is wrong with the rest', async () => {
    expect(await knock('no JSON', 't=1, v1=x')).toBe(400)
    expect(await knock('{}', signed('{}'))).toBe(400)
    expect(await knock(`"${'x'.repeat(1_048_576)}"`, 't=1, v1=x')).toBe(413)
    expect((await fetch(`${server.url}/elsewhere`)).status).toBe(404)
    const form = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' }
    expect((await fetch(`${server.url}/top-ups`, form)).status).toBe(415)
    expect(events()).toBe(0)
  })

  test('answers anything but 200 when it cannot write an event down', async () => {
    await wallet.stop()
    expect(await knock(body, signed(body))).toBe(500)
    wallet = await Wallet.open({ client, journal: join(folder, 'journal') })
  })
})
