/**
 * Customers, their accounts, and what everybody may know (cases 7, 9 and 55).
 *
 * Goal: every spelling of an id works, pages are complete, and nobody sees another merchant's customers. Method: the
 * Merchant API on a real port.
 */
import { globalId } from '../../src/services/ramp/global-ids'
import type { TestMerchant } from '../agent/support'
import { recordStatements } from '../support/statements'
import { MerchantSide, QUOTE, type Fields } from './support'

let side: MerchantSide
let merchant: TestMerchant
let nigeria: string

beforeAll(async () => {
  side = await MerchantSide.open()
  await side.ramp.market('NGN', '1540', '1535')
  await side.agent()
})

beforeEach(async () => {
  merchant = await side.ramp.merchant({})
  const countries = await side.value<{ id: string; code: string }[]>(merchant.key, '{ availableCountries { id code } }')
  nigeria = countries.find(({ code }) => code === 'NG')?.id ?? ''
})

afterAll(async () => {
  await side.close()
  expect(side.failures).toEqual([])
})

const CREATE = `mutation ($email: String!, $firstName: String!, $lastName: String!, $country: ID!) {
  createCustomer(email: $email, firstName: $firstName, lastName: $lastName, country: $country) {
    id email firstName lastName country { id name code currency { isoCode name } } p2pPaymentMethods { id } } }`

function create(more: Fields = {}): Promise<Fields & { readonly id: string }> {
  return side.value(merchant.key, CREATE, customer(more))
}

function customer(more: Fields = {}): Fields {
  return { email: 'ada@customers.test', firstName: 'Ada', lastName: 'Obi', country: nigeria, ...more }
}

const BANK = [
  { identifier: 'account_name', value: 'Ada Obi' },
  { identifier: 'account_number', value: '1234567890' },
  { identifier: 'bank_name', value: 'First Bank' }
]

describe('case 55: customers', () => {
  it('are registered once an email, in any case', async () => {
    const created = await create({ email: '  Ada@Customers.Test ' })
    expect(created).toMatchObject({
      email: 'ada@customers.test',
      country: { id: nigeria, name: 'Nigeria', code: 'NG', currency: { isoCode: 'NGN' } },
      p2pPaymentMethods: []
    })
    expect(await side.refusal(merchant.key, CREATE, customer())).toBe('EMAIL_TAKEN')
    expect(await side.refusal(merchant.key, CREATE, customer({ email: 'b@c.d', firstName: ' ' }))).toBe('MISSING_FIELD')
    const country = globalId('Types::Country', '018f5f3c-0000-7000-8000-000000000001')
    expect(await side.refusal(merchant.key, CREATE, customer({ email: 'b@c.d', country }))).toBe('NOT_FOUND')
  })

  it('of one email, several at once become one', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => side.ask(merchant.key, CREATE, customer())))
    const refusals = answers.flatMap(({ body }) => body.errors ?? []).map(({ message }) => message)
    expect(refusals).toEqual(Array(7).fill('EMAIL_TAKEN'))
  })

  it('are found by their merchant alone', async () => {
    await create()
    const find = `{ merchantCustomer(email: "ADA@customers.test") { email } }`
    expect(await side.value(merchant.key, find)).toEqual({ email: 'ada@customers.test' })
    const other = await side.ramp.merchant({})
    expect(await side.value(other.key, find)).toBeNull()
  })
})

describe('case 55: payment methods', () => {
  const ADD = `mutation ($customer: ID!, $paymentMethodType: String, $old: ID, $fields: [P2PPaymentMethodFieldInput!]!,
    $ownership: P2PPaymentMethodOwnership) {
    addPaymentMethod(customer: $customer, paymentMethodType: $paymentMethodType, p2pPaymentMethodType: $old,
      fields: $fields, ownership: $ownership) {
      id value ownership fields { identifier value } type { id identifier label fields { identifier required } } } }`

  it('are added by the identifier of a rail, with or without its country, and by its id', async () => {
    const { id } = await create()
    const added = await side.value(merchant.key, ADD, {
      customer: id,
      paymentMethodType: 'bank_transfer',
      fields: BANK
    })
    expect(added).toMatchObject({
      value: 'Ada Obi - 1234567890',
      ownership: null,
      fields: BANK,
      type: { identifier: 'bank_transfer_ng' }
    })
    const rail = (added.type as Fields).id
    for (const more of [{ paymentMethodType: 'bank_transfer_ng' }, { old: rail }]) {
      const same = await side.value(merchant.key, ADD, { customer: id, fields: [...BANK].reverse(), ...more })
      expect(same.id).toBe(added.id)
    }
    const fields = BANK.with(1, { identifier: 'account_number', value: '1111111111' })
    const variables = { customer: id, old: rail, fields, ownership: 'third_party' }
    expect(await side.value(merchant.key, ADD, variables)).toMatchObject({ ownership: 'third_party' })
    const methods = `query ($email: String!) { merchantCustomer(email: $email) { p2pPaymentMethods { value } } }`
    expect(await side.value(merchant.key, methods, { email: 'ada@customers.test' })).toEqual({
      p2pPaymentMethods: [{ value: 'Ada Obi - 1234567890' }, { value: 'Ada Obi - 1111111111' }]
    })
  })

  it('have every field that their rail requires, and no other', async () => {
    const { id } = await create()
    const add = (fields: Fields[], more: Fields = { paymentMethodType: 'bank_transfer_ng' }): Promise<string> =>
      side.refusal(merchant.key, ADD, { customer: id, fields, ...more })
    expect(await add(BANK.slice(1))).toBe('MISSING_FIELD')
    expect(await add(BANK.with(1, { identifier: 'account_number', value: '  ' }))).toBe('MISSING_FIELD')
    expect(await add([...BANK, { identifier: 'shoe_size', value: '44' }])).toBe('INVALID_PAYMENT_METHOD')
    expect(await add(BANK, { paymentMethodType: 'carrier_pigeon' })).toBe('INVALID_PAYMENT_METHOD')
    expect(await add(BANK, {})).toBe('REQUIRED_ATTRIBUTES_MISSING')
    const other = await side.ramp.merchant({})
    const foreign = { customer: globalId('MerchantCustomer', other.customerId), fields: BANK }
    const variables = { ...foreign, paymentMethodType: 'bank_transfer_ng' }
    expect(await side.refusal(merchant.key, ADD, variables)).toBe('NOT_FOUND')
  })
})

describe('case 7: ids', () => {
  it('of a customer work in both spellings', async () => {
    for (const name of ['MerchantCustomer', 'Types::Cashramp::API::MerchantCustomer', 'Elsewhere::MerchantCustomer']) {
      const id = Buffer.from(`${name}-${merchant.customerId}`).toString('base64')
      const variables = { customer: id, amount: '20', currency: 'usd', paymentMethodType: 'bank_transfer' }
      expect(await side.value(merchant.key, QUOTE, variables)).toMatchObject({ exchangeRate: '1550.0' })
    }
  })

  it('of other things, of other merchants and of nothing are refused', async () => {
    const asked = (id: string): Promise<string> => {
      const variables = { customer: id, amount: '20', currency: 'usd', paymentMethodType: 'bank_transfer' }
      return side.refusal(merchant.key, QUOTE, variables)
    }
    expect(await asked('nonsense')).toBe('INVALID_GLOBAL_ID')
    expect(await asked(globalId('P2PPaymentMethod', merchant.methodId))).toBe('INVALID_GLOBAL_ID')
    expect(await asked(globalId('MerchantCustomer', '018f5f3c-0000-7000-8000-000000000001'))).toBe('NOT_FOUND')
    const other = await side.ramp.merchant({})
    expect(await asked(globalId('MerchantCustomer', other.customerId))).toBe('NOT_FOUND')
  })

  it('of nodes find what belongs to the merchant', async () => {
    const node =
      'query ($id: ID!) { node(id: $id) { __typename id ... on MerchantCustomer { email } ... on MerchantAccount { accountBalance } ... on MerchantPaymentRequest { reference } } }'
    const id = globalId('MerchantCustomer', merchant.customerId)
    expect(await side.value(merchant.key, node, { id })).toEqual({
      __typename: 'MerchantCustomer',
      id,
      email: 'jane@customers.test'
    })
    const { id: account } = await side.value(merchant.key, '{ account { id } }')
    expect(await side.value(merchant.key, node, { id: account })).toMatchObject({ accountBalance: '500.0' })
    const request = await side.hosted(merchant, { reference: 'mine' })
    expect(await side.value(merchant.key, node, { id: request.id })).toMatchObject({ reference: 'mine' })
    const other = await side.ramp.merchant({})
    for (const foreign of [id, account, request.id]) {
      expect(await side.refusal(other.key, node, { id: foreign })).toBe('NOT_FOUND')
    }
    expect(await side.refusal(merchant.key, node, { id: nigeria })).toBe('INVALID_GLOBAL_ID')
    expect(await side.refusal(merchant.key, node, { id: '' })).toBe('INVALID_GLOBAL_ID')
  })
})

describe('accounts of customers', () => {
  const bank = (number: number): Fields[] =>
    BANK.map((field) => (field.identifier === 'account_number' ? { ...field, value: String(1e9 + number) } : field))
  const ADD = `mutation ($customer: ID!, $fields: [P2PPaymentMethodFieldInput!]!) {
    addPaymentMethod(customer: $customer, paymentMethodType: "bank_transfer", fields: $fields) { id } }`
  const OWN = `{ merchantCustomer(email: "ada@customers.test") { p2pPaymentMethods { id } } }`

  it('are at most a hundred each', async () => {
    const { id } = await create()
    const added: Fields[] = []
    for (let number = 0; number < 100; number++) {
      added.push(await side.value<Fields>(merchant.key, ADD, { customer: id, fields: bank(number) }))
    }
    const wish = { customer: id, fields: bank(100) }
    expect(await side.refusal(merchant.key, ADD, wish)).toBe('INVALID_PAYMENT_METHOD')
    const own = await side.value<{ p2pPaymentMethods: Fields[] }>(merchant.key, OWN)
    expect(own.p2pPaymentMethods.map((method) => method.id)).toEqual(added.map((method) => method.id))
    // What is there already is answered as before.
    expect(await side.value(merchant.key, ADD, { customer: id, fields: bank(7) })).toEqual(added[7])
  })

  it('are read with the page of their customers, however long it is', async () => {
    for (let number = 0; number < 20; number++) {
      const { id } = await create({ email: `${number}@customers.test` })
      for (const more of [0, 1]) await side.value(merchant.key, ADD, { customer: id, fields: bank(2 * number + more) })
    }
    let texts: string[] = []
    recordStatements(({ text }) => texts.push(text))
    const cost = async (first: number): Promise<number> => {
      texts = []
      const page = `{ account { merchantCustomers(first: ${first}, after: "MQ") { nodes { email p2pPaymentMethods { id } } } } }`
      const { merchantCustomers } = await side.value<{
        merchantCustomers: { nodes: { p2pPaymentMethods: unknown[] }[] }
      }>(merchant.key, page)
      expect(merchantCustomers.nodes.map(({ p2pPaymentMethods }) => p2pPaymentMethods.length)).toEqual(
        Array(first).fill(2)
      )
      return texts.filter((text) => /FROM ramp_(payment_method|customer) /.test(text)).length
    }
    const few = await cost(2)
    expect(few).toBe(2)
    expect(await cost(20)).toBe(few)
    jest.restoreAllMocks()
  })
})

describe('pages of customers', () => {
  const PAGE = `query ($first: Int, $after: String, $last: Int, $before: String) { account {
    merchantCustomers(first: $first, after: $after, last: $last, before: $before) {
      nodes { email } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } } }`

  interface Page {
    readonly nodes: { readonly email: string }[]
    readonly pageInfo: Fields
  }

  async function page(variables: Fields): Promise<Page> {
    return (await side.value<{ merchantCustomers: Page }>(merchant.key, PAGE, variables)).merchantCustomers
  }

  const emails = ({ nodes }: Page): string[] => nodes.map(({ email }) => email.split('@')[0] ?? '')

  beforeEach(async () => {
    for (const name of ['b', 'c', 'd', 'e']) await create({ email: `${name}@customers.test` })
  })

  it('go forward from a cursor, which is the position of a customer', async () => {
    const first = await page({ first: 2 })
    expect(emails(first)).toEqual(['jane', 'b'])
    expect(first.pageInfo).toEqual({ startCursor: 'MQ', endCursor: 'Mg', hasNextPage: true, hasPreviousPage: false })
    const second = await page({ first: 2, after: 'Mg' })
    expect(emails(second)).toEqual(['c', 'd'])
    const third = await page({ first: 2, after: second.pageInfo.endCursor })
    expect(emails(third)).toEqual(['e'])
    expect(third.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
    const behind = await page({ after: 'NQ' })
    expect(behind).toEqual({
      nodes: [],
      pageInfo: { startCursor: null, endCursor: null, hasNextPage: false, hasPreviousPage: true }
    })
  })

  it('go backward as well', async () => {
    expect(emails(await page({ last: 2 }))).toEqual(['d', 'e'])
    const before = await page({ last: 2, before: 'NA' })
    expect(emails(before)).toEqual(['b', 'c'])
    expect(before.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
    expect(emails(await page({ before: 'Mw' }))).toEqual(['jane', 'b'])
    expect(emails(await page({ last: 100 }))).toEqual(['jane', 'b', 'c', 'd', 'e'])
    expect(emails(await page({}))).toEqual(['jane', 'b', 'c', 'd', 'e'])
  })

  it('refuse counts and cursors that are none', async () => {
    for (const variables of [{ first: 0 }, { last: -1 }, { after: 'x' }, { before: 'MA' }, { after: '' }]) {
      expect(await side.refusal(merchant.key, PAGE, variables)).toBe('INVALID_PAGINATION')
    }
  })
})

describe('what everybody may know', () => {
  it('is there for public keys too, and nothing else is (case 9)', async () => {
    const rate = '{ marketRate(countryCode: "ng") { depositRate withdrawalRate } }'
    expect(await side.value(merchant.publicKey, rate)).toEqual({ depositRate: '1540.0', withdrawalRate: '1535.0' })
    const account = await side.ask(merchant.publicKey, '{ account { id } }')
    expect([account.status, account.body.errors?.[0]?.message]).toEqual([200, 'FORBIDDEN'])
    for (const field of ['availableCountries { code }', 'rampLimits { dailyLimitUsd }', 'rampableAssets { symbol }']) {
      expect((await side.ask(merchant.publicKey, `{ ${field} }`)).body.errors).toBeUndefined()
    }
  })

  it('tells countries, rails, rates, limits and assets', async () => {
    const countries = await side.value<{ code: string; currency: Fields }[]>(
      merchant.key,
      '{ availableCountries { code currency { isoCode } } }'
    )
    const known = countries.map(({ code, currency }) => `${code} ${String(currency.isoCode)}`)
    expect(known.sort()).toEqual(['CM XAF', 'GH GHS', 'KE KES', 'MW MWK', 'NG NGN', 'UG UGX', 'ZA ZAR', 'ZM ZMW'])
    const rails = await side.value<Fields[]>(
      merchant.key,
      `{ p2pPaymentMethodTypes(country: "${nigeria}") { id identifier label fields { label identifier required } } }`
    )
    expect(rails.find(({ identifier }) => identifier === 'bank_transfer_ng')?.fields).toEqual(
      BANK.map(({ identifier }) => ({ identifier, label: expect.any(String) as string, required: true }))
    )
    expect(await side.refusal(merchant.key, '{ marketRate(countryCode: "XX") { depositRate } }')).toBe(
      'UNSUPPORTED_COUNTRY'
    )
    expect(await side.refusal(merchant.key, '{ marketRate(countryCode: "GH") { depositRate } }')).toBe(
      'MARKET_RATE_UNAVAILABLE'
    )
    expect(
      await side.value(
        merchant.key,
        '{ rampLimits { minimumDepositUsd maximumDepositUsd minimumWithdrawalUsd maximumWithdrawalUsd dailyLimitUsd } }'
      )
    ).toEqual({
      minimumDepositUsd: '2.0',
      maximumDepositUsd: '5000.0',
      minimumWithdrawalUsd: '2.0',
      maximumWithdrawalUsd: '5000.0',
      dailyLimitUsd: '10000.0'
    })
    const assets = await side.value<Fields[]>(
      merchant.key,
      '{ rampableAssets { name symbol networks contractAddress } }'
    )
    expect(assets.map(({ symbol }) => symbol)).toEqual(['USDC', 'USDT'])
    expect(assets[0]?.networks).toEqual(expect.arrayContaining(['OP', 'CELO', 'BASE', 'MATIC', 'BSC']))
    expect(Object.keys(assets[0]?.contractAddress as object)).toEqual(assets[0]?.networks)
  })
})
