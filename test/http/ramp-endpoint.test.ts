/**
 * The endpoints of the Agent and the Merchant API at the edge (cases 1, 2, 4 and 9).
 *
 * Goal: which requests come in, and what is said to those that do not, to the letter where clients were promised
 * it. Method: a listener on a real socket with two such endpoints on a small schema, and keys that the test knows.
 */
import { buildSchema, GraphQLError, type GraphQLSchema } from 'graphql'
import { rampEndpoint } from '../../src/http/ramp-endpoint'
import type { RampContext } from '../../src/resolvers/ramp/context'
import type { Principal } from '../../src/services/ramp/principal'
import { codesOf, get, post, startServer, stopServers, type Answer, type LogLine } from './support'

const ID = '018f5f3c-0000-7000-8000-000000000001'

function principal(kind: Principal['kind'], more: Partial<Principal> = {}): Principal {
  return { kind, id: ID, keyId: ID, isSecret: true, isTold: false, isRestricted: false, ...more }
}

const KEYS = new Map<string, Principal>([
  ['CSHRMP-SECK_agent', principal('agent')],
  ['CSHRMP-SECK_merchant', principal('merchant')],
  ['CSHRMP-PUBK_merchant', principal('merchant', { isSecret: false })],
  ['CSHRMP-PUBK_agent', principal('agent', { isSecret: false })],
  ['CSHRMP-SECK_restricted', principal('merchant', { isRestricted: true })]
])

const SCHEMA = `
  enum PaymentTypeType { deposit withdrawal }
  enum P2PPaymentTypeType { deposit withdrawal }
  scalar Decimal
  type Query {
    open: String
    closed: String
    amount(value: Decimal): String
    quote(type: PaymentTypeType = deposit, id: ID): String
    fails: String
    refuses: String
    deep: Deep
  }
  type Deep { deep: Deep end: String }
  type Mutation { start(type: P2PPaymentTypeType!): String slow(name: String!): String }
`

const started: string[] = []
const contexts: RampContext[] = []

function testSchema(): GraphQLSchema {
  const schema = buildSchema(SCHEMA)
  const say = (name: string, resolve: (args: Record<string, unknown>) => unknown): void => {
    const field = schema.getQueryType()?.getFields()[name] ?? schema.getMutationType()?.getFields()[name]
    if (!field) throw new Error(`no field ${name}`)
    field.resolve = (_, args: Record<string, unknown>, context: RampContext) => {
      contexts.push(context)
      return resolve(args)
    }
  }
  say('open', () => 'open')
  say('closed', () => 'closed')
  say('amount', ({ value }) => JSON.stringify(value))
  say('quote', ({ type, id }) => `${String(type)} ${String(id)}`)
  say('start', ({ type }) => `started ${String(type)}`)
  say('fails', () => {
    throw new Error('a secret cause')
  })
  say('refuses', () => {
    throw new GraphQLError('NOT_FOUND', { extensions: { code: 'NOT_FOUND', detail: 'Nothing is there.' } })
  })
  say('slow', async ({ name }) => {
    started.push(`begin ${String(name)}`)
    await new Promise((resolve) => setImmediate(resolve))
    started.push(`end ${String(name)}`)
    return name
  })
  return schema
}

let agentUrl: string
let merchantUrl: string
let lines: LogLine[]

async function start(takesPlaintext = false): Promise<void> {
  const server = await startServer({
    listener: {
      routes: () =>
        (['agent', 'merchant'] as const).map((kind) =>
          rampEndpoint({
            path: `/${kind}`,
            schema: testSchema(),
            kind,
            publicFields: kind === 'merchant' ? ['open'] : [],
            keys: { findBearer: (key) => Promise.resolve(KEYS.get(key)), presumeBearer: () => undefined },
            takesPlaintext,
            logger: { ...quiet, child: () => quiet },
            now: () => new Date()
          })
        )
    }
  })
  lines = server.lines
  agentUrl = `${server.listener.url}/agent`
  merchantUrl = `${server.listener.url}/merchant`
}

const hidden: unknown[] = []
const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (facts: unknown) => void hidden.push(facts),
  child: () => quiet
} as never as Parameters<typeof rampEndpoint>[0]['logger']

beforeAll(() => start())
afterAll(stopServers)

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` })
const AGENT = bearer('CSHRMP-SECK_agent')
const MERCHANT = bearer('CSHRMP-SECK_merchant')

function ask(query: string, variables?: object, headers = MERCHANT): Promise<Answer> {
  return post(merchantUrl, { query, variables }, headers)
}

const UNAUTHENTICATED = '{"errors":[{"message":"UNAUTHENTICATED","extensions":{"code":"UNAUTHENTICATED"}}]}'
const FORBIDDEN = '{"errors":[{"message":"FORBIDDEN","extensions":{"code":"FORBIDDEN"}}]}'

describe('who comes in', () => {
  it.each([
    ['none', {}],
    ['an unknown one', bearer('CSHRMP-SECK_unknown')],
    ['an empty one', { authorization: 'Bearer ' }],
    ['a bare one', { authorization: 'CSHRMP-SECK_agent' }],
    ['one of another scheme', { authorization: 'Basic CSHRMP-SECK_agent' }],
    ['one in another header', { 'x-api-key': 'CSHRMP-SECK_agent' }]
  ])('case 1: nobody with no key or %s', async (_, headers) => {
    const answer = await post(agentUrl, { query: '{ closed }' }, headers)
    expect(answer).toMatchObject({ status: 401, text: UNAUTHENTICATED })
  })

  it('case 2: nobody with a key of the other kind', async () => {
    expect(await post(agentUrl, { query: '{ closed }' }, MERCHANT)).toMatchObject({ status: 403, text: FORBIDDEN })
    expect(await post(merchantUrl, { query: '{ closed }' }, AGENT)).toMatchObject({ status: 403, text: FORBIDDEN })
  })

  it('nobody with a public key where only secret ones open', async () => {
    const answer = await post(agentUrl, { query: '{ closed }' }, bearer('CSHRMP-PUBK_agent'))
    expect(answer).toMatchObject({ status: 403, text: FORBIDDEN })
  })

  it('whoever has a secret key of the kind, known to what it asks for', async () => {
    const answer = await post(agentUrl, { query: '{ closed }' }, AGENT)
    expect(answer).toMatchObject({ status: 200, text: '{"data":{"closed":"closed"}}' })
    expect(contexts.at(-1)?.principal).toEqual(KEYS.get('CSHRMP-SECK_agent'))
    expect(contexts.at(-1)?.requestId).toBe(answer.headers.get('x-request-id'))
  })

  it('case 9: a public key for its fields alone', async () => {
    const headers = bearer('CSHRMP-PUBK_merchant')
    expect((await ask('{ open }', {}, headers)).text).toBe('{"data":{"open":"open"}}')
    const refused = await ask('{ open closed }', {}, headers)
    expect(refused.status).toBe(200)
    expect(refused.body.data).toEqual({ open: 'open', closed: null })
    expect(refused.body.errors).toMatchObject([
      {
        message: 'FORBIDDEN',
        path: ['closed'],
        extensions: { code: 'FORBIDDEN', detail: expect.any(String) as string }
      }
    ])
    expect(codesOf(await ask('mutation { start(type: deposit) }', {}, headers))).toEqual(['FORBIDDEN'])
  })

  it('a restricted account, to be told so at every field', async () => {
    const answer = await ask('{ open closed }', {}, bearer('CSHRMP-SECK_restricted'))
    expect(answer.status).toBe(200)
    expect(answer.body.data).toEqual({ open: null, closed: null })
    expect(answer.body.errors).toHaveLength(2)
    for (const error of answer.body.errors ?? []) {
      expect(error).toMatchObject({
        message: 'Your account has been restricted.',
        extensions: { code: 'ACCOUNT_RESTRICTED' }
      })
    }
  })

  it('who asks about the schema, with a key', async () => {
    expect((await ask('{ __schema { queryType { name } } }')).body.data).toEqual({
      __schema: { queryType: { name: 'Query' } }
    })
    expect(await ask('{ __schema { queryType { name } } }', {}, {})).toMatchObject({ status: 401 })
  })
})

describe('plain HTTP', () => {
  const FAR = { 'x-forwarded-for': '192.0.2.1' }

  it.each([
    [{ ...FAR }, 403],
    [{ ...FAR, 'x-forwarded-proto': 'http' }, 403],
    [{ 'x-forwarded-proto': 'http' }, 403],
    [{ ...FAR, 'x-forwarded-proto': 'https' }, 200],
    [{ forwarded: 'for=192.0.2.1;proto=https' }, 200],
    [{ forwarded: 'for=192.0.2.1;proto=http' }, 403],
    [{ forwarded: 'for=192.0.2.1;proto=http, for=192.0.2.2;proto=https' }, 403]
  ])('from elsewhere, as %j: %i', async (headers, status) => {
    const answer = await ask('{ open }', {}, { ...MERCHANT, ...headers } as never)
    expect(answer.status).toBe(status)
    if (status === 403) expect(codesOf(answer)).toEqual(['TLS_REQUIRED'])
  })

  it('is taken from everywhere where the operator says so', async () => {
    const before = merchantUrl
    await start(true)
    expect((await ask('{ open }', {}, { ...MERCHANT, ...FAR } as never)).status).toBe(200)
    expect(merchantUrl).not.toBe(before)
  })
})

describe('what a request has to be', () => {
  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'])('not %s', async (method) => {
    const response = await fetch(`${merchantUrl}?query={open}`, { method, headers: MERCHANT })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })

  it('a page for a browser with a key', async () => {
    expect((await get(merchantUrl, { accept: 'text/html' })).status).toBe(401)
    const page = await get(merchantUrl, { accept: 'text/html', ...MERCHANT })
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html'])
  })

  it.each([
    ['{"query":"{ open }"', 400, 'BAD_REQUEST'],
    ['', 400, 'BAD_REQUEST'],
    ['{"variables":{}}', 400, 'BAD_REQUEST'],
    ['{"query":""}', 400, 'BAD_REQUEST'],
    ['{"query":7}', 400, 'BAD_REQUEST'],
    ['{"query":"{ open }","variables":[]}', 400, 'BAD_REQUEST'],
    ['[{"query":"{ open }"}]', 400, 'BATCHING_REFUSED'],
    [`{"query":"{ open }","padding":"${'x'.repeat(262_144)}"}`, 413, 'BODY_TOO_LARGE']
  ])('case 4: not %#', async (body, status, code) => {
    const answer = await post(merchantUrl, body, MERCHANT)
    expect([answer.status, codesOf(answer)]).toEqual([status, [code]])
  })

  it.each([
    ['{ open', 'GRAPHQL_PARSE_FAILED'],
    ['{ unknown }', 'GRAPHQL_VALIDATION_FAILED'],
    ['query ($value: Decimal!) { amount(value: $value) }', 'GRAPHQL_VALIDATION_FAILED'],
    ['{ quote(type: sideways) }', 'GRAPHQL_VALIDATION_FAILED'],
    [`{ ${'deep { '.repeat(13)} end ${'}'.repeat(13)} }`, 'QUERY_TOO_DEEP'],
    [`{ ${'open '.repeat(51)} }`, 'TOO_MANY_ROOT_FIELDS'],
    [`{ ${Array.from({ length: 51 }, (_, index) => `a${index}: open`).join(' ')} }`, 'TOO_MANY_ALIASES'],
    ['query a { open } query b { open }', 'OPERATION_RESOLUTION_FAILURE'],
    ['subscription { open }', expect.any(String)]
  ])('case 4: a document that is refused is told so at status 200: %s', async (query, code) => {
    const answer = await ask(query)
    expect(answer.status).toBe(200)
    expect(answer.body.data).toBeUndefined()
    expect(codesOf(answer)).toEqual([code])
    const [{ message, extensions } = { message: '', extensions: { code: '' } }] = answer.body.errors ?? []
    if (!extensions.code.startsWith('GRAPHQL_')) expect(message).toBe(extensions.code)
  })

  it('null for variables is none', async () => {
    expect((await post(merchantUrl, { query: '{ open }', variables: null }, MERCHANT)).body).toEqual({
      data: { open: 'open' }
    })
  })
})

describe('what an answer is', () => {
  it('without the key `errors` where there are none', async () => {
    expect((await ask('{ open }')).text).toBe('{"data":{"open":"open"}}')
  })

  it('an error with its code for its message', async () => {
    const answer = await ask('{ refuses open }')
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({
      data: { refuses: null, open: 'open' },
      errors: [{ message: 'NOT_FOUND', path: ['refuses'], extensions: { code: 'NOT_FOUND' } }]
    })
  })

  it('silent about what nobody expected, which the log has', async () => {
    const answer = await ask('{ fails }')
    expect(answer.status).toBe(200)
    expect(answer.body.errors).toMatchObject([
      { message: 'INTERNAL_SERVER_ERROR', extensions: { code: 'INTERNAL_SERVER_ERROR' } }
    ])
    expect(answer.text).not.toContain('secret cause')
    expect(hidden.at(-1)).toMatchObject({ error: { message: 'a secret cause' } })
    expect(lines.every(({ msg }) => !msg.includes('secret cause'))).toBe(true)
  })

  it('of several mutations one after the other', async () => {
    await ask('mutation { a: slow(name: "a") b: slow(name: "b") c: slow(name: "c") }')
    expect(started).toEqual(['begin a', 'end a', 'begin b', 'end b', 'begin c', 'end c'])
  })
})

describe('what a document may say', () => {
  it.each(['PaymentType', 'PaymentTypeType', 'P2PPaymentTypeType'])('%s for either enum', async (type) => {
    const quoted = await ask(`query ($type: ${type}) { quote(type: $type) }`, { type: 'withdrawal' })
    expect(quoted.body).toEqual({ data: { quote: 'withdrawal undefined' } })
    const begun = await ask(`mutation ($type: ${type}!) { start(type: $type) }`, { type: 'deposit' })
    expect(begun.body).toEqual({ data: { start: 'started deposit' } })
    const wrong = await ask(`query ($type: ${type}) { quote(type: $type) }`, { type: 'sideways' })
    expect(codesOf(wrong)).toEqual(['GRAPHQL_VALIDATION_FAILED'])
  })

  it('GlobalID for ID, also in a fragment', async () => {
    const query = 'query ($id: GlobalID!) { ...asked } fragment asked on Query { quote(id: $id) }'
    expect((await ask(query, { id: 'x' })).body).toEqual({ data: { quote: 'deposit x' } })
    expect(codesOf(await ask(query, {}))).toEqual(['GRAPHQL_VALIDATION_FAILED'])
  })

  it('no other name of a type, and none where it does not fit', async () => {
    expect(codesOf(await ask('query ($type: Payment) { quote(type: $type) }'))).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    expect(codesOf(await ask('query ($id: PaymentType) { quote(id: $id) }'))).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    expect(codesOf(await ask('query ($type: PaymentType) { open }'))).toEqual(['GRAPHQL_VALIDATION_FAILED'])
  })

  it('numbers with all of their digits', async () => {
    const query = 'query ($value: Decimal) { amount(value: $value) }'
    const body = `{"query":${JSON.stringify(query)},"variables":{"value":12345678901234567890.123}}`
    const answer = await post(merchantUrl, body, MERCHANT)
    expect(answer.body.data?.amount).toContain('12345678901234567890.123')
  })
})
