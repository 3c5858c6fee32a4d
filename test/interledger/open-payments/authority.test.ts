/**
 * Goal: clients elsewhere get grants for incoming payments and quotes, change and give them back, and get nothing
 * that spends money.
 * Method: requests to the authority's own port; what a token is worth shows at the resource server. Cases 29 and
 * 30.
 */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { DataSource } from 'typeorm'
import type { NodeIdentity } from '../../../src/interledger/open-payments/node-identity'
import { GrantService } from '../../../src/services/grants/grant-service'
import { newIdentity, OpenPaymentsWorld, type Answer, type Json, type Pointer, type Sent } from './support'

let world: OpenPaymentsWorld
let pointer: Pointer
let client: NodeIdentity

beforeAll(async () => {
  world = await OpenPaymentsWorld.open()
  pointer = await world.newPointer()
  client = world.newClient()
})
afterAll(() => world.close())

const INCOMING = { type: 'incoming-payment', actions: ['create', 'read-all'] }

function ask(access: unknown, sent: Sent = {}, more: object = {}): Promise<Answer> {
  const body = {
    access_token: { access },
    client: client.paymentPointerUrl,
    interact: { start: ['redirect'] },
    ...more
  }
  return world.send(world.authUrl, { method: 'POST', body, client, ...sent })
}

async function grant(...access: object[]): Promise<Json> {
  const { status, json } = await ask(access.length > 0 ? access : [INCOMING])
  expect(status).toBe(200)
  return json
}

async function worth(token: string): Promise<[number, string]> {
  const answer = await world.send(`${pointer.url}/incoming-payments`, { method: 'POST', body: {}, token, client })
  return [answer.status, answer.status === 201 ? '' : answer.text]
}

function manage(method: string, url: string, token: string, sent: Sent = {}): Promise<Answer> {
  return world.send(url, { method, token, client, ...sent })
}

const GOOD = [201, '']
const INACTIVE = [403, 'Inactive Token']

describe('case 29: a grant', () => {
  test('of incoming payments and quotes is given at once', async () => {
    const quotes = { type: 'quote', actions: ['create', 'read'], identifier: pointer.url }
    const json = await grant(INCOMING, quotes)
    expect(json).toEqual({
      access_token: {
        value: expect.stringMatching(/^[\w-]{43}$/) as string,
        manage: expect.stringMatching(/\/token\/[0-9a-f-]{36}$/) as string,
        expires_in: 600,
        access: [INCOMING, quotes]
      },
      continue: {
        access_token: { value: expect.stringMatching(/^[\w-]{43}$/) as string },
        uri: expect.stringMatching(/\/continue\/[0-9a-f-]{36}$/) as string
      }
    })
    expect(json.access_token.manage.startsWith(`${world.authUrl}/token/`)).toBe(true)
    expect(await worth(json.access_token.value)).toEqual(GOOD)
  })

  test('is given to a client that signs the URL as it was told, without the slash that HTTP adds', async () => {
    const told = world.authUrl.replace('https:', 'http:')
    expect(new URL(told).pathname).toBe('/')
    for (const signedUrl of [told, `${told}/`]) expect((await ask([INCOMING], { signedUrl })).status).toBe(200)
    expect(told).not.toMatch(/\/$/)
    for (const signedUrl of [`${told}//`, `${told}/token`])
      expect((await ask([INCOMING], { signedUrl })).status).toBe(401)
  })

  test('lasts as long as it says', async () => {
    const { access_token: token } = await grant()
    world.api.clock.advanceSeconds(600)
    expect(await worth(token.value)).toEqual(INACTIVE)
  })

  test('is given only so often to one client, and asked for only so often from one address', async () => {
    const strict = await OpenPaymentsWorld.open({ grantsPerClientMax: 2, grantsPerAddressMax: 6 })
    try {
      const [one, other] = [strict.newClient(), strict.newClient()]
      const issued = async (): Promise<number> => {
        const [row] = await strict.api.container
          .resolve(DataSource)
          .query<{ count: number }[]>('SELECT count(*)::int FROM auth_grant')
        return row!.count
      }
      const request = (asking: NodeIdentity, signing: NodeIdentity, address: string): Promise<Answer> => {
        const body = { access_token: { access: [INCOMING] }, client: asking.paymentPointerUrl }
        const headers = { 'x-forwarded-for': `192.0.2.99, ${address}` }
        return strict.send(strict.authUrl, { method: 'POST', body, client: signing, headers })
      }
      // Who only says that it is the client uses nothing of it up.
      for (let round = 0; round < 3; round++) expect((await request(one, other, '192.0.2.1')).status).not.toBe(429)
      for (let round = 0; round < 2; round++) expect((await request(one, one, '192.0.2.1')).status).toBe(200)
      const { status, json, headers } = await request(one, one, '192.0.2.1')
      expect([status, json]).toEqual([429, { error: 'too_fast' }])
      expect(Number(headers['retry-after'])).toBeGreaterThan(0)
      // That was the sixth from this address.
      expect((await request(other, other, '192.0.2.1')).status).toBe(429)
      expect((await request(other, other, '192.0.2.2')).status).toBe(200)
      expect(await issued()).toBe(3)
    } finally {
      await strict.close()
    }
  })

  test('of what spends money is not given', async () => {
    const spending = { type: 'outgoing-payment', actions: ['create'], identifier: pointer.url }
    for (const access of [[spending], [INCOMING, spending], [{ type: 'outgoing-payment' }]]) {
      const { status, json } = await ask(access)
      expect([status, json]).toEqual([403, { error: 'request_denied' }])
    }
  })

  interface Refused {
    readonly what: string
    readonly access?: unknown
    readonly status?: number
    readonly error?: string
    readonly sent?: Sent
    readonly more?: object
    readonly client?: (own: string) => string
  }

  test.each<Refused>([
    { what: 'is not signed', sent: { client: undefined } },
    { what: 'asks for nothing', access: [] },
    { what: 'asks for something unknown', access: [{ type: 'everything', actions: ['read'] }] },
    { what: 'asks for an action unknown', access: [{ type: 'quote', actions: ['list'] }] },
    { what: 'has limits that mean nothing', access: [{ ...INCOMING, limits: {} }] },
    { what: 'names no client', more: { client: 'me' } },
    { what: 'names a client that has a query', client: (own) => `${own}/do?x=1` },
    { what: 'names a client that hides where its keys would be', client: (own) => `${own}/do?x=1#` },
    { what: 'names a client with a user', client: (own) => own.replace('//', '//me:secret@') },
    { what: 'names a client that is no path', client: (own) => new URL(own).origin },
    { what: 'names a client at an unencrypted URL', client: (own) => own.replace('https:', 'http:') },
    { what: 'names a client elsewhere', error: 'invalid_client', more: { client: 'https://127.0.0.1:1/nobody' } },
    { what: 'has a body that is none', sent: { alter: (wire) => (wire.body = '{') } },
    { what: 'has a body that is null', sent: { alter: (wire) => (wire.body = 'null') } },
    {
      what: 'was altered',
      status: 401,
      error: 'invalid_client',
      sent: { alter: (wire) => (wire.body = wire.body!.replace('read-all', 'list-all')) }
    }
  ])(
    'is refused to a request that $what',
    async ({ access = [INCOMING], status = 400, error, sent, more, client: named }) => {
      const elsewhere = named ? newIdentity(named(world.newClient().paymentPointerUrl)) : client
      const { keyRequests } = world
      const answer = await ask(
        access,
        { client: elsewhere, ...sent },
        named ? { client: elsewhere.paymentPointerUrl } : more
      )
      expect([answer.status, answer.json]).toEqual([status, { error: error ?? 'invalid_request' }])
      if (named) expect(world.keyRequests).toBe(keyRequests)
    }
  )

  test('is given to a client under one name, however it spells its own', async () => {
    const own = client.paymentPointerUrl
    const created = await grant()
    const { json: payment } = await world.send(`${pointer.url}/incoming-payments`, {
      method: 'POST',
      body: {},
      token: created.access_token.value,
      client
    })
    const read = { type: 'incoming-payment', actions: ['read'] }
    const { status, json } = await ask([read], {}, { client: `${own.replace('https', 'HTTPS')}/` })
    expect(status).toBe(200)
    expect((await world.send(payment.id, { token: json.access_token.value, client })).status).toBe(200)
  })

  test('is refused to whoever signs in the name of another', async () => {
    const thief = { ...newIdentity(client.paymentPointerUrl), keyId: client.keyId }
    const { status, json } = await ask([INCOMING], { client: thief })
    expect([status, json]).toEqual([401, { error: 'invalid_client' }])
  })
})

describe('case 30: a token', () => {
  test('is changed for a new one, and the old one dies', async () => {
    const { access_token: old } = await grant()
    const { status, json } = await manage('POST', old.manage, old.value)
    expect(status).toBe(200)
    expect(json.access_token).toMatchObject({ manage: old.manage, expires_in: 600, access: [INCOMING] })
    expect(json.access_token.value).not.toBe(old.value)
    expect(await worth(old.value)).toEqual(INACTIVE)
    expect(await worth(json.access_token.value)).toEqual(GOOD)
    expect((await manage('POST', old.manage, old.value)).status).toBe(401)
  })

  test('that has expired is changed too', async () => {
    const { access_token: old } = await grant()
    world.api.clock.advanceSeconds(-601)
    const early = await grant()
    world.api.clock.advanceSeconds(601)
    expect(await worth(early.access_token.value)).toEqual(INACTIVE)
    const { json } = await manage('POST', early.access_token.manage, early.access_token.value)
    expect(await worth(json.access_token.value)).toEqual(GOOD)
    expect(await worth(old.value)).toEqual(GOOD)
  })

  test('is changed once, however many try', async () => {
    const { access_token: old } = await grant()
    const answers = await Promise.all([1, 2, 3, 4].map(() => manage('POST', old.manage, old.value)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401])
    const { json } = answers.find(({ status }) => status === 200)!
    expect(await worth(json.access_token.value)).toEqual(GOOD)
  })

  test('is changed by its client alone, who has it', async () => {
    const { access_token: token } = await grant()
    const { access_token: other } = await grant()
    const refused = await Promise.all([
      manage('POST', token.manage, other.value),
      manage('POST', `${world.authUrl}/token/7`, token.value),
      manage('POST', token.manage, ''),
      manage('DELETE', token.manage, other.value)
    ])
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401])
    expect((await manage('POST', token.manage, token.value, { client: undefined })).status).toBe(400)
    expect((await manage('POST', token.manage, token.value, { client: world.newClient() })).status).toBe(400)
    expect(await worth(token.value)).toEqual(GOOD)
  })

  test('is given back', async () => {
    const { access_token: token } = await grant()
    const { status, text } = await manage('DELETE', token.manage, token.value)
    expect([status, text]).toEqual([204, ''])
    expect(await worth(token.value)).toEqual(INACTIVE)
    expect((await manage('POST', token.manage, token.value)).status).toBe(401)
  })
})

test('a grant that ends takes its tokens with it', async () => {
  const { access_token: token, continue: end } = await grant()
  expect((await manage('DELETE', end.uri, token.value)).status).toBe(401)
  expect(await worth(token.value)).toEqual(GOOD)
  expect((await manage('DELETE', end.uri, end.access_token.value)).status).toBe(204)
  expect(await worth(token.value)).toEqual(INACTIVE)
  expect((await manage('POST', token.manage, token.value)).status).toBe(401)
  expect((await manage('DELETE', end.uri, end.access_token.value)).status).toBe(401)
})

test('what is not there', async () => {
  for (const [method, path] of [
    ['GET', '/'],
    ['POST', '/other'],
    ['POST', '/continue/7'],
    ['GET', '/token/7']
  ] as const) {
    const { status, json } = await world.send(world.authUrl + path, { method, client })
    expect({ method, path, status, json }).toEqual({ method, path, status: 404, json: { error: 'not_found' } })
  }
})

test('grants that nobody can use any more are removed', async () => {
  const { access_token: token } = await grant()
  const grants = world.api.container.resolve(GrantService)
  const inDays = (days: number): Date => new Date(world.api.clock.now().getTime() + days * 86_400_000)
  await grants.purge(inDays(30))
  expect(await worth(token.value)).toEqual(GOOD)
  await grants.purge(inDays(31))
  expect(await worth(token.value)).toEqual(INACTIVE)
})

test('nothing that opens anything is in the log', async () => {
  const { access_token: token, continue: end } = await grant()
  await worth(token.value)
  const log = world.lines.join('')
  expect(log).toContain('a grant was given')
  for (const secret of [token.value, end.access_token.value]) expect(log).not.toContain(secret)
})

test('the operator grants what spends money, at the command line', async () => {
  const access = [{ type: 'outgoing-payment', actions: ['list'], identifier: pointer.url }]
  const program = ['-r', './scripts/register.cjs', 'src/cli/hazina.ts', 'grant']
  const env = { ...process.env, DATABASE_URL: world.database.url, AUTH_SERVER_GRANT_URL: world.authUrl }
  const run = (...more: string[]): Promise<{ stdout: string }> =>
    promisify(execFile)(process.execPath, [...program, ...more], { cwd: resolve(__dirname, '../../..'), env })
  const { stdout } = await run(client.paymentPointerUrl, JSON.stringify(access))
  const { access_token: token } = JSON.parse(stdout) as Json
  expect(token.access).toEqual(access)
  world.api.clock.advanceSeconds(-600)
  const list = await world.send(`${pointer.url}/outgoing-payments`, { token: token.value, client })
  world.api.clock.advanceSeconds(600)
  expect([list.status, list.json.result]).toEqual([200, []])
  expect((await manage('POST', token.manage, token.value)).status).toBe(200)
  await expect(run('shop.example', JSON.stringify(access))).rejects.toThrow(/https URL of a payment pointer/)
  await expect(run(client.paymentPointerUrl, '[{"type":"everything"}]')).rejects.toThrow(/JSON list of rights/)
})
