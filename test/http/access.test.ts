/**
 * Goal: nobody comes in without credentials, every refusal looks the same, and a signature works once.
 * Method: every way to show credentials, right and wrong, to a real listener; effects tell who came in.
 */
import { request as httpRequest } from 'node:http'
import { SIGNATURE_AGE_MAX, SIGNATURE_SKEW_MAX, parseSignature } from '../../src/http/access'
import { graphqlEndpoint } from '../../src/http/graphql-endpoint'
import { startListener } from '../../src/http/listener'
import { isLoopbackAddress, isLoopbackHost } from '../../src/http/loopback'
import type { SignatureRegistry } from '../../src/http/signature-registry'
import { createLogger } from '../../src/logging'
import { createTestSchema } from './schema'
import { codesOf, get, post, sign, startServer, stopServers, type Answer, type TestServer } from './support'

const TOKEN = 'a-token-that-only-the-operator-knows'
const SECRET = 'a-secret-that-only-the-operator-knows'
const APPEND = { query: 'mutation { append(text: "in") }' }

/** Remembers what was used, as the real one does in the database. */
class MemoryRegistry implements SignatureRegistry {
  readonly used = new Set<string>()
  claim(signature: Buffer): Promise<boolean> {
    const isFirst = !this.used.has(signature.toString('hex'))
    this.used.add(signature.toString('hex'))
    return Promise.resolve(isFirst)
  }
}

let server: TestServer
let now: number
const registry = new MemoryRegistry()
beforeAll(async () => {
  server = await startServer({
    credentials: { token: TOKEN, signatureSecret: SECRET },
    signatures: registry,
    listener: { now: () => new Date(now) }
  })
})
beforeEach(() => {
  now = Date.parse('2026-05-05T05:05:05.555Z')
})
afterAll(stopServers)

/** The answer to every refusal: nothing in it tells one reason from another. */
function refusalOf(answer: Answer): unknown {
  const headers = Object.fromEntries(answer.headers)
  return { status: answer.status, text: answer.text, headers: { ...headers, 'x-request-id': 'any', date: 'any' } }
}

describe('credentials that let in:', () => {
  test.each<[string, () => Record<string, string>]>([
    ['a bearer token', () => ({ authorization: `Bearer ${TOKEN}` })],
    ['a bearer token, in other letters', () => ({ authorization: `bearer ${TOKEN}` })],
    ['an API key', () => ({ 'x-api-key': TOKEN })],
    ['a signature', () => ({ signature: sign(SECRET, APPEND, now) })],
    [
      'a signature with its parts turned round',
      () => ({
        signature: sign(SECRET, APPEND, now - 1)
          .split(', ')
          .reverse()
          .join(',')
      })
    ],
    [
      'a signature in capitals',
      () => ({ signature: sign(SECRET, APPEND, now - 2).replace(/v1=.*/, (mac) => `v1=${mac.slice(3).toUpperCase()}`) })
    ],
    ['an old signature, just young enough', () => ({ signature: sign(SECRET, APPEND, now - SIGNATURE_AGE_MAX) })],
    ['a signature of a clock that is ahead', () => ({ signature: sign(SECRET, APPEND, now + SIGNATURE_SKEW_MAX) })],
    ['a wrong token with a right key', () => ({ authorization: 'Bearer wrong', 'x-api-key': TOKEN })],
    [
      'a wrong token with a right signature',
      () => ({ authorization: 'Bearer wrong', signature: sign(SECRET, APPEND, now - 3) })
    ]
  ])('%s', async (_, headers) => {
    const before = server.effects.appended.length
    const answer = await server.send(APPEND, headers())
    expect([answer.status, codesOf(answer)]).toEqual([200, []])
    expect(server.effects.appended).toHaveLength(before + 1)
  })

  test('a signature of the same body in another order and spacing', async () => {
    const body = {
      query: 'query Q($text: String) { echo(text: $text) }',
      variables: { text: 'é\u2028\u{1f600}' },
      operationName: 'Q'
    }
    const signature = sign(SECRET, body, now)
    const written = `{ "operationName": "Q",\n"variables": {"text":"\\u00e9\\u2028\\ud83d\\ude00"}, "query": ${JSON.stringify(body.query)} }`
    expect((await server.send(written, { signature })).status).toBe(200)
  })
})

const WRONG: [string, () => Record<string, string>][] = [
  ['none', () => ({})],
  ['an empty token', () => ({ authorization: 'Bearer ' })],
  ['a wrong token', () => ({ authorization: 'Bearer wrong' })],
  ['a token with more behind it', () => ({ authorization: `Bearer ${TOKEN}x` })],
  ['a part of the token', () => ({ authorization: `Bearer ${TOKEN.slice(0, -1)}` })],
  ['the token without a scheme', () => ({ authorization: TOKEN })],
  ['the token as a password', () => ({ authorization: `Basic ${Buffer.from(`admin:${TOKEN}`).toString('base64')}` })],
  ['the signature secret as a token', () => ({ authorization: `Bearer ${SECRET}` })],
  ['a wrong key', () => ({ 'x-api-key': 'wrong' })],
  ['the token in a cookie', () => ({ cookie: `token=${TOKEN}` })],
  ['an empty signature', () => ({ signature: '' })],
  ['half a signature', () => ({ signature: `t=${now}` })],
  ['a signature with another secret', () => ({ signature: sign('another', APPEND, now) })],
  ['a signature with the token for a secret', () => ({ signature: sign(TOKEN, APPEND, now) })],
  ['a signature of another body', () => ({ signature: sign(SECRET, { query: '{ echo }' }, now) })],
  ['a signature of no body', () => ({ signature: sign(SECRET, undefined, now) })],
  ['a signature of another time', () => ({ signature: sign(SECRET, APPEND, now).replace(/t=\d+/, `t=${now - 1}`) })],
  ['a signature that is too old', () => ({ signature: sign(SECRET, APPEND, now - SIGNATURE_AGE_MAX - 1) })],
  ['a signature from the future', () => ({ signature: sign(SECRET, APPEND, now + SIGNATURE_SKEW_MAX + 1) })],
  ['a signature in seconds', () => ({ signature: sign(SECRET, APPEND, Math.floor(now / 1_000)) })],
  ['a signature of another version', () => ({ signature: sign(SECRET, APPEND, now).replace('v1=', 'v2=') })],
  ['a signature with more parts', () => ({ signature: `${sign(SECRET, APPEND, now)}, v2=0` })],
  ['a signature cut short', () => ({ signature: sign(SECRET, APPEND, now).slice(0, -2) })]
]

describe('no one comes in, and every refusal is the same, with', () => {
  test.each(WRONG)('%s', async (_, headers) => {
    const before = [server.effects.appended.length, registry.used.size]
    const plain = refusalOf(await server.send(APPEND))
    expect(refusalOf(await server.send(APPEND, headers()))).toEqual(plain)
    expect(plain).toMatchObject({
      status: 401,
      text: '{"errors":[{"message":"Unauthorized","extensions":{"code":"UNAUTHENTICATED"}}]}'
    })
    expect([server.effects.appended.length, registry.used.size]).toEqual(before)
  })

  test('whatever is asked for', async () => {
    const plain = refusalOf(await server.send(APPEND))
    const bodies = ['', '{', '[]', { query: '{ nothing }' }, { query: '{ __schema { queryType { name } } }' }]
    for (const body of bodies) expect(refusalOf(await server.send(body))).toEqual(plain)
    expect(refusalOf(await server.send(APPEND, { 'content-type': 'text/plain' }))).toEqual(plain)
    expect(refusalOf(await server.send(APPEND, { accept: 'text/event-stream' }))).toEqual(plain)
    for (const path of ['/graphql', '/graphql?query={__typename}', '/metrics']) {
      expect(refusalOf(await get(server.listener.url + path, { accept: 'text/html' }))).toEqual(plain)
    }
    for (const method of ['PUT', 'OPTIONS']) expect((await fetch(server.url, { method })).status).toBe(401)
  })

  test('a header that is sent twice', async () => {
    const { promise, resolve, reject } = resolvers<number>()
    const headers = [
      'host',
      'localhost',
      'content-type',
      'application/json',
      'signature',
      'x',
      'signature',
      sign(SECRET, APPEND, now - 9)
    ]
    httpRequest(server.url, { method: 'POST', headers: headers as never }, (response) =>
      resolve(response.statusCode ?? 0)
    )
      .on('error', reject)
      .end(JSON.stringify(APPEND))
    expect(await promise).toBe(401)
  })
})

describe('a signature', () => {
  test('lets in once', async () => {
    const headers = { signature: sign(SECRET, APPEND, now - 100) }
    const before = server.effects.appended.length
    expect((await server.send(APPEND, headers)).status).toBe(200)
    for (let again = 0; again < 3; again += 1) expect((await server.send(APPEND, headers)).status).toBe(401)
    expect(
      (
        await server.send(APPEND, {
          signature: headers.signature.replace(/v1=.*/, (mac) => mac.toUpperCase().replace('V1', 'v1'))
        })
      ).status
    ).toBe(401)
    expect(server.effects.appended).toHaveLength(before + 1)
  })

  test('lets in once of many at the same time', async () => {
    const headers = { signature: sign(SECRET, APPEND, now - 101) }
    const answers = await Promise.all(Array.from({ length: 30 }, () => server.send(APPEND, headers)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(29)
  })

  test('is not used up by a request that it does not sign', async () => {
    const headers = { signature: sign(SECRET, APPEND, now - 102) }
    expect((await server.send({ query: '{ echo }' }, headers)).status).toBe(401)
    expect((await server.send(APPEND, headers)).status).toBe(200)
  })

  test('of nothing opens what has neither body nor query string', async () => {
    const { url } = server.listener
    expect((await get(`${url}/metrics`, { signature: sign(SECRET, undefined, now) })).status).toBe(200)
    expect(
      (await get(`${url}/graphql`, { accept: 'text/html', signature: sign(SECRET, undefined, now - 1) })).status
    ).toBe(200)
    expect((await get(`${url}/graphql?query={echo}`, { signature: sign(SECRET, undefined, now - 2) })).status).toBe(401)
    expect((await get(`${url}/metrics?x`, { signature: sign(SECRET, undefined, now - 3) })).status).toBe(401)
  })

  test('of too much is refused for its size', async () => {
    const body = { query: ' '.repeat(300_000) }
    expect((await server.send(body, { signature: sign(SECRET, body, now) })).status).toBe(413)
  })

  test('lets nobody in while there is no telling whether it was used', async () => {
    const broken = await startServer({
      credentials: { signatureSecret: SECRET },
      signatures: { claim: () => Promise.reject(new Error('relation "used_signature" does not exist')) }
    })
    const answer = await broken.send(APPEND, { signature: sign(SECRET, APPEND, Date.now()) })
    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain('relation')
    expect(broken.effects.appended).toEqual([])
  })

  test.each(['t=1,v1=' + '0'.repeat(64), 'v1=' + 'F'.repeat(64) + ' , t=1'])('is read from %s', (header) => {
    expect(parseSignature(header)).toMatchObject({ milliseconds: 1 })
  })

  test.each(['', 't=1', 't=1,v1=zz', 't=-1,v1=' + '0'.repeat(64), 't=1e3,v1=' + '0'.repeat(64), 't=1,t=1,v1=0', '=,='])(
    'is not read from %j',
    (header) => {
      expect(parseSignature(header)).toBeUndefined()
    }
  )
})

describe('one kind of credentials alone', () => {
  test('a token does not make a signature good', async () => {
    const one = await startServer({ credentials: { token: TOKEN } })
    expect((await one.send(APPEND, { signature: sign(TOKEN, APPEND, Date.now()) })).status).toBe(401)
    expect((await one.send(APPEND, { signature: sign('', APPEND, Date.now()) })).status).toBe(401)
    expect((await one.send(APPEND, { authorization: `Bearer ${TOKEN}` })).status).toBe(200)
  })

  test('a signature secret does not make a token good', async () => {
    const one = await startServer({ credentials: { signatureSecret: SECRET }, signatures: new MemoryRegistry() })
    for (const authorization of [`Bearer ${SECRET}`, 'Bearer undefined', 'Bearer', 'Bearer  ']) {
      expect((await one.send(APPEND, { authorization, 'x-api-key': SECRET })).status).toBe(401)
    }
    expect((await one.send(APPEND, { signature: sign(SECRET, APPEND, Date.now()) })).status).toBe(200)
  })
})

describe('without credentials', () => {
  test('a port that others reach is not opened, and the settings are named', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.com']) {
      await expect(startServer({ listener: { host } })).rejects.toThrow(/ADMIN_API_TOKEN.*ADMIN_SIGNATURE_SECRET/)
    }
  })

  test('this machine comes in, and no page from elsewhere by way of it', async () => {
    const open = await startServer()
    const { port } = open.listener.address
    expect((await open.send(APPEND)).status).toBe(200)
    const hosts: [string, number][] = [
      [`localhost:${port}`, 200],
      [`127.0.0.1:${port}`, 200],
      ['[::1]', 200],
      ['elsewhere.example', 401],
      [`elsewhere.example:${port}`, 401],
      ['localhost.elsewhere.example', 401],
      ['127.0.0.1.elsewhere.example', 401]
    ]
    for (const [host, status] of hosts) expect(await statusFor(open.url, { host })).toBe(status)
    expect(await statusFor(open.url, { host: 'localhost', 'x-forwarded-for': '192.0.2.1' })).toBe(401)
    expect(await statusFor(open.url, { host: 'localhost', forwarded: 'for=192.0.2.1' })).toBe(401)
  })

  test('the port of a token listens wherever it is told to', async () => {
    const wide = await startServer({ credentials: { token: TOKEN }, listener: { host: '0.0.0.0' } })
    expect((await wide.send(APPEND)).status).toBe(401)
    expect((await wide.send(APPEND, { 'x-api-key': TOKEN })).status).toBe(200)
  })
})

describe('introspection', () => {
  const SCHEMA = { query: '{ __schema { queryType { name } } }' }

  test('is for callers with credentials and for this machine, on an endpoint that lets others in too', async () => {
    const { schema } = createTestSchema()
    const logger = createLogger({ level: 'silent' })
    const route = graphqlEndpoint({
      path: '/graphql',
      schema,
      authenticate: (exchange) => ({ isAuthenticated: exchange.header('x-api-key') === 'known' }),
      contextOf: ({ context }) => context,
      logger,
      now: () => new Date()
    })
    const listener = await startListener({ name: 'test', host: '127.0.0.1', port: 0, logger, routes: [route] })
    const url = `${listener.url}/graphql`
    const far = { 'x-forwarded-for': '192.0.2.1' }
    expect((await post(url, SCHEMA)).status).toBe(200)
    expect((await post(url, SCHEMA, { ...far, 'x-api-key': 'known' })).status).toBe(200)
    for (const query of [
      SCHEMA.query,
      '{ ...F } fragment F on Query { t: __type(name: "Item") { name } }',
      '{ ... { __schema { types { name } } } echo }'
    ]) {
      for (let time = 0; time < 2; time += 1) {
        const refused = await post(url, { query }, far)
        expect([refused.status, ...codesOf(refused)]).toEqual([400, 'INTROSPECTION_DISABLED'])
        expect((await post(url, { query })).status).toBe(200)
      }
    }
    const guess = { query: '{ ecko }' }
    expect((await post(url, guess)).body.errors?.[0]?.message).toContain('"echo"')
    expect((await post(url, guess, far)).body.errors?.[0]?.message).not.toContain('"echo"')
    expect((await post(url, { query: '{ __typename }' }, far)).status).toBe(200)
    await listener.drain()
  })
})

describe('health and figures', () => {
  test('health is open, figures are not', async () => {
    const { url } = server.listener
    expect([(await get(`${url}/healthz`)).status, (await get(`${url}/readyz`)).status]).toEqual([200, 200])
    expect((await get(`${url}/metrics`)).status).toBe(401)
    expect((await get(`${url}/metrics`, { authorization: `Bearer ${TOKEN}` })).status).toBe(200)
  })
})

test('what is this machine', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])
    expect(isLoopbackAddress(address)).toBe(true)
  for (const address of [undefined, '', '10.0.0.1', '::', '::2', '127.0.0.1.1', '1127.0.0.1'])
    expect(isLoopbackAddress(address)).toBe(false)
  for (const host of [undefined, '', 'localhostx', 'x.localhost', 'localhost:x', '127.0.0.1@example.com'])
    expect(isLoopbackHost(host)).toBe(false)
})

function resolvers<Value>(): {
  promise: Promise<Value>
  resolve: (value: Value) => void
  reject: (error: unknown) => void
} {
  let resolve: (value: Value) => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<Value>((yes, no) => ([resolve, reject] = [yes, no]))
  return { promise, resolve, reject }
}

/** The status for a request with a host header of one's own, which fetch does not allow. */
function statusFor(url: string, headers: Record<string, string>): Promise<number> {
  const { promise, resolve, reject } = resolvers<number>()
  httpRequest(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }, (response) => {
    response.resume()
    resolve(response.statusCode ?? 0)
  })
    .on('error', reject)
    .end(JSON.stringify(APPEND))
  return promise
}
