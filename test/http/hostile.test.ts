/**
 * Goal: no request makes an endpoint fail, tell what it should not, or do what it refused.
 * Method: random requests, sound, damaged and nasty, against the test's own schema through a real port. The
 * same property runs on every schema of the service where that is tested.
 */
import fc from 'fast-check'
import { expectTame, hostileDocuments, isRefusal } from './hostile'
import { startServer, stopServers, type TestServer } from './support'

const RUNS = process.env.HAZINA_TEST_LONG === '1' ? 20_000 : 600

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(stopServers)

test('every request gets an answer that a client may get, and a refused one leaves nothing behind', async () => {
  const counts = { refused: 0, ran: 0 }
  const except = ['unexpected', 'unexpectedRequired', 'broken', 'slow']
  await fc.assert(
    fc.asyncProperty(hostileDocuments(server.schema, { except }), async (request) => {
      const { added, appended, seen } = server.effects
      const before = [added.length, appended.length, seen.length]
      const answer = await server.send(request)
      expectTame(request, answer)
      if (isRefusal(answer)) {
        expect([added.length, appended.length, seen.length]).toEqual(before)
        counts.refused += 1
      } else counts.ran += 1
    }),
    { numRuns: RUNS }
  )
  // Both sides of the line were met often enough to mean something.
  expect(Math.min(counts.refused, counts.ran)).toBeGreaterThan(RUNS / 10)
  expect(server.lines.filter(({ level }) => level === 'error')).toEqual([])
})

test('the property would notice: a masked failure, a leak, a refusal with data', async () => {
  const request = { query: '{ unexpected }' }
  const answer = await server.send(request)
  expect(() => expectTame(request, answer)).toThrow('failed unexpectedly')
  const told = {
    ...answer,
    text: '',
    body: { errors: [{ message: 'relation "asset" is gone', extensions: { code: 'X' } }] }
  }
  expect(() => expectTame(request, told)).toThrow('tells')
  const both = {
    ...answer,
    status: 400,
    text: '',
    body: { data: {}, errors: [{ message: 'no', extensions: { code: 'BAD_USER_INPUT' } }] }
  }
  expect(() => expectTame(request, both)).toThrow('a refusal that is none')
})
