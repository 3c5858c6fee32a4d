/**
 * Goal: how a request reaches a GraphQL endpoint: bodies, media types, methods and paths, and what is served besides
 * JSON by POST.
 * Method: a real listener and real requests; what ran is seen in the effects that resolvers leave.
 */
import { GRAPHQL_LIMITS } from '../../src/http/graphql-endpoint'
import { codesOf, get, startServer, stopServers, type TestServer } from './support'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(stopServers)

describe('the door', () => {
  test('takes a body up to its limit and not a byte more', async () => {
    const { bodyBytesMax } = GRAPHQL_LIMITS
    const frame = JSON.stringify({ query: 'mutation { append(text: "body") }', variables: { pad: '' } })
    const pad = (bytes: number): string => frame.replace('"pad":""', `"pad":"${'x'.repeat(bytes - frame.length)}"`)
    const before = server.effects.appended.length
    expect((await server.send(pad(bodyBytesMax))).status).toBe(200)
    expect(server.effects.appended).toHaveLength(before + 1)
    const refused = await server.send(pad(bodyBytesMax + 1))
    expect([refused.status, ...codesOf(refused)]).toEqual([413, 'BODY_TOO_LARGE'])
    expect(server.effects.appended).toHaveLength(before + 1)
  })

  test('stops reading a body of unknown length at its limit', async () => {
    const before = server.effects.appended.length
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536
        if (sent > 64 * 1024 * 1024) controller.close()
        else controller.enqueue(new Uint8Array(65_536).fill(0x20))
      }
    })
    const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': 'application/json' } }
    const refused = await fetch(server.url, init).catch((error: unknown) => error)
    if (refused instanceof Response) expect(refused.status).toBe(413)
    expect(sent).toBeLessThan(32 * 1024 * 1024)
    expect(server.effects.appended).toHaveLength(before)
  })

  test.each([
    ['text/plain', {}],
    ['application/x-www-form-urlencoded', {}],
    ['multipart/form-data; boundary=x', {}],
    ['application/graphql', {}],
    ['application/json; charset=utf-16', {}],
    ['application/jsonp', {}],
    ['application/json', { 'content-encoding': 'gzip' }]
  ])('refuses %s %j', async (type, headers) => {
    const before = server.effects.appended.length
    const answer = await server.query('mutation { append(text: "simple") }', {}, { 'content-type': type, ...headers })
    expect([answer.status, ...codesOf(answer)]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
    expect(server.effects.appended).toHaveLength(before)
  })

  test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'])('refuses %s', async (method) => {
    const answer = await fetch(server.url, { method, headers: { origin: 'https://elsewhere.example' } })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('GET, POST')
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('knows no path but its own', async () => {
    for (const path of ['/', '/graphql/', '/api/graphql', '/graphqlx', '/GraphQL', '/%67raphql']) {
      const answer = await get(new URL(path, server.url).href)
      expect([answer.status, ...codesOf(answer)]).toEqual([404, 'NOT_FOUND'])
    }
  })
})

describe('besides JSON by POST the endpoint', () => {
  test('answers queries by GET, and no mutations', async () => {
    const ask = (query: string): string => `${server.url}?query=${encodeURIComponent(query)}`
    expect((await get(ask('{ echo(text: "get") }'))).body).toEqual({ data: { echo: '{"text":"get"}' } })
    const before = server.effects.appended.length
    const refused = await get(ask('mutation { append(text: "get") }'))
    expect([refused.status, ...codesOf(refused)]).toEqual([405, 'METHOD_NOT_ALLOWED'])
    expect(server.effects.appended).toHaveLength(before)
    const searches = ['', '?query=', '?query={echo}&variables={', '?query={echo}&variables=[]', '?variables={}']
    for (const search of searches) {
      const answer = await get(server.url + search)
      expect([answer.status, ...codesOf(answer)]).toEqual([400, 'BAD_REQUEST'])
    }
  })

  test('has the same limits, codes and masks', async () => {
    const ask = (query: string): Promise<Awaited<ReturnType<typeof get>>> =>
      get(`${server.url}?query=${encodeURIComponent(query)}`)
    expect(codesOf(await ask(`{ ${'echo '.repeat(51)} }`))).toEqual(['TOO_MANY_ROOT_FIELDS'])
    expect(codesOf(await ask('{ nothing }'))).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    const masked = await ask('{ unexpected }')
    expect(masked.text).not.toContain('secret_table')
    expect(masked.body.errors?.[0]?.extensions.requestId).toBe(masked.headers.get('x-request-id'))
    const bad = await get(
      `${server.url}?query=${encodeURIComponent('query Q($n: Int) { echo(number: $n) }')}&variables=${encodeURIComponent('{"n":"x"}')}`
    )
    expect([bad.status, ...codesOf(bad)]).toEqual([400, 'BAD_USER_INPUT'])
  })

  test('shows a page to browsers', async () => {
    const page = await get(server.url, { accept: 'text/html' })
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toBe('text/html')
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(page.headers.get('x-request-id')).not.toBeNull()
  })

  test('answers a POST with an event stream, within the body limit', async () => {
    const accept = { accept: 'text/event-stream' }
    const answer = await server.query('{ echo(text: "stream") }', {}, accept)
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    expect(answer.text).toContain('{"data":{"echo":"{\\"text\\":\\"stream\\"}"}}')
    expect((await server.send({ query: ' '.repeat(300_000) }, accept)).status).toBe(413)
    expect((await server.query('{ nothing }', {}, accept)).text).toContain('GRAPHQL_VALIDATION_FAILED')
  })
})
