/**
 * Requests of callers that are only presumed, at the edge.
 *
 * Goal: work begins at once where it may, and whatever comes of it, nothing leaves before the presumption is confirmed
 * and nothing at all if it is wrong. Method: a listener on a real socket with an endpoint of the ramp on a small schema,
 * and presumptions that the test confirms or refutes when it likes.
 */
import { connect } from 'node:net'
import { once } from 'node:events'
import { buildSchema, GraphQLError, type GraphQLSchema } from 'graphql'
import { rampEndpoint } from '../../src/http/ramp-endpoint'
import type { RampContext } from '../../src/resolvers/ramp/context'
import { LOOKS_AHEAD } from '../../src/resolvers/ramp/guard'
import type { Principal } from '../../src/services/ramp/principal'
import { until } from '../support/wait'
import { codesOf, get, post, startServer, stopServers, type Answer, type LogLine } from './support'

const KEY = { authorization: 'Bearer CSHRMP-SECK_known' }
const PRESUMED: Principal = {
  kind: 'agent',
  id: 'presumed',
  keyId: 'key',
  isSecret: true,
  isTold: false,
  isRestricted: false
}
const FOUND: Principal = { ...PRESUMED, id: 'found' }

/** What resolvers did, and for whom. */
let calls: string[] = []
/** Who is presumed, and who is found by those who ask; nobody where it is undefined. */
let presumed: Principal | undefined
let found: Principal | undefined
/** Of the one presumption that a test makes. */
let settle: { readonly confirm: (is: boolean) => void; readonly fail: (error: Error) => void }
let presumptions = 0
let findings = 0
let url: string
let lines: LogLine[]
const hidden: unknown[] = []

function testSchema(): GraphQLSchema {
  const schema = buildSchema(`
    type Query { ahead: String guarded: String fails: String refuses: String }
    type Mutation { begin: String hang: String }
  `)
  const fields = { ...schema.getQueryType()?.getFields(), ...schema.getMutationType()?.getFields() }
  const say = (name: string, isAhead: boolean, resolve: () => unknown): void => {
    const field = fields[name]!
    if (isAhead) field.extensions = LOOKS_AHEAD
    field.resolve = (_, _args, { principal }: RampContext) => {
      calls.push(`${name} for ${principal.id}`)
      return resolve()
    }
  }
  say('ahead', true, () => 'ahead')
  say('guarded', false, () => 'guarded')
  say('begin', true, () => 'begun')
  say('hang', true, () => new Promise(() => undefined))
  say('fails', true, () => Promise.reject(new Error('a secret cause')))
  say('refuses', true, () => {
    throw new GraphQLError('NOT_FOUND', { extensions: { code: 'NOT_FOUND' } })
  })
  return schema
}

const logger = {
  error: (facts: unknown) => void hidden.push(facts),
  child: () => logger
} as never as Parameters<typeof rampEndpoint>[0]['logger']

beforeAll(async () => {
  const server = await startServer({
    listener: {
      routes: () => [
        rampEndpoint({
          path: '/agent',
          schema: testSchema(),
          kind: 'agent',
          keys: {
            findBearer: () => {
              findings++
              return Promise.resolve(found)
            },
            presumeBearer: () => {
              presumptions++
              if (!presumed) return undefined
              const isConfirmed = new Promise<boolean>((confirm, fail) => (settle = { confirm, fail }))
              isConfirmed.catch(() => undefined)
              return { principal: presumed, isConfirmed }
            }
          },
          takesPlaintext: false,
          logger,
          now: () => new Date()
        })
      ]
    }
  })
  url = `${server.listener.url}/agent`
  lines = server.lines
})
afterAll(stopServers)

beforeEach(() => {
  ;[calls, presumed, found, presumptions, findings, hidden.length, lines.length] = [[], PRESUMED, PRESUMED, 0, 0, 0, 0]
})

const UNAUTHENTICATED = '{"errors":[{"message":"UNAUTHENTICATED","extensions":{"code":"UNAUTHENTICATED"}}]}'

/** A request that is under way. */
class Asked {
  answer: Answer | undefined
  readonly answered: Promise<Answer>

  constructor(body: unknown, headers: Record<string, string> = {}) {
    this.answered = post(url, body, { ...KEY, ...headers }).then((answer) => (this.answer = answer))
  }

  /** Until the presumption is made, and then long enough for all that is wrongly done at once. */
  async waits(): Promise<this> {
    await until(() => presumptions > 0)
    await pause()
    expect(this.answer).toBeUndefined()
    return this
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 40))
const ask = (query: string): Promise<Asked> => new Asked({ query }).waits()

describe('until a presumption is confirmed', () => {
  it('a field that looks ahead has been called, and its answer waits', async () => {
    const asked = await ask('mutation { begin }')
    expect(calls).toEqual(['begin for presumed'])
    settle.confirm(true)
    expect((await asked.answered).text).toBe('{"data":{"begin":"begun"}}')
    expect([calls.length, findings]).toEqual([1, 0])
  })

  it('no other field is called', async () => {
    const asked = await ask('{ ahead guarded }')
    expect(calls).toEqual(['ahead for presumed'])
    settle.confirm(true)
    expect((await asked.answered).text).toBe('{"data":{"ahead":"ahead","guarded":"guarded"}}')
    expect(calls).toEqual(['ahead for presumed', 'guarded for presumed'])
  })

  it.each([
    ['{ unknown }', 200, 'GRAPHQL_VALIDATION_FAILED'],
    ['{ refuses }', 200, 'NOT_FOUND'],
    ['{ fails }', 200, 'INTERNAL_SERVER_ERROR'],
    ['', 400, 'BAD_REQUEST'],
    ['x'.repeat(300_000), 413, 'BODY_TOO_LARGE'],
    ['subscription { ahead }', 200, expect.any(String) as string]
  ])('no refusal is told: %#', async (query, status, code) => {
    const asked = await ask(query)
    expect(hidden).toEqual([])
    settle.confirm(true)
    const answer = await asked.answered
    expect([answer.status, codesOf(answer)]).toEqual([status, [code]])
    expect(hidden).toHaveLength(code === 'INTERNAL_SERVER_ERROR' ? 1 : 0)
  })

  it('nobody hears of the schema', async () => {
    const asked = await ask('{ __schema { queryType { name } } }')
    settle.confirm(true)
    expect((await asked.answered).text).toBe('{"data":{"__schema":{"queryType":{"name":"Query"}}}}')
  })

  it('a restricted account is not told so', async () => {
    presumed = { ...PRESUMED, isRestricted: true }
    const asked = await ask('{ ahead guarded }')
    settle.confirm(true)
    expect(codesOf(await asked.answered)).toEqual(['ACCOUNT_RESTRICTED', 'ACCOUNT_RESTRICTED'])
    expect(calls).toEqual([])
  })
})

describe('where a presumption is wrong', () => {
  it.each([
    'mutation { begin }',
    '{ guarded }',
    '{ unknown }',
    '{ refuses }',
    '{ fails }',
    '',
    'x'.repeat(300_000),
    '{ __schema { queryType { name } } }'
  ])('whoever it is not is not let in, whatever it asked: %#', async (query) => {
    found = undefined
    const asked = await ask(query)
    settle.confirm(false)
    const answer = await asked.answered
    expect([answer.status, answer.text]).toEqual([401, UNAUTHENTICATED])
    await pause()
    expect(calls).not.toContain('guarded for presumed')
    expect(hidden).toEqual([])
    expect(requestLines()).toMatchObject([{ status: 401 }])
    expect(requestLines()[0]).not.toHaveProperty('operation')
  })

  it('the request is served once, for whoever it comes from', async () => {
    found = FOUND
    const asked = await ask('query mine { ahead guarded }')
    settle.confirm(false)
    expect((await asked.answered).text).toBe('{"data":{"ahead":"ahead","guarded":"guarded"}}')
    expect(calls).toEqual(['ahead for presumed', 'ahead for found', 'guarded for found'])
    expect([presumptions, findings]).toEqual([1, 1])
    expect(requestLines()).toMatchObject([{ status: 200, operation: 'several', operationName: 'mine' }])
  })

  it('a restricted account is told so', async () => {
    found = { ...FOUND, isRestricted: true }
    const asked = await ask('{ guarded }')
    settle.confirm(false)
    expect(codesOf(await asked.answered)).toEqual(['ACCOUNT_RESTRICTED'])
    expect(calls).toEqual([])
  })

  it('work that takes long is not waited for', async () => {
    found = undefined
    const asked = new Asked({ query: 'mutation { hang }' })
    await until(() => calls.length > 0)
    settle.confirm(false)
    expect((await asked.answered).status).toBe(401)
    await pause()
    expect(hidden).toEqual([])
  })

  it('a body that comes later says nothing', async () => {
    found = undefined
    const { socket, received } = await sendHead()
    settle.confirm(false)
    await until(() => received().includes('UNAUTHENTICATED'))
    socket.write(LATE_BODY)
    await pause()
    expect(calls).toEqual([])
    socket.destroy()
    await until(() => requestLines().length > 0)
    expect(requestLines()).toMatchObject([{ status: 401 }])
    expect(requestLines()[0]).not.toHaveProperty('operation')
  })
})

it('a body that comes after the confirmation is answered', async () => {
  const { socket, received } = await sendHead()
  settle.confirm(true)
  await pause()
  expect(received()).toBe('')
  socket.write(LATE_BODY)
  await until(() => received().includes('{"data":{"begin":"begun"}}'))
  socket.destroy()
})

it.each(['{ ahead }', '{ guarded }', '{ unknown }', 'mutation { hang }'])(
  'where it cannot be told, the request fails and the log has why, once: %s',
  async (query) => {
    const asked = await ask(query)
    settle.fail(new Error('no version'))
    const answer = await asked.answered
    expect([answer.status, codesOf(answer)]).toEqual([500, ['INTERNAL_SERVER_ERROR']])
    expect(answer.text).not.toContain('no version')
    await pause()
    expect(calls).not.toContain('guarded for presumed')
    expect(hidden).toEqual([])
    expect(lines.filter(({ msg }) => msg === 'a request failed unexpectedly')).toMatchObject([
      { error: { message: 'no version' } }
    ])
    expect(findings).toBe(0)
  }
)

describe('nobody is presumed', () => {
  it.each([
    ['of the other kind', { kind: 'merchant' }],
    ['with a public key where only secret ones open', { isSecret: false }]
  ] as const)('%s', async (_, more) => {
    presumed = { ...PRESUMED, ...more }
    found = presumed
    expect((await new Asked({ query: '{ ahead }' }).answered).status).toBe(403)
    expect([findings, calls]).toEqual([1, []])
  })

  it.each([
    ['a stream', { accept: 'text/event-stream' }, 200],
    ['another type of body', { 'content-type': 'text/plain' }, 415]
  ])('by a request with %s', async (_, headers, status) => {
    const answer = await new Asked({ query: '{ guarded }' }, headers as never).answered
    expect([answer.status, presumptions, findings]).toEqual([status, 0, 1])
  })

  it('by a page', async () => {
    expect((await get(url, { ...KEY, accept: 'text/html' })).status).toBe(200)
    expect([presumptions, findings]).toEqual([0, 1])
  })

  it('by a request that asks before it sends its body', async () => {
    found = undefined
    const { socket, received } = await sendHead('expect: 100-continue')
    await until(() => received().includes('UNAUTHENTICATED'))
    expect(received()).not.toContain('100 Continue')
    expect([presumptions, findings]).toEqual([0, 1])
    socket.destroy()
  })
})

const LATE_BODY = JSON.stringify({ query: 'mutation { begin }' })

/** A request of which the body is still to come. */
async function sendHead(more?: string): Promise<{ socket: ReturnType<typeof connect>; received: () => string }> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  let text = ''
  socket.setEncoding('utf8').on('data', (piece: string) => (text += piece))
  const head = [
    'POST /agent HTTP/1.1',
    'host: localhost',
    `authorization: ${KEY.authorization}`,
    'content-type: application/json',
    `content-length: ${LATE_BODY.length}`,
    ...(more ? [more] : [])
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  await until(() => presumptions + findings > 0)
  return { socket, received: () => text }
}

function requestLines(): LogLine[] {
  return lines.filter(({ msg }) => msg === 'request')
}
