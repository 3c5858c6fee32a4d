/**
 * Goal: what is not public is only for a client with a token that allows it, who signed this very request.
 * Method: requests that fail one check and pass those before it, to a resource server that asks an authority of
 * the test about tokens; cases 9 to 17.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sign } from 'node:crypto'
import type { NodeIdentity } from '../../../src/interledger/open-payments/node-identity'
import { newIdentity, OpenPaymentsWorld, type Pointer, type Sent } from './support'

let world: OpenPaymentsWorld
let pointer: Pointer
let client: NodeIdentity
let authority: Server
/** What the authority says of each token: a status, or an answer. */
const said = new Map<string, unknown>()
let introspections = 0

beforeAll(async () => {
  authority = createServer((request, response) => {
    introspections++
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { access_token: token } = JSON.parse(Buffer.concat(chunks).toString()) as { access_token: string }
      const answer = said.get(token) ?? { active: false }
      response.writeHead(typeof answer === 'number' ? answer : 200).end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => authority.listen(0, '127.0.0.1', resolve))
  const port = (authority.address() as AddressInfo).port
  world = await OpenPaymentsWorld.open({
    authServerIntrospectionUrl: `http://127.0.0.1:${port}/introspect`,
    authServerGrantUrl: 'https://auth.test/grant'
  })
  pointer = await world.newPointer()
  client = world.newClient()
})
afterAll(async () => {
  await world.close()
  authority.closeAllConnections()
  await new Promise((resolve) => authority.close(resolve))
})

let tokens = 0

/** A token of which the authority says this. */
function token(...access: object[]): string {
  const value = `token-${tokens++}`
  said.set(value, { active: true, grant: `grant-${value}`, client: client.paymentPointerUrl, access })
  return value
}

function anything(): string {
  return token({ type: 'incoming-payment', actions: ['create', 'complete', 'read', 'list'] })
}

async function refusal(sent: Sent, tail = '/incoming-payments'): Promise<[number, string]> {
  const { status, text } = await world.send(pointer.url + tail, sent)
  return [status, text]
}

const FORGED = { signature: `sig1=:${Buffer.alloc(64).toString('base64')}:`, 'signature-input': 'sig1=("@method")' }

test('case 9: without a signature the form is wrong, token or not', async () => {
  for (const sent of [{}, { token: anything() }, { method: 'POST', body: {} }]) {
    const [status, text] = await refusal(sent)
    expect(status).toBe(400)
    expect(text).toContain('signature-input')
  }
})

test('cases 10 and 11: without a token, or with something else in its place', async () => {
  for (const authorization of ['', 'Bearer x', 'GNAP a b', 'GNAP', 'gnap x', 'GNAP ']) {
    const answer = await world.send(`${pointer.url}/incoming-payments`, { headers: { ...FORGED, authorization } })
    expect({ authorization, status: answer.status, text: answer.text }).toEqual({
      authorization,
      status: 401,
      text: 'Unauthorized'
    })
    expect(answer.headers['www-authenticate']).toBe('GNAP as_uri=https://auth.test/grant')
  }
})

describe('case 12: what the authority says', () => {
  test('of members that a right does not have is null', async () => {
    const right = { type: 'incoming-payment', actions: ['list'], identifier: null, limits: null }
    expect((await refusal({ token: token(right), client }))[0]).toBe(200)
    const limits = { receiver: null, sendAmount: null, receiveAmount: null, interval: null }
    const spending = { type: 'outgoing-payment', actions: ['list'], identifier: pointer.url, limits }
    expect((await refusal({ token: token(spending), client }, '/outgoing-payments'))[0]).toBe(200)
    // Money is never spent from wherever the client likes.
    const anywhere = { ...spending, identifier: null }
    expect(await refusal({ token: token(anywhere), client }, '/outgoing-payments')).toEqual([401, 'Invalid Token'])
  })

  test('of a token that is not good', async () => {
    expect(await refusal({ token: 'nobody knows it', client })).toEqual([401, 'Unauthorized'])
    expect(await refusal({ token: 'unknown', client })).toEqual([403, 'Inactive Token'])
  })

  test.each([
    500,
    404,
    'text',
    {},
    { active: true },
    { active: true, grant: 'g', client: 'https://c.test/c', access: [] },
    { active: true, grant: 'g', client: 'https://c.test/c', access: [{ type: 'everything', actions: ['create'] }] },
    { active: true, grant: '', client: 'https://c.test/c', access: [{ type: 'quote', actions: ['create'] }] },
    {
      active: true,
      grant: 'g',
      client: 'https://c.test/c',
      access: [{ type: 'outgoing-payment', actions: ['create'], identifier: 'https://a.test/a', limits: { speed: 1 } }]
    }
  ])('that makes no sense: %j', async (answer) => {
    const value = `odd-${tokens++}`
    said.set(value, answer)
    const { status, text, headers } = await world.send(`${pointer.url}/incoming-payments`, { token: value, client })
    expect([status, text]).toEqual([401, 'Invalid Token'])
    expect(headers['www-authenticate']).toBe('GNAP as_uri=https://auth.test/grant')
  })

  test('is believed for a moment, and then asked for again', async () => {
    const value = anything()
    await refusal({ token: value, client })
    const before = introspections
    expect((await refusal({ token: value, client }))[0]).toBe(200)
    expect(introspections).toBe(before)
    said.delete(value)
    world.api.clock.advanceSeconds(6)
    expect(await refusal({ token: value, client })).toEqual([403, 'Inactive Token'])
  })

  test('is not in the log', () => {
    expect(world.lines.join('')).not.toMatch(/token-\d|odd-\d/)
  })
})

describe('case 13: what a token allows', () => {
  test.each([
    ['another type', { type: 'quote', actions: ['create'] }],
    ['another action', { type: 'incoming-payment', actions: ['read', 'read-all', 'list-all', 'complete'] }],
    ['another payment pointer', { type: 'incoming-payment', actions: ['create'], identifier: 'https://other.test/a' }]
  ])('not with %s', async (_, access) => {
    expect(await refusal({ method: 'POST', body: {}, token: token(access), client })).toEqual([
      403,
      'Insufficient Grant'
    ])
  })

  test('the payment pointer that the right is bound to', async () => {
    const access = { type: 'incoming-payment', actions: ['create'], identifier: pointer.url }
    expect((await refusal({ method: 'POST', body: {}, token: token(access), client }))[0]).toBe(201)
  })
})

describe('case 14: the signature', () => {
  test('that is not of this request', async () => {
    const value = anything()
    const spoiled: Sent['alter'][] = [
      ({ headers }) => (headers.signature = `sig1=:${Buffer.alloc(64, 7).toString('base64')}:`),
      ({ headers }) => (headers['signature-input'] = headers['signature-input']!.replace(/created=\d+/, created(5))),
      ({ headers }) =>
        (headers.signature = headers.signature!.replace(/:(.)/, (_, first) => (first === 'A' ? ':B' : ':A')))
    ]
    for (const alter of spoiled) {
      expect(await refusal({ token: value, client, alter })).toEqual([401, 'Invalid signature'])
    }
    const signedUrl = `${pointer.url.replace('https', 'http')}/outgoing-payments`
    expect(await refusal({ token: value, client, signedUrl })).toEqual([401, 'Invalid signature'])
  })

  test('by a key that nobody can find', async () => {
    const stranger = newIdentity(client.paymentPointerUrl)
    expect(await refusal({ token: anything(), client: stranger })).toEqual([401, 'Invalid signature input'])
    for (const url of ['https://127.0.0.1:1/nobody', 'http//nothing', 'ftp://127.0.0.1/x', 'https://0.0.0.0:1/x']) {
      const value = `client-${tokens++}`
      const access = [{ type: 'incoming-payment', actions: ['list'] }]
      said.set(value, { active: true, grant: 'g', client: url, access })
      expect(await refusal({ token: value, client })).toEqual([401, 'Invalid signature input'])
    }
  })

  test('by a key of the right name that is another one', async () => {
    const thief = { ...newIdentity(client.paymentPointerUrl), keyId: client.keyId }
    expect(await refusal({ token: anything(), client: thief })).toEqual([401, 'Invalid signature'])
  })

  test('by a key that was published after the keys were read', async () => {
    const young = world.newClient()
    const value = `young-${tokens++}`
    const access = [{ type: 'incoming-payment', actions: ['list'] }]
    said.set(value, { active: true, grant: 'g', client: young.paymentPointerUrl, access })
    expect((await refusal({ token: value, client: young }))[0]).toBe(200)
    const next = newIdentity(young.paymentPointerUrl)
    const path = `${new URL(young.paymentPointerUrl).pathname}/jwks.json`
    world.keySets.set(path, { keys: [young.publicKey, next.publicKey] })
    const before = world.keyRequests
    expect(await refusal({ token: value, client: next })).toEqual([401, 'Invalid signature input'])
    expect(world.keyRequests).toBe(before)
    world.api.clock.advanceSeconds(6)
    said.set(`${value}+`, said.get(value))
    expect((await refusal({ token: `${value}+`, client: next }))[0]).toBe(200)
    expect(world.keyRequests).toBe(before + 1)
  })

  test('by a key that is known, while others cannot be had, and no longer than without', async () => {
    const known = world.newClient()
    const value = `known-${tokens++}`
    const access = [{ type: 'incoming-payment', actions: ['list'] }]
    said.set(value, { active: true, grant: 'g', client: known.paymentPointerUrl, access })
    const path = `${new URL(known.paymentPointerUrl).pathname}/jwks.json`
    const statusOf = async (identity: NodeIdentity): Promise<number> =>
      (await refusal({ token: value, client: identity }))[0]
    expect(await statusOf(known)).toBe(200)
    world.keySets.set(path, 503)
    world.api.clock.advanceSeconds(6)
    const before = world.keyRequests
    expect(await statusOf(newIdentity(known.paymentPointerUrl))).toBe(401)
    expect(world.keyRequests).toBe(before + 1)
    expect(await statusOf(known)).toBe(200)
    expect(world.keyRequests).toBe(before + 1)
    world.api.clock.advanceSeconds(55)
    expect(await statusOf(known)).toBe(401)
  })

  test('by no key that its client has taken back, once that was asked', async () => {
    const former = world.newClient()
    const value = `former-${tokens++}`
    const access = [{ type: 'incoming-payment', actions: ['list'] }]
    said.set(value, { active: true, grant: 'g', client: former.paymentPointerUrl, access })
    expect((await refusal({ token: value, client: former }))[0]).toBe(200)
    world.keySets.delete(`${new URL(former.paymentPointerUrl).pathname}/jwks.json`)
    world.api.clock.advanceSeconds(6)
    expect((await refusal({ token: value, client: newIdentity(former.paymentPointerUrl) }))[0]).toBe(401)
    expect((await refusal({ token: value, client: former }))[0]).toBe(401)
  })

  test.each([
    ['no created', (input: string) => input.replace(/;created=\d+/, '')],
    ['an old one', (input: string) => input.replace(/created=\d+/, created(-1_000))],
    ['one of the future', (input: string) => input.replace(/created=\d+/, created(1_000))],
    ['one that has expired', (input: string) => `${input};expires=${Math.floor(Date.now() / 1_000) - 60}`],
    ['another algorithm', (input: string) => `${input};alg="rsa-v1_5-sha256"`],
    ['a parameter twice', (input: string) => `${input};created=1`],
    ['no method', (input: string) => input.replace('"@method" ', '')],
    ['no target', (input: string) => input.replace('"@target-uri" ', '')],
    ['no authorization', (input: string) => input.replace(' "authorization"', '')],
    ['a header that is not there', (input: string) => input.replace('"authorization"', '"authorization" "x-nothing"')],
    ['a component twice', (input: string) => input.replace('"@method"', '"@method" "@method"')],
    ['capital letters', (input: string) => input.replace('"authorization"', '"Authorization"')],
    ['another label', (input: string) => input.replace('sig1=', 'sig2=')],
    ['two signatures', (input: string) => `${input}, ${input.replace('sig1=', 'sig2=')}`],
    ['no key', (input: string) => input.replace(/;keyid="[^"]*"/, '')]
  ])('that says of itself: %s', async (_, change) => {
    const alter: Sent['alter'] = ({ headers }) => (headers['signature-input'] = change(headers['signature-input']!))
    expect(await refusal({ token: anything(), client, alter })).toEqual([401, 'Invalid signature input'])
  })
})

describe('case 15: the body', () => {
  const create = { method: 'POST', body: { metadata: { a: 1 } } }

  test('that was altered after it was signed', async () => {
    const alter: Sent['alter'] = (wire) => (wire.body = wire.body!.replace('1', '2'))
    expect(await refusal({ ...create, token: anything(), client, alter })).toEqual([401, 'Invalid signature'])
  })

  test('that is not covered', async () => {
    const alter: Sent['alter'] = (wire) => {
      const input = wire.headers['signature-input']!.replace(' "content-digest"', '')
      Object.assign(wire.headers, resigned(wire.headers, input, 'POST'))
    }
    expect(await refusal({ ...create, token: anything(), client, alter })).toEqual([401, 'Invalid signature input'])
  })

  test('with blanks that its digest has not', async () => {
    const alter: Sent['alter'] = (wire) => (wire.body = JSON.stringify(JSON.parse(wire.body!), undefined, 2))
    const unsignedLength: Sent['alter'] = (wire) => {
      alter(wire)
      const input = wire.headers['signature-input']!.replace(' "content-length"', '')
      Object.assign(wire.headers, resigned(wire.headers, input, 'POST'))
    }
    expect((await refusal({ ...create, token: anything(), client, alter: unsignedLength }))[0]).toBe(201)
  })
})

test('case 16: parameters in the other order, and the older digest', async () => {
  const alter: Sent['alter'] = (wire) => {
    const input = wire.headers['signature-input']!.replace(/;keyid="([^"]*)";created=(\d+)/, ';created=$2;keyid="$1"')
    expect(input).not.toBe(wire.headers['signature-input'])
    Object.assign(wire.headers, resigned(wire.headers, input, 'POST'))
  }
  expect((await refusal({ method: 'POST', body: {}, token: anything(), client, alter }))[0]).toBe(201)
})

test('case 17: a list signed without its query; another one of its targets is another request', async () => {
  const bare = `${pointer.url.replace('https', 'http')}/incoming-payments`
  const value = anything()
  expect((await refusal({ token: value, client, signedUrl: bare }, '/incoming-payments?first=10'))[0]).toBe(200)
  expect((await refusal({ token: value, client }, '/incoming-payments?first=10'))[0]).toBe(200)
  const other = `${bare}?first=9`
  expect(await refusal({ token: value, client, signedUrl: other }, '/incoming-payments?first=10')).toEqual([
    401,
    'Invalid signature'
  ])
})

test('a signature over plain HTTP is for development only', async () => {
  const strict = await OpenPaymentsWorld.open({ openPaymentsInsecureHttp: false })
  try {
    const own = await strict.newPointer()
    const key = newIdentity(own.url)
    const jwk = { kid: key.keyId, x: key.publicKey.x, alg: 'EdDSA', kty: 'OKP', crv: 'Ed25519' }
    const input = { paymentPointerId: own.id, jwk }
    await strict.api.mutate('createPaymentPointerKey', 'CreatePaymentPointerKeyInput', input, 'code')
    const value = await strict.grant(key, { type: 'incoming-payment', actions: ['list'] })
    const url = `${own.url}/incoming-payments`
    expect((await strict.send(url, { token: value, client: key, signedUrl: url })).status).toBe(200)
    const { status, text } = await strict.send(url, { token: value, client: key })
    expect([status, text]).toEqual([401, 'Invalid signature'])
  } finally {
    await strict.close()
  }
})

test('a client that is not of the public internet is not asked', async () => {
  const strict = await OpenPaymentsWorld.open({ openPaymentsAllowPrivateHosts: false })
  try {
    const own = await strict.newPointer()
    const inside = strict.newClient()
    const value = await strict.grant(inside, { type: 'incoming-payment', actions: ['list'] })
    const { status } = await strict.send(`${own.url}/incoming-payments`, { token: value, client: inside })
    expect(status).toBe(401)
    expect(strict.keyRequests).toBe(0)
  } finally {
    await strict.close()
  }
})

function created(secondsFromNow: number): string {
  return `created=${Math.floor(world.api.clock.now().getTime() / 1_000) + secondsFromNow}`
}

/** Signs by hand what the library would not, as the standard says it is done. */
function resigned(headers: Record<string, string>, input: string, method: string): Record<string, string> {
  const names = [...input.slice(0, input.indexOf(')')).matchAll(/"([^"]+)"/g)].map(([, name]) => name!)
  const url = `${pointer.url.replace('https', 'http')}/incoming-payments`
  const values: Record<string, string> = { '@method': method, '@target-uri': url, ...headers }
  const lines = names.map((name) => `"${name}": ${values[name]}`)
  const base = [...lines, `"@signature-params": ${input.replace('sig1=', '')}`].join('\n')
  const signature = sign(null, Buffer.from(base), client.privateKey).toString('base64')
  return { 'signature-input': input, signature: `sig1=:${signature}:` }
}
