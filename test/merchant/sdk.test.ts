/**
 * Clients of the published kind, end to end over both APIs (case 60).
 *
 * Goal: the documents that such clients send, to the letter, run as they are; success is read as success, and a
 * refusal as its code. Method: a client of the test's own that posts anonymous documents with their variables and
 * reads answers as those clients do: HTTP 200 with `errors` that are truthy is a failure whose text is the first
 * message; any other status is its status text. The service is the whole process on its own database.
 */
import { randomBytes } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { ServiceProcess } from '../support/service-process'
import { Client, type Options, type Result } from './sdk-client'

let database: TestDatabase
let service: ServiceProcess
let base: string
let merchant: Client
let agent: Client

beforeAll(async () => {
  database = await createTestDatabase()
  const ports = { OPEN_PAYMENTS_PORT: '0', AUTH_PORT: '0', CONNECTOR_PORT: '0' }
  service = await ServiceProcess.start({ DATABASE_URL: database.url, ...ports })
  base = service.url.replace(/\/graphql$/, '')
})

afterAll(async () => {
  const code = await service?.kill('SIGTERM')
  await database?.drop()
  expect(code).toBe(0)
})

async function operate<Answer = Record<string, string>>(path: string, body: object, method = 'POST'): Promise<Answer> {
  const response = await fetch(`${base}/operator${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
  return JSON.parse(text) as Answer
}

const inPath = encodeURIComponent

async function makeAgent(): Promise<{ readonly client: Client; readonly id: string; readonly methodId: string }> {
  const { id } = await operate('/agents', {
    email: 'agent@agents.test',
    name: 'Amina',
    country: 'NG',
    verificationStatus: 'verified'
  })
  const { key } = await operate(`/agents/${inPath(id!)}/keys`, { kind: 'secret' })
  await arrive(id!, '1000')
  const fields = { account_name: 'Amina', account_number: '0123456789', bank_name: 'First Bank' }
  const method = await operate(`/agents/${inPath(id!)}/payment_methods`, { rail: 'bank_transfer_ng', fields })
  return { client: clientOf(key!), id: id!, methodId: method.id! }
}

async function makeMerchant(): Promise<Client> {
  const { id } = await operate('/merchants', { name: 'Kiosk', email: 'kiosk@merchants.test' })
  const { key } = await operate(`/merchants/${inPath(id!)}/keys`, { kind: 'secret' })
  await arrive(id!, '500')
  return clientOf(key!)
}

async function arrive(receiver: string, amountUsd: string): Promise<void> {
  const transactionHash = `0x${randomBytes(32).toString('hex')}`
  await operate('/arrivals', { receiver, amountUsd, symbol: 'USDC', network: 'CELO', transactionHash })
}

function clientOf(key: string): Client {
  return new Client(`${base}/cashramp/api/graphql`, `${base}/cashramp/bot/graphql`, key)
}

/** The result of a call that has to succeed. */
async function done<Value = Record<string, string>>(call: Promise<Result>): Promise<Value> {
  const answer = await call
  expect(answer).toEqual({ success: true, result: answer.result })
  return answer.result as Value
}

const refused = (error: string): Result => ({ success: false, error })

const FIELDS = [
  { identifier: 'account_name', value: 'Jane Doe' },
  { identifier: 'account_number', value: '5555555555' },
  { identifier: 'bank_name', value: 'First Bank' }
]

let agentMethod: string
let country: string
let customer: string
let rail: string

const balance = async (): Promise<unknown> => (await done(merchant.getAccount())).accountBalance

/** The newest assignment of the agent, as its history shows it. */
async function newest(): Promise<Options> {
  const { data } = await done<{ data: Options[] }>(agent.getBotAgentOrderHistory({ page: 1, perPage: 1 }))
  return data[0]!
}

async function money(): Promise<readonly unknown[]> {
  const { accountBalance, escrowBalance } = await done(agent.getBotAgentProfile())
  return [accountBalance, escrowBalance]
}

it('sets the scene: a market, an agent, a merchant', async () => {
  await operate('/market_rates', { currency: 'NGN', buy: '1540', sell: '1535' })
  const made = await makeAgent()
  agent = made.client
  agentMethod = made.methodId
  merchant = await makeMerchant()
  expect(await money()).toEqual(['1000.0', '0.0'])
  expect(await balance()).toBe('500.0')
})

it('what everybody may know', async () => {
  const countries = await done<Options[]>(merchant.getAvailableCountries())
  country = String(countries.find(({ code }) => code === 'NG')?.id)
  expect(await done(merchant.getMarketRate({ countryCode: 'NG' }))).toEqual({
    depositRate: '1540.0',
    withdrawalRate: '1535.0'
  })
  expect(await merchant.getMarketRate({ countryCode: 'XX' })).toEqual(refused('UNSUPPORTED_COUNTRY'))
  const rails = await done<Options[]>(merchant.getPaymentMethodTypes({ country }))
  rail = String(rails.find(({ identifier }) => identifier === 'bank_transfer_ng')?.id)
  const [asset] = await done<Options[]>(merchant.getRampableAssets())
  expect(asset).toMatchObject({
    symbol: 'USDC',
    networks: expect.any(Array) as unknown,
    contractAddress: expect.any(Object) as unknown
  })
  expect(await done(merchant.getRampLimits())).toMatchObject({ dailyLimitUsd: '10000.0' })
  expect(await done(agent.getBotAgentWithdrawalInfo({ symbol: 'USDC' }))).toMatchObject({
    symbol: 'USDC',
    memoRegex: null
  })
})

it('a customer, and an account in both spellings of its rail', async () => {
  const person = { firstName: 'Jane', lastName: 'Doe', email: 'jane@customers.test', country }
  customer = String((await done(merchant.createCustomer(person))).id)
  expect(await merchant.createCustomer(person)).toEqual(refused('EMAIL_TAKEN'))
  const older = await done(merchant.addOldPaymentMethod({ customer, paymentMethodType: rail, fields: FIELDS }))
  const newer = await done(
    merchant.addPaymentMethod({
      customer,
      paymentMethodType: 'bank_transfer',
      fields: FIELDS,
      ownership: 'first_party'
    })
  )
  expect(newer).toEqual(older)
  expect(newer).toMatchObject({ value: 'Jane Doe - 5555555555', fields: FIELDS })
})

it('case 15: rates', async () => {
  expect(await agent.updateBotAgentRates({})).toEqual(refused('REQUIRED_ATTRIBUTES_MISSING'))
  expect(await done(agent.updateBotAgentRates({ depositRate: 1550, withdrawalRate: '1530' }))).toBe(true)
  expect(await done(agent.getBotAgentProfile())).toMatchObject({ depositMargin: '10.0', withdrawalMargin: '5.0' })
  expect(await agent.updateBotAgentRates({ depositRate: 0 })).toEqual(refused('INVALID_RATE'))
  const liquidity = { amountLocal: 5_000_000, paymentMethod: agentMethod }
  expect(await done(agent.updateBotAgentPaymentMethodLiquidity(liquidity))).toMatchObject({
    id: agentMethod,
    localCurrencyAvailable: '5000000.0',
    deleted: false
  })
})

it('cases 24–27: a deposit', async () => {
  const wish = { customer, amount: 20, currency: 'usd', paymentMethodType: 'bank_transfer_ng' }
  const quote = await done(merchant.getRampQuote({ ...wish, paymentType: 'deposit' }))
  expect(quote).toMatchObject({ exchangeRate: '1550.0', paymentType: 'deposit' })
  expect(await done(merchant.getOldRampQuote(wish))).toMatchObject({ exchangeRate: '1550.0' })
  expect(await done(merchant.refreshRampQuote({ rampQuote: quote.id }))).toEqual(quote)
  const order = await done(merchant.initiateRampQuoteDeposit({ rampQuote: quote.id, reference: 'deposit' }))
  expect(order).toMatchObject({ status: 'pending', agent: 'Amina', amountLocal: '31000.0', amountUsd: '20.0' })
  expect(order.paymentDetails).toContain('0123456789')
  expect(Number.isFinite(Date.parse(order.expiresAt!))).toBe(true)
  expect(await money()).toEqual(['980.0', '20.0'])
  expect(await balance()).toBe('500.0')
  expect(await done(merchant.markDepositAsPaid({ paymentRequest: order.id, receipt: 'slip' }))).toBe(true)
  expect(await merchant.cancelDeposit({ paymentRequest: order.id })).toEqual(refused('INVALID_STATUS'))
  const assigned = await newest()
  expect(assigned).toMatchObject({ status: 'paid', paymentType: 'deposit', exchangeRate: '1550.0', source: 'direct' })
  expect(await done(agent.markBotAgentDepositReceived({ paymentRequest: assigned.id }))).toBe(true)
  expect(await done(agent.markBotAgentDepositReceived({ paymentRequest: assigned.id }))).toBe(true)
  expect(await done(merchant.getPaymentRequest({ reference: 'deposit' }))).toMatchObject({
    id: order.id,
    paymentType: 'deposit',
    hostedLink: null,
    amount: '20.0',
    currency: 'usd',
    status: 'completed'
  })
  expect(await balance()).toBe('519.7')
  expect(await done(agent.getBotAgentProfile())).toMatchObject({
    accountBalance: '980.15',
    escrowBalance: '0.0',
    depositsCompleted: 1,
    bonusEarnings: '0.15'
  })
  const again = { rampQuote: quote.id, reference: 'another' }
  expect(await merchant.initiateRampQuoteDeposit(again)).toEqual(refused('QUOTE_CONSUMED'))
})

it('cases 36–39: a withdrawal', async () => {
  const wish = { customer, amount: '20', currency: 'usd', paymentMethodType: 'bank_transfer_ng', country: 'NG' }
  const quote = await done(merchant.getRampQuote({ ...wish, paymentType: 'withdrawal' }))
  expect(quote).toMatchObject({ exchangeRate: '1530.0', paymentType: 'withdrawal' })
  const method = await done(
    merchant.addPaymentMethod({ customer, paymentMethodType: 'bank_transfer_ng', fields: FIELDS })
  )
  const order = await done(
    merchant.initiateRampQuoteWithdrawal({ rampQuote: quote.id, paymentMethod: method.id, reference: 'withdrawal' })
  )
  expect(order).toMatchObject({ status: 'accepted', amountLocal: '30600.0', amountUsd: '20.0' })
  expect(await balance()).toBe('499.4')
  const assigned = await newest()
  expect(assigned).toMatchObject({ status: 'pending', paymentType: 'withdrawal' })
  const payout = { paymentRequest: assigned.id, paymentMethod: agentMethod, receipt: 'slip' }
  expect(await agent.markBotAgentWithdrawalPaid(payout)).toEqual(refused('INVALID_STATUS'))
  expect(await done(agent.acceptBotAgentWithdrawal({ paymentRequest: assigned.id }))).toBe(true)
  expect(await merchant.markWithdrawalAsReceived({ paymentRequest: order.id })).toEqual(refused('INVALID_STATUS'))
  expect(await done(agent.markBotAgentWithdrawalPaid(payout))).toBe(true)
  expect(await done(merchant.markWithdrawalAsReceived({ paymentRequest: order.id }))).toBe(true)
  expect(await done(merchant.getPaymentRequest({ reference: 'withdrawal' }))).toMatchObject({ status: 'completed' })
  expect(await balance()).toBe('499.4')
  expect(await done(agent.getBotAgentProfile())).toMatchObject({
    accountBalance: '1000.3',
    escrowBalance: '0.0',
    withdrawalsCompleted: 1
  })
  expect(await agent.cancelBotAgentWithdrawal({ paymentRequest: assigned.id })).toEqual(refused('INVALID_STATUS'))
})

it('the rest of it', async () => {
  const hosted = {
    amount: 20,
    countryCode: 'NG',
    email: 'jane@customers.test',
    paymentType: 'deposit',
    reference: 'hosted',
    firstName: 'Jane',
    lastName: 'Doe',
    redirectUrl: 'https://shop.test/done',
    metadata: { cart: 7 }
  }
  const order = await done(merchant.initiateHostedPayment(hosted))
  expect(order.status).toBe('created')
  const path = new URL(order.hostedLink!).pathname
  expect((await fetch(`${base}${path}`, { headers: { accept: 'text/html' } })).status).toBe(200)
  expect(await done(merchant.cancelHostedPayment({ paymentRequest: order.id }))).toBe(true)
  expect(await merchant.initiateHostedPayment({ ...hosted, reference: undefined })).toMatchObject({ success: false })
  const withdrawal = await done(
    merchant.initiateHostedPayment({ ...hosted, paymentType: 'withdrawal', reference: 'hosted withdrawal' })
  )
  const payment = { paymentRequest: withdrawal.id, transactionHash: `0x${'ab'.repeat(32)}` }
  expect(await done(merchant.confirmTransaction(payment))).toBe(true)
  const address = '0x52908400098527886E0F7030069857D2E4169EE7'
  expect(await done(merchant.withdrawOnchain({ address, amountUsd: 20 }))).toMatchObject({ status: 'pending' })
  expect(await merchant.withdrawOnchain({ address, amountUsd: 9.99, network: 'CELO', metadata: {} })).toEqual(
    refused('BELOW_MINIMUM')
  )
  expect(await merchant.getBotAgentProfile()).toEqual(refused('Forbidden'))
  expect(await clientOf('CSHRMP-SECK_nope').getAccount()).toEqual(refused('Unauthorized'))
})
