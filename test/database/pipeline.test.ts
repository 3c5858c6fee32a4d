/**
 * Goal: a connection whose server has fallen silent is given up, and no other; rows are read as what they are.
 * Method: a wire that stays up and passes nothing, a server that takes its time, and rows that change their shape.
 */
import { Pipeline } from '../../src/database/pipeline'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { DatabaseProxy } from '../support/proxy'

let database: TestDatabase
let proxy: DatabaseProxy
let pipeline: Pipeline | undefined

beforeAll(async () => {
  database = await createTestDatabase()
  proxy = await DatabaseProxy.open(database.url)
})
afterEach(() => pipeline?.close())
afterAll(async () => {
  await proxy.close()
  await database.drop()
})

function open(silenceMilliseconds: number, onError: (error: Error) => void = () => undefined): Pipeline {
  return (pipeline = new Pipeline({ url: proxy.url, name: 'test', silenceMilliseconds, onError }))
}

const ask = async (asked: Pipeline): Promise<number> => {
  const [row] = await asked.query<{ answer: number }>({ name: 'ask', text: 'SELECT 1 AS answer', values: [] })
  return row!.answer
}

it('fails what waits on a silent connection, and opens another', async () => {
  const errors: Error[] = []
  const silenced = open(200, (error) => errors.push(error))
  expect(await ask(silenced)).toBe(1)
  proxy.silenceAll()
  const settled = await Promise.allSettled([ask(silenced), ask(silenced)])
  expect(settled).toMatchObject(
    Array(2).fill({ reason: { message: expect.stringContaining('does not answer') as string } })
  )
  expect(errors).toHaveLength(1)
  expect(await ask(silenced)).toBe(1)
})

it('waits for many statements as long as the server goes on answering', async () => {
  const busy = open(1_200)
  const session = await busy.session()
  const sleep = { name: 'sleep', text: `SELECT pg_sleep(0.3)`, values: [] }
  await Promise.all(Array.from({ length: 6 }, () => busy.query(sleep)))
  expect(await busy.session()).toBe(session)
})

it('does not keep a process that closes it', async () => {
  const silenced = open(200)
  expect(await ask(silenced)).toBe(1)
  proxy.silenceAll()
  await silenced.close()
})

it('reads rows of one name by the shape that they have on each connection', async () => {
  const one = open(1_000)
  const other = new Pipeline({ url: proxy.url, name: 'test', onError: () => undefined })
  const row = { name: 'row_of_many_shapes', values: [] }
  const [whole, text, more] = [`SELECT 7 AS value`, `SELECT '7' AS value`, `SELECT 7 AS value, true AS is_more`]
  for (let turn = 0; turn < 3; turn++) {
    expect(await one.query({ ...row, text: whole })).toEqual([{ value: 7 }])
    expect(await other.query({ ...row, text })).toEqual([{ value: '7' }])
  }
  const another = new Pipeline({ url: proxy.url, name: 'test', onError: () => undefined })
  expect(await another.query({ ...row, text: more })).toEqual([{ value: 7, is_more: true }])
  expect(await one.query({ ...row, text: whole })).toEqual([{ value: 7 }])
  await Promise.all([other.close(), another.close()])
})
