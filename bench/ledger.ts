/**
 * The ledger's rates beside the ceiling of the same server: a bare COPY of the same transfer rows into the
 * same table shape with its unique id index, a batch a transaction. Ceiling and ledger take turns, so that
 * a noisy machine is noisy for both; figures are medians of the rounds.
 *
 *   npm run bench:ledger [-- --quick] [-- --only batches,pairs,callers,history]
 */
import { parseArgs } from 'node:util'
import { randomUUID } from 'node:crypto'
import { withBenchServer } from './support/server'
import { CopyCeiling, openLedger, timeOrderedId, transfersBetween, type LedgerBench } from './support/ledger-bench'
import { median, progress, ratePerSecond, report } from './support/report'
import type { AccountId, Command, TransferCommand } from '../src/ledger/types'

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } })
const ROUNDS = options.quick ? 1 : 5
const SECONDS = options.quick ? 0.3 : 2
const HISTORY = options.quick ? [0, 20_000] : [0, 1_000_000, 5_000_000]

/** Rows a second while `work` runs, for SECONDS; what `prepare` does is not counted. */
async function paced<Prepared>(
  rows: number,
  prepare: () => Promise<Prepared> | Prepared,
  work: (prepared: Prepared) => Promise<void>
): Promise<number> {
  let done = 0
  let nanoseconds = 0
  const until = Date.now() + SECONDS * 1_000
  while (Date.now() < until) {
    const prepared = await prepare()
    const start = process.hrtime.bigint()
    await work(prepared)
    nanoseconds += Number(process.hrtime.bigint() - start)
    done += rows
  }
  return (done * 1e9) / nanoseconds
}

async function submitAll(bench: LedgerBench, commands: readonly Command[]): Promise<void> {
  const { results } = await bench.ledger.submit({ commands })
  if (results.some((result) => result !== 'ok'))
    throw new Error(`a command was refused: ${results.find((result) => result !== 'ok')}`)
}

interface Rates {
  readonly ours: number
  readonly bare: number
}

/** Rates of batches of the ledger and of bare COPY, taking turns. */
async function batchRates(bench: LedgerBench, accounts: readonly AccountId[], size: number): Promise<Rates> {
  const ceiling = await CopyCeiling.open(bench.url)
  const ours: number[] = []
  const bare: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(
      await paced(
        size,
        () => ceiling.prepare(transfersBetween(accounts, size)),
        (text) => ceiling.copy(text)
      )
    )
    ours.push(
      await paced(
        size,
        () => transfersBetween(accounts, size),
        (commands) => submitAll(bench, commands)
      )
    )
  }
  await ceiling.close()
  return { ours: median(ours), bare: median(bare) }
}

async function batches(bench: LedgerBench): Promise<void> {
  for (const count of [2, 100, 10_000]) {
    const accounts = await bench.accounts(count)
    for (const size of [1_000, 4_000]) {
      progress(`batches of ${size} on ${count} accounts`)
      const { ours, bare } = await batchRates(bench, accounts, size)
      report({ name: 'ledger batches', batch: size, accounts: count, unit: 'transfers/s', figure: ours, ceiling: bare })
    }
  }
}

/** A hold and its post, each a record of the ledger: both batches count. */
async function pairs(bench: LedgerBench): Promise<void> {
  const size = 2_000
  const accounts = await bench.accounts(100)
  const ceiling = await CopyCeiling.open(bench.url)
  const ours: number[] = []
  const bare: number[] = []
  progress(`two-phase pairs, ${size} a batch on 100 accounts`)
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(
      await paced(
        size,
        () => ceiling.prepare(transfersBetween(accounts, size)),
        (text) => ceiling.copy(text)
      )
    )
    ours.push(
      await paced(
        2 * size,
        () => {
          const holds: TransferCommand[] = transfersBetween(accounts, size).map((hold) => ({
            ...hold,
            pending: true,
            holdSeconds: 3_600
          }))
          return {
            holds,
            posts: holds.map((hold): Command => ({ type: 'post', id: timeOrderedId(), holdId: hold.id }))
          }
        },
        async ({ holds, posts }) => {
          await submitAll(bench, holds)
          await submitAll(bench, posts)
        }
      )
    )
  }
  await ceiling.close()
  report({
    name: 'ledger two-phase pairs',
    batch: size,
    accounts: 100,
    unit: 'records/s',
    figure: median(ours),
    ceiling: median(bare)
  })
}

/** Each caller has one transfer under way and waits for its answer. */
async function callers(bench: LedgerBench): Promise<void> {
  const accounts = await bench.accounts(1_000)
  for (const count of [1, 16, 64, 256, 1_024]) {
    progress(`${count} concurrent callers of one transfer each`)
    const rates: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      rates.push(
        await ratePerSecond(SECONDS, async () => {
          const each = Math.max(4, Math.ceil(4_000 / count))
          await Promise.all(Array.from({ length: count }, () => oneByOne(bench, transfersBetween(accounts, each))))
          return each * count
        })
      )
    }
    report({
      name: 'ledger single callers',
      callers: count,
      accounts: 1_000,
      unit: 'transfers/s',
      figure: median(rates)
    })
  }
}

async function oneByOne(bench: LedgerBench, commands: readonly TransferCommand[]): Promise<void> {
  for (const command of commands) await submitAll(bench, [command])
}

/** The same batches on a ledger that already holds so many transfers. */
async function history(bench: LedgerBench): Promise<void> {
  const accounts = await bench.accounts(100)
  let stored = 0
  let empty: Rates | undefined
  for (const wanted of HISTORY) {
    while (stored < wanted) {
      await submitAll(bench, transfersBetween(accounts, 4_000))
      stored += 4_000
      if (stored % 400_000 === 0) progress(`history: ${stored} of ${wanted} transfers written`)
    }
    progress(`batches of 4000 on 100 accounts after ${wanted} transfers`)
    const rates = await batchRates(bench, accounts, 4_000)
    empty ??= rates
    report({
      name: 'ledger history',
      history: wanted,
      batch: 4_000,
      accounts: 100,
      unit: 'transfers/s',
      figure: rates.ours,
      ceiling: rates.bare,
      ofEmpty: Number((rates.ours / empty.ours).toFixed(3))
    })
  }
}

async function main(): Promise<void> {
  const groups = { batches, pairs, callers, history }
  const wanted = options.only?.split(',') ?? Object.keys(groups)
  await withBenchServer(async (url) => {
    for (const [name, run] of Object.entries(groups)) {
      if (!wanted.includes(name)) continue
      const bench = await openLedger(url, `hazina_bench_${randomUUID().slice(0, 8)}`)
      try {
        await run(bench)
      } finally {
        await bench.close()
      }
    }
  })
  report({ name: 'ledger peak memory', unit: 'MiB resident', figure: process.resourceUsage().maxRSS / 1_024 })
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
