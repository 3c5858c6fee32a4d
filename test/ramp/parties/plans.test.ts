/**
 * Goal: what happens with each request costs one look into an index, however many rows there are.
 * Method: the statements that the services send, explained with the settings that they are sent with.
 */
import { DataSource } from 'typeorm'
import { HOT_READ_SETTINGS, Reader } from '../../../src/database/reader'
import { createTestDatabase, type TestDatabase } from '../../support/database'
import { BANK_FIELDS, Parties, valueOf } from './support'

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

/** Tables that were read whole, and indexes that were used, by the statements that `work` sends. */
async function plansOf(work: () => Promise<unknown>): Promise<{ whole: string[]; indexes: string[] }> {
  const reader = parties.api.container.resolve(Reader)
  const sent = jest.spyOn(reader, 'rows')
  await work()
  const statements = sent.mock.calls.map(([statement]) => statement)
  sent.mockRestore()
  const nodes: Record<string, unknown>[] = []
  await parties.api.container.resolve(DataSource).transaction(async (manager) => {
    for (const [name, value] of Object.entries(HOT_READ_SETTINGS)) {
      await manager.query(`SELECT set_config($1, $2, true)`, [name, value])
    }
    for (const { text, values } of statements) {
      const [row] = (await manager.query(`EXPLAIN (FORMAT JSON) ${text}`, [...values])) as Record<string, unknown>[]
      collect((row!['QUERY PLAN'] as { Plan: Record<string, unknown> }[])[0]!.Plan, nodes)
    }
  })
  const of = (type: RegExp, property: string): string[] =>
    nodes.filter((node) => type.test(String(node['Node Type']))).map((node) => String(node[property]))
  return { whole: of(/^Seq Scan$/, 'Relation Name'), indexes: of(/Index/, 'Index Name').sort() }
}

function collect(plan: Record<string, unknown>, nodes: Record<string, unknown>[]): void {
  nodes.push(plan)
  for (const inner of (plan['Plans'] ?? []) as Record<string, unknown>[]) collect(inner, nodes)
}

test('a key is looked up by its hash, and its bearer by id', async () => {
  const agent = await parties.agent()
  const { key } = valueOf(await parties.keys.issue(parties.context, { kind: 'agent', id: agent.id }))
  await parties.keys.findBearer(key)
  const { whole, indexes } = await plansOf(() => parties.keys.findBearer(key))
  expect({ whole, indexes }).toEqual({
    whole: [],
    indexes: ['ramp_agent_pkey', 'ramp_api_key_hash', 'ramp_merchant_pkey']
  })
})

test('customers and payment methods are found by what is asked for', async () => {
  const merchant = await parties.merchant()
  const customer = await parties.customer(merchant.id)
  const byEmail = await plansOf(() => parties.customers.findByEmail(merchant.id, customer.email))
  expect(byEmail).toEqual({ whole: [], indexes: ['ramp_customer_email'] })
  const slice = await plansOf(() => parties.customers.slice(merchant.id, 0, 20))
  expect(slice).toEqual({ whole: [], indexes: ['ramp_customer_of_merchant', 'ramp_customer_of_merchant'] })
  const add = { railIdentifier: 'bank_transfer', fields: BANK_FIELDS }
  await parties.methods.addForCustomer(parties.context, customer, add)
  const same = await plansOf(() => parties.methods.addForCustomer(parties.context, customer, add))
  expect(same).toEqual({
    whole: [],
    indexes: ['ramp_country_pkey', 'ramp_payment_method_same', 'ramp_rail_identifier']
  })
  const list = await plansOf(() => parties.methods.list('customer', customer.id))
  expect(list).toEqual({ whole: [], indexes: ['ramp_payment_method_of_owner'] })
})
