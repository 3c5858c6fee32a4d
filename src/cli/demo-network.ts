/** `hazina demo-network`: two nodes of the network, and a payment from one to the other. */
import { resolve } from 'node:path'
import { Command } from 'commander'
import { Unreachable } from '../demo/client'
import { Node, StoryFailed } from '../demo/network/node'
import { reconcile, standingOf } from '../demo/network/reconciliation'
import { pay, prepare, RATES } from '../demo/network/story'
import { ServiceFailed, type Program } from '../demo/own-service'

const DEMO_OK = 0
const DEMO_UNEXPECTED = 1
const DEMO_NO_SERVICE = 3
const DEMO_INTERRUPTED = 130

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const complain = (line: string): void => void process.stderr.write(`${line}\n`)

export function demoNetworkCommand(): Command {
  return new Command('demo-network')
    .description('Starts two nodes with different currencies, pays from one to the other, and reconciles both')
    .addHelpText(
      'after',
      `
Both nodes have a PostgreSQL, a wallet and data of their own, in temporary folders that are removed afterwards.

Exit codes:
  0  the payment arrived, and both ledgers and both wallets agree on it
  1  something does not add up
  3  a node could not be started`
    )
    .action(async () => {
      process.exitCode = await demoNetwork()
    })
}

async function demoNetwork(): Promise<number> {
  const stopping = new AbortController()
  const interrupt = (): void => stopping.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  const nodes: Node[] = []
  try {
    return await run(stopping.signal, nodes)
  } catch (error) {
    return stopping.signal.aborted ? DEMO_INTERRUPTED : exitCodeOf(error)
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    await Promise.all(nodes.map((node) => node.remove()))
  }
}

async function run(signal: AbortSignal, nodes: Node[]): Promise<number> {
  const program: Program = { file: resolve(process.argv[1]!), nodeArguments: process.execArgv }
  for (const name of ['Accra', 'Berlin']) {
    print(`Starting ${name}, with a database and a wallet of its own`)
    nodes.push(await Node.start(program, signal, { name, rates: RATES }))
  }
  const [accra, berlin] = nodes as [Node, Node]
  const scene = await prepare(accra, berlin, print)
  const before = await standingOf(scene)
  const paid = await pay(scene, print)
  print('\nReconciling both ledgers and both wallets')
  const fits = await reconcile(scene, paid, before, print)
  let isClean = true
  for (const node of nodes) {
    await node.stop()
    print(`\nVerifying the ledger of ${node.name}`)
    isClean = (await node.verify(print)) && isClean
  }
  return fits && isClean ? DEMO_OK : DEMO_UNEXPECTED
}

function exitCodeOf(error: unknown): number {
  if (error instanceof StoryFailed) {
    complain(error.message)
    return DEMO_UNEXPECTED
  }
  if (error instanceof Unreachable || error instanceof ServiceFailed) {
    complain(error.message)
    if (error instanceof ServiceFailed) complain(error.log)
    return DEMO_NO_SERVICE
  }
  throw error
}
