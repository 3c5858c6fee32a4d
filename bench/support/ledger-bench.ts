/** A ledger on a scratch database, and the bare COPY that it is measured against. */
import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { DataSource } from 'typeorm'
import { Ledger1700000000001 } from '../../src/database/migrations/0001-ledger'
import { Pipeline } from '../../src/database/pipeline'
import { Sequence } from '../../src/database/sequence'
import { Reader } from '../../src/database/reader'
import { transferLine } from '../../src/ledger/chain'
import { Committer } from '../../src/ledger/committer'
import { Ledger } from '../../src/ledger/ledger'
import { PostgresLedgerEngine } from '../../src/ledger/postgres/engine'
import { WRITER_SETTINGS } from '../../src/ledger/postgres/settings'
import type { AccountId, TransferCommand } from '../../src/ledger/types'

export interface LedgerBench {
  readonly ledger: Ledger
  readonly url: string
  accounts(count: number): Promise<AccountId[]>
  close(): Promise<void>
}

export async function openLedger(adminUrl: string, database: string): Promise<LedgerBench> {
  await administer(adminUrl, `CREATE DATABASE ${database}`)
  const url = urlOf(adminUrl, database)
  const source = await new DataSource({ type: 'postgres', url, migrations: [Ledger1700000000001] }).initialize()
  await source.runMigrations()
  await source.destroy()
  const reader = new Reader({ url })
  const engine = new PostgresLedgerEngine({
    writer: new Pipeline({ url, name: 'hazina ledger', settings: WRITER_SETTINGS }),
    reader,
    now: () => BigInt(Date.now()) * 1_000n,
    newId: timeOrderedId
  })
  const ledger = new Ledger(engine, new Committer(engine))
  return {
    ledger,
    url,
    accounts: (count) => createAccounts(ledger, count),
    close: async () => {
      await ledger.close()
      await reader.close()
      await administer(adminUrl, `DROP DATABASE ${database} WITH (FORCE)`)
    }
  }
}

async function createAccounts(ledger: Ledger, count: number): Promise<AccountId[]> {
  const ids = await ledger.allocateAccountIds(count)
  const accounts = ids.map((id) => ({ id, ledger: 1, code: 1, limit: 'none' as const, owner: randomUuid() }))
  for (let first = 0; first < count; first += 5_000) {
    await ledger.submit({ accounts: accounts.slice(first, first + 5_000), commands: [] })
  }
  return ids
}

/** Random pairs of the given accounts, one unit to a thousand each. */
export function transfersBetween(accounts: readonly AccountId[], count: number): TransferCommand[] {
  return Array.from({ length: count }, () => {
    const debit = Math.floor(Math.random() * accounts.length)
    const credit = (debit + 1 + Math.floor(Math.random() * (accounts.length - 1))) % accounts.length
    return {
      type: 'transfer',
      id: timeOrderedId(),
      debitAccountId: accounts[debit]!,
      creditAccountId: accounts[credit]!,
      amount: BigInt(1 + Math.floor(Math.random() * 1_000)),
      code: 1
    }
  })
}

/** COPY of the same rows into the same table shape with its unique id index, a batch a transaction. */
export class CopyCeiling {
  private sequence = 0n
  private constructor(private readonly pipeline: Pipeline) {}

  static async open(url: string): Promise<CopyCeiling> {
    const pipeline = new Pipeline({ url, name: 'hazina ceiling' })
    await pipeline.query({ name: 'drop', text: 'DROP TABLE IF EXISTS bench_ceiling', values: [] })
    await pipeline.query({ name: 'create', text: 'CREATE TABLE bench_ceiling (LIKE ledger_transfer)', values: [] })
    await pipeline.query({ name: 'index', text: 'CREATE UNIQUE INDEX ON bench_ceiling (id)', values: [] })
    return new CopyCeiling(pipeline)
  }

  /** The text is made outside the measured time. */
  prepare(commands: readonly TransferCommand[]): Buffer {
    const lines = commands.map((command) =>
      transferLine({
        ...command,
        sequence: ++this.sequence,
        kind: 'transfer',
        holdId: null,
        expiresMicroseconds: null,
        reference: null
      })
    )
    return Buffer.from(`${lines.join('\n')}\n`)
  }

  async copy(text: Buffer): Promise<void> {
    const session = await this.pipeline.session()
    const sequence = new Sequence()
    const sent = [
      sequence.send({ name: 'begin', text: 'BEGIN', values: [] }),
      sequence.copy({ name: 'copy', text: 'COPY bench_ceiling FROM STDIN', values: [] }, text),
      sequence.send({ name: 'commit', text: 'COMMIT', values: [] }),
      session.run(sequence)
    ]
    await Promise.all(sent)
  }

  async close(): Promise<void> {
    await this.pipeline.query({ name: 'drop', text: 'DROP TABLE IF EXISTS bench_ceiling', values: [] })
    await this.pipeline.close()
  }
}

let lastMillisecond = 0
let counter = 0

/** A version 7 UUID: neighbours in time are neighbours in the index. */
export function timeOrderedId(): string {
  const now = Date.now()
  if (now !== lastMillisecond) {
    lastMillisecond = now
    counter = 0
  }
  const time = now.toString(16).padStart(12, '0')
  const count = (counter++).toString(16).padStart(7, '0')
  const random = randomBytes(7).toString('hex')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count.slice(0, 3)}-8${random.slice(0, 3)}-${count.slice(3)}${random.slice(3, 11)}`
}

function randomUuid(): string {
  return crypto.randomUUID()
}

function urlOf(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.toString()
}

async function administer(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(text)
  await client.end()
}
