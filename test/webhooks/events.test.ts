/**
 * Goal: every event is found by its id and appears once in its list, whatever types are asked for.
 * Method: events with equal and different times, walked through in pages of every size and both directions,
 * held against the same list made by hand; the plan of the typed page on a table with one rare type.
 */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import { EntityReader } from '../../src/database/entity-reader'
import type { Page } from '../../src/database/keyset'
import type { Statement } from '../../src/database/statement'
import type { WebhookEvent } from '../../src/entities'
import { WEBHOOK_EVENT_TYPES } from '../../src/entities/webhook-event'
import { WebhookEvents } from '../../src/services/webhooks/events'
import type { NewWebhookEvent } from '../../src/services/webhooks/outbox'
import { createTestDatabase } from '../support/database'
import { newEvent, openWebhooks, type TestWebhooks } from './support'

let database: { url: string; drop(): Promise<void> }
let webhooks: TestWebhooks
let events: WebhookEvents
let written: NewWebhookEvent[]

beforeAll(async () => {
  database = await createTestDatabase()
  webhooks = await openWebhooks(database.url)
  events = new WebhookEvents(new EntityReader(webhooks.dataSource, webhooks.reader), webhooks.reader)
  const start = Date.now() - 60_000
  const made = Array.from({ length: 90 }, (_, index) =>
    newEvent({ type: WEBHOOK_EVENT_TYPES[index % 5], createdAt: new Date(start + Math.floor(index / 4)) })
  )
  await webhooks.write(made)
  written = made.sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1))
})

afterAll(async () => {
  await webhooks.close()
  await database.drop()
})

const keyOf = ({ createdAt, id }: NewWebhookEvent): string => `${createdAt.toISOString()} ${id}`
const idsOf = (page: Page<WebhookEvent>): string[] => page.nodes.map(({ id }) => id)

test('an event is found by its id, with all that was written', async () => {
  const event = newEvent({ withdrawal: { accountId: 3n, assetId: randomUUID(), amount: 9n } })
  await webhooks.write([event])
  expect(await events.find(event.id.toUpperCase())).toMatchObject({
    id: event.id,
    type: event.type,
    data: event.data,
    resourceId: event.resourceId,
    createdAt: event.createdAt,
    withdrawalAccountId: 3n,
    withdrawalAssetId: event.withdrawal?.assetId,
    withdrawalAmount: 9n
  })
  expect(await events.find(randomUUID())).toBeUndefined()
  expect(await events.find('no id')).toBeUndefined()
})

describe.each([
  ['two types', ['incoming_payment.created', 'incoming_payment.expired']],
  ['one type', ['outgoing_payment.completed']],
  ['a type named twice and one that is none', ['outgoing_payment.created', 'outgoing_payment.created', 'nothing']]
])('pages of %s', (_, types) => {
  const expected = (): string[] => written.filter(({ type }) => types.includes(type)).map(({ id }) => id)
  // The event of the first test is the newest of its type.
  const cut = (ids: string[]): string[] => ids.filter((id) => written.some((event) => event.id === id))

  test.each([1, 3, 100])('forward, %d at a time', async (limit) => {
    const seen: string[] = []
    for (let cursor: string | undefined; ; cursor = seen.at(-1)) {
      const page = await events.page({ direction: 'forward', cursor, limit }, types)
      expect(page.hasPreviousPage).toBe(seen.length > 0 && page.nodes.length > 0)
      seen.push(...idsOf(page))
      if (!page.hasNextPage) break
      expect(page.nodes).toHaveLength(limit)
    }
    expect(cut(seen)).toEqual(expected())
  })

  test.each([1, 4, 100])('backward, %d at a time', async (limit) => {
    const all = expected()
    let seen = [all.at(-1)!]
    for (let more = true; more;) {
      const page = await events.page({ direction: 'backward', cursor: seen[0], limit }, types)
      seen = [...idsOf(page), ...seen]
      more = page.hasPreviousPage
    }
    expect(seen).toEqual(all)
  })
})

test('a cursor need not be of the types asked for; an unknown one and an unknown type give nothing', async () => {
  const index = written.findIndex(({ type }) => type === 'incoming_payment.created')
  const rest = written.slice(index + 1).filter(({ type }) => type === 'incoming_payment.completed')
  const request = { direction: 'forward', cursor: written[index]!.id, limit: 100 } as const
  expect(idsOf(await events.page(request, ['incoming_payment.completed']))).toEqual(rest.map(({ id }) => id))
  const nothing = { nodes: [], hasNextPage: false, hasPreviousPage: false }
  expect(await events.page({ ...request, cursor: randomUUID() }, ['incoming_payment.created'])).toEqual(nothing)
  expect(await events.page({ direction: 'forward', limit: 5 }, ['nothing'])).toEqual(nothing)
})

test('a page of a rare type reads the index of types only', async () => {
  const sent: Statement[] = []
  const rows = webhooks.reader.rows.bind(webhooks.reader)
  const spying = Object.assign(Object.create(webhooks.reader) as typeof webhooks.reader, {
    rows: (statement: Statement) => {
      sent.push(statement)
      return rows(statement)
    }
  })
  const spied = new WebhookEvents(new EntityReader(webhooks.dataSource, webhooks.reader), spying)
  await spied.page({ direction: 'forward', cursor: written[3]!.id, limit: 10 }, ['incoming_payment.expired'])
  const { text, values } = sent[0]!
  const plan = await rows<{ 'QUERY PLAN': string }>({ name: 'explained', text: `EXPLAIN ${text}`, values })
  const lines = plan.map((row) => row['QUERY PLAN']).join('\n')
  expect(lines).not.toContain('Seq Scan on webhook_event')
  expect(lines.match(/Index (?:Only )?Scan using webhook_event_type_created/g)).toHaveLength(2)
  expect(lines).not.toContain('webhook_event_created on')
})
