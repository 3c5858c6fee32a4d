/**
 * Goal: who listens is woken by every commit that notifies, also after the connection was lost.
 * Method: a real database, reached through a wire that the test cuts; notifications sent on another connection.
 */
import 'reflect-metadata'
import { Client } from 'pg'
import { NotificationListener } from '../../src/workers/notification-listener'
import { createTestDatabase } from '../support/database'
import { DatabaseProxy } from '../support/proxy'
import { recordingLogger } from './support'

let database: { url: string; drop(): Promise<void> }
let proxy: DatabaseProxy
let client: Client
let listener: NotificationListener

beforeAll(async () => {
  database = await createTestDatabase()
  client = new Client(database.url)
  await client.connect()
})

beforeEach(async () => {
  proxy = await DatabaseProxy.open(database.url)
  listener = new NotificationListener({ url: proxy.url, logger: recordingLogger().logger })
})

afterEach(async () => {
  await listener.close()
  await proxy.close()
})

afterAll(async () => {
  await client.end()
  await database.drop()
})

/** Counts the calls and lets a test wait for one more. */
function counter(): { readonly wake: () => void; next(): Promise<void>; count: number } {
  let resolve: () => void = () => undefined
  const state = {
    count: 0,
    wake: (): void => {
      state.count++
      resolve()
    },
    next: () => new Promise<void>((done) => (resolve = done))
  }
  return state
}

test('a notification wakes those who listen on its channel, and only those', async () => {
  const [one, two, other] = [counter(), counter(), counter()]
  const opened = Promise.all([one.next(), two.next(), other.next()])
  listener.listen('one', one.wake)
  listener.listen('one', two.wake)
  listener.listen('other', other.wake)
  await opened
  const before = other.count
  const woken = Promise.all([one.next(), two.next()])
  await client.query('NOTIFY one')
  await woken
  expect(other.count).toBe(before)
})

test('a channel may be added while the connection is open, and left again', async () => {
  const [first, second] = [counter(), counter()]
  const opened = first.next()
  listener.listen('first', first.wake)
  await opened
  const added = second.next()
  const leave = listener.listen('second', second.wake)
  await added
  const woken = second.next()
  await client.query('NOTIFY second')
  await woken
  leave()
  const { count } = second
  const last = first.next()
  await client.query('NOTIFY second')
  await client.query('NOTIFY first')
  await last
  expect(second.count).toBe(count)
})

test('after the connection was lost everybody is called once, and notified as before', async () => {
  const one = counter()
  const opened = one.next()
  listener.listen('one', one.wake)
  await opened
  const back = one.next()
  proxy.down = true
  proxy.cutAll()
  // Sent while nobody can hear it: the call after the reconnection stands for it.
  await client.query('NOTIFY one')
  proxy.down = false
  await back
  const woken = one.next()
  await client.query('NOTIFY one')
  await woken
})

test('a server that fell silent is left for another connection, and nobody waits for its farewell', async () => {
  const quick = { checkMilliseconds: 50, silenceMilliseconds: 200 }
  const watchful = new NotificationListener({ url: proxy.url, logger: recordingLogger().logger, ...quick })
  const one = counter()
  const opened = one.next()
  watchful.listen('one', one.wake)
  await opened
  const back = one.next()
  proxy.silenceAll()
  await back
  const woken = one.next()
  await client.query('NOTIFY one')
  await woken
  proxy.silenceAll()
  await watchful.close()
})

test('a database that is not there at first is waited for', async () => {
  proxy.down = true
  const one = counter()
  const opened = one.next()
  listener.listen('one', one.wake)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(one.count).toBe(0)
  proxy.down = false
  await opened
})

test('names that are no channel are refused', () => {
  expect(() => listener.listen('x; DROP TABLE asset', () => undefined)).toThrow(RangeError)
})
