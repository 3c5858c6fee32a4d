/**
 * Goal: what happens with each request costs one look into an index, however many rows there are.
 * Method: the statements that the services send, explained with the settings that they are sent with.
 */
import { DataSource } from 'typeorm'
import { Reader } from '../../../src/database/reader'
import { VirtualAccountSettlement } from '../../../src/services/ramp/virtual-accounts/virtual-account-settlement'
import { valueOf } from '../../support/answers'
import { createTestDatabase, type TestDatabase } from '../../support/database'
import { plansOf, type Plans } from '../../support/plans'
import { BANK_FIELDS, Parties } from './support'

let database: TestDatabase
let parties: Parties

beforeAll(async () => {
  database = await createTestDatabase()
  parties = await Parties.open(database.url)
})
afterAll(async () => {
  await parties.close()
  await database.drop()
})

/** Of the statements that `work` sends. */
async function plansOfWork(work: () => Promise<unknown>): Promise<Plans> {
  const { container } = parties.api
  const sent = jest.spyOn(container.resolve(Reader), 'rows')
  await work()
  const statements = sent.mock.calls.map(([statement]) => statement)
  sent.mockRestore()
  return plansOf(container.resolve(DataSource), statements)
}

test('a key is looked up by its hash once, and its bearer by id; then only whether that still holds', async () => {
  const agent = await parties.agent()
  const { key } = valueOf(await parties.keys.issue(parties.context, { kind: 'agent', id: agent.id }))
  // The key of the hash is read once.
  await parties.keys.findBearer(`CSHRMP-SECK_${'0'.repeat(32)}`)
  const first = await plansOfWork(() => parties.keys.findBearer(key))
  expect(first).toEqual({
    whole: [],
    indexes: ['ramp_agent_pkey', 'ramp_api_key_hash', 'ramp_bearer_version_pkey', 'ramp_merchant_pkey']
  })
  const again = await plansOfWork(() => parties.keys.findBearer(key))
  expect(again).toEqual({ whole: [], indexes: ['ramp_bearer_version_pkey'] })
})

test('customers and payment methods are found by what is asked for', async () => {
  const merchant = await parties.merchant()
  const customer = await parties.customer(merchant.id)
  const byEmail = await plansOfWork(() => parties.customers.findByEmail(merchant.id, customer.email))
  expect(byEmail).toEqual({ whole: [], indexes: ['ramp_customer_email'] })
  const slice = await plansOfWork(() => parties.customers.slice(merchant.id, 0, 20))
  expect(slice).toEqual({ whole: [], indexes: ['ramp_customer_of_merchant'] })
  const count = await plansOfWork(() => parties.customers.count(merchant.id))
  expect(count).toEqual({ whole: [], indexes: ['ramp_customer_of_merchant'] })
  const add = { railIdentifier: 'bank_transfer', fields: BANK_FIELDS }
  await parties.methods.addForCustomer(parties.context, customer, add)
  const same = await plansOfWork(() => parties.methods.addForCustomer(parties.context, customer, add))
  expect(same).toEqual({
    whole: [],
    indexes: ['ramp_country_pkey', 'ramp_payment_method_same', 'ramp_rail_identifier']
  })
  const list = await plansOfWork(() => parties.methods.list('customer', customer.id))
  expect(list).toEqual({ whole: [], indexes: ['ramp_payment_method_of_owner'] })
})

test('bank accounts that wait for a bank are found among many that do not', async () => {
  const merchant = await parties.merchant()
  const customer = await parties.customer(merchant.id)
  await parties.query(
    `INSERT INTO ramp_virtual_account (id, merchant_id, customer_id, status, fee, created_at)
      SELECT gen_random_uuid(), $1, $2, CASE n % 500 WHEN 0 THEN 'pending' ELSE 'rejected' END, 0, now() + n * interval '1 s'
      FROM generate_series(1, 2000) AS n`,
    [merchant.id, customer.id]
  )
  await parties.query('ANALYZE ramp_virtual_account')
  const accounts = parties.api.container.resolve(VirtualAccountSettlement)
  const { nodes } = await accounts.pending({ direction: 'forward', limit: 2 })
  expect(nodes).toHaveLength(2)
  const { whole, indexes } = await plansOfWork(async () => {
    await accounts.pending({ direction: 'forward', limit: 2 })
    await accounts.pending({ direction: 'forward', limit: 2, cursor: nodes[1]!.id })
  })
  expect(whole).toEqual([])
  // Each page and what is before it, and the cursor's row.
  const pending = 'ramp_virtual_account_pending'
  expect(indexes).toEqual([pending, pending, pending, pending, 'ramp_virtual_account_pkey'])
})
