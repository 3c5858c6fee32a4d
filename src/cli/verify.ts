/** `hazina verify`: replays the whole ledger and says whether it is what was written. */
import { Command, InvalidArgumentError } from 'commander'
import { loadConfig } from '../config'
import { withSnapshot } from '../ledger/postgres/snapshot'
import { verifyLedger, type Verdict } from '../ledger/verify'
import { withDatabase } from './with-database'

interface Link {
  readonly sequence: bigint
  readonly hash: string
}

export function verifyCommand(): Command {
  return new Command('verify')
    .description('Replays the whole ledger: chain, totals, limits, holds. Exits with 1 when a record is bad')
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
  const verdict = await withDatabase(loadConfig(process.env), 'read', ({ url }) =>
    withSnapshot(url, (snapshot) => verifyLedger(snapshot, { onProgress, expected: options.expect }))
  )
  console.log(describe(verdict))
  if (verdict.firstBad) process.exitCode = 1
}

function describe({ firstBad, batches, accounts, transfers, openHolds, head }: Verdict): string {
  if (firstBad) {
    const { kind, key, problem } = firstBad
    return `BAD: ${kind} ${key}: ${problem}\n${batches} batches before it are in order.`
  }
  const counts = `${transfers} transfers, ${accounts} accounts and ${openHolds} open holds in ${batches} batches`
  return `OK: ${counts}.\nLast link: ${batches}:${head}`
}
