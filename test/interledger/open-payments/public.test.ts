/**
 * Goal: what anybody may see of a payment pointer is there in the forms that clients expect, and nothing else is.
 * Method: requests over HTTP to a resource server with a database of its own; cases 1 to 8.
 */
import { eventsOf } from '../../payments/support'
import { publicKey } from '../../admin-v2/fixtures'
import { ANSWER, unique } from '../../admin-v2/support'
import { ILP_ADDRESS, OpenPaymentsWorld, type Pointer } from './support'

let world: OpenPaymentsWorld
let pointer: Pointer

beforeAll(async () => {
  world = await OpenPaymentsWorld.open()
  pointer = await world.newPointer()
})
afterAll(() => world.close())

const SPSP = { accept: 'application/spsp4+json' }

async function addKey(kid: string): Promise<{ id: string; x: string }> {
  const jwk = publicKey(kid)
  const answer = await world.api.mutate(
    'createPaymentPointerKey',
    'CreatePaymentPointerKeyInput',
    { paymentPointerId: pointer.id, jwk },
    `${ANSWER} paymentPointerKey { id }`
  )
  return { id: answer.paymentPointerKey.id, x: String(jwk.x) }
}

async function setStatus(id: string, status: string): Promise<void> {
  await world.api.mutate('updatePaymentPointer', 'UpdatePaymentPointerInput', { id, status }, ANSWER)
}

test('case 1: a payment pointer as JSON', async () => {
  const answer = await world.send(pointer.url)
  expect(answer.status).toBe(200)
  expect(answer.json).toEqual({ id: pointer.url, publicName: 'Alice', ...pointer.unit, authServer: world.authUrl })
  expect(answer.headers).toMatchObject({ 'cache-control': 'public, max-age=60', vary: 'Accept' })
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
})

test.each([{ accept: '*/*' }, { accept: 'application/*' }, { accept: '' }, SPSP])(
  'case 2: SPSP for %j',
  async (headers) => {
    const answer = await world.send(pointer.url, { headers })
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({ 'content-type': 'application/spsp4+json', 'cache-control': 'no-store' })
    expect(answer.json.receipts_enabled).toBe(false)
    const address = String(answer.json.destination_account)
    expect(address.startsWith(`${ILP_ADDRESS}.`)).toBe(true)
    expect(address.length - ILP_ADDRESS.length - 1).toBe(95)
    expect(Buffer.from(String(answer.json.shared_secret), 'base64url')).toHaveLength(32)
    expect(world.credentials.keys[0].server.decodePaymentTag(address)).toBe(pointer.id)
  }
)

test('case 3: neither of the two', async () => {
  for (const accept of ['text/html', 'application/json;q=0', 'text/*, image/png']) {
    const answer = await world.send(pointer.url, { headers: { accept } })
    expect({ accept, status: answer.status, text: answer.text }).toEqual({
      accept,
      status: 406,
      text: 'must accept json'
    })
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
  }
})

describe('case 4: receipts', () => {
  const nonce = Buffer.alloc(16, 1).toString('base64')
  const secret = Buffer.alloc(32, 2).toString('base64')

  test('with both', async () => {
    const headers = { ...SPSP, 'receipt-nonce': nonce, 'receipt-secret': secret }
    const { status, json } = await world.send(pointer.url, { headers })
    expect({ status, enabled: json.receipts_enabled }).toEqual({ status: 200, enabled: true })
    expect(String(json.destination_account)).toHaveLength(ILP_ADDRESS.length + 1 + 159)
  })

  test.each([
    [{ 'receipt-nonce': nonce }, /together/],
    [{ 'receipt-secret': secret }, /together/],
    [{ 'receipt-nonce': 'AQID', 'receipt-secret': secret }, /nonce/],
    [{ 'receipt-nonce': nonce, 'receipt-secret': 'AQID' }, /secret/],
    [{ 'receipt-nonce': '!'.repeat(24), 'receipt-secret': secret }, /nonce/]
  ])('not with %j', async (headers, message) => {
    const answer = await world.send(pointer.url, { headers: { ...SPSP, ...headers } })
    expect(answer.status).toBe(400)
    expect(answer.text).toMatch(message)
  })
})

describe('case 5: an unknown payment pointer', () => {
  test('is told to the operator once, and is not there', async () => {
    const url = `https://${world.host}/${unique('nobody')}`
    const answers = await Promise.all(
      [url, `${url}/jwks.json`, `${url}/incoming-payments`].map((one) => world.send(one))
    )
    expect(answers.map(({ status, text }) => [status, text])).toEqual(answers.map(() => [404, 'Not Found']))
    expect((await world.send(url)).status).toBe(404)
    const events = await eventsOf(world.api, url)
    expect(events.map(({ type, data }) => [type, data])).toEqual([
      ['payment_pointer.not_found', { paymentPointerUrl: url }]
    ])
  })

  test('is there when the operator makes it meanwhile', async () => {
    const patient = await OpenPaymentsWorld.open({}, { paymentPointerLookupTimeoutMilliseconds: 20_000 })
    try {
      const url = `https://${patient.host}/${unique('late')}`
      const asked = patient.send(url)
      while ((await eventsOf(patient.api, url)).length === 0);
      const made = await patient.newPointer({ url })
      expect(made.url).toBe(url)
      expect((await asked).status).toBe(200)
    } finally {
      await patient.close()
    }
  })

  test('is neither told nor waited for once its address has asked for too many', async () => {
    const patient = await OpenPaymentsWorld.open({}, { paymentPointerLookupTimeoutMilliseconds: 5_000 })
    try {
      const urls = Array.from({ length: 200 }, () => `https://${patient.host}/${unique('guess')}`)
      const headers = { 'x-forwarded-for': '198.51.100.7' }
      const answers = await Promise.all(urls.map((url) => patient.send(url, { headers })))
      expect(answers.filter(({ status, text }) => status !== 404 || text !== 'Not Found')).toEqual([])
      const told = await Promise.all(urls.map((url) => eventsOf(patient.api, url)))
      expect(told.flat()).toHaveLength(60)
      const url = `https://${patient.host}/${unique('late')}`
      const asked = patient.send(url, { headers: { 'x-forwarded-for': '203.0.113.9' } })
      while ((await eventsOf(patient.api, url)).length === 0);
      await patient.newPointer({ url })
      expect((await asked).status).toBe(200)
    } finally {
      await patient.close()
    }
  })

  test('of a form that none can have is not told', async () => {
    for (const path of ['/', '', '/a/quotes/b/c', '/%69ncoming-payments']) {
      expect((await world.send(`https://${world.host}${path}`)).status).toBe(404)
      expect(await eventsOf(world.api, `https://${world.host}${path}`)).toEqual([])
    }
  })
})

test('case 6: a payment pointer that was deactivated', async () => {
  const gone = await world.newPointer()
  await setStatus(gone.id, 'INACTIVE')
  for (const tail of ['', '/jwks.json', '/incoming-payments', '/quotes/7']) {
    expect({ tail, status: (await world.send(gone.url + tail)).status }).toEqual({ tail, status: 404 })
  }
  expect(await eventsOf(world.api, gone.url)).toEqual([])
  await setStatus(gone.id, 'ACTIVE')
  expect((await world.send(gone.url)).status).toBe(200)
})

test('case 7: keys of a payment pointer', async () => {
  expect((await world.send(`${pointer.url}/jwks.json`)).json).toEqual({ keys: [] })
  const [kept, revoked] = [await addKey('kept'), await addKey('revoked')]
  await world.api.mutate('revokePaymentPointerKey', 'RevokePaymentPointerKeyInput', { id: revoked.id }, ANSWER)
  const { status, json } = await world.send(`${pointer.url}/jwks.json`)
  expect({ status, json }).toEqual({
    status: 200,
    json: { keys: [{ kid: 'kept', alg: 'EdDSA', kty: 'OKP', crv: 'Ed25519', x: kept.x }] }
  })
})

test('case 8: the payment pointer of the service itself', async () => {
  const { identity } = world.openPayments
  const { json } = await world.send(`${identity.paymentPointerUrl}/jwks.json`)
  expect(json.keys).toEqual([expect.objectContaining({ kid: identity.keyId, kty: 'OKP', x: identity.publicKey.x })])
  for (const tail of ['', '/incoming-payments', '/quotes']) {
    expect((await world.send(identity.paymentPointerUrl + tail)).status).toBe(404)
  }
  expect(await eventsOf(world.api, identity.paymentPointerUrl)).toEqual([])
})

test('HEAD tells what GET tells, without a body', async () => {
  const answer = await world.send(pointer.url, { method: 'HEAD' })
  expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '' })
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
})

test('health, beside everything else', async () => {
  expect((await world.send(`https://${world.host}/healthz`)).status).toBe(200)
  expect((await world.send(`https://${world.host}/readyz`)).status).toBe(200)
})

test('a revoked key of the payment pointer does not come back under its name', async () => {
  const again = await addKey('revoked')
  const { json } = await world.send(`${pointer.url}/jwks.json`)
  expect(json.keys.find(({ kid }) => kid === 'revoked')?.x).toBe(again.x)
})

test('requests are counted by what they asked for and how they were answered', async () => {
  const own = await world.newPointer()
  const before = countOf('get-payment-pointer', 200)
  await world.send(own.url)
  await world.send(own.url, { method: 'DELETE' })
  expect(countOf('get-payment-pointer', 200)).toBe(before + 1)
  expect(countOf('none', 404)).toBeGreaterThan(0)
})

function countOf(route: string, status: number): number {
  const counts = world.openPayments.requests.read()
  return counts.find(({ labels }) => labels.route === route && labels.status === status)?.value ?? 0
}

test('requests are counted by what they asked for and how they were answered, those of the authority too', async () => {
  const { requests } = world.openPayments
  const counted = (): Map<string, number> =>
    new Map(requests.read().map(({ labels, value }) => [`${labels.route} ${labels.status}`, value]))
  const before = counted()
  await world.send(pointer.url)
  await world.send(pointer.url, { headers: { accept: 'text/html' } })
  await world.send(`https://${world.host}/nobody`, { headers: { accept: 'application/json' } })
  await world.send(`${pointer.url}/quotes`, { method: 'POST', body: {} })
  await world.send(world.authUrl, { method: 'POST', body: {} })
  const client = world.newClient()
  const access = [{ type: 'incoming-payment', actions: ['create'] }]
  const body = { access_token: { access }, client: client.paymentPointerUrl, interact: { start: ['redirect'] } }
  await world.send(world.authUrl, { method: 'POST', body, client })
  const differences = [...counted()].map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const)
  expect(Object.fromEntries(differences.filter(([, difference]) => difference !== 0))).toEqual({
    'get-payment-pointer 200': 1,
    'get-payment-pointer 406': 1,
    'get-payment-pointer 404': 1,
    'create-quote 400': 1,
    'none 400': 1,
    'grant 200': 1
  })
})
