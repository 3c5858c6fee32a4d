/**
 * Goal: a probe learns the truth and nothing more; figures count what happened under names that are bounded.
 * Method: a listener whose dependencies the test breaks, and its text of figures read as Prometheus reads it.
 */
import { get, RawClient, startServer, stopServers } from './support'

afterEach(stopServers)

describe('readiness', () => {
  test('names each dependency and follows it down and up', async () => {
    const broken = new Set<string>()
    const check = (name: string) => () =>
      broken.has(name) ? Promise.reject(new Error('password of the database')) : Promise.resolve()
    const { listener, lines } = await startServer({
      listener: { checks: { database: check('database'), ledger: check('ledger') } }
    })
    const read = async (): Promise<unknown[]> => {
      const { status, text } = await get(`${listener.url}/readyz`)
      return [status, JSON.parse(text)]
    }
    expect(await read()).toEqual([200, { status: 'ok', checks: { database: 'ok', ledger: 'ok' } }])
    broken.add('ledger')
    expect(await read()).toEqual([503, { status: 'down', checks: { database: 'ok', ledger: 'down' } }])
    expect((await get(`${listener.url}/healthz`)).status).toBe(200)
    broken.clear()
    expect(await read()).toEqual([200, { status: 'ok', checks: { database: 'ok', ledger: 'ok' } }])
    expect(lines).toContainEqual(expect.objectContaining({ level: 'warn', dependency: 'ledger' }))
  })

  test('is for looking at', async () => {
    const { listener } = await startServer()
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect((await fetch(listener.url + path, { method: 'HEAD' })).status).toBe(200)
      const answer = await fetch(listener.url + path, { method: 'POST', body: '{}' })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    }
  })

  test('of many probes at once asks a dependency once', async () => {
    let asked = 0
    let answer: () => void = () => undefined
    const database = (): Promise<void> => {
      asked += 1
      return new Promise((resolve) => (answer = resolve))
    }
    const { listener } = await startServer({ listener: { checks: { database } } })
    const probes = Array.from({ length: 10 }, () => get(`${listener.url}/readyz`))
    while (listener.inFlight < 10) await new Promise((resolve) => setTimeout(resolve, 5))
    answer()
    expect((await Promise.all(probes)).map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200))
    expect(asked).toBe(1)
  })

  test('does not wait for a dependency that hangs, or one that throws at once', async () => {
    const { listener } = await startServer({
      listener: {
        checkTimeoutMilliseconds: 20,
        checks: {
          hanging: () => new Promise(() => undefined),
          throwing: () => {
            throw new Error('at once')
          }
        }
      }
    })
    const { status, text } = await get(`${listener.url}/readyz`)
    expect([status, JSON.parse(text)]).toEqual([503, { status: 'down', checks: { hanging: 'down', throwing: 'down' } }])
  })
})

describe('figures', () => {
  async function figuresOf(url: string): Promise<Map<string, number>> {
    const { text } = await get(`${new URL(url).origin}/metrics`)
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))])
    )
  }
  const count = (operation: string, status: number, path = '/graphql'): string =>
    `hazina_http_request_duration_seconds_count{path="${path}",operation="${operation}",status="${status}"}`

  test('count requests by path, operation and status, whatever names clients choose', async () => {
    const server = await startServer()
    for (let time = 0; time < 3; time += 1) await server.query(`query Name${time} { echo }`)
    await server.query('{ echo item(id: 1) { id } }')
    await server.query('{ nothing }')
    await server.query('{ __schema { queryType { name } } }')
    await get(`${server.listener.url}/some/${Math.random()}`)
    await get(`${server.listener.url}/other/${Math.random()}`)
    const figures = await figuresOf(server.url)
    expect(figures.get(count('echo', 200))).toBe(3)
    expect(figures.get(count('several', 200))).toBe(1)
    expect(figures.get(count('refused', 400))).toBe(1)
    expect(figures.get(count('introspection', 200))).toBe(1)
    expect(figures.get(count('other', 404, 'other'))).toBe(2)
    expect(JSON.stringify([...figures.keys()])).not.toContain('Name0')
    expect(figures.get('hazina_http_requests_in_flight')).toBe(1)
  })

  test('form a histogram: each bucket holds those before it, and the last holds all', async () => {
    const server = await startServer()
    await Promise.all([0, 0, 0, 30].map((milliseconds) => server.query(`{ slow(milliseconds: ${milliseconds}) }`)))
    const figures = await figuresOf(server.url)
    const buckets = [...figures].filter(([name]) => name.includes('_bucket{') && name.includes('"slow"'))
    const values = buckets.map(([, value]) => value)
    expect(values).toEqual([...values].sort((one, other) => one - other))
    expect(values.at(-1)).toBe(4)
    expect(buckets.at(-1)?.[0]).toContain('le="+Inf"')
    const sum =
      figures.get('hazina_http_request_duration_seconds_sum{path="/graphql",operation="slow",status="200"}') ?? 0
    expect(sum).toBeGreaterThan(0.025)
  })

  test('of other parts of the service are read when they are asked for', async () => {
    let batches = 5
    const server = await startServer({
      listener: {
        figures: [
          { name: 'hazina_ledger_batches_total', help: 'Batches', kind: 'counter', read: () => batches },
          { name: 'hazina_ledger_queue', help: 'Queue', kind: 'gauge', read: () => Promise.resolve(7) }
        ]
      }
    })
    expect((await figuresOf(server.url)).get('hazina_ledger_batches_total')).toBe(5)
    batches = 9
    const figures = await figuresOf(server.url)
    expect([figures.get('hazina_ledger_batches_total'), figures.get('hazina_ledger_queue')]).toEqual([9, 7])
  })

  test('count a client that went away as such', async () => {
    const server = await startServer()
    const client = await RawClient.open(server.url)
    client.write(
      'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{'
    )
    while (server.listener.inFlight === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    client.socket.destroy()
    while (server.listener.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect((await figuresOf(server.url)).get(count('other', 499))).toBe(1)
  })

  test('of the process are told too', async () => {
    const server = await startServer({ listener: { hasProcessFigures: true } })
    expect(
      [...(await figuresOf(server.url)).keys()].some((name) => name.startsWith('hazina_process_resident_memory'))
    ).toBe(true)
  })
})
