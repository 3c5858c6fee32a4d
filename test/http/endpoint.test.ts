/**
 * Goal: what a GraphQL endpoint takes, refuses and tells.
 * Method: a real listener and real requests; what ran is seen in the effects that resolvers leave.
 */
import { getIntrospectionQuery } from 'graphql'
import { SECRET } from './schema'
import { codesOf, get, startServer, stopServers, type TestServer } from './support'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(stopServers)

const ADD = 'mutation Add($input: AddInput!) { add(input: $input) { code success amount } }'

describe('an answer', () => {
  test('has data, an id and nothing that helps an attacker', async () => {
    const answer = await server.query('{ echo(text: "hi") }')
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ data: { echo: '{"text":"hi"}' } })
    expect(Object.fromEntries(answer.headers)).toEqual({
      'cache-control': 'no-store',
      connection: 'keep-alive',
      'content-length': String(answer.text.length),
      'content-type': 'application/json; charset=utf-8',
      date: expect.any(String) as string,
      'keep-alive': expect.any(String) as string,
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string
    })
  })

  test('has the media type of GraphQL where that is asked for', async () => {
    const { headers } = await server.query('{ __typename }', {}, { accept: 'application/graphql-response+json' })
    expect(headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8')
  })

  test('is the same from the first use of a document to the tenth, compiled or not', async () => {
    for (let use = 0; use < 10; use += 1) {
      const { body } = await server.query('query Q($id: ID!) { item(id: $id) { id amount parent { id } } }', {
        id: `i${use}`
      })
      expect(body).toEqual({ data: { item: { id: `i${use}`, amount: '5', parent: { id: 'parent' } } } })
    }
  })

  test('runs the operation that is named', async () => {
    const query = 'query One { one: __typename } query Two { two: __typename }'
    expect((await server.send({ query, operationName: 'Two' })).body).toEqual({ data: { two: 'Query' } })
    expect(codesOf(await server.send({ query }))).toEqual(['OPERATION_RESOLUTION_FAILURE'])
    expect(codesOf(await server.send({ query, operationName: 'Three' }))).toEqual(['OPERATION_RESOLUTION_FAILURE'])
    expect(codesOf(await server.query('fragment F on Query { echo }'))).not.toEqual([])
  })

  test('runs mutations one after another', async () => {
    server.effects.appended.length = 0
    const { body } = await server.query('mutation { a: append(text: "1") b: append(text: "2") c: append(text: "3") }')
    expect(body.data).toEqual({ a: '1', b: '12', c: '123' })
  })
})

describe('a request id', () => {
  test.each(['abc', 'A-1.b:c_2', 'x'.repeat(64)])('%s is taken over', async (id) => {
    expect((await server.query('{ __typename }', {}, { 'x-request-id': id })).headers.get('x-request-id')).toBe(id)
  })

  test.each(['with space', 'x'.repeat(65), '{"json":1}', 'a\tb'])('%j is replaced', async (id) => {
    const given = (await server.query('{ __typename }', {}, { 'x-request-id': id })).headers.get('x-request-id')
    expect(given).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('reaches the resolvers and the log line', async () => {
    await server.query('{ echo }', {}, { 'x-request-id': 'the-id' })
    expect(server.contexts.at(-1)?.requestId).toBe('the-id')
    server.contexts.at(-1)?.logger.info({ fact: 1 }, 'said by a service')
    await server.query('{ __typename }')
    expect(server.lines).toContainEqual(
      expect.objectContaining({ msg: 'said by a service', fact: 1, requestId: 'the-id' })
    )
    expect(server.lines).toContainEqual(
      expect.objectContaining({ msg: 'request', operation: 'echo', status: 200, requestId: 'the-id' })
    )
  })
})

describe('an error', () => {
  test.each([
    ['a rejection', '{ unexpected echo }', { unexpected: null, echo: '{}' }],
    ['a throw in a required field', '{ unexpectedRequired echo }', null],
    ['a value that its type cannot hold', '{ broken }', { broken: null }]
  ])('that nobody expected is hidden: %s', async (_, query, data) => {
    for (let use = 0; use < 3; use += 1) {
      const answer = await server.query(query)
      expect(answer.status).toBe(200)
      expect(answer.body.data).toEqual(data)
      if (query !== '{ broken }') {
        const requestId = answer.headers.get('x-request-id')
        expect(answer.body.errors?.map(({ message, extensions }) => ({ message, extensions }))).toEqual([
          { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } }
        ])
        expect(answer.text).not.toContain('secret_table')
        const told = server.lines.filter((line) => line.level === 'error' && line.requestId === requestId)
        expect(told).toHaveLength(1)
        expect(told[0]?.error).toEqual(
          expect.objectContaining({ message: SECRET, stack: expect.stringContaining('schema.ts') as string })
        )
      }
    }
  })

  test('that a resolver means for the client passes with its code', async () => {
    const { status, body } = await server.query('{ expected plain }')
    expect(status).toBe(200)
    expect(body.errors).toEqual([
      {
        message: 'no such thing',
        locations: expect.any(Array) as [],
        path: ['expected'],
        extensions: { code: 'NOT_THERE' }
      },
      {
        message: 'a message without a code',
        locations: expect.any(Array) as [],
        path: ['plain'],
        extensions: { code: 'INTERNAL_SERVER_ERROR' }
      }
    ])
  })
})

describe('a request is refused with 400, without data and before anything runs:', () => {
  const deep = (levels: number): string => `{ item(id: 1) ${'{ parent '.repeat(levels)}{ id }${' }'.repeat(levels)} }`
  const nested = (levels: number): unknown => (levels === 0 ? 'x' : [nested(levels - 1)])
  const many = (count: number, text: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => text(index)).join(' ')

  test.each<[string, unknown, string]>([
    ['not JSON', '{"query": ', 'BAD_REQUEST'],
    ['not an object', '"text"', 'BAD_REQUEST'],
    ['null', 'null', 'BAD_REQUEST'],
    ['an empty body', '', 'BAD_REQUEST'],
    ['no query', {}, 'BAD_REQUEST'],
    ['a query that is no string', { query: 1 }, 'BAD_REQUEST'],
    ['variables that are no object', { query: '{ echo }', variables: 'x' }, 'BAD_REQUEST'],
    ['variables in a list', { query: '{ echo }', variables: [] }, 'BAD_REQUEST'],
    ['an operation name that is no string', { query: '{ echo }', operationName: 5 }, 'BAD_REQUEST'],
    ['bytes that are not UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 'BAD_REQUEST'],
    ['a batch', [{ query: 'mutation { append(text: "batch") }' }], 'BATCHING_REFUSED'],
    ['an empty batch', [], 'BATCHING_REFUSED'],
    ['a syntax error', { query: '{ echo' }, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', { query: '{ nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['a subscription where there is none', { query: 'subscription { echo }' }, 'SUBSCRIPTION_NOT_SUPPORTED'],
    ['a fragment that spreads itself', { query: '{ ...F } fragment F on Query { ...F }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['too many tokens', { query: `{ ${'echo '.repeat(4_001)} }` }, 'QUERY_TOO_LONG'],
    ['too deep', { query: deep(11) }, 'QUERY_TOO_DEEP'],
    [
      'too deep through fragments',
      {
        query: `{ item(id: 1) { ...F0 } } ${many(12, (index) => `fragment F${index} on Item { parent { ${index < 11 ? `...F${index + 1}` : 'id'} } }`)}`
      },
      'QUERY_TOO_DEEP'
    ],
    [
      'a value nested too deep',
      { query: `{ item(id: ${'['.repeat(1_990)}${']'.repeat(1_990)}) { id } }` },
      'QUERY_TOO_DEEP'
    ],
    [
      'fragments nested too deep',
      { query: `{ ${'... { '.repeat(1_000)}echo${' }'.repeat(1_000)} }` },
      'QUERY_TOO_DEEP'
    ],
    ['too many aliases', { query: `{ ${many(51, (index) => `a${index}: echo`)} }` }, 'TOO_MANY_ALIASES'],
    ['too many root fields', { query: `{ ${'echo '.repeat(51)} }` }, 'TOO_MANY_ROOT_FIELDS'],
    [
      'too many root fields through a fragment',
      { query: `{ ...F ...F } fragment F on Query { ${'echo '.repeat(26)} }` },
      'TOO_MANY_ROOT_FIELDS'
    ],
    [
      'pages of pages of pages',
      {
        query:
          '{ items(first: 100) { edges { node { children(last: 100) { edges { node { children { edges { cursor } } } } } } } } }'
      },
      'QUERY_TOO_COMPLEX'
    ],
    ['U+0000 in a literal', { query: 'mutation { append(text: "a\\u0000") }' }, 'BAD_USER_INPUT'],
    [
      'U+0000 in a variable',
      { query: 'mutation M($t: String!) { append(text: $t) }', variables: { t: 'a\0' } },
      'BAD_USER_INPUT'
    ],
    [
      'half a surrogate pair',
      '{"query":"mutation M($t: String!) { append(text: $t) }","variables":{"t":"\\ud800"}}',
      'BAD_USER_INPUT'
    ],
    ['variables nested without end', { query: ADD, variables: { input: nested(40) } }, 'BAD_USER_INPUT'],
    ['a missing variable', { query: ADD }, 'BAD_USER_INPUT'],
    ['null for a required variable', { query: ADD, variables: { input: null } }, 'BAD_USER_INPUT'],
    ['a missing input field', { query: ADD, variables: { input: { id: 'x' } } }, 'BAD_USER_INPUT'],
    ['an unknown input field', { query: ADD, variables: { input: { id: 'x', amount: 1, more: 1 } } }, 'BAD_USER_INPUT'],
    ['a list for an input object', { query: ADD, variables: { input: [] } }, 'BAD_USER_INPUT'],
    ['a wrong scalar', { query: ADD, variables: { input: { id: 'x', amount: '-1' } } }, 'BAD_USER_INPUT'],
    [
      'a scalar out of range',
      { query: ADD, variables: { input: { id: 'x', amount: '18446744073709551616' } } },
      'BAD_USER_INPUT'
    ],
    [
      'a number out of range',
      '{"query":"mutation Add($input: AddInput!) { add(input: $input) { code } }","variables":{"input":{"id":"x","amount":18446744073709551616}}}',
      'BAD_USER_INPUT'
    ]
  ])('%s', async (_, body, code) => {
    const { effects } = server
    const before = JSON.stringify([effects.added.length, effects.appended, effects.seen.length])
    // The third time a document that is otherwise right has been compiled.
    for (let time = 0; time < 3; time += 1) {
      const answer = await server.send(body)
      expect(codesOf(answer)).toContain(code)
      expect(new Set(codesOf(answer)).size).toBe(1)
      expect(answer.status).toBe(400)
      expect(answer.body).not.toHaveProperty('data')
    }
    expect(JSON.stringify([effects.added.length, effects.appended, effects.seen.length])).toBe(before)
  })

  test.each([
    ['given', '$n: Int', { n: 100 }, { n: 2 }],
    ['by default', '$n: Int = 100', {}, { n: 2 }],
    ['in place of a default', '$n: Int = 2', { n: 100 }, {}]
  ])('variables that make a page too large, %s, while smaller ones pass', async (_, variable, large, small) => {
    const query = `query Q(${variable}) { items(first: $n) { edges { node { children(first: $n) { edges { node {
      children(first: $n) { edges { cursor } } } } } } } } }`
    expect(codesOf(await server.query(query, large))).toEqual(['QUERY_TOO_COMPLEX'])
    const answer = await server.query(query, small)
    expect([answer.status, answer.body.errors]).toEqual([200, undefined])
  })

  test('one that cannot be used is named, whatever the page would be', async () => {
    const query = `query Q($n: Int = 100, $text: String!) { echo(text: $text) items(first: $n) { edges { node {
      children(first: $n) { edges { node { children(first: $n) { edges { cursor } } } } } } } } }`
    const answer = await server.query(query, { n: 'many' })
    expect(answer.body).not.toHaveProperty('data')
    expect(JSON.stringify(answer.body.errors)).toMatch(/\$n.*\$text/)
  })

  test('the same form just within each limit passes', async () => {
    const within = [
      deep(10),
      `{ ${many(50, (index) => `a${index}: echo`)} }`,
      `{ ${'echo '.repeat(50)} }`,
      `mutation { add(input: { id: "x", amount: 1, tags: [${'"t" '.repeat(3_970)}] }) { code } }`
    ]
    for (const query of within) expect((await server.query(query)).body.errors).toBeUndefined()
  })
})

describe('an amount', () => {
  test.each(['0', '1', '9007199254740993', '9223372036854775808', '18446744073709551615'])(
    'of %s arrives as it was sent, as number, string and literal',
    async (amount) => {
      server.effects.added.length = 0
      const query = JSON.stringify(ADD)
      await server.send(`{"query":${query},"variables":{"input":{"id":"x \\" 9007199254740993","amount":${amount}}}}`)
      await server.send(`{"query":${query},"variables":{"input":{"id":"x","amount":"${amount}"}}}`)
      const { body } = await server.query(`mutation { add(input: { id: "x", amount: ${amount} }) { amount } }`)
      expect(server.effects.added).toEqual([BigInt(amount), BigInt(amount), BigInt(amount)])
      expect(body.data).toEqual({ add: { amount } })
    }
  )

  test('in the text beside it is left alone', async () => {
    const text = 'say \\"123456789012345678901\\", \\\\'
    await server.send(`{"query":"query Q($text: String) { echo(text: $text) }","variables":{"text":"${text}"}}`)
    expect(server.effects.seen.at(-1)).toEqual({ text: 'say "123456789012345678901", \\' })
  })
})

test('the standard introspection query is within the limits', async () => {
  const { status, body } = await server.query(
    getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true, specifiedByUrl: true, oneOf: true })
  )
  expect([status, body.errors]).toEqual([200, undefined])
})

test('no header, variable or body ever reaches the log', async () => {
  const secret = 'correct-horse-battery-staple'
  await server.query(
    'query Q($text: String) { echo(text: $text) unexpected }',
    { text: secret },
    { authorization: `Bearer ${secret}`, 'x-api-key': secret, cookie: secret, signature: secret }
  )
  await get(`${server.url}?query=${encodeURIComponent(`{ echo(text: "${secret}") }`)}`)
  await server.send(`{"query": "${secret}`)
  server.contexts
    .at(-1)
    ?.logger.warn({ headers: { authorization: secret }, token: secret, inner: { apiKey: secret } }, 'by accident')
  await server.query('{ __typename }')
  expect(server.lines.some(({ msg }) => msg === 'by accident')).toBe(true)
  expect(JSON.stringify(server.lines)).not.toContain(secret)
})
