/** A ledger on a database of the test's own, with a clock that the test sets. */
import { randomUUID } from 'node:crypto'
import { Pipeline } from '../../src/database/pipeline'
import { Reader } from '../../src/database/reader'
import { Committer } from '../../src/ledger/committer'
import { Ledger } from '../../src/ledger/ledger'
import { PostgresLedgerEngine, type PostgresLedgerOptions } from '../../src/ledger/postgres/engine'
import { WRITER_SETTINGS } from '../../src/ledger/postgres/settings'
import { withSnapshot } from '../../src/ledger/postgres/snapshot'
import type { AccountId, AccountLimit, Command, Result, TransferCommand } from '../../src/ledger/types'
import { verifyLedger, type Verdict, type VerifyOptions } from '../../src/ledger/verify'

export class TestClock {
  microseconds = BigInt(Date.now()) * 1_000n
  readonly now = (): bigint => this.microseconds

  advanceSeconds(seconds: number): void {
    this.microseconds += BigInt(Math.round(seconds * 1_000_000))
  }
}

export interface TestLedger {
  readonly ledger: Ledger
  readonly engine: PostgresLedgerEngine
  readonly writer: Pipeline
  readonly reader: Reader
  readonly clock: TestClock
  readonly retries: unknown[]
  close(): Promise<void>
}

export function openLedger(
  url: string,
  clock = new TestClock(),
  options: Partial<PostgresLedgerOptions> & { readonly silenceMilliseconds?: number } = {}
): TestLedger {
  const { silenceMilliseconds } = options
  const onError = (): void => undefined
  const reader = new Reader({ url, silenceMilliseconds, onError })
  const retries: unknown[] = []
  const writer = new Pipeline({ url, name: 'hazina ledger', settings: WRITER_SETTINGS, silenceMilliseconds, onError })
  const engine = new PostgresLedgerEngine({
    writer,
    reader,
    now: clock.now,
    newId: randomUUID,
    onRetry: (error) => retries.push(error),
    ...options
  })
  const ledger = new Ledger(engine, new Committer(engine))
  const close = async (): Promise<void> => {
    await ledger.close()
    await reader.close()
  }
  return { ledger, engine, writer, reader, clock, retries, close }
}

export async function openAccounts(ledger: Ledger, limits: readonly AccountLimit[], unit = 1): Promise<AccountId[]> {
  const ids = await ledger.allocateAccountIds(limits.length)
  const accounts = limits.map((limit, index) => ({
    id: ids[index]!,
    ledger: unit,
    code: 1,
    limit,
    owner: randomUUID()
  }))
  await ledger.submit({ accounts, commands: [] })
  return ids
}

export function transfer(
  debitAccountId: AccountId,
  creditAccountId: AccountId,
  amount: bigint,
  more: Partial<TransferCommand> = {}
): TransferCommand {
  return { type: 'transfer', id: randomUUID(), debitAccountId, creditAccountId, amount, code: 1, ...more }
}

export async function submit(ledger: Ledger, ...commands: Command[]): Promise<readonly Result[]> {
  return (await ledger.submit({ commands })).results
}

export async function verify(url: string, options?: VerifyOptions): Promise<Verdict> {
  return withSnapshot(url, (snapshot) => verifyLedger(snapshot, options))
}
