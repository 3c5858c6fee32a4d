/**
 * Goal: statements that are answered in one piece do what they do one by one, up to the first that fails, and leave a
 * connection that can be used.
 * Method: sequences on a real connection, with failures of every kind at every place.
 */
import { Pipeline, type Session } from '../../src/database/pipeline'
import { SkippedStatement } from '../../src/database/refusals'
import { Sequence } from '../../src/database/sequence'
import type { Statement } from '../../src/database/statement'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { DatabaseProxy } from '../support/proxy'

let database: TestDatabase
let proxy: DatabaseProxy
let pipeline: Pipeline
let session: Session
let number = 0

beforeAll(async () => {
  database = await createTestDatabase()
  proxy = await DatabaseProxy.open(database.url)
})
beforeEach(async () => {
  pipeline = new Pipeline({ url: proxy.url, name: 'test', onError: () => undefined })
  session = await pipeline.session()
  await session.send(plain('CREATE TABLE IF NOT EXISTS note (id integer PRIMARY KEY, text text)'))
  await session.send(plain('TRUNCATE note'))
})
afterEach(() => pipeline.close())
afterAll(async () => {
  await proxy.close()
  await database.drop()
})

/** A statement that the server has not seen under its name. */
const plain = (text: string, ...values: unknown[]): Statement => ({ name: `statement_${number++}`, text, values })
const [BEGIN, COMMIT, ROLLBACK] = ['BEGIN', 'COMMIT', 'ROLLBACK'].map((text) => plain(text)) as [
  Statement,
  Statement,
  Statement
]
const insert = (id: number): Statement => ({
  name: 'insert_note',
  text: `INSERT INTO note VALUES ($1, 'inserted')`,
  values: [id]
})
const COPY: Statement = { name: 'copy_note', text: 'COPY note FROM STDIN', values: [] }

async function ids(): Promise<number[]> {
  const rows = await session.query<{ id: number }>({ name: 'ids', text: 'SELECT id FROM note ORDER BY id', values: [] })
  return rows.map(({ id }) => id)
}

/** Sends them; tells of each what it came to. */
async function run(...parts: (Statement | Buffer)[]): Promise<unknown[]> {
  const sequence = new Sequence()
  const sent = parts.map((part) => (Buffer.isBuffer(part) ? sequence.copy(COPY, part) : sequence.send(part)))
  const settled = Promise.allSettled(sent)
  await session.run(sequence)
  return (await settled).map((result) => {
    if (result.status === 'fulfilled') return 'done'
    const { code, message } = result.reason as Error & { code?: string }
    return result.reason instanceof SkippedStatement ? 'skipped' : (code ?? message)
  })
}

test('every statement gets its own rows, and each sees what those before it did', async () => {
  const sequence = new Sequence()
  const count = { name: 'count_notes', text: 'SELECT count(*)::int AS notes FROM note', values: [] }
  const sent = [
    sequence.send(BEGIN),
    sequence.send<{ notes: number }>(count),
    sequence.copy(COPY, Buffer.from('1\tone\n2\ttwo\n')),
    sequence.send<{ notes: number }>(count),
    sequence.send<{ id: number }>(plain('INSERT INTO note VALUES (3), (4) RETURNING id')),
    sequence.send(COMMIT)
  ] as const
  await session.run(sequence)
  const [, before, , after, inserted, committed] = await Promise.all(sent)
  expect([before.rows, after.rows, inserted.rows]).toEqual([[{ notes: 0 }], [{ notes: 2 }], [{ id: 3 }, { id: 4 }]])
  expect([inserted.rowCount, committed.command]).toEqual([2, 'COMMIT'])
  expect(await ids()).toEqual([1, 2, 3, 4])
})

describe.each([
  ['a statement that is refused', () => insert(1), '23505'],
  ['one that cannot be parsed', () => plain('SELECT nonsense FROM nowhere'), '42P01'],
  ['a value that does not fit', () => plain('SELECT $1::integer', 'many'), '22P02'],
  ['data that the table refuses', () => Buffer.from('1\tagain\n'), '23505'],
  ['data that are none', () => Buffer.from('no number\n'), '22P02']
])('%s', (_, failing, code) => {
  test('ends the sequence: nothing behind it is done, and all of it is rolled back', async () => {
    expect(await run(insert(1))).toEqual(['done'])
    const results = await run(BEGIN, insert(2), failing(), insert(3), Buffer.from('4\tfour\n'), COMMIT)
    expect(results).toEqual(['done', 'done', code, 'skipped', 'skipped', 'skipped'])
    expect(await run(ROLLBACK)).toEqual(['done'])
    expect(await ids()).toEqual([1])
    // Also what was sent for the first time in vain.
    expect(await run(BEGIN, insert(3), Buffer.from('4\tfour\n'), COMMIT)).toEqual(Array(4).fill('done'))
    expect(await ids()).toEqual([1, 3, 4])
  })
})

test('a statement that the server first met behind a failure is sent to it again', async () => {
  const late = plain(`INSERT INTO note VALUES (7)`)
  expect(await run(BEGIN, plain('SELECT 1 / 0'), late, late, COMMIT)).toEqual([
    'done',
    '22012',
    'skipped',
    'skipped',
    'skipped'
  ])
  expect(await run(ROLLBACK, late)).toEqual(['done', 'done'])
  expect(await run(BEGIN, late)).toEqual(['done', '23505'])
  await run(ROLLBACK)
})

test('without what cannot be put into words nothing behind it is sent', async () => {
  const unspeakable = plain('SELECT $1::text', {
    toPostgres: () => {
      throw new Error('no words')
    }
  })
  expect(await run(BEGIN, insert(1), unspeakable, insert(2), COMMIT)).toEqual([
    'done',
    'done',
    'no words',
    'skipped',
    'skipped'
  ])
  await run(ROLLBACK)
  expect(await ids()).toEqual([])
})

test('what COMMIT itself refuses was not stored', async () => {
  await session.send(plain('CREATE TABLE IF NOT EXISTS later (id integer PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)'))
  const twice = plain('INSERT INTO later VALUES (1), (1)')
  expect(await run(BEGIN, insert(1), twice, COMMIT)).toEqual(['done', 'done', 'done', '23505'])
  expect(await ids()).toEqual([])
})

test('sequences and statements take turns on a connection', async () => {
  const both = await Promise.all([
    run(insert(1), plain('SELECT 1 / 0'), insert(2)),
    ids(),
    run(BEGIN, insert(3), COMMIT),
    ids()
  ])
  expect(both).toEqual([['done', '22012', 'skipped'], [], ['done', 'done', 'done'], [3]])
})

test('a lost connection fails all of it, and the next session is a new one', async () => {
  const settled = run(BEGIN, insert(1), plain('SELECT pg_sleep(30)'), COMMIT)
  setTimeout(() => proxy.cutAll(), 100)
  const [first, ...rest] = await settled
  expect(first).toMatch(/^ECONNRESET$|terminated/i)
  expect(rest).toEqual(['skipped', 'skipped', 'skipped'])
  session = await pipeline.session()
  expect(await ids()).toEqual([])
})
