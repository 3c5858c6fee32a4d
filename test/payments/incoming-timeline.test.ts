/**
 * Lists of payments (cases 63 to 65, 67 and 68 for the lists of this part, and pages under load).
 *
 * Goal: both kinds in one order, each payment on exactly one page, in either direction and under every filter.
 * Method: pages are compared with the whole list that the tables hold.
 */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { PaymentTimeline } from '../../src/services/payments/payment-timeline'
import { TestApi, type Fields } from '../admin-v2/support'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { createIncomingPayment, createWallet, type Wallet } from './support'

let database: TestDatabase
let api: TestApi

beforeAll(async () => {
  database = await createTestDatabase()
  api = await TestApi.open(database.url)
})

afterAll(async () => {
  await api?.close()
  await database?.drop()
})

/** An outgoing payment with its quote, as rows. */
async function insertOutgoing(wallet: Wallet, createdAt: Date, metadata: object | null = null): Promise<string> {
  const id = randomUUID()
  const { manager } = api.container.resolve(DataSource)
  const { code, scale } = wallet.asset
  const quote = {
    id,
    payment_pointer_id: wallet.paymentPointer.id,
    receiver: 'https://a.test/x',
    expires_at: createdAt
  }
  const asset = { send_asset_id: wallet.asset.id, send_asset_code: code, send_asset_scale: scale }
  const received = { receive_asset_code: code, receive_asset_scale: scale, receive_amount: 1 }
  const rest = { send_amount: 1, principal: 1, rate_numerator: 1, rate_denominator: 1, created_at: createdAt }
  await insert('quote', { ...quote, ...asset, ...received, ...rest })
  await insert('outgoing_payment', {
    id,
    payment_pointer_id: wallet.paymentPointer.id,
    state: 'FUNDING',
    state_attempts: 0,
    metadata,
    sent_amount: 0,
    created_at: createdAt,
    updated_at: createdAt
  })
  return id

  async function insert(table: string, row: Record<string, unknown>): Promise<void> {
    const names = Object.keys(row)
    const text = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((_, index) => `$${index + 1}`).join(', ')})`
    await manager.query(text, Object.values(row))
  }
}

/** Incoming and outgoing payments in turn. Several share a time. */
async function fill(wallet: Wallet, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let index = 0; index < count; index++) {
    if (index % 3 === 0) api.clock.advanceSeconds(1)
    const outgoing = index % 2 === 1
    const created = outgoing
      ? await insertOutgoing(wallet, api.clock.now())
      : (await createIncomingPayment(api, wallet.paymentPointer.id)).id
    ids.push(created)
  }
  return ids
}

const PAGE = 'edges { cursor node { id } } pageInfo { startCursor endCursor hasNextPage hasPreviousPage }'

async function page(wallets: readonly Wallet[] | undefined, types: readonly string[], args = ''): Promise<Fields> {
  const pointers =
    wallets && `paymentPointerId: { in: ${JSON.stringify(wallets.map((wallet) => wallet.paymentPointer.id))} }`
  const type = `type: { in: ${JSON.stringify(types)} }`
  const { data, errors } = await api.run(
    `{ payments(${args} filter: { ${[pointers, type].filter(Boolean).join(', ')} }) { ${PAGE} } }`
  )
  expect(errors).toEqual([])
  return data.payments as Fields
}

async function ordered(where: string): Promise<string[]> {
  const rows = await api.container.resolve(DataSource).manager.query<{ id: string }[]>(
    `SELECT id FROM (
      SELECT id, 'INCOMING' AS type, payment_pointer_id, created_at FROM incoming_payment UNION ALL
      SELECT id, 'OUTGOING', payment_pointer_id, created_at FROM outgoing_payment) AS payment
    WHERE ${where} ORDER BY created_at, id`
  )
  return rows.map(({ id }) => id)
}

function idsOf(connection: Fields): string[] {
  return connection.edges.map(({ cursor }) => cursor)
}

describe('payments', () => {
  it('case 67: lists both kinds by time, with type, state and metadata', async () => {
    const wallet = await createWallet(api)
    const { id: paymentPointerId } = wallet.paymentPointer
    const outgoing = await insertOutgoing(wallet, api.clock.now(), { kind: 'out' })
    api.clock.advanceSeconds(1)
    const incoming = await createIncomingPayment(api, paymentPointerId, { metadata: { kind: 'in' } })
    const { data } = await api.run(`{ payments(filter: { paymentPointerId: { in: ["${paymentPointerId}"] } }) {
      edges { node { __typename id type paymentPointerId state metadata createdAt } } } }`)
    expect((data.payments as Fields).edges).toMatchObject([
      { node: { id: outgoing, type: 'OUTGOING', paymentPointerId, state: 'FUNDING', metadata: { kind: 'out' } } },
      {
        node: {
          __typename: 'Payment',
          id: incoming.id,
          type: 'INCOMING',
          paymentPointerId,
          state: 'PENDING',
          metadata: { kind: 'in' },
          createdAt: incoming.createdAt
        }
      }
    ])
  })

  it('case 68: filters by type and payment pointer together', async () => {
    const [one, other] = [await createWallet(api), await createWallet(api)]
    await fill(one, 4)
    await fill(other, 4)
    const outgoing = `type = 'OUTGOING' AND payment_pointer_id = '${one.paymentPointer.id}'`
    expect(idsOf(await page([one], ['OUTGOING']))).toEqual(await ordered(outgoing))
    expect(idsOf(await page([one], ['INCOMING']))).toHaveLength(2)
    const both = `payment_pointer_id IN ('${one.paymentPointer.id}', '${other.paymentPointer.id}')`
    expect(idsOf(await page([one, other, one], ['INCOMING', 'OUTGOING']))).toEqual(await ordered(both))
  })

  it('matches nothing by unknown values, and everything by an empty list', async () => {
    const wallet = await createWallet(api)
    await fill(wallet, 3)
    const nothing = {
      edges: [],
      pageInfo: { startCursor: null, endCursor: null, hasNextPage: false, hasPreviousPage: false }
    }
    expect(await page([wallet], ['SIDEWAYS'])).toEqual(nothing)
    expect(idsOf(await page([wallet], ['SIDEWAYS', 'INCOMING']))).toHaveLength(2)
    expect(idsOf(await page([wallet], []))).toHaveLength(3)
    const { data } = await api.run(`{ payments(first: 100, filter: { paymentPointerId: { in: [] } }) { ${PAGE} } }`)
    expect(idsOf(data.payments as Fields)).toEqual((await ordered('true')).slice(0, 100))
  })

  it('refuses malformed and too many payment pointers', async () => {
    for (const ids of [['no id'], Array.from({ length: 101 }, () => randomUUID())]) {
      const { data, errors } = await api.run(
        `{ payments(filter: { paymentPointerId: { in: ${JSON.stringify(ids)} } }) { ${PAGE} } }`
      )
      expect(data).toBeNull()
      expect(errors).toHaveLength(1)
    }
  })

  it.each([
    ['all', undefined, []],
    ['outgoing ones', undefined, ['OUTGOING']],
    ['those of two payment pointers', 2, []],
    ['incoming ones of a payment pointer', 1, ['INCOMING']]
  ])('has each of %s on exactly one page, in both directions', async (_, pointers, types) => {
    const wallets = [await createWallet(api), await createWallet(api)]
    for (const wallet of wallets) await fill(wallet, 9)
    const filtered = pointers === undefined ? undefined : wallets.slice(0, pointers)
    const ids = filtered?.map((wallet) => `'${wallet.paymentPointer.id}'`).join(', ')
    const where = [ids && `payment_pointer_id IN (${ids})`, types.length > 0 && `type = '${types[0]}'`]
    const expected = await ordered(where.filter(Boolean).join(' AND ') || 'true')

    const forward: string[] = []
    for (let after = ''; ;) {
      const connection = await page(filtered, types, `first: 4 ${after}`)
      forward.push(...idsOf(connection))
      expect(connection.pageInfo.hasPreviousPage).toBe(after !== '')
      if (!connection.pageInfo.hasNextPage) break
      after = `after: "${connection.pageInfo.endCursor}"`
    }
    expect(forward).toEqual(expected)

    const backward: string[] = [expected.at(-1)!]
    for (;;) {
      const connection = await page(filtered, types, `last: 4 before: "${backward[0]}"`)
      backward.unshift(...idsOf(connection))
      expect(connection.pageInfo.hasNextPage).toBe(true)
      if (!connection.pageInfo.hasPreviousPage) break
    }
    expect(backward).toEqual(expected)
  })

  it('looks a cursor up without the filter', async () => {
    const wallet = await createWallet(api)
    const ids = await fill(wallet, 6)
    const list = await ordered(`payment_pointer_id = '${wallet.paymentPointer.id}'`)
    const outgoing = list.findIndex((id) => id === ids[1])
    const after = idsOf(await page([wallet], ['INCOMING'], `after: "${ids[1]}"`))
    expect(after).toEqual(list.slice(outgoing + 1).filter((id) => ids.indexOf(id) % 2 === 0))
    expect(idsOf(await page([wallet], [], `after: "${randomUUID()}"`))).toEqual([])
  })

  it('case 63: refuses pages that cannot be', async () => {
    for (const args of ['last: 10', 'first: -1', 'first: 101', 'after: "no id"']) {
      const { data, errors } = await api.run(`{ payments(${args}) { ${PAGE} } }`)
      expect(data).toBeNull()
      expect(errors).toHaveLength(1)
    }
  })

  it('reads indexes only, whatever the filter', async () => {
    const timeline = api.container.resolve(PaymentTimeline)
    const plans: string[] = []
    const reader = { rows: explain }
    Object.assign(timeline, { reader })
    const cursor = randomUUID()
    const filters = [{}, { types: ['OUTGOING'] as const }, { paymentPointerIds: [randomUUID(), randomUUID()] }]
    const source = await new DataSource({ type: 'postgres', url: database.url }).initialize()
    try {
      for (const filter of filters) {
        await timeline.page({ direction: 'forward', limit: 20 }, filter)
        await timeline.page({ direction: 'backward', cursor, limit: 20 }, filter)
      }
    } finally {
      await source.destroy()
    }
    expect(plans).toHaveLength(6)
    for (const plan of plans) expect(plan).not.toContain('Seq Scan')

    async function explain({ text, values }: { text: string; values: unknown[] }): Promise<never[]> {
      const lines = await source.transaction(async (manager) => {
        await manager.query('SET LOCAL enable_seqscan = off')
        return manager.query<Record<string, string>[]>(`EXPLAIN ${text}`, values)
      })
      plans.push(lines.map((line) => line['QUERY PLAN']).join('\n'))
      return []
    }
  })
})

describe('the incoming payments of a payment pointer', () => {
  it('case 65: are listed by pages, its own only', async () => {
    const [wallet, other] = [await createWallet(api), await createWallet(api)]
    await fill(other, 2)
    await fill(wallet, 11)
    const expected = await ordered(`type = 'INCOMING' AND payment_pointer_id = '${wallet.paymentPointer.id}'`)
    const list = async (args: string): Promise<Fields> => {
      const { data } = await api.run(
        `{ paymentPointer(id: "${wallet.paymentPointer.id}") { incomingPayments${args} { ${PAGE} } } }`
      )
      return data.paymentPointer.incomingPayments as Fields
    }
    expect(await list('')).toMatchObject({
      edges: expected.map((id) => ({ cursor: id, node: { id } })),
      pageInfo: { startCursor: expected[0], endCursor: expected[5], hasNextPage: false, hasPreviousPage: false }
    })
    const middle = await list(`(after: "${expected[1]}", first: 2)`)
    expect(idsOf(middle)).toEqual(expected.slice(2, 4))
    expect(middle.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
    const before = await list(`(before: "${expected[3]}", last: 2)`)
    expect(idsOf(before)).toEqual(expected.slice(1, 3))
    expect(before.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
  })
})
