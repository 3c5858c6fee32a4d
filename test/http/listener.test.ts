/**
 * Goal: the port behaves whatever comes through it: slow, broken, hostile or too much, and it ends well.
 * Method: raw connections to a real listener. Limits of time are set short; no time is ever asserted, only
 * that the end comes.
 */
import { graphqlEndpoint } from '../../src/http/graphql-endpoint'
import { startListener } from '../../src/http/listener'
import { createLogger } from '../../src/logging'
import { until } from '../support/wait'
import { codesOf, get, RawClient, rawPost, startServer, stopServers, type TestServer } from './support'

afterEach(stopServers)

const ECHO = { query: '{ echo(text: "raw") }' }
const slow = (milliseconds: number): object => ({ query: `{ slow(milliseconds: ${milliseconds}) }` })
const append = (text: string): object => ({
  query: 'mutation M($t: String!) { append(text: $t) }',
  variables: { t: text }
})

describe('a connection', () => {
  test('carries many requests, one after another', async () => {
    const server = await startServer()
    const client = await RawClient.open(server.url)
    for (let request = 1; request <= 5; request += 1) {
      client.write(rawPost(ECHO))
      await client.until(new RegExp(`(HTTP/1.1 200[^]*){${request}}`))
    }
    client.socket.destroy()
  })

  test('carries pipelined requests, answered in order', async () => {
    const server = await startServer()
    const client = await RawClient.open(server.url)
    client.write([slow(50), ECHO, append('pipelined'), slow(1)].map((body) => rawPost(body)).join(''))
    await client.until(/(HTTP\/1.1 200[^]*){4}slow/)
    const order = ['"slow"', 'raw', 'pipelined', '"slow"'].reduce(
      (at, text) => client.received.indexOf(text, at + 1),
      -1
    )
    expect(order).toBeGreaterThan(0)
    client.socket.destroy()
  })

  test('that goes away in the middle leaves nothing under way, also behind another request', async () => {
    const server = await startServer()
    const client = await RawClient.open(server.url)
    client.write(rawPost(slow(-1)) + rawPost(slow(-1)) + rawPost(ECHO))
    await until(() => server.listener.inFlight === 3)
    client.socket.destroy()
    await until(() => server.listener.inFlight === 0)
    server.release()
  })

  test('over the limit is closed on arrival', async () => {
    const server = await startServer({ listener: { limits: { connectionsMax: 2 } } })
    const clients = [await RawClient.open(server.url), await RawClient.open(server.url)]
    for (const client of clients) {
      client.write(rawPost(ECHO))
      await client.until(/200 OK/)
    }
    const third = await RawClient.open(server.url)
    await third.closed
    expect(third.received).toBe('')
    clients.forEach(({ socket }) => socket.destroy())
  })
})

describe('too slow', () => {
  const limits = { headersTimeoutMilliseconds: 100, requestTimeoutMilliseconds: 200, checkIntervalMilliseconds: 20 }

  test.each([
    ['a request line', 'POST /gra'],
    ['headers', 'POST /graphql HTTP/1.1\r\nhost: localhost\r\nx-a: b\r\n'],
    ['a body', rawPost(append('slow')).slice(0, -5)],
    [
      'a chunked body',
      'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"que'
    ]
  ])('%s gets 408 and the connection is closed', async (_, text) => {
    const server = await startServer({ listener: { limits } })
    const client = await RawClient.open(server.url)
    client.write(text)
    await client.closed
    expect(client.statuses).toEqual([408])
    expect(client.received).toContain('"code":"REQUEST_TIMEOUT"')
    expect(client.received.toLowerCase()).toContain('connection: close')
    expect(server.effects.appended).toEqual([])
    await until(() => server.listener.inFlight === 0)
  })

  test('a client that says a byte now and then does not hold a connection for ever', async () => {
    const server = await startServer({ listener: { limits } })
    const client = await RawClient.open(server.url)
    const dripping = setInterval(() => client.write('x'), 10)
    client.write('POST /graphql HTTP/1.1\r\nx-drip: ')
    await client.closed
    clearInterval(dripping)
    expect(client.statuses).toEqual([408])
  })

  test('an idle connection is let go', async () => {
    const server = await startServer({ listener: { limits: { keepAliveMilliseconds: 50 } } })
    const client = await RawClient.open(server.url)
    client.write(rawPost(ECHO))
    await client.closed
    expect(client.statuses).toEqual([200])
  })

  test('a request without end on a silent connection is cut', async () => {
    const server = await startServer({ listener: { limits: { inactivityMilliseconds: 100 } } })
    const client = await RawClient.open(server.url)
    client.write(rawPost(slow(-1)))
    await client.closed
    await until(() => server.listener.inFlight === 0)
    server.release()
  })
})

describe('malformed: nothing runs, and the connection is closed after', () => {
  const body = JSON.stringify(append('smuggled'))
  const head = (...headers: string[]): string =>
    ['POST /graphql HTTP/1.1', 'host: localhost', 'content-type: application/json', ...headers, '', ''].join('\r\n')

  test.each([
    ['two content lengths', `${head(`content-length: ${body.length}`, 'content-length: 3')}${body}`, 400],
    [
      'a content length beside chunks',
      `${head(`content-length: ${body.length}`, 'transfer-encoding: chunked')}0\r\n\r\n${body}`,
      400
    ],
    ['chunks that are not the last coding', `${head('transfer-encoding: chunked, gzip')}0\r\n\r\n${body}`, 400],
    ['an unknown transfer coding', `${head('transfer-encoding: xchunked')}0\r\n\r\n${body}`, 400],
    ['a length that is no number', `${head('content-length: 1e3')}${body}`, 400],
    ['a negative length', `${head('content-length: -1')}${body}`, 400],
    ['a space before a colon', `${head(`content-length : ${body.length}`)}${body}`, 400],
    ['a folded header', `${head('x-a: b', ' c: d', `content-length: ${body.length}`)}${body}`, 400],
    [
      'a bare line feed after a header',
      `${head(`content-length: ${body.length}`).replaceAll('\r\n', '\n')}${body}`,
      400
    ],
    ['a chunk size that is no number', `${head('transfer-encoding: chunked')}zz\r\n${body}\r\n0\r\n\r\n`, 400],
    [
      'no host',
      `POST /graphql HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      400
    ],
    ['NUL in a header', `${head('x-a: \0', `content-length: ${body.length}`)}${body}`, 400],
    ['not HTTP', 'hello there\r\n\r\n', 400],
    ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['headers that are too long', `${head(`x-a: ${'x'.repeat(20_000)}`, `content-length: ${body.length}`)}${body}`, 431]
  ])('%s', async (_, text, status) => {
    const server = await startServer()
    const client = await RawClient.open(server.url)
    client.write(text)
    await client.closed
    expect(client.statuses).toEqual([status])
    expect(client.received).not.toContain('smuggled')
    expect(server.effects.appended).toEqual([])
  })

  test('what follows a request is not taken for the answer to it', async () => {
    const server = await startServer()
    const client = await RawClient.open(server.url)
    client.write(`${rawPost(slow(-1))}GET / HTTP/9\r\n\r\n`)
    await client.closed
    expect(client.received).toBe('')
    server.release()
  })

  test('an upgrade is not one', async () => {
    const server = await startServer()
    const client = await RawClient.open(server.url)
    client.write(rawPost(ECHO, ['connection: upgrade', 'upgrade: websocket']))
    await client.until(/HTTP\/1.1 \d{3}/)
    expect(client.statuses).toEqual([200])
    client.socket.destroy()
  })
})

describe('a body that is announced', () => {
  test('waits for a word to go on, and for none when it is too large', async () => {
    const server = await startServer()
    const client = await RawClient.open(server.url)
    const [head = '', body = ''] = rawPost(append('continued'), ['expect: 100-continue']).split('\r\n\r\n')
    client.write(`${head}\r\n\r\n`)
    await client.until(/100 Continue/)
    client.write(body)
    await client.until(/200 OK/)
    expect(server.effects.appended).toEqual(['continued'])
    const other = await RawClient.open(server.url)
    other.write(`${head.replace(/content-length: \d+/, 'content-length: 999999999')}\r\n\r\n`)
    await other.until(/HTTP\/1.1 413/)
    expect(other.statuses).toEqual([413])
    client.socket.destroy()
    other.socket.destroy()
  })

  test('that is refused in the middle still lets the client read why', async () => {
    const server = await startServer({ credentials: { token: 'the token of this test' } })
    const big = 'x'.repeat(3_000_000)
    const answer = await server.send(big)
    expect([answer.status, ...codesOf(answer)]).toEqual([401, 'UNAUTHENTICATED'])
  })
})

describe('too much at once', () => {
  test('is refused early, and what was taken is done', async () => {
    const server = await startServer({ listener: { limits: { requestsMax: 3 } } })
    const taken = [1, 2, 3].map(() => server.send(slow(-1)))
    await until(() => server.listener.inFlight === 3)
    const refused = await server.send(append('too much'))
    expect([refused.status, ...codesOf(refused), refused.headers.get('retry-after')]).toEqual([503, 'OVERLOADED', '1'])
    expect(server.effects.appended).toEqual([])
    server.release()
    expect((await Promise.all(taken)).map(({ status }) => status)).toEqual([200, 200, 200])
    expect((await server.send(append('later'))).status).toBe(200)
  })
})

describe('drain', () => {
  test('under load: what was taken is answered, what comes is refused, nothing is lost', async () => {
    const server = await startServer({ listener: { limits: { drainNoticeMilliseconds: 150 } } })
    const answered: string[] = []
    const counts = { taken: 0, refused: 0, closed: 0 }
    let draining: Promise<void> | undefined
    const client = async (name: number): Promise<void> => {
      for (let turn = 0; counts.closed < 1 && turn < 10_000; turn += 1) {
        const text = `<${name}.${turn}>`
        const outcome = await server.send(append(text)).catch(() => undefined)
        if (!outcome) return void (counts.closed += 1)
        if (outcome.status === 200) {
          counts.taken += 1
          answered.push(text)
          if (counts.taken === 200) draining = server.listener.drain()
        } else {
          expect([outcome.status, ...codesOf(outcome)]).toEqual([503, 'SHUTTING_DOWN'])
          expect(outcome.headers.get('connection')).toBe('close')
          counts.refused += 1
        }
      }
    }
    await Promise.all(Array.from({ length: 16 }, (_, name) => client(name)))
    await draining
    expect(draining).toBeDefined()
    expect(counts.refused).toBeGreaterThan(0)
    expect([...answered].sort()).toEqual([...server.effects.appended].sort())
  })

  test('lets a request under way finish, says so to its connection, and refuses others meanwhile', async () => {
    const server = await startServer()
    const underWay = server.send(slow(-1))
    const idle = await RawClient.open(server.url)
    idle.write(rawPost(ECHO))
    await idle.until(/200 OK/)
    await until(() => server.listener.inFlight === 1)
    const drained = server.listener.drain()
    expect(server.listener.drain()).toBe(drained)
    const refused = await get(`${server.listener.url}/healthz`)
    expect([refused.status, refused.headers.get('connection')]).toEqual([503, 'close'])
    idle.write(rawPost(append('late')))
    await idle.closed
    expect(idle.statuses).toEqual([200, 503])
    server.release()
    const answer = await underWay
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close'])
    await drained
    await expect(fetch(server.url)).rejects.toThrow()
    expect(server.effects.appended).toEqual([])
  })

  test('does not wait for ever', async () => {
    const server = await startServer({ listener: { limits: { drainMilliseconds: 50 } } })
    const client = await RawClient.open(server.url)
    client.write(rawPost(slow(-1)))
    await until(() => server.listener.inFlight === 1)
    const silent = await RawClient.open(server.url)
    silent.write('POST /graphql HTTP/1.1\r\n')
    await server.listener.drain()
    await Promise.all([client.closed, silent.closed])
    expect(client.received).toBe('')
    expect(server.lines).toContainEqual(expect.objectContaining({ level: 'warn', requests: 1 }))
    server.release()
  })

  test('of an idle listener ends, whoever keeps a connection', async () => {
    const server = await startServer()
    const client = await RawClient.open(server.url)
    await server.listener.drain()
    await client.closed
  })
})

describe('the route table', () => {
  const logger = createLogger({ level: 'silent' })

  test('takes exact paths first, then the longest prefix', async () => {
    const say = (path: string) => ({
      path,
      handle: (exchange: { send(status: number, body: string): void }) => exchange.send(200, JSON.stringify(path))
    })
    const listener = await startListener({
      name: 'test',
      host: '127.0.0.1',
      port: 0,
      logger,
      routes: [say('/hosted/*'), say('/hosted/deep/*'), say('/hosted/exact'), say('/one')]
    })
    const at = async (path: string): Promise<string> => (await get(listener.url + path)).text
    expect(await at('/one?x=1')).toBe('"/one"')
    expect(await at('/hosted/x')).toBe('"/hosted/*"')
    expect(await at('/hosted/exact')).toBe('"/hosted/exact"')
    expect(await at('/hosted/deep/x')).toBe('"/hosted/deep/*"')
    expect(await at('/hosted')).toContain('NOT_FOUND')
    expect(await at('/one/more')).toContain('NOT_FOUND')
    await listener.drain()
  })

  test('refuses two routes with one path, and a port that is taken', async () => {
    const route = { path: '/a', handle: () => undefined }
    const options = { name: 'test', host: '127.0.0.1', port: 0, logger }
    await expect(startListener({ ...options, routes: [route, route] })).rejects.toThrow('/a')
    const listener = await startListener({ ...options, routes: [] })
    await expect(startListener({ ...options, port: listener.address.port, routes: [] })).rejects.toThrow('EADDRINUSE')
    await listener.drain()
  })

  test('keeps a path that is as good as a key out of the log', async () => {
    const lines: string[] = []
    const send = (exchange: { send(status: number, body: string): void }) => exchange.send(200, '')
    const listener = await startListener({
      name: 'test',
      host: '127.0.0.1',
      port: 0,
      logger: createLogger({ level: 'info', destination: { write: (line) => lines.push(line) } }),
      routes: [
        { path: '/pages/*', hidesPath: true, handle: send },
        { path: '/broken/*', hidesPath: true, handle: () => Promise.reject(new Error('broken')) },
        { path: '/plain/*', handle: send }
      ]
    })
    for (const path of ['/pages/one', '/broken/two', '/plain/three']) await get(`${listener.url}${path}`)
    await listener.drain()
    const paths = lines.map((line) => (JSON.parse(line) as { path?: string }).path)
    expect(paths).toEqual(expect.arrayContaining(['/pages/*', '/broken/*', '/plain/three']))
    expect(lines.join()).not.toMatch(/pages\/one|broken\/two/)
  })

  test('hides what a handler throws, and says where to look', async () => {
    const lines: string[] = []
    const listener = await startListener({
      name: 'test',
      host: '127.0.0.1',
      port: 0,
      logger: createLogger({ level: 'error', destination: { write: (line) => lines.push(line) } }),
      routes: [
        {
          path: '/now',
          handle: () => {
            throw new Error('a secret cause')
          }
        },
        { path: '/later', handle: () => Promise.reject(new Error('a secret cause')) }
      ]
    })
    for (const path of ['/now', '/later']) {
      const answer = await get(listener.url + path)
      expect([answer.status, ...codesOf(answer)]).toEqual([500, 'INTERNAL_SERVER_ERROR'])
      expect(answer.text).not.toContain('secret')
      const { requestId } = answer.body.errors?.[0]?.extensions ?? {}
      expect(requestId).toBe(answer.headers.get('x-request-id'))
      expect(lines.filter((line) => line.includes(String(requestId)) && line.includes('a secret cause'))).toHaveLength(
        1
      )
    }
    await listener.drain()
  })

  test('a context that cannot be made is masked too', async () => {
    const server: TestServer = await startServer()
    const route = graphqlEndpoint({
      path: '/graphql',
      schema: server.schema,
      authenticate: () => ({ isAuthenticated: true }),
      contextOf: () => {
        throw new Error('a secret cause')
      },
      logger,
      now: () => new Date()
    })
    const listener = await startListener({ name: 'test', host: '127.0.0.1', port: 0, logger, routes: [route] })
    const answer = await get(`${listener.url}/graphql?query={echo}`)
    expect([answer.status, ...codesOf(answer)]).toEqual([500, 'INTERNAL_SERVER_ERROR'])
    expect(answer.text).not.toContain('secret')
    await listener.drain()
  })
})
