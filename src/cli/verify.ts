/**
 * `hazina verify`: replays the whole ledger and says whether it is what was written, then whether the money of the
 * ramp is where its agents, merchants and orders say.
 */
import { Command, InvalidArgumentError } from 'commander'
import { loadConfig } from '../config'
import { Reader } from '../database/reader'
import { Reads } from '../ledger/postgres/reads'
import { withSnapshot } from '../ledger/postgres/snapshot'
import { verifyLedger, type Verdict } from '../ledger/verify'
import { formatDecimal, USD_SCALE } from '../services/ramp/money'
import { hasRamp, rampReport, type RampReport } from '../services/ramp/report/report'
import { withDatabase } from './with-database'

interface Link {
  readonly sequence: bigint
  readonly hash: string
}

export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      'Replays the whole ledger: chain, totals, limits, holds; then checks the ramp. Exits with 1 when anything is bad'
    )
    .option('--expect <link>', 'a link noted earlier, <batch>:<hash>, that the chain must still have', linkOf)
    .addHelpText('after', '\nIt reads one snapshot, beside a running service too, and changes nothing.')
    .action(verify)
}

function linkOf(text: string): Link {
  const match = /^(\d+):([0-9a-f]{64})$/.exec(text)
  if (!match) throw new InvalidArgumentError('A link is <batch>:<hash>, as an earlier run printed it.')
  return { sequence: BigInt(match[1]!), hash: match[2]! }
}

async function verify(options: { expect?: Link }): Promise<void> {
  const onProgress = (transfers: bigint, batches: bigint): void => {
    console.error(`${transfers} transfers in ${batches} batches replayed`)
  }
  await withDatabase(loadConfig(process.env), 'read', async ({ url }) => {
    const verdict = await withSnapshot(url, (snapshot) =>
      verifyLedger(snapshot, { onProgress, expected: options.expect })
    )
    console.log(describe(verdict))
    const ramp = await inspectRamp(url)
    if (ramp) console.log(describeRamp(ramp))
    if (verdict.firstBad || (ramp && ramp.findings.length > 0)) process.exitCode = 1
  })
}

/** Undefined for a database whose schema is older than the ramp. */
async function inspectRamp(url: string): Promise<RampReport | undefined> {
  // Whoever verifies waits as long as it takes, as for the replay.
  const reader = new Reader({ url, connections: 1, settings: { statement_timeout: '0' } })
  try {
    if (!(await hasRamp(reader))) return undefined
    return await rampReport(reader, new Reads(reader, () => BigInt(Date.now()) * 1_000n))
  } finally {
    await reader.close()
  }
}

function describeRamp({ accounts: { assets, accounts }, orders: { orders }, findings }: RampReport): string {
  if (findings.length > 0) {
    return findings.map(({ subject, problem }) => `BAD: ramp: ${subject}: ${problem}`).join('\n')
  }
  const held = `${formatDecimal(assets, USD_SCALE)} USD held on chains and lent`
  return `Ramp: in order; ${held}, and as much is everybody's, in ${accounts} accounts of parties; ${orders} orders.`
}

function describe({ firstBad, batches, accounts, transfers, openHolds, head }: Verdict): string {
  if (firstBad) {
    const { kind, key, problem } = firstBad
    return `BAD: ${kind} ${key}: ${problem}\n${batches} batches before it are in order.`
  }
  const counts = `${transfers} transfers, ${accounts} accounts and ${openHolds} open holds in ${batches} batches`
  return `OK: ${counts}.\nLast link: ${batches}:${head}`
}
