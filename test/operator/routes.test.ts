/**
 * Goal: an operator can set up a ramp from nothing: merchants, agents, keys, payment methods, markets, credit and
 * money, and is refused by name what cannot be.
 * Method: the routes of a running service, each answer compared with the committed document.
 */
import { randomUUID } from 'node:crypto'
import { OPERATIONS } from '../../src/http/operator/operations'
import { parseGlobalId } from '../../src/services/ramp/global-ids'
import { ADMIN_TOKEN, OperatedService, type Fields } from './support'

let operated: OperatedService

beforeAll(async () => {
  operated = await OperatedService.open()
})

afterAll(async () => {
  await operated.close()
})

const email = (): string => `${randomUUID()}@example.com`
const hash = (): string => `0x${randomUUID().replaceAll('-', '')}${randomUUID().replaceAll('-', '')}`

async function made(path: string, body: object): Promise<Fields> {
  const answer = await operated.post(path, body)
  expect(answer).toMatchObject({ status: 201 })
  return answer.body
}

const newAgent = (more: object = {}): Promise<Fields> => made('/agents', { email: email(), country: 'NG', ...more })
const newMerchant = (more: object = {}): Promise<Fields> =>
  made('/merchants', { name: 'Shop', email: email(), ...more })

async function post(path: string, body: object = {}): Promise<Fields> {
  const answer = await operated.post(path, body)
  expect(answer).toMatchObject({ status: 200 })
  return answer.body
}

test('a merchant is created, read, listed and changed', async () => {
  const merchant = await newMerchant({ name: '  Shop ', email: ' Owner.Of@Example.com ' })
  expect(parseGlobalId('MerchantAccount', merchant.id)).toBeDefined()
  expect(merchant).toMatchObject({ name: 'Shop', email: 'owner.of@example.com', balance: '0.0', isRestricted: false })
  expect(await operated.post('/merchants', { name: 'Other', email: 'owner.of@example.com' })).toMatchObject({
    status: 409,
    code: 'EMAIL_TAKEN'
  })
  const changed = await post(`/merchants/${merchant.id}`, { isRestricted: true, feeBasisPoints: 25 })
  expect(changed).toMatchObject({ ...merchant, isRestricted: true, feeBasisPoints: 25 })
  expect((await operated.get(`/merchants/${merchant.id}`)).body).toEqual(changed)
  const uuid = parseGlobalId('MerchantAccount', merchant.id)
  expect((await operated.get(`/merchants/${uuid}`)).body).toEqual(changed)
  expect((await operated.get('/merchants')).body.data).toContainEqual(changed)
  expect(await operated.get(`/merchants/${randomUUID()}`)).toMatchObject({ status: 404, code: 'NOT_FOUND' })
  expect(await operated.post('/merchants/nonsense', {})).toMatchObject({ status: 404, code: 'NOT_FOUND' })
})

test('an agent is created, verified, suspended, restricted and given its flags', async () => {
  const agent = await newAgent({ email: 'ade@example.com' })
  expect(agent).toMatchObject({
    name: 'ade',
    country: 'NG',
    verificationStatus: 'unverified',
    isSuspended: false,
    balance: '0.0',
    creditLine: '0.0',
    depositRate: null
  })
  const flags = {
    verificationStatus: 'verified',
    isSuspended: true,
    isRestricted: true,
    autoUpdateDepositRate: true,
    autoUpdateWithdrawalRate: true,
    enforceReceiptUpload: true
  }
  expect(await post(`/agents/${agent.id}`, flags)).toMatchObject({ ...agent, ...flags })
  expect((await operated.get(`/agents/${agent.id}`)).body).toMatchObject({ ...agent, ...flags })
  expect(await operated.post('/agents', { email: 'ade@example.com', country: 'NG' })).toMatchObject({
    code: 'EMAIL_TAKEN'
  })
  expect(await operated.post('/agents', { email: email(), country: 'XX' })).toMatchObject({
    code: 'UNSUPPORTED_COUNTRY'
  })
  expect(await operated.post(`/agents/${agent.id}`, { verificationStatus: 'sure' })).toMatchObject({ status: 400 })
})

test('pages of agents are complete', async () => {
  const agents = await Promise.all([1, 2, 3].map(() => newAgent()))
  const seen: string[] = []
  for (let after: string | undefined; ;) {
    const { body } = await operated.get(
      `/agents?limit=1${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`
    )
    seen.push(...body.data.map(({ id }) => id))
    if (body['hasMore'] === false) break
    after = seen.at(-1)
  }
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen).toEqual(expect.arrayContaining(agents.map(({ id }) => id)))
})

test('a credit line is granted and lowered', async () => {
  const agent = await newAgent()
  expect(await post(`/agents/${agent.id}/credit_line`, { amountUsd: '10.5' })).toMatchObject({
    creditLine: '10.5',
    usedCreditLine: '0.0'
  })
  expect(await post(`/agents/${agent.id}/credit_line`, { amountUsd: '4' })).toMatchObject({ creditLine: '4.0' })
  for (const amountUsd of ['-1', '1.1234567']) {
    expect(await operated.post(`/agents/${agent.id}/credit_line`, { amountUsd })).toMatchObject({
      code: 'INVALID_AMOUNT'
    })
  }
})

test.each(['agents', 'merchants'])(
  'keys of %s are shown once, rotated and revoked; webhooks are set',
  async (group) => {
    const bearer = group === 'agents' ? await newAgent() : await newMerchant()
    const base = `/${group}/${bearer.id}`
    expect(await operated.post(`${base}/keys/rotate`)).toMatchObject({ status: 404 })
    const webhookUrl = 'https://example.com/hook'
    const first = await made(`${base}/keys`, { webhookUrl, webhookToken: 'tok' })
    expect(first).toMatchObject({ kind: 'secret', webhookUrl, webhookToken: 'tok' })
    expect(first.key).toMatch(/^CSHRMP-SECK_/)
    const second = await made(`${base}/keys/rotate`, {})
    expect(second).toMatchObject({ kind: 'secret', webhookUrl, webhookToken: 'tok' })
    expect(second.key).not.toBe(first.key)
    expect(await made(`${base}/keys`, { kind: 'public' })).toMatchObject({
      key: expect.stringMatching(/^CSHRMP-PUBK_/) as string
    })
    expect(await post(`${base}/webhook`, { webhookUrl: 'https://example.com/other' })).toEqual({
      webhookUrl: 'https://example.com/other',
      webhookToken: 'tok'
    })
    expect(await operated.post(`${base}/webhook`, { webhookUrl: 'ftp://example.com' })).toMatchObject({
      code: 'INVALID_ADDRESS'
    })
    expect(await operated.post(`${base}/webhook`, { webhookToken: 'two\nlines' })).toMatchObject({ status: 400 })
    await post(`${base}/keys/revoke`, { kind: 'secret' })
    expect(await operated.post(`${base}/webhook`, { webhookUrl })).toMatchObject({ status: 404 })
  }
)

test('payment methods of an agent are added, stocked, listed and taken out of use', async () => {
  const agent = await newAgent()
  const fields = { account_name: 'Ade', account_number: '0123456789', bank_name: 'First' }
  const base = `/agents/${agent.id}/payment_methods`
  const method = await made(base, { rail: 'bank_transfer', fields, isInstant: true })
  expect(method).toMatchObject({
    rail: 'bank_transfer_ng',
    fields,
    designation: 'both',
    isInstant: true,
    available: '0.0'
  })
  expect(await post(`${base}/${method.id}/liquidity`, { amountLocal: '5000000' })).toMatchObject({
    available: '5000000.0'
  })
  expect(await operated.post(`${base}/${method.id}/liquidity`, { amountLocal: '-1' })).toMatchObject({
    code: 'INVALID_AMOUNT'
  })
  expect((await operated.get(base)).body.data).toEqual([{ ...method, available: '5000000.0' }])
  expect(await operated.post(base, { rail: 'bank_transfer_ng', fields: {} })).toMatchObject({ code: 'MISSING_FIELD' })
  expect(await operated.post(base, { rail: 'mtn_momo_gh', fields: {} })).toMatchObject({ status: 422 })
  await post(`${base}/${method.id}/delete`)
  expect((await operated.get(base)).body.data).toEqual([])
})

test('market rates are set, and agents that follow them follow', async () => {
  expect(await post('/market_rates', { currency: 'NGN', buy: '1540', sell: '1535.25' })).toEqual({
    currency: 'NGN',
    buy: '1540.0',
    sell: '1535.25'
  })
  const { body } = await operated.get('/countries')
  expect(body.data.find(({ code }) => code === 'NG')).toMatchObject({
    currency: 'NGN',
    market: { buy: '1540.0', sell: '1535.25' },
    rails: expect.arrayContaining(['bank_transfer_ng']) as string[]
  })
  expect(await operated.post('/market_rates', { currency: 'EUR', buy: '1', sell: '1' })).toMatchObject({
    code: 'UNSUPPORTED_COUNTRY'
  })
  expect(await operated.post('/market_rates', { currency: 'NGN', buy: '0', sell: '1' })).toMatchObject({
    code: 'INVALID_RATE'
  })
  expect(await post('/countries/ng/surcharge', { basisPoints: 100 })).toEqual({
    country: 'NG',
    surchargeBasisPoints: 100
  })
  await post('/countries/NG/surcharge', { basisPoints: 0 })
  expect(await operated.post('/countries/XX/surcharge', { basisPoints: 1 })).toMatchObject({
    code: 'UNSUPPORTED_COUNTRY'
  })
})

test('stablecoins that arrived are booked once', async () => {
  const merchant = await newMerchant()
  const arrival = { receiver: merchant.id, amountUsd: '500', symbol: 'usdc', network: 'celo', transactionHash: hash() }
  const booked = await post('/arrivals', arrival)
  expect(booked).toMatchObject({ receiver: merchant.id, amountUsd: '500.0', symbol: 'USDC', network: 'CELO' })
  expect(await post('/arrivals', arrival)).toEqual(booked)
  expect(await operated.post('/arrivals', { ...arrival, amountUsd: '501' })).toMatchObject({
    code: 'DUPLICATE_REFERENCE'
  })
  expect((await operated.get(`/merchants/${merchant.id}`)).body).toMatchObject({ balance: '500.0' })
  const agent = await newAgent()
  await post('/arrivals', { ...arrival, receiver: agent.id })
  expect((await operated.get(`/agents/${agent.id}`)).body).toMatchObject({ balance: '500.0' })
  const refusals: [object, string][] = [
    [{ receiver: 'nonsense' }, 'INVALID_GLOBAL_ID'],
    [{ amountUsd: '0' }, 'INVALID_AMOUNT'],
    [{ symbol: 'NOPE' }, 'UNSUPPORTED_ASSET'],
    [{ network: 'NOPE' }, 'UNSUPPORTED_NETWORK'],
    [{ transactionHash: 'nonsense' }, 'INVALID_ADDRESS']
  ]
  for (const [more, code] of refusals)
    expect(await operated.post('/arrivals', { ...arrival, ...more })).toMatchObject({ code })
})

test('a merchant is told of what arrived, and the dead webhook is sent again', async () => {
  const merchant = await newMerchant()
  await made(`/merchants/${merchant.id}/keys`, { webhookUrl: 'http://127.0.0.1:1/hook', webhookToken: 'tok' })
  await post('/arrivals', {
    receiver: merchant.id,
    amountUsd: '1',
    symbol: 'USDC',
    network: 'CELO',
    transactionHash: hash()
  })
  const path = `/webhooks?receiver=${encodeURIComponent(merchant.id)}`
  const dead = async (attempts: number): Promise<Fields> => {
    for (;;) {
      const [delivery] = (await operated.get(path)).body.data
      if (delivery?.['attempts'] === attempts) return delivery
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const first = await dead(4)
  expect(first).toMatchObject({
    receiverKind: 'merchant',
    receiver: merchant.id,
    eventType: 'onchain_payment.received',
    status: 'dead',
    lastStatus: null,
    lastError: 'connection'
  })
  const { delivery } = await post(`/webhooks/${String(first['eventId'])}/replay`)
  while ((await operated.get(`${path}&status=dead`)).body.data[0]?.id !== delivery) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  expect((await operated.get(path)).body.data).toHaveLength(1)
  expect(await post('/webhooks/replay', { receiver: merchant.id })).toEqual({ count: 1 })
})

test('transactions on chain that are not there are not settled', async () => {
  expect((await operated.get('/onchain_transactions')).body).toEqual({ data: [], hasMore: false })
  const id = randomUUID()
  expect(await operated.get(`/onchain_transactions/${id}`)).toMatchObject({ code: 'NOT_FOUND' })
  expect(await operated.post(`/onchain_transactions/${id}/settle`, { transactionHash: hash() })).toMatchObject({
    code: 'NOT_FOUND'
  })
  for (const way of ['fail', 'cancel']) {
    expect(await operated.post(`/onchain_transactions/${id}/${way}`, { reason: 'x' })).toMatchObject({
      code: 'NOT_FOUND'
    })
  }
})

test('an address on chain that is none is refused, as the document says', async () => {
  const depositAddress = 'nowhere'
  const { id: merchant } = await newMerchant()
  const { id: agent } = (await operated.post('/agents', { email: 'chain@example.com', country: 'NG' })).body
  for (const [id, path, body] of [
    ['createAgent', '/agents', { email: 'nowhere@example.com', country: 'NG' }],
    ['updateAgent', `/agents/${agent}`, {}],
    ['createMerchant', '/merchants', { name: 'Nowhere', email: 'nowhere@example.com' }],
    ['updateMerchant', `/merchants/${merchant}`, {}]
  ] as const) {
    expect(await operated.post(path, { ...body, depositAddress })).toMatchObject({ code: 'INVALID_ADDRESS' })
    expect(OPERATIONS.find((operation) => operation.id === id)?.failures).toContain('INVALID_ADDRESS')
  }
})

test('the report tells where the money is, and finds nothing wrong', async () => {
  const merchant = await newMerchant()
  const before = (await operated.get('/report')).body
  await post('/arrivals', {
    receiver: merchant.id,
    amountUsd: '7.25',
    symbol: 'USDC',
    network: 'CELO',
    transactionHash: hash()
  })
  const after = (await operated.get('/report')).body
  expect(after).toMatchObject({ isSound: true, findings: [], assetsUsd: after['liabilitiesUsd'] })
  expect(Number(after['assetsUsd']) - Number(before['assetsUsd'])).toBeCloseTo(7.25, 6)
})

test('the figures tell how many webhooks to agents and merchants wait or were given up', async () => {
  const response = await fetch(`${operated.url}/metrics`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
  const figures = await response.text()
  for (const name of ['deliveries_pending', 'deliveries_dead', 'oldest_pending_seconds']) {
    expect(figures).toMatch(new RegExp(`^hazina_ramp_webhook_${name} \\d`, 'm'))
  }
})
