/**
 * Goal: a lost connection, a refused attachment or a changed row costs nobody anything but time.
 * Method: a proxy that cuts the wire right before or right after COMMIT, killed server processes, and
 * attachments made to fail; every acknowledged transfer is there exactly once and the ledger verifies.
 */
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { AttachmentRefused, LedgerOutcomeUnknown, type AccountId, type Submission } from '../../src/ledger/types'
import { createTestDatabase } from '../support/database'
import { DatabaseProxy } from '../support/proxy'
import { openAccounts, openLedger, submit, transfer, verify, type TestLedger } from './support'

let database: { url: string; drop(): Promise<void> }
let proxy: DatabaseProxy
let test: TestLedger
let sql: Client
let left: AccountId
let right: AccountId

beforeAll(async () => {
  database = await createTestDatabase()
  proxy = await DatabaseProxy.open(database.url)
  test = openLedger(proxy.url)
  sql = new Client({ connectionString: database.url })
  await sql.connect()
  await sql.query('CREATE TABLE note (key text CONSTRAINT note_key PRIMARY KEY, state text NOT NULL)')
  ;[left, right] = (await openAccounts(test.ledger, ['none', 'none'])) as [AccountId, AccountId]
})
afterAll(async () => {
  await test.close()
  await sql.end()
  await proxy.close()
  await database.drop()
})
afterEach(async () => {
  proxy.onCut = () => undefined
  expect((await verify(database.url)).firstBad).toBeUndefined()
})

const stored = async (id: string): Promise<number> =>
  (await sql.query('SELECT FROM ledger_transfer WHERE id = $1', [id])).rowCount!
const notes = async (): Promise<string[]> =>
  (await sql.query<{ key: string }>('SELECT key FROM note ORDER BY key')).rows.map((row) => row.key)

/** Somebody else holds the row of the key `locked`, until what this returns is called. */
async function lockedNote(): Promise<() => Promise<void>> {
  await sql.query(`INSERT INTO note VALUES ('locked', 'old')`)
  const holder = new Client({ connectionString: database.url })
  await holder.connect()
  await holder.query('BEGIN')
  await holder.query(`UPDATE note SET state = 'mine' WHERE key = 'locked'`)
  return async () => {
    await holder.query('ROLLBACK')
    await holder.end()
  }
}

describe('a lost connection', () => {
  it.each(['lose answer', 'lose request'] as const)(
    'at COMMIT (%s) is overcome, and the transfer is there once',
    async (fate) => {
      const cuts = proxy.cuts
      const command = transfer(left, right, 5n)
      proxy.nextCommit = fate
      expect(await submit(test.ledger, command)).toEqual(['ok'])
      expect(proxy.cuts).toBe(cuts + 1)
      expect(await stored(command.id)).toBe(1)
      expect(await submit(test.ledger, command)).toEqual(['exists'])
    }
  )

  it('at COMMIT is overcome whatever the operating system says of it', async () => {
    const { client } = (await test.writer.session()) as unknown as { client: Client }
    const { stream } = client.connection
    proxy.onCut = () =>
      stream.destroy(Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'read' }))
    const command = transfer(left, right, 5n)
    proxy.nextCommit = 'silence'
    expect(await submit(test.ledger, command)).toEqual(['ok'])
    expect(stream.destroyed).toBe(true)
    expect(await stored(command.id)).toBe(1)
  })

  it('says so when nobody can know the outcome: nothing but attachments was written', async () => {
    const key = randomUUID()
    const attach = () => [note(key)]
    proxy.nextCommit = 'lose answer'
    await expect(test.ledger.submit({ commands: [], attach })).rejects.toThrow(LedgerOutcomeUnknown)
    await expect(test.ledger.submit({ commands: [], attach })).rejects.toMatchObject({ constraint: 'note_key' })
  })

  it('under load loses and doubles nothing', async () => {
    const commands = Array.from({ length: 400 }, () => transfer(left, right, 1n))
    const before = (await test.ledger.account(left))!.debitsPosted
    const killing = (async () => {
      for (let kill = 0; kill < 5; kill++) {
        await sql.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hazina ledger' AND datname = current_database()`
        )
        await new Promise((resolve) => setTimeout(resolve, 15))
        proxy.nextCommit = kill % 2 ? 'lose answer' : 'lose request'
      }
    })()
    const results: string[] = []
    await Promise.all(
      Array.from({ length: 8 }, async (_, caller) => {
        for (const command of commands.filter((_, index) => index % 8 === caller))
          results.push(...(await submit(test.ledger, command)))
      })
    )
    await killing
    proxy.nextCommit = 'pass'
    expect(results).toEqual(commands.map(() => 'ok'))
    expect((await test.ledger.account(left))!.debitsPosted).toBe(before + 400n)
    expect(test.retries.length).toBeGreaterThan(0)
  })
})

describe('a database that takes no writes, as a standby after a failover', () => {
  const readOnly = async (state: 'on' | 'off'): Promise<void> => {
    await sql.query(
      `ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET default_transaction_read_only = ${state}`
    )
  }
  const terminate = () =>
    sql.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hazina ledger' AND datname = current_database()`
    )
  afterEach(() => readOnly('off'))

  it.each([0, 100])('is waited for, on one connection after the other (%i ms after the failover)', async (wait) => {
    await readOnly('on')
    await terminate()
    await new Promise((resolve) => setTimeout(resolve, wait))
    const retries = test.retries.length
    const command = transfer(left, right, 5n)
    const [results] = await Promise.all([
      submit(test.ledger, command),
      new Promise((resolve) => setTimeout(resolve, 300)).then(() => readOnly('off'))
    ])
    expect(results).toEqual(['ok'])
    expect(await stored(command.id)).toBe(1)
    // With pauses, not as fast as they can be made.
    expect(test.retries.length - retries).toBeLessThan(10)
  })

  it('is no longer waited for when the time is over, and nothing was stored', async () => {
    const impatient = openLedger(proxy.url, undefined, { recoveryMilliseconds: 0 })
    await readOnly('on')
    const command = transfer(left, right, 5n)
    await expect(submit(impatient.ledger, command)).rejects.toMatchObject({ code: '25006' })
    await expect(impatient.ledger.submit({ commands: [], attach: () => [note(randomUUID())] })).rejects.toMatchObject({
      code: '25006'
    })
    await readOnly('off')
    expect(await submit(impatient.ledger, command)).toEqual(['ok'])
    await impatient.close()
  })
})

describe('a database that falls silent', () => {
  let wire: DatabaseProxy
  let impatient: TestLedger
  beforeEach(async () => {
    wire = await DatabaseProxy.open(database.url)
    impatient = openLedger(wire.url, undefined, { silenceMilliseconds: 400 })
    expect(await submit(impatient.ledger, transfer(left, right, 1n))).toEqual(['ok'])
    // Each connection of the reader has been used.
    await Promise.all([1, 2].map(() => impatient.ledger.transfer(randomUUID())))
  })
  afterEach(async () => {
    await impatient.close()
    await wire.close()
  })

  it('is given up: who writes does not notice, and who reads can ask again', async () => {
    wire.silenceAll()
    const command = transfer(left, right, 5n)
    const [written, ...read] = await Promise.allSettled([
      submit(impatient.ledger, command),
      ...[1, 2].map(() => impatient.ledger.transfer(command.id))
    ])
    expect(written).toMatchObject({ status: 'fulfilled', value: ['ok'] })
    for (const one of read)
      expect(one).toMatchObject({ reason: { message: expect.stringContaining('given up') as string } })
    const cause = { message: expect.stringContaining('given up') as string }
    expect(impatient.retries).toMatchObject([{ cause }])
    expect(await impatient.ledger.transfer(command.id)).toMatchObject({ id: command.id })
    expect(await stored(command.id)).toBe(1)
  })

  it('at COMMIT is overcome too, and the transfer is there once', async () => {
    const command = transfer(left, right, 5n)
    wire.nextCommit = 'silence'
    expect(await submit(impatient.ledger, command)).toEqual(['ok'])
    expect(wire.cuts).toBe(1)
    expect(await stored(command.id)).toBe(1)
  })
})

const note = (key: string | null) => ({
  name: 'insert_note',
  text: `INSERT INTO note (key, state) VALUES ($1, 'new')`,
  values: [key]
})
const merged = (key: string) => ({
  name: 'insert_notes',
  text: `INSERT INTO note (key, state) SELECT v, 'new' FROM unnest($1::text[]) AS v ON CONFLICT DO NOTHING`,
  row: [key]
})

describe('what is attached', () => {
  beforeEach(() => sql.query('DELETE FROM note'))

  it('is stored with the transfers, and knows their results', async () => {
    const good = transfer(left, right, 1n)
    const outcome = await test.ledger.submit({
      commands: [good, transfer(left, right, 0n)],
      attach: ({ results }) => [note(results.join(' ')), merged('a')]
    })
    expect(outcome.results).toEqual(['ok', 'invalid_amount'])
    expect(await notes()).toEqual(['a', 'ok invalid_amount'])
  })

  it('is stored when no command succeeded', async () => {
    await test.ledger.submit({ commands: [transfer(left, right, 0n)], attach: ({ results }) => [note(results[0]!)] })
    expect(await notes()).toEqual(['invalid_amount'])
  })

  it.each<[string, () => ReturnType<NonNullable<Submission['attach']>>, string | undefined]>([
    ['a violated constraint', () => [note('good'), note('taken')], 'note_key'],
    ['a null', () => [note(null)], undefined],
    [
      'a row count',
      () => [
        { name: 'update_note', text: `UPDATE note SET state = 'x' WHERE key = $1`, values: ['nobody'], rowsExpected: 1 }
      ],
      undefined
    ],
    ['a merged row that was not taken', () => [merged('taken')], undefined]
  ])('refuses its own submission alone: %s', async (_, attach, constraint) => {
    await sql.query(`INSERT INTO note VALUES ('taken', 'old')`)
    const culprit = transfer(left, right, 1n)
    const others = Array.from({ length: 20 }, (_, index) => ({
      command: transfer(left, right, 1n),
      key: `other ${index}`
    }))
    const submissions: Submission[] = others.map(({ command, key }) => ({
      commands: [command],
      attach: () => [note(key), merged(`${key} too`)]
    }))
    submissions.splice(7, 0, { commands: [culprit], attach })
    const settled = await Promise.allSettled(submissions.map((submission) => test.ledger.submit(submission)))
    const [refused] = settled.splice(7, 1)
    expect(refused).toMatchObject({ status: 'rejected' })
    const { reason } = refused as PromiseRejectedResult
    expect(reason).toBeInstanceOf(AttachmentRefused)
    expect((reason as AttachmentRefused).constraint).toBe(constraint)
    expect(settled.every((one) => one.status === 'fulfilled' && one.value.results[0] === 'ok')).toBe(true)
    expect(await stored(culprit.id)).toBe(0)
    expect(await notes()).toHaveLength(41)
  })

  it('refuses nobody whose part of the batch is stored when the rest is lost for good', async () => {
    await sql.query(`INSERT INTO note VALUES ('taken', 'old')`)
    const impatient = openLedger(proxy.url, undefined, { recoveryMilliseconds: 0 })
    expect(await submit(impatient.ledger, transfer(left, right, 1n))).toEqual(['ok'])
    const commands = Array.from({ length: 4 }, () => transfer(left, right, 1n))
    // The whole, refused; the first half; the second half, which is lost.
    proxy.commits = ['pass', 'pass', 'lose request']
    proxy.onCut = () => (proxy.down = true)
    const settled = await Promise.allSettled(
      commands.map((command, index) =>
        impatient.ledger.submit({ commands: [command], attach: () => [merged(index === 3 ? 'taken' : `${index}`)] })
      )
    )
    proxy.down = false
    await impatient.close()
    expect(settled.slice(0, 2)).toMatchObject([{ value: { results: ['ok'] } }, { value: { results: ['ok'] } }])
    const reasons = settled.slice(2).map((one) => (one as PromiseRejectedResult).reason as unknown)
    for (const reason of reasons) expect(reason).toBeInstanceOf(LedgerOutcomeUnknown)
    expect([await stored(commands[1]!.id), await stored(commands[2]!.id)]).toEqual([1, 0])
  })

  it('refuses its own submission alone when it waits too long for a locked row', async () => {
    const release = await lockedNote()
    const update = {
      name: 'update_locked',
      text: `UPDATE note SET state = 'x' WHERE key = $1`,
      values: ['locked'],
      rowsExpected: 1
    }
    const [waiting, fine] = await Promise.allSettled([
      test.ledger.submit({ commands: [transfer(left, right, 1n)], attach: () => [update] }),
      test.ledger.submit({ commands: [transfer(left, right, 1n)] })
    ])
    await release()
    expect(waiting).toMatchObject({ status: 'rejected', reason: { code: '55P03' } })
    expect(fine).toMatchObject({ status: 'fulfilled', value: { results: ['ok'] } })
  })

  it('does not make the others wait again and again for one that waits', async () => {
    const release = await lockedNote()
    const touch = {
      name: 'touch_notes',
      text: `UPDATE note SET state = 'touched' FROM unnest($1::text[]) AS touched (key) WHERE note.key = touched.key`,
      row: ['locked']
    }
    const patience = (index: number) => ({
      name: 'note_patience',
      text: `INSERT INTO note (key, state) VALUES ($1, current_setting('lock_timeout'))`,
      values: [`waiter ${index}`]
    })
    const settled = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        test.ledger.submit({
          commands: [transfer(left, right, 1n)],
          attach: () => [patience(index), ...(index === 3 ? [touch] : [])]
        })
      )
    )
    await release()
    const [waited] = settled.splice(3, 1)
    expect(waited).toMatchObject({ reason: { name: 'RowLocked', statement: 'touch_notes' } })
    expect(settled.map(({ status }) => status)).toEqual(Array(7).fill('fulfilled'))
    const { rows } = await sql.query(`SELECT DISTINCT state FROM note WHERE key LIKE 'waiter%'`)
    expect(rows).toEqual([{ state: '100ms' }])
  })

  it('refuses its own submission alone when it throws', async () => {
    const culprit = transfer(left, right, 1n)
    const good = transfer(left, right, 1n)
    const [bad, fine] = await Promise.allSettled([
      test.ledger.submit({
        commands: [culprit],
        attach: () => {
          throw new Error('no')
        }
      }),
      test.ledger.submit({ commands: [good] })
    ])
    expect(bad).toMatchObject({ status: 'rejected', reason: { message: 'no' } })
    expect(fine).toMatchObject({ status: 'fulfilled' })
    expect([await stored(culprit.id), await stored(good.id)]).toEqual([0, 1])
  })

  it('names the constraint when an account is there already', async () => {
    const [id, again] = await test.ledger.allocateAccountIds(2)
    const account = { id: id!, ledger: 1, code: 1, limit: 'none' as const, owner: randomUUID() }
    await test.ledger.submit({ accounts: [account], commands: [] })
    await expect(test.ledger.submit({ accounts: [{ ...account, id: again! }], commands: [] })).rejects.toMatchObject({
      constraint: 'ledger_account_owner'
    })
  })
})

describe('a row changed behind the ledger', () => {
  it('is noticed, read again, and not overwritten', async () => {
    await submit(test.ledger, transfer(left, right, 1n))
    await sql.query('UPDATE ledger_account SET batch = batch - 1 WHERE id = $1', [left])
    const retries = test.retries.length
    expect(await submit(test.ledger, transfer(left, right, 1n))).toEqual(['ok'])
    expect(test.retries.length).toBe(retries + 1)
  })
})

describe('the queue', () => {
  it('shares one commit between callers', async () => {
    const count = async (): Promise<number> =>
      Number((await sql.query<{ n: string }>('SELECT count(*) AS n FROM ledger_batch')).rows[0]!.n)
    const before = await count()
    await Promise.all(Array.from({ length: 200 }, () => submit(test.ledger, transfer(left, right, 1n))))
    expect((await count()) - before).toBeLessThan(5)
  })
})
