/**
 * The ledger's rates beside the ceiling of the same server: a bare COPY of the same rows.
 *
 *   npm run bench:ledger [-- --quick]
 */
import { CopyCeiling, openLedger, transfersBetween, type LedgerBench } from './support/ledger-bench'
import { median, progress, ratePerSecond, report } from './support/report'
import type { AccountId } from '../src/ledger/types'

const ROUNDS = 3
const SECONDS = 1.5

async function batches(bench: LedgerBench, accounts: readonly AccountId[], size: number): Promise<void> {
  const ceiling = await CopyCeiling.open(bench.url)
  const ours: number[] = []
  const bare: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(
      await timed(
        size,
        (commands) => ceiling.prepare(commands),
        (text) => ceiling.copy(text)
      )
    )
    ours.push(
      await timed(
        size,
        (commands) => commands,
        async (commands) => {
          const { results } = await bench.ledger.submit({ commands })
          if (results.some((result) => result !== 'ok')) throw new Error('a transfer was refused')
        }
      )
    )
  }
  await ceiling.close()
  report({
    name: 'ledger batches',
    batch: size,
    accounts: accounts.length,
    unit: 'transfers/s',
    figure: median(ours),
    ceiling: median(bare)
  })

  async function timed<Prepared>(
    count: number,
    prepare: (commands: ReturnType<typeof transfersBetween>) => Prepared,
    work: (prepared: Prepared) => Promise<void>
  ): Promise<number> {
    const rates: number[] = []
    const until = Date.now() + SECONDS * 1_000
    while (Date.now() < until) {
      const prepared = prepare(transfersBetween(accounts, count))
      const start = process.hrtime.bigint()
      await work(prepared)
      rates.push((count * 1e9) / Number(process.hrtime.bigint() - start))
    }
    return rates.length / rates.reduce((sum, rate) => sum + 1 / rate, 0)
  }
}

async function singles(bench: LedgerBench, accounts: readonly AccountId[], callers: number): Promise<void> {
  const rate = await ratePerSecond(SECONDS * ROUNDS, async () => {
    const perCaller = Math.max(4, Math.ceil(2_000 / callers))
    await Promise.all(
      Array.from({ length: callers }, async () => {
        for (const command of transfersBetween(accounts, perCaller)) await bench.ledger.submit({ commands: [command] })
      })
    )
    return perCaller * callers
  })
  report({ name: 'ledger single callers', callers, accounts: accounts.length, unit: 'transfers/s', figure: rate })
}

async function main(): Promise<void> {
  const url = process.env.DATABASE_URL
  if (!url) throw new Error('DATABASE_URL')
  const bench = await openLedger(url, `hazina_bench_${process.pid}`)
  try {
    for (const count of [2, 100, 10_000]) {
      const accounts = await bench.accounts(count)
      for (const size of [1_000, 4_000]) {
        progress(`batches of ${size} on ${count} accounts`)
        await batches(bench, accounts, size)
      }
    }
    const accounts = await bench.accounts(1_000)
    for (const callers of [1, 16, 64, 256, 1_024]) {
      progress(`${callers} callers`)
      await singles(bench, accounts, callers)
    }
  } finally {
    await bench.close()
  }
}

void main()
