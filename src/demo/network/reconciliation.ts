/** What left one ledger against what arrived in the other, and what the neighbours owe each other for it. */
import { setTimeout } from 'node:timers/promises'
import { formatAmount } from '../amount'
import type { Node } from './node'
import { EUR, USD, type Paid, type Scene } from './story'

interface Account {
  readonly purpose: string
  readonly balance: string
}

/** What stood on the accounts that a payment goes through, in their smallest units. */
export interface Standing {
  readonly berlinAtAccra: bigint
  readonly accraAtBerlin: bigint
  readonly dollars: bigint
  readonly euros: bigint
}

interface Check {
  readonly what: string
  readonly is: bigint
  readonly expected: bigint
  readonly unit: typeof USD
}

const ACCOUNTS = 'query ($id: ID!) { ledgerAccounts(ownerId: $id) { purpose balance } }'
const INCOMING = 'query ($id: String!) { incomingPayment(id: $id) { receivedAmount { value } } }'
/** Euros for a dollar, as the nodes' rates say. */
const RATE = { numerator: 1n, denominator: 2n }
const WAIT_MILLISECONDS_MAX = 30_000
const POLL_MILLISECONDS = 50

export async function standingOf({ accra, berlin, owners }: Scene): Promise<Standing> {
  const balance = async (node: Node, id: string): Promise<bigint> => {
    const accounts = await node.query<readonly Account[]>(ACCOUNTS, { id })
    return BigInt(accounts.find(({ purpose }) => purpose !== 'SETTLEMENT')?.balance ?? 0)
  }
  return {
    berlinAtAccra: await balance(accra, owners.berlinAtAccra),
    accraAtBerlin: await balance(berlin, owners.accraAtBerlin),
    dollars: await balance(berlin, owners.dollars),
    euros: await balance(berlin, owners.euros)
  }
}

/** Prints what each ledger and each wallet says; true when everything fits together. */
export async function reconcile(
  scene: Scene,
  { sent, receiver }: Paid,
  before: Standing,
  print: (line: string) => void
): Promise<boolean> {
  const after = await standingOf(scene)
  const payment = { id: receiver.slice(receiver.lastIndexOf('/') + 1) }
  const { receivedAmount } = await scene.berlin.query<{ receivedAmount: { value: string } }>(INCOMING, payment)
  const received = BigInt(receivedAmount.value)
  const left = after.berlinAtAccra - before.berlinAtAccra
  const arrived = before.accraAtBerlin - after.accraAtBerlin
  const checks: Check[] = [
    { what: 'Accra: what left towards Berlin', is: left, expected: sent, unit: USD },
    { what: 'Berlin: what arrived from Accra', is: arrived, expected: sent, unit: USD },
    { what: 'Berlin: what its dollars grew by', is: after.dollars - before.dollars, expected: arrived, unit: USD },
    { what: 'Berlin: what its euros shrank by', is: before.euros - after.euros, expected: received, unit: EUR },
    { what: 'Berlin: what Bob received, at the rate', is: received, expected: atRate(arrived), unit: EUR },
    ...(await walletChecks(scene, sent, received))
  ]
  for (const { what, is, expected, unit } of checks) {
    const mark = is === expected ? 'ok' : `NOT ${formatAmount(expected, unit)}`
    print(`  ${what.padEnd(39)} ${formatAmount(is, unit).padStart(15)}  ${mark}`)
  }
  print(`  Settlement: Accra owes Berlin ${formatAmount(left, USD)}, to be paid outside of the network`)
  return checks.every(({ is, expected }) => is === expected)
}

function atRate(amount: bigint): bigint {
  return (amount * RATE.numerator) / RATE.denominator
}

async function walletChecks({ accra, berlin }: Scene, sent: bigint, received: bigint): Promise<Check[]> {
  const alice = 1_000_00n - sent
  return [
    { what: "Accra's wallet: what Alice has", is: await settled(accra, 'Alice', alice), expected: alice, unit: USD },
    { what: "Berlin's wallet: what Bob has", is: await settled(berlin, 'Bob', received), expected: received, unit: EUR }
  ]
}

/** The wallets learn of the end by webhook, a moment later. */
async function settled(node: Node, customer: string, expected: bigint): Promise<bigint> {
  const deadline = Date.now() + WAIT_MILLISECONDS_MAX
  for (;;) {
    const balance = await node.balance(customer)
    if (balance === expected || Date.now() > deadline) return balance ?? -1n
    await setTimeout(POLL_MILLISECONDS)
  }
}
