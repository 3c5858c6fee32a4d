/**
 * Goal: who follows the changes gets each once and in order, whatever the order in which transactions commit,
 * however often it comes back, and whichever instance it comes back to.
 * Method: a real database and real notifications; transactions that commit the other way round than they
 * began; writers and followers at random, from two instances; what was followed held against the tables.
 */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { Pipeline } from '../../src/database/pipeline'
import { ChangeHub, FollowingRefused, type ChangeHubOptions } from '../../src/services/changes/change-hub'
import { ChangeLog, type Change } from '../../src/services/changes/change-log'
import { NotificationListener } from '../../src/workers/notification-listener'
import { createTestDatabase } from '../support/database'
import { newEvent, NEVER, openWebhooks, type TestWebhooks } from '../webhooks/support'
import { recordingLogger } from '../workers/support'

let database: { url: string; drop(): Promise<void> }
let webhooks: TestWebhooks
const closers: (() => Promise<void>)[] = []

interface Instance {
  readonly log: ChangeLog
  readonly hub: ChangeHub
}

function openInstance(options: Partial<ChangeHubOptions> = {}): Instance {
  const { logger } = recordingLogger()
  const writer = new Pipeline({ url: database.url, name: 'hazina changes' })
  const signals = new NotificationListener({ url: database.url, logger })
  const log = new ChangeLog(webhooks.reader, writer)
  const hub = new ChangeHub(log, signals, logger, { followersMax: 50, idleMilliseconds: NEVER, ...options })
  closers.push(async () => {
    hub.close()
    await signals.close()
    await writer.close()
  })
  return { log, hub }
}

beforeEach(async () => {
  database = await createTestDatabase()
  webhooks = await openWebhooks(database.url)
})

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
  await webhooks.close()
  await database.drop()
})

async function take(changes: AsyncIterator<Change>, count: number): Promise<Change[]> {
  const taken: Change[] = []
  while (taken.length < count) {
    const { done, value } = await changes.next()
    if (done) throw new Error('the changes ended')
    taken.push(value as Change)
  }
  return taken
}

const idsOf = (changes: readonly Change[]): string[] => changes.map(({ subjectId }) => subjectId)

async function begin(): Promise<{ write(id: string): Promise<void>; commit(): Promise<void>; undo(): Promise<void> }> {
  const client = new Client(database.url)
  await client.connect()
  await client.query('BEGIN')
  const finish = async (how: string): Promise<void> => {
    await client.query(how)
    await client.end()
  }
  return {
    write: async (id) => {
      await client.query(
        `INSERT INTO webhook_event (id, type, resource_id, data, created_at)
        VALUES ($1, 'payment_pointer.not_found', 'x', '{}', now())`,
        [id]
      )
    },
    commit: () => finish('COMMIT'),
    undo: () => finish('ROLLBACK')
  }
}

test('a new event is told at once, without a poll', async () => {
  const changes = await openInstance().hub.follow(undefined)
  const next = take(changes, 1)
  const event = newEvent({ type: 'incoming_payment.expired' })
  await webhooks.write([event])
  expect(await next).toMatchObject([
    { subject: 'webhook_event', subjectId: event.id, state: 'incoming_payment.expired' }
  ])
})

test('a transaction that began first and commits last is not missed by who has read further', async () => {
  const { hub } = openInstance()
  const [early, late, undone] = [randomUUID(), randomUUID(), randomUUID()]
  const [slow, quick, failing] = [await begin(), await begin(), await begin()]
  await slow.write(early)
  await failing.write(undone)
  await quick.write(late)
  const following = await hub.follow(0n)
  await quick.commit()
  const [first] = await take(following, 1)
  expect(first!.subjectId).toBe(late)
  await following.return!()
  await failing.undo()
  await slow.commit()
  const again = await hub.follow(first!.position)
  expect(idsOf(await take(again, 1))).toEqual([early])
})

async function waiters(): Promise<number> {
  const text = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  return (await webhooks.reader.rows({ name: 'waiters', text, values: [] })).length
}

test('one numbers at a time: who comes second sees what the first one numbered', async () => {
  const { log } = openInstance()
  const [first, second] = [randomUUID(), randomUUID()]
  const other = new Client(database.url)
  await other.connect()
  const early = await begin()
  await early.write(first)
  await early.commit()
  await other.query('BEGIN')
  await other.query('SELECT FROM change_head FOR UPDATE')
  await other.query('UPDATE change SET position = 1 WHERE subject_id = $1', [first])
  await other.query('UPDATE change_head SET position = 1')
  const late = await begin()
  await late.write(second)
  await late.commit()
  const numbered = log.number()
  while ((await waiters()) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  await other.query('COMMIT')
  await other.end()
  await numbered
  const changes = await log.read(0n, 10)
  expect(changes.map(({ position, subjectId }) => [position, subjectId])).toEqual([
    [1n, first],
    [2n, second]
  ])
  expect((await log.head()).position).toBe(2n)
})

test('writers at random, followers that come and go on two instances: each change once, in one order', async () => {
  const instances = [openInstance(), openInstance({ idleMilliseconds: 5 })]
  const total = 240
  const written: string[] = []
  const writing = Array.from({ length: 6 }, async (_, writer) => {
    for (let index = 0; index < total / 6; index++) {
      const transaction = await begin()
      const id = randomUUID()
      await transaction.write(id)
      await new Promise((resolve) => setTimeout(resolve, (writer * 7 + index * 3) % 11))
      if (index % 10 === 9) await transaction.undo()
      else {
        await transaction.commit()
        written.push(id)
      }
    }
  })
  const expected = total - total / 10
  const follower = async (pace: number): Promise<Change[]> => {
    const seen: Change[] = []
    while (seen.length < expected) {
      const { hub } = instances[seen.length % 2]!
      const changes = await hub.follow(seen.at(-1)?.position ?? 0n)
      seen.push(...(await take(changes, Math.min(1 + ((seen.length * 13) % pace), expected - seen.length))))
      await changes.return!()
    }
    return seen
  }
  const seen = await Promise.all([follower(3), follower(17), follower(100)])
  await Promise.all(writing)
  for (const changes of seen) {
    expect(idsOf(changes)).toEqual(idsOf(seen[0]!))
    expect(idsOf(changes).sort()).toEqual([...written].sort())
  }
})

test('who is far behind reads from the log, who is near from memory, and both get the same', async () => {
  const { hub } = openInstance()
  const near = await hub.follow(undefined)
  const events = Array.from({ length: 3_000 }, () => newEvent())
  for (let index = 0; index < events.length; index += 500) await webhooks.write(events.slice(index, index + 500))
  const ids = events.map(({ id }) => id)
  expect(idsOf(await take(near, events.length))).toEqual(ids)
  const far = await hub.follow(0n)
  expect(idsOf(await take(far, events.length))).toEqual(ids)
})

test('states of payments and deliveries given up are told; other changes of theirs are not', async () => {
  const { hub } = openInstance()
  const changes = await hub.follow(undefined)
  const client = new Client(database.url)
  await client.connect()
  const ids = { asset: randomUUID(), pointer: randomUUID(), quote: randomUUID(), incoming: randomUUID() }
  await client.query(`
    INSERT INTO asset (id, code, scale, ledger, settlement_account_id, liquidity_account_id, created_at)
      VALUES ('${ids.asset}', 'USD', 2, 1, 1, 2, now());
    INSERT INTO payment_pointer (id, asset_id, url, created_at) VALUES ('${ids.pointer}', '${ids.asset}', 'https://a/b', now());
    INSERT INTO incoming_payment
      (id, payment_pointer_id, asset_id, state, received_amount, expires_at, process_at, connection_id, created_at, updated_at)
      VALUES ('${ids.incoming}', '${ids.pointer}', '${ids.asset}', 'PENDING', 0, '2100-01-01', '2100-01-01', '${ids.quote}', now(), now());
    UPDATE incoming_payment SET updated_at = now();
    UPDATE incoming_payment SET state = 'PROCESSING', account_id = 3, received_amount = 1;
    UPDATE incoming_payment SET state = 'PROCESSING', received_amount = 2;
    UPDATE incoming_payment SET state = 'COMPLETED', process_at = NULL, connection_id = NULL;`)
  await client.end()
  const event = newEvent()
  await webhooks.write([event])
  const [delivery] = await webhooks.dataSource.query<{ id: string }[]>('SELECT id FROM webhook_delivery')
  await webhooks.dataSource.query(`UPDATE webhook_delivery SET attempts = 1`)
  await webhooks.dataSource.query(`UPDATE webhook_delivery SET status = 'dead'`)
  const told = (await take(changes, 5)).map(({ subject, subjectId, state }) => [subject, subjectId, state])
  expect(told).toEqual([
    ['incoming_payment', ids.incoming, 'PENDING'],
    ['incoming_payment', ids.incoming, 'PROCESSING'],
    ['incoming_payment', ids.incoming, 'COMPLETED'],
    ['webhook_event', event.id, event.type],
    ['webhook_delivery', delivery!.id, 'dead']
  ])
})

test('what is old is removed; a position in it, or one that never was, is refused, and 0 is what is kept', async () => {
  const { hub, log } = openInstance()
  await webhooks.write([newEvent(), newEvent()])
  const all = await take(await hub.follow(0n), 2)
  expect(await log.tidy(new Date(Date.now() - 60_000))).toBe(0)
  expect(await log.tidy(new Date(Date.now() + 60_000))).toBe(2)
  await webhooks.write([newEvent()])
  await expect(hub.follow(all[0]!.position)).rejects.toMatchObject({ reason: 'purged_position' })
  await expect(hub.follow(1_000n)).rejects.toEqual(new FollowingRefused('unknown_position'))
  const rest = await take(await hub.follow(all[1]!.position), 1)
  expect(rest[0]!.position).toBe(3n)
  const kept = await take(await hub.follow(0n), 1)
  expect(kept[0]!.position).toBe(3n)
})

test('followers are counted, let go when they return, and ended with the hub', async () => {
  const { hub } = openInstance({ followersMax: 2 })
  const one = await hub.follow(undefined)
  const two = await hub.follow(undefined)
  await expect(hub.follow(undefined)).rejects.toMatchObject({ reason: 'too_many' })
  const waiting = one.next()
  await one.return!()
  expect(await waiting).toEqual({ done: true, value: undefined })
  const three = await hub.follow(undefined)
  const ends = [two.next(), three.next()]
  hub.close()
  expect(await Promise.all(ends)).toEqual([{ done: true }, { done: true }])
  await expect(hub.follow(undefined)).rejects.toMatchObject({ reason: 'too_many' })
})
