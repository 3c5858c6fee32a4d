/**
 * Goal: whatever comes, the two ports answer in their own words and lose nothing: no answer of 500, and to a
 * client nothing that is not its own.
 * Method: random requests, most of them nearly right, by a client with a valid token of its own; the requests of
 * a client that tries the doors of another one.
 */
import fc from 'fast-check'
import type { NodeIdentity } from '../../../src/interledger/open-payments/node-identity'
import { OpenPaymentsWorld, OWN, type Answer, type Pointer } from './support'

const RUNS = process.env.HAZINA_TEST_LONG === '1' ? 3_000 : 250
const seed = Number(process.env.HAZINA_TEST_SEED ?? Date.now() % 2 ** 31)

let world: OpenPaymentsWorld
let pointer: Pointer
let client: NodeIdentity
let tokens: readonly string[]

beforeAll(async () => {
  world = await OpenPaymentsWorld.open({}, { paymentPointerLookupTimeoutMilliseconds: 1 })
  pointer = await world.newPointer()
  client = world.newClient()
  tokens = await Promise.all([
    world.grant(client, { ...OWN, actions: ['create', 'complete', 'read-all', 'list-all'] }),
    world.grant(client, { type: 'quote', actions: ['create', 'read'] }),
    world.grant(client, { type: 'outgoing-payment', actions: ['create', 'list', 'read'], identifier: pointer.url })
  ])
})
afterAll(() => world.close())

const UUID = '00000000-0000-4000-8000-000000000000'
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', '0', UUID, '%00', '\u0000', '__proto__', 'constructor')
)
const amount = fc.oneof(
  fc.record({
    value: fc.oneof(fc.bigInt({ min: -5n, max: 2n ** 65n }).map(String), text),
    assetCode: fc.constantFrom('USD', 'A', ''),
    assetScale: fc.oneof(fc.integer(), fc.double())
  }),
  fc.jsonValue()
)
const body = fc.oneof(
  fc.record(
    {
      incomingAmount: amount,
      sendAmount: amount,
      receiveAmount: amount,
      expiresAt: fc.oneof(
        text,
        fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
      ),
      metadata: fc.oneof(fc.dictionary(text, fc.jsonValue()), fc.jsonValue()),
      receiver: fc.oneof(
        text,
        fc.constantFrom(`https://x.test/incoming-payments/${UUID}`, `https://0/connections/${UUID}`)
      ),
      quoteId: fc.oneof(text, fc.webUrl(), fc.constant(`https://x.test/quotes/${UUID}`)),
      client: fc.oneof(fc.webUrl(), text),
      access_token: fc.oneof(fc.jsonValue(), fc.record({ access: fc.jsonValue() }))
    },
    { requiredKeys: [] }
  ),
  fc.jsonValue()
)
const segment = fc.oneof(
  fc.constantFrom(
    'incoming-payments',
    'outgoing-payments',
    'quotes',
    'jwks.json',
    'connections',
    'keys',
    'complete',
    'token',
    'continue',
    UUID,
    '.',
    '..',
    ''
  ),
  fc.string({ maxLength: 10 }).map((part) => encodeURIComponent(part))
)
const often = <Value>(value: Value, other: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: other })
const tails: fc.Arbitrary<string[]> = fc.constantFrom(
  ['incoming-payments'],
  ['incoming-payments', UUID],
  ['incoming-payments', UUID, 'complete'],
  ['outgoing-payments'],
  ['outgoing-payments', 'x'],
  ['quotes'],
  ['quotes', UUID],
  []
)
const request = fc.record({
  method: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('GET', 'POST') },
    { weight: 1, arbitrary: fc.constantFrom('DELETE', 'HEAD', 'PUT', 'OPTIONS') }
  ),
  isBelow: often(true, fc.boolean()),
  isAuthority: often(false, fc.boolean()),
  segments: fc.oneof({ weight: 3, arbitrary: tails }, { weight: 1, arbitrary: fc.array(segment, { maxLength: 4 }) }),
  query: often(
    '',
    fc.oneof(
      fc.webQueryParameters(),
      fc.constantFrom('first=2', 'last=1&cursor=x', 'first=1e2', 'first=NaN', 'cursor=%')
    )
  ),
  body: fc.option(body, { nil: undefined }),
  token: fc.constantFrom(0, 1, 2, undefined),
  accept: often('application/json', fc.constantFrom('*/*', 'x', ';;,,/', 'application/json;q=', '')),
  isSigned: often(true, fc.boolean()),
  header: often<readonly [string, string] | undefined>(
    undefined,
    fc.tuple(
      fc.constantFrom(
        'signature',
        'signature-input',
        'content-digest',
        'content-type',
        'receipt-nonce',
        'authorization'
      ),
      fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 60 })
    )
  )
})

/** What no client may read. */
const LEAKS =
  /violates|relation "|syntax error|duplicate key|TypeError|RangeError|undefined|node_modules|\.ts:\d|\bat [\w.]+ \(/

test('random requests are answered, and none with 500', async () => {
  const statuses = new Set<number>()
  await fc.assert(
    fc.asyncProperty(request, async (asked) => {
      const { method, isBelow, isAuthority, segments, query, token, accept, isSigned, header } = asked
      const base = isAuthority ? world.authUrl : isBelow ? pointer.url : `https://${world.host}`
      const url = `${base}${segments.map((part) => `/${part}`).join('')}${query && `?${query}`}`
      const isWriting = method !== 'GET' && method !== 'HEAD'
      const answer = await world.send(url, {
        method,
        headers: { accept },
        ...(isWriting && { body: asked.body }),
        ...(token !== undefined && { token: tokens[token] }),
        ...(isSigned && { client }),
        alter: ({ headers }) => header && (headers[header[0]] = header[1])
      })
      statuses.add(answer.status)
      if (answer.status >= 500) throw new Error(`${answer.status} ${answer.text}`)
      if (answer.status >= 400 && LEAKS.test(answer.text)) throw new Error(answer.text)
    }),
    { numRuns: RUNS, seed }
  )
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401, 403, 404]))
  expect(world.lines.filter((line) => line.includes('"level":"error"'))).toEqual([])
})

describe('a client at the doors of another one', () => {
  let theirs: { client: NodeIdentity; token: string; payment: string }
  let all: string

  beforeAll(async () => {
    const other = world.newClient()
    const token = await world.grant(other, OWN)
    const list = `${pointer.url}/incoming-payments`
    const metadata = { secret: 'theirs' }
    const { json } = await world.send(list, { method: 'POST', body: { metadata }, token, client: other })
    theirs = { client: other, token, payment: json.id }
    all = list
  })

  test('sees and ends nothing of theirs', async () => {
    const token = await world.grant(client, OWN)
    const list = await world.send(`${all}?first=100`, { token, client })
    expect(list.text).not.toContain('theirs')
    expect((await world.send(theirs.payment, { token, client })).status).toBe(404)
    expect((await world.send(`${theirs.payment}/complete`, { method: 'POST', token, client })).status).toBe(404)
    const before = await world.send(`${all}?first=1&cursor=${theirs.payment.split('/').at(-1)}`, { token, client })
    expect(before.text).not.toContain('theirs')
  })

  test('gains nothing by their token: it is good with their signature alone', async () => {
    const { token } = theirs
    const answers: Answer[] = [
      await world.send(theirs.payment, { token, client }),
      await world.send(theirs.payment, { token, client: { ...client, keyId: theirs.client.keyId } })
    ]
    expect(answers.map(({ status }) => status)).toEqual([401, 401])
  })

  test('gains nothing by their request: it is good for its own target alone', async () => {
    const { token, client: other } = theirs
    const signedUrl = theirs.payment.replace('https', 'http')
    const elsewhere = await world.newPointer({}, pointer.asset)
    const replayed = [`${theirs.payment}/complete`, `${elsewhere.url}/incoming-payments`]
    for (const url of replayed) {
      const { status } = await world.send(url, { method: 'POST', body: {}, token, client: other, signedUrl })
      expect({ url, status }).toEqual({ url, status: 401 })
    }
    expect((await world.send(theirs.payment, { method: 'GET', token, client: other })).json.completed).toBe(false)
  })
})
