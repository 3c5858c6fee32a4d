/**
 * Goal: the operator routes open for the operator's token alone, take what their document says and nothing else,
 * and the committed document is theirs.
 * Method: every route is asked without, with wrong and with foreign credentials; the rest on one route.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { WriterBusy } from '../../src/database/write-errors'
import { documentText, OPERATOR_PREFIX } from '../../src/http/operator/document'
import { OPERATIONS } from '../../src/http/operator/operations'
import { LedgerBusy } from '../../src/ledger/types'
import { MerchantService } from '../../src/services/ramp/parties/merchant-service'
import { ADMIN_TOKEN, OperatedService, OPERATOR_TOKEN } from './support'

const FILE = join(__dirname, '../../schema/operator.openapi.json')
const OPERATOR = { authorization: `Bearer ${OPERATOR_TOKEN}` }

let operated: OperatedService

beforeAll(async () => {
  operated = await OperatedService.open()
})

afterAll(async () => {
  await operated.close()
})

test('the document is committed as it is, and served', async () => {
  expect(readFileSync(FILE, 'utf8')).toBe(documentText(OPERATIONS))
  const served = await operated.send('GET', '/openapi.json', OPERATOR)
  expect(served.body).toEqual(JSON.parse(readFileSync(FILE, 'utf8')))
  expect((await operated.send('GET', '/openapi.json', {})).status).toBe(401)
})

const FOREIGN: [string, Record<string, string>][] = [
  ['no credentials', {}],
  ['a wrong token', { authorization: `Bearer ${OPERATOR_TOKEN}x` }],
  ["the administrator's token", { authorization: `Bearer ${ADMIN_TOKEN}` }],
  ['another header', { 'x-api-key': OPERATOR_TOKEN }],
  ['another scheme', { authorization: `Basic ${OPERATOR_TOKEN}` }]
]

describe.each(FOREIGN)('with %s', (_, headers) => {
  test.each(OPERATIONS.map(({ id, method, path }) => [id, method, path] as const))(
    '%s is closed',
    async (_id, method, path) => {
      const answer = await operated.send(
        method,
        path.replace(/\{\w+\}/g, 'x'),
        headers,
        method === 'POST' ? '{}' : undefined
      )
      expect([answer.status, answer.code]).toEqual([401, 'UNAUTHENTICATED'])
    }
  )
})

test('the operator token does not open the Admin API', async () => {
  const response = await fetch(`${operated.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...OPERATOR },
    body: '{"query":"{ __typename }"}'
  })
  expect(response.status).toBe(401)
})

test('without a token the routes are there for this machine alone', async () => {
  const open = await OperatedService.open({ OPERATOR_API_TOKEN: '' })
  try {
    expect((await open.send('GET', '/clock', {})).status).toBe(200)
    expect((await open.send('GET', '/openapi.json', {})).status).toBe(200)
    const elsewhere = await fetch(`${open.url}${OPERATOR_PREFIX}/clock`, {
      headers: { 'x-forwarded-for': '192.0.2.1' }
    })
    expect(elsewhere.status).toBe(404)
  } finally {
    await open.close()
  }
})

test('what is not there, and what is there for other methods', async () => {
  expect(await operated.get('/nothing')).toMatchObject({ status: 404, code: 'NOT_FOUND' })
  expect(await operated.send('DELETE', '/clock', OPERATOR)).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' })
  expect(await operated.get('/webhooks/%ff/replay')).toMatchObject({ status: 405 })
})

test.each([
  ['no JSON', '{"advanceSeconds":', 400, 'BAD_REQUEST'],
  ['no object', '[]', 400, 'BAD_USER_INPUT'],
  ['an unknown field', '{"advance":1}', 400, 'BAD_USER_INPUT'],
  ['another type', '{"advanceSeconds":"1"}', 400, 'BAD_USER_INPUT'],
  ['out of range', '{"advanceSeconds":-1}', 400, 'BAD_USER_INPUT'],
  ['nothing to do', '{}', 422, 'REQUIRED_ATTRIBUTES_MISSING'],
  ['too large', JSON.stringify({ x: 'x'.repeat(300_000) }), 413, 'BODY_TOO_LARGE']
])('a body with %s is refused', async (_, body, status, code) => {
  expect(await operated.send('POST', '/clock', OPERATOR, body)).toMatchObject({ status, code })
})

test('a body that is not JSON by its type is refused, as a page from elsewhere could send it', async () => {
  const headers = { ...OPERATOR, 'content-type': 'text/plain' }
  expect(await operated.send('POST', '/clock', headers, '{"advanceSeconds":1}')).toMatchObject({
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE'
  })
})

test.each([new WriterBusy(), new LedgerBusy()])(
  'too much work is told, and that nothing was done: %s',
  async (busy) => {
    const create = jest.spyOn(MerchantService.prototype, 'create').mockRejectedValueOnce(busy)
    const body = { name: 'Shop', email: `${busy.name}@example.com` }
    expect(await operated.post('/merchants', body)).toMatchObject({ status: 503, code: 'OVERLOADED' })
    expect(await operated.post('/merchants', body)).toMatchObject({ status: 201 })
    create.mockRestore()
  }
)

test('parameters of the query string are checked, too', async () => {
  for (const search of ['limit=0', 'limit=x', 'status=gone', 'limit=1&limit=2', 'unknown=1']) {
    expect(await operated.get(`/webhooks?${search}`)).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' })
  }
  expect(await operated.get('/webhooks?limit=1&status=pending')).toMatchObject({ status: 200, body: { data: [] } })
})

test('the clock moves in test mode, for every instance, and not otherwise', async () => {
  const before = Date.now()
  const moved = await operated.post('/clock', { advanceSeconds: 1_860 })
  expect(moved.body).toMatchObject({ offsetSeconds: 1_860 })
  expect(Date.parse(String(moved.body['now']))).toBeGreaterThanOrEqual(before + 1_860_000)
  expect((await operated.post('/clock', { advanceSeconds: 40 })).body).toMatchObject({ offsetSeconds: 1_900 })
  expect((await operated.get('/clock')).body).toMatchObject({ offsetSeconds: 1_900 })
  expect((await operated.post('/clock', { offsetSeconds: 0 })).body).toMatchObject({ offsetSeconds: 0 })
  const neighbour = await OperatedService.open({ DATABASE_URL: operated.database.url })
  await operated.post('/clock', { offsetSeconds: 77 })
  while ((await neighbour.get('/clock')).body['offsetSeconds'] !== 77) await new Promise((done) => setTimeout(done, 10))
  await neighbour.close()
  expect((await operated.post('/clock', { offsetSeconds: 0 })).body).toMatchObject({ offsetSeconds: 0 })
  const real = await OperatedService.open({ RAMP_TEST_MODE: 'false' })
  expect(await real.post('/clock', { advanceSeconds: 1 })).toMatchObject({ status: 403, code: 'FORBIDDEN' })
  await real.close()
})

test('dead webhooks are listed, and sent again one by one or together', async () => {
  expect(await operated.post('/webhooks/5f0d3c1e-8a43-4b7e-9c55-2f1f0f6a7b11/replay')).toMatchObject({ status: 404 })
  expect(await operated.post('/webhooks/replay', { receiver: 'nonsense' })).toMatchObject({ code: 'INVALID_GLOBAL_ID' })
  expect(await operated.post('/webhooks/replay')).toMatchObject({ status: 200, body: { count: 0 } })
})
