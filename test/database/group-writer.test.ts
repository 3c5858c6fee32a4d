/**
 * Goal: who writes in a group gets an answer of its own, and a group is stored without those who may not write.
 * Method: a table with a constraint, writers all at once, and a wire that is cut at COMMIT.
 */
import { Client } from 'pg'
import { GROUP_WRITER_SETTINGS, GroupWriter } from '../../src/database/group-writer'
import { Pipeline } from '../../src/database/pipeline'
import { AttachmentRefused, OutcomeUnknown, RowLocked } from '../../src/database/write-errors'
import type { Attachment } from '../../src/database/statement'
import { createTestDatabase, type TestDatabase } from '../support/database'
import { DatabaseProxy } from '../support/proxy'

let database: TestDatabase
let proxy: DatabaseProxy
let sql: Client
let writer: GroupWriter

beforeAll(async () => {
  database = await createTestDatabase()
  proxy = await DatabaseProxy.open(database.url)
  sql = new Client({ connectionString: database.url })
  await sql.connect()
  await sql.query('CREATE TABLE note (key text CONSTRAINT note_key PRIMARY KEY, state text NOT NULL)')
  const settings = { ...GROUP_WRITER_SETTINGS, lock_timeout: '200' }
  writer = new GroupWriter(new Pipeline({ url: proxy.url, name: 'test', settings, onError: () => undefined }))
})
afterAll(async () => {
  await writer.close()
  await sql.end()
  await proxy.close()
  await database.drop()
})
beforeEach(() => sql.query('TRUNCATE note'))

const row = (key: string, state: string | null = 'new'): Attachment => ({
  name: 'note_insert',
  text: 'INSERT INTO note (key, state) SELECT * FROM unnest($1::text[], $2::text[])',
  row: [key, state]
})
const change = (key: string, state: string): Attachment => ({
  name: 'note_change',
  text: 'UPDATE note SET state = $2 WHERE key = $1',
  values: [key, state],
  rowsExpected: 1
})

async function notes(): Promise<Record<string, string>> {
  const { rows } = await sql.query<{ key: string; state: string }>('SELECT key, state FROM note ORDER BY key')
  return Object.fromEntries(rows.map(({ key, state }) => [key, state]))
}

const statuses = (settled: readonly PromiseSettledResult<void>[]): string[] => settled.map(({ status }) => status)

it('writes many at once in few commits', async () => {
  const commits = async (): Promise<number> => {
    const { rows } = await sql.query<{ count: string }>('SELECT count(DISTINCT xmin::text) AS count FROM note')
    return Number(rows[0]!.count)
  }
  await Promise.all(Array.from({ length: 400 }, (_, index) => writer.write([row(`a${index}`)])))
  expect(Object.keys(await notes())).toHaveLength(400)
  expect(await commits()).toBe(1)
})

it('refuses one whose rows a constraint refuses, and all of it', async () => {
  await writer.write([row('taken')])
  const settled = await Promise.allSettled([
    writer.write([row('b1')]),
    writer.write([row('b2'), row('taken')]),
    writer.write([row('b3'), row('b4', null)]),
    writer.write([row('b5')])
  ])
  expect(statuses(settled)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
  expect((settled[1] as PromiseRejectedResult).reason).toMatchObject({
    statement: 'note_insert',
    constraint: 'note_key'
  })
  expect((settled[2] as PromiseRejectedResult).reason).toBeInstanceOf(AttachmentRefused)
  expect(Object.keys(await notes())).toEqual(['b1', 'b5', 'taken'])
})

it('refuses one whose statement touches another number of rows', async () => {
  await writer.write([row('c1')])
  const settled = await Promise.allSettled([
    writer.write([change('c1', 'changed')]),
    writer.write([row('c2'), change('none', 'changed')]),
    writer.write([row('c3')])
  ])
  expect(statuses(settled)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(await notes()).toEqual({ c1: 'changed', c3: 'new' })
})

it('merges rows that nobody counts in the order in which they came, and finds the one that is refused', async () => {
  await sql.query('CREATE TABLE heard (place serial, key text NOT NULL)')
  const heard = (key: string | null): Attachment => ({
    name: 'heard_insert',
    text: `INSERT INTO heard (key) SELECT key FROM unnest($1::text[]) WITH ORDINALITY AS fresh (key, place)
      WHERE key IS DISTINCT FROM 'unheard' ORDER BY place`,
    row: [key],
    isUncounted: true
  })
  const settled = await Promise.allSettled([
    writer.write([row('f1'), heard('one'), heard('unheard'), heard('two')]),
    writer.write([row('f2'), heard('unheard')]),
    writer.write([row('f3'), heard('lost'), heard(null)]),
    writer.write([row('f4'), heard('three')])
  ])
  expect(statuses(settled)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  const { rows } = await sql.query<{ key: string }>('SELECT key FROM heard ORDER BY place')
  expect(rows.map(({ key }) => key)).toEqual(['one', 'two', 'three'])
  expect(Object.keys(await notes())).toEqual(['f1', 'f2', 'f4'])
})

it('lets nobody wait for one that waits for a lock too long', async () => {
  await writer.write([row('d1')])
  await sql.query('BEGIN')
  await sql.query(`UPDATE note SET state = 'held' WHERE key = 'd1'`)
  const settled = await Promise.allSettled([writer.write([change('d1', 'late')]), writer.write([row('d2')])])
  await sql.query('COMMIT')
  expect(statuses(settled)).toEqual(['rejected', 'fulfilled'])
  expect(await notes()).toEqual({ d1: 'held', d2: 'new' })
})

it('names the statement that waited for a lock when nobody knows whose row it was', async () => {
  const touch = (key: string): Attachment => ({
    name: 'note_touch',
    text: `UPDATE note SET state = 'touched' FROM unnest($1::text[]) AS touched (key) WHERE note.key = touched.key`,
    row: [key]
  })
  const keys = Array.from({ length: 20 }, (_, index) => `g${index}`)
  await writer.write(keys.map((key) => row(key)))
  await sql.query('BEGIN')
  await sql.query(`UPDATE note SET state = 'held' WHERE key = 'g7'`)
  const patience = (key: string): Attachment => ({
    name: 'note_patience',
    text: `INSERT INTO note (key, state) SELECT key, current_setting('lock_timeout') FROM unnest($1::text[]) AS key`,
    row: [`${key} waits at most`]
  })
  const settled = await Promise.allSettled(keys.map((key) => writer.write([patience(key), touch(key)])))
  await sql.query('COMMIT')
  const [waited] = settled.splice(7, 1)
  const { reason } = waited as PromiseRejectedResult
  expect(reason).toBeInstanceOf(RowLocked)
  expect(reason).toMatchObject({ statement: 'note_touch' })
  expect(statuses(settled)).toEqual(Array(19).fill('fulfilled'))
  const stored = await notes()
  expect(Object.keys(stored)).toHaveLength(39)
  // Less than the writer's own 200 ms: nobody waits as long again.
  expect(stored['g8 waits at most']).toBe('100ms')
})

it.each(['lose answer', 'lose request'] as const)('says that it does not know: %s', async (fate) => {
  await writer.write([row('e1')])
  proxy.nextCommit = fate
  await expect(writer.write([row('e2')])).rejects.toBeInstanceOf(OutcomeUnknown)
  await writer.write([row('e3')])
  const stored = await notes()
  expect(stored).toMatchObject({ e1: 'new', e3: 'new' })
  expect('e2' in stored).toBe(fate === 'lose answer')
})

it('leaves a server that takes no writes for another connection', async () => {
  await writer.write([row('r1')])
  const name = new URL(database.url).pathname.slice(1)
  await sql.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`)
  await sql.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'test' AND datname = current_database()`)
  await new Promise((resolve) => setTimeout(resolve, 100))
  await expect(writer.write([row('r2')])).rejects.toMatchObject({ code: '25006' })
  await sql.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`)
  await writer.write([row('r3')])
  expect(Object.keys(await notes())).toEqual(['r1', 'r3'])
})
