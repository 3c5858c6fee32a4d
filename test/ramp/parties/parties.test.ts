/**
 * Goal: agents, merchants, customers and payment methods are what was asked for, once, and seen by nobody else.
 * Method: the services on a real database, also from two instances at once.
 */
import { randomUUID } from 'node:crypto'
import { loadConfig } from '../../../src/config'
import { findAsset, findNetwork, isAddress, RAMP_ASSETS, NETWORK_CODES } from '../../../src/services/ramp/assets'
import { OrderLimits } from '../../../src/services/ramp/limits'
import { formatDecimal, USD_SCALE } from '../../../src/services/ramp/money'
import { CUSTOMER_METHODS_MAX } from '../../../src/services/ramp/parties/payment-method-service'
import { valueOf } from '../../support/answers'
import { createTestDatabase, type TestDatabase } from '../../support/database'
import { BANK_FIELDS, Parties } from './support'

let database: TestDatabase
let one: Parties
let other: Parties

beforeAll(async () => {
  database = await createTestDatabase()
  ;[one, other] = await Promise.all([Parties.open(database.url), Parties.open(database.url)])
})
afterAll(async () => {
  await Promise.all([one.close(), other.close()])
  await database.drop()
})

const refusal = (failure: string): object => ({ done: false, failure })

describe('a new database', () => {
  it('has the eight countries, by name', async () => {
    const countries = await one.countries.all()
    expect(countries.map(({ code, name, currencyCode }) => `${code} ${name} ${currencyCode}`)).toEqual([
      'CM Cameroon XAF',
      'GH Ghana GHS',
      'KE Kenya KES',
      'MW Malawi MWK',
      'NG Nigeria NGN',
      'ZA South Africa ZAR',
      'UG Uganda UGX',
      'ZM Zambia ZMW'
    ])
    for (const country of countries) {
      expect(country.surchargeBasisPoints).toBe(0)
      expect(await one.countries.findByCode(country.code.toLowerCase())).toEqual(country)
      expect(await one.countries.get(country.id)).toEqual(country)
    }
    expect(await one.countries.findByCode('XX')).toBeUndefined()
    expect(await one.countries.findByCode('\0')).toBeUndefined()
  })

  it('has rails in each, whose identifiers end with the country', async () => {
    for (const country of await one.countries.all()) {
      const rails = await one.countries.rails(country.id)
      const suffix = country.code.toLowerCase()
      expect(rails.map(({ identifier }) => identifier)).toContain(`bank_transfer_${suffix}`)
      for (const rail of rails) {
        expect(rail.identifier.endsWith(`_${suffix}`)).toBe(true)
        expect(rail.countryId).toBe(country.id)
        expect(await one.countries.rail(rail.id)).toEqual(rail)
      }
    }
    const { id } = (await one.countries.findByCode('GH'))!
    const momo = (await one.countries.rails(id)).find(({ identifier }) => identifier === 'mtn_momo_gh')!
    expect(momo.fields).toEqual([
      { identifier: 'name', label: 'Name', required: true },
      { identifier: 'phone_number', label: 'Phone number', required: true }
    ])
  })

  it('has its ids in common with every other one', async () => {
    expect((await one.countries.findByCode('NG'))!.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-/)
    const rebuilt = await createTestDatabase()
    const third = await Parties.open(rebuilt.url)
    expect(await third.countries.all()).toEqual(await one.countries.all())
    await third.close()
    await rebuilt.drop()
  })

  it('names a rail with and without a country', async () => {
    const [ghana, nigeria] = [(await one.countries.findByCode('GH'))!, (await one.countries.findByCode('NG'))!]
    const named = async (country: typeof ghana, text: string): Promise<string | undefined> =>
      (await one.countries.findRailFor(country, text))?.identifier
    expect(await named(ghana, 'mtn_momo')).toBe('mtn_momo_gh')
    expect(await named(ghana, 'bank_transfer')).toBe('bank_transfer_gh')
    expect(await named(nigeria, 'bank_transfer')).toBe('bank_transfer_ng')
    expect(await named(ghana, 'bank_transfer_ng')).toBe('bank_transfer_ng')
    expect(await named(nigeria, 'mtn_momo')).toBeUndefined()
    expect(await named(nigeria, '')).toBeUndefined()
  })
})

test('a surcharge is set within its range', async () => {
  expect(await one.countries.setSurcharge(one.context, 'zm', 100)).toMatchObject({
    done: true,
    value: { surchargeBasisPoints: 100 }
  })
  expect((await other.countries.findByCode('ZM'))!.surchargeBasisPoints).toBe(100)
  valueOf(await one.countries.setSurcharge(one.context, 'ZM', 0))
  for (const wrong of [-1, 10_000, 1.5, NaN]) {
    expect(await one.countries.setSurcharge(one.context, 'ZM', wrong)).toEqual(refusal('INVALID_RATE'))
  }
  expect(await one.countries.setSurcharge(one.context, 'XX', 1)).toEqual(refusal('UNSUPPORTED_COUNTRY'))
})

describe('assets and networks', () => {
  it('case 14: are found by every name, and tell addresses from others', () => {
    expect(findAsset('usdc')!.symbol).toBe('USDC')
    expect(findAsset('usd_coin')!.symbol).toBe('USDC')
    expect(findAsset('usd_tether')!.symbol).toBe('USDT')
    expect(findAsset('NOPE')).toBeUndefined()
    expect(findNetwork('polygon')!.code).toBe('MATIC')
    expect(findNetwork('celo')!.code).toBe('CELO')
    expect(findNetwork('constructor')).toBeUndefined()
    for (const { contracts } of Object.values(RAMP_ASSETS)) {
      for (const code of NETWORK_CODES) expect(isAddress(findNetwork(code)!, contracts[code])).toBe(true)
    }
    for (const wrong of ['0x12', '', `0x${'g'.repeat(40)}`, `0x${'a'.repeat(41)}`, `0x${'a'.repeat(40)}\n`]) {
      expect(isAddress(findNetwork('OP')!, wrong)).toBe(false)
    }
  })

  it('have the limits that are promised', () => {
    const limits: Record<string, bigint> = { ...new OrderLimits(loadConfig({})) }
    const shown = Object.values(limits).map((limit) => formatDecimal(limit, USD_SCALE))
    expect(shown).toEqual(['2.0', '5000.0', '2.0', '5000.0', '10000.0'])
  })
})

describe('an agent', () => {
  it('starts with nothing, and two accounts of its own', async () => {
    const agent = valueOf(await one.agents.create(one.context, { email: ' Ada.Obi@Example.COM ', countryCode: 'ng' }))
    expect(agent).toMatchObject({
      email: 'ada.obi@example.com',
      name: 'ada.obi',
      verificationStatus: 'unverified',
      creditLine: 0n,
      depositRate: null,
      isSuspended: false,
      isRestricted: false
    })
    expect(await other.agents.get(agent.id)).toEqual(agent)
    const usd = await one.accounts.ledgerOf('USD')
    for (const id of [agent.balanceAccountId, agent.creditAccountId]) {
      expect(await one.account(id)).toMatchObject({
        ledger: usd,
        owner: agent.id,
        limit: 'debits_must_not_exceed_credits'
      })
    }
  })

  it('is one of its email, whoever asks first, and a refused one leaves no account', async () => {
    const email = one.email()
    const input = { email, countryCode: 'GH' }
    const [{ count: before }] = (await one.query<{ count: string }>('SELECT count(*) FROM ledger_account')) as [never]
    const answers = await Promise.all(
      [one, other, one, other].map((party) =>
        party.agents.create(party.context, { ...input, email: email.toUpperCase() })
      )
    )
    expect(answers.filter(({ done }) => done)).toHaveLength(1)
    expect(answers.filter(({ done }) => !done)).toEqual(Array(3).fill(refusal('EMAIL_TAKEN')))
    const [{ count: after }] = (await one.query<{ count: string }>('SELECT count(*) FROM ledger_account')) as [never]
    expect(Number(after) - Number(before)).toBe(2)
  })

  it.each([
    ['MISSING_FIELD', { email: 'ada' }],
    ['MISSING_FIELD', { email: '  ' }],
    ['MISSING_FIELD', { name: ' ' }],
    ['INVALID_ADDRESS', { depositAddress: '0x12' }],
    ['UNSUPPORTED_COUNTRY', { countryCode: 'XX' }]
  ])('is refused as %s: %p', async (failure, change) => {
    const input = { email: one.email(), countryCode: 'NG', ...change }
    expect(await one.agents.create(one.context, input)).toEqual(refusal(failure))
  })

  it('changes in what is given and in nothing else', async () => {
    const agent = await one.agent()
    const changes = {
      isSuspended: true,
      autoUpdateDepositRate: true,
      name: ' Ada ',
      depositAddress: `0x${'aB'.repeat(20)}`
    }
    const changed = valueOf(await one.agents.update(one.context, agent.id, changes))
    expect(changed).toEqual({ ...agent, ...changes, name: 'Ada' })
    expect(await other.agents.get(agent.id)).toEqual(changed)
    expect(valueOf(await one.agents.update(one.context, agent.id, {}))).toEqual(changed)
    expect(await one.agents.update(one.context, agent.id, { name: ' ' })).toEqual(refusal('MISSING_FIELD'))
    expect(await one.agents.update(one.context, agent.id, { depositAddress: '' })).toEqual(refusal('INVALID_ADDRESS'))
    expect(await one.agents.update(one.context, randomUUID(), {})).toEqual(refusal('NOT_FOUND'))
  })
})

describe('a merchant', () => {
  it('has an account of its own, and is one of its email', async () => {
    const input = { name: 'Shop', email: one.email(), feeBasisPoints: 75 }
    const merchant = valueOf(await one.merchants.create(one.context, input))
    expect(await other.merchants.get(merchant.id)).toEqual(merchant)
    expect(await one.account(merchant.balanceAccountId)).toMatchObject({ owner: merchant.id })
    expect(await other.merchants.create(other.context, input)).toEqual(refusal('EMAIL_TAKEN'))
    const changed = valueOf(await one.merchants.update(one.context, merchant.id, { feeBasisPoints: null }))
    expect(changed).toEqual({ ...merchant, feeBasisPoints: null })
    expect(await other.merchants.get(merchant.id)).toEqual(changed)
  })

  it.each([-1, 10_000, 0.5])('pays no fee of %p', async (feeBasisPoints) => {
    const input = { name: 'Shop', email: one.email(), feeBasisPoints }
    expect(await one.merchants.create(one.context, input)).toEqual(refusal('INVALID_RATE'))
    const merchant = await one.merchant()
    expect(await one.merchants.update(one.context, merchant.id, { feeBasisPoints })).toEqual(refusal('INVALID_RATE'))
  })
})

describe('a customer', () => {
  it('case 55: is one of its email in an account, and may be another one elsewhere', async () => {
    const [merchant, stranger] = [await one.merchant(), await one.merchant()]
    const { id: countryId } = (await one.countries.findByCode('NG'))!
    const input = { email: ' Jane@Example.com', firstName: ' Jane ', lastName: 'Doe', countryId }
    const answers = await Promise.all(
      [one, other, one].map((party) => party.customers.create(party.context, merchant.id, input))
    )
    const [customer] = answers.filter(({ done }) => done).map(valueOf)
    expect(customer).toMatchObject({ email: 'jane@example.com', firstName: 'Jane' })
    expect(answers.filter(({ done }) => !done)).toEqual(Array(2).fill(refusal('EMAIL_TAKEN')))
    expect(await one.customers.create(one.context, stranger.id, input)).toMatchObject({ done: true })
    expect(await other.customers.findByEmail(merchant.id, 'JANE@example.com ')).toEqual(customer)
    expect(await other.customers.findByEmail(merchant.id, 'nobody@example.com')).toBeUndefined()
    expect(await one.customers.findOf(merchant.id, customer!.id)).toEqual(customer)
    expect(await one.customers.findOf(stranger.id, customer!.id)).toBeUndefined()
  })

  it.each([
    ['MISSING_FIELD', { firstName: ' ' }],
    ['MISSING_FIELD', { lastName: '' }],
    ['MISSING_FIELD', { email: 'jane' }],
    ['MISSING_FIELD', { firstName: 'x'.repeat(256) }],
    ['MISSING_FIELD', { lastName: 'a\0b' }],
    ['NOT_FOUND', { countryId: randomUUID() }]
  ])('is refused as %s: %p', async (failure, change) => {
    const merchant = await one.merchant()
    const { id: countryId } = (await one.countries.findByCode('NG'))!
    const input = { email: one.email(), firstName: 'Jane', lastName: 'Doe', countryId, ...change }
    expect(await one.customers.create(one.context, merchant.id, input)).toEqual(refusal(failure))
    expect(await one.customers.slice(merchant.id, 0, 10)).toEqual({ customers: [], hasMore: false })
  })

  it('has its place in the list, oldest first', async () => {
    const merchant = await one.merchant()
    const made = []
    for (let count = 0; count < 5; count++) made.push((await one.customer(merchant.id)).id)
    const slice = async (offset: number, limit: number): Promise<unknown> => {
      const { customers, hasMore } = await other.customers.slice(merchant.id, offset, limit)
      return [hasMore, ...customers.map(({ id }) => id)]
    }
    expect(await slice(0, 2)).toEqual([true, ...made.slice(0, 2)])
    expect(await slice(2, 2)).toEqual([true, ...made.slice(2, 4)])
    expect(await slice(3, 2)).toEqual([false, ...made.slice(3)])
    expect(await slice(4, 2)).toEqual([false, made[4]])
    expect(await slice(9, 2)).toEqual([false])
    expect(await slice(4, 0)).toEqual([true])
    expect(await other.customers.count(merchant.id)).toBe(5)
  })
})

describe('a payment method', () => {
  it('case 55: needs every required field, and no others', async () => {
    const customer = await one.customer((await one.merchant()).id)
    const add = (fields: typeof BANK_FIELDS, railIdentifier: string | null = 'bank_transfer'): Promise<unknown> =>
      one.methods.addForCustomer(one.context, customer, { railIdentifier, fields })
    expect(await add(BANK_FIELDS.slice(0, 2))).toEqual(refusal('MISSING_FIELD'))
    expect(await add(BANK_FIELDS.map((field, at) => (at === 1 ? { ...field, value: '  ' } : field)))).toEqual(
      refusal('MISSING_FIELD')
    )
    expect(await add([...BANK_FIELDS, { identifier: 'swift', value: 'X' }])).toEqual(refusal('INVALID_PAYMENT_METHOD'))
    expect(await add([...BANK_FIELDS, BANK_FIELDS[0]!])).toEqual(refusal('INVALID_PAYMENT_METHOD'))
    expect(await add(BANK_FIELDS.map((field) => ({ ...field, value: 'x'.repeat(256) })))).toEqual(
      refusal('INVALID_PAYMENT_METHOD')
    )
    expect(await add(BANK_FIELDS, 'carrier_pigeon')).toEqual(refusal('INVALID_PAYMENT_METHOD'))
    expect(await add(BANK_FIELDS, null)).toEqual(refusal('REQUIRED_ATTRIBUTES_MISSING'))
    expect(await one.methods.list('customer', customer.id)).toEqual([])
  })

  it('case 55: is the same one by rail identifier and by rail id, in any order of fields, whoever asks', async () => {
    const customer = await one.customer((await one.merchant()).id)
    const country = await one.countries.get(customer.countryId)
    const rail = (await one.countries.findRailFor(country, 'bank_transfer'))!
    const spaced = [...BANK_FIELDS].reverse().map(({ identifier, value }) => ({ identifier, value: ` ${value} ` }))
    const answers = await Promise.all([
      one.methods.addForCustomer(one.context, customer, { railIdentifier: 'bank_transfer', fields: BANK_FIELDS }),
      other.methods.addForCustomer(other.context, customer, { railIdentifier: 'bank_transfer_ng', fields: spaced }),
      one.methods.addForCustomer(one.context, customer, { railId: rail.id, fields: BANK_FIELDS }),
      other.methods.addForCustomer(other.context, customer, { railId: rail.id, fields: spaced })
    ])
    expect(new Set(answers.map((answer) => valueOf(answer).id)).size).toBe(1)
    const method = valueOf(answers[0])
    expect(method).toMatchObject({
      value: 'Jane Doe - 0123456789',
      fields: BANK_FIELDS,
      ownership: null,
      designation: 'both',
      liquidityAccountId: null
    })
    expect(await one.methods.list('customer', customer.id)).toEqual([method])
    expect(await other.methods.find(method.id)).toEqual(method)
  })

  it('of other fields, another rail or another customer is another one', async () => {
    const merchant = await one.merchant()
    const [customer, neighbour] = [await one.customer(merchant.id), await one.customer(merchant.id)]
    const otherFields = BANK_FIELDS.map((field) => ({ ...field, value: `${field.value}9` }))
    const choices = [
      [customer, 'bank_transfer', BANK_FIELDS],
      [customer, 'bank_transfer', otherFields],
      [customer, 'bank_transfer_gh', BANK_FIELDS],
      [neighbour, 'bank_transfer', BANK_FIELDS]
    ] as const
    const ids = []
    for (const [owner, railIdentifier, fields] of choices) {
      const input = { railIdentifier, fields, ownership: 'third_party' } as const
      const method = valueOf(await one.methods.addForCustomer(one.context, owner, input))
      expect(method.ownership).toBe('third_party')
      ids.push(method.id)
    }
    expect(new Set(ids).size).toBe(4)
    expect((await one.methods.list('customer', customer.id)).map(({ id }) => id)).toEqual(ids.slice(0, 3))
  })

  it('is refused beyond as many as a customer may have, however many are added at once', async () => {
    const customer = await one.customer((await one.merchant()).id)
    const inputs = Array.from({ length: CUSTOMER_METHODS_MAX + 6 }, (_, index) => ({
      railIdentifier: 'bank_transfer',
      fields: BANK_FIELDS.map((field) => ({ ...field, value: `${field.value}${1_000 + index}` }))
    }))
    const add = (party: Parties, input: (typeof inputs)[number]) =>
      party.methods.addForCustomer(party.context, customer, input)
    await Promise.all(inputs.splice(0, CUSTOMER_METHODS_MAX - 2).map(async (input) => valueOf(await add(one, input))))
    // The same twice is one method, be it the last.
    const twice = [...inputs, ...inputs]
    const answers = await Promise.all(twice.map((input, index) => add(index < inputs.length ? one : other, input)))
    const refusals = answers.filter((answer) => !answer.done)
    expect(refusals).toEqual(Array(2 * (inputs.length - 2)).fill(refusal('INVALID_PAYMENT_METHOD')))
    expect(await one.methods.list('customer', customer.id)).toHaveLength(CUSTOMER_METHODS_MAX)
  })

  it('of an agent has fiat of its own, in the money of its country', async () => {
    const agent = await one.agent({ countryCode: 'GH' })
    const fields = [
      { identifier: 'name', value: 'Kofi' },
      { identifier: 'phone_number', value: '0246977890' }
    ]
    const input = { railIdentifier: 'mtn_momo', fields, designation: 'deposit', isInstant: true } as const
    const method = valueOf(await one.methods.addForAgent(one.context, agent, input))
    expect(method).toMatchObject({ value: 'Kofi - 0246977890', designation: 'deposit', isInstant: true })
    expect(await one.account(method.liquidityAccountId)).toMatchObject({
      ledger: await one.accounts.ledgerOf('GHS'),
      owner: method.id
    })
    expect(await one.methods.findOf('agent', agent.id, method.id)).toEqual(method)
    expect(await one.methods.findOf('agent', (await one.agent()).id, method.id)).toBeUndefined()
    const abroad = { railIdentifier: 'bank_transfer_ng', fields: BANK_FIELDS }
    expect(await one.methods.addForAgent(one.context, agent, abroad)).toEqual(refusal('INVALID_PAYMENT_METHOD'))
  })

  it('that was deleted is gone from lists, and its fields are free again', async () => {
    const customer = await one.customer((await one.merchant()).id)
    const input = { railIdentifier: 'bank_transfer', fields: BANK_FIELDS }
    const method = valueOf(await one.methods.addForCustomer(one.context, customer, input))
    const remove = (ownerId: string, id: string): Promise<unknown> =>
      one.methods.softDelete(one.context, 'customer', ownerId, id)
    expect(await remove(randomUUID(), method.id)).toEqual(refusal('NOT_FOUND'))
    expect(await remove(customer.id, method.id)).toMatchObject({ done: true, value: { id: method.id } })
    expect(await remove(customer.id, method.id)).toMatchObject({ done: true, value: { id: method.id } })
    expect(await one.methods.list('customer', customer.id)).toEqual([])
    expect((await one.methods.find(method.id))!.deletedAt).toBeInstanceOf(Date)
    const again = valueOf(await one.methods.addForCustomer(one.context, customer, input))
    expect(again.id).not.toBe(method.id)
  })
})
