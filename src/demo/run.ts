/**
 * Sends the steps of a plan one after the other and tells what comes back.
 */
import { formatAmount } from './amount'
import type { Answer, Client } from './client'
import { differenceOf, type Expectation } from './expectation'
import type { Plan, PlannedStep } from './plan'
import { readBalance } from './steps/liquidity'

export type Print = (line: string) => void

/**
 * Runs until the first answer that is not the expected one. True: there was none. Without a wallet the first step
 * that needs one is the end.
 */
export async function runPlan(plan: Plan, client: Client, print: Print): Promise<boolean> {
  print(`${plan.title}\n${client.url}\n`)
  for (const [index, planned] of plan.steps.entries()) {
    if (planned.step.needsWallet && !client.wallet) {
      print(`\nline ${planned.line}: this step and what follows need a wallet: name it with --wallet`)
      return true
    }
    const difference = await runStep(planned, index + 1, client, print)
    if (difference === undefined) continue
    print(`\nline ${planned.line}: ${difference}`)
    return false
  }
  return true
}

/** Prints what each asset and peer of the plan holds. */
export async function printBalances(plan: Plan, client: Client, print: Print): Promise<void> {
  const holders = plan.holders.filter(({ id }) => id !== undefined)
  if (holders.length === 0) return
  print('\nBalances')
  for (const holder of holders) {
    const found = await readBalance(client, holder)
    const shown = typeof found === 'string' ? found : formatAmount(found, holder.asset)
    print(`  ${`${holder.kind} ${holder.name}`.padEnd(32)} ${shown}`)
  }
}

async function runStep(
  planned: PlannedStep,
  number: number,
  client: Client,
  print: Print
): Promise<string | undefined> {
  const { step, expectation } = planned
  print(`${String(number).padStart(3)}. ${step.title}`)
  const answer = await step.run(client)
  const difference = differenceOf(answer, expectation)
  print(`     ${difference === undefined ? mark(expectation) : '✗'} ${sentence(answer)}`)
  return difference
}

/** A refusal that was expected is no success of the operation, and no failure of the demo. */
function mark(expectation: Expectation): string {
  return expectation.isRefusal ? '✓ refused:' : '✓'
}

function sentence({ code, error, message, details }: Answer): string {
  const head = code === undefined ? `GraphQL error: ${message}` : [code, error, message].filter(Boolean).join(' ')
  return details ? `${head} (${details})` : head
}
