/**
 * `hazina demo`: runs a file of steps against a service, over HTTP, and has the ledger verified.
 */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { Client, Unreachable } from '../demo/client'
import { chooseWalletPlace, OwnWallet, serviceSettings, type WalletPlace } from '../demo/own-wallet'
import { OwnService, ServiceFailed, verifyWith, type Program } from '../demo/own-service'
import { planDemo, type Plan } from '../demo/plan'
import { WrongFile } from '../demo/problem'
import { RampLink } from '../demo/ramp-link'
import { printBalances, runPlan } from '../demo/run'
import { STEP_KINDS } from '../demo/steps'
import { WalletLink } from '../demo/wallet-link'

const DEPOSIT_FILE = 'examples/first-deposit.yaml'
const RAMP_FILE = 'examples/first-ramp.yaml'

/** Exit codes. */
const DEMO_OK = 0
const DEMO_UNEXPECTED = 1
const DEMO_WRONG_FILE = 2
const DEMO_NO_SERVICE = 3
const DEMO_INTERRUPTED = 130

interface DemoOptions {
  readonly url?: string
  readonly wallet?: string
  readonly verify?: boolean
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const complain = (line: string): void => void process.stderr.write(`${line}\n`)

export function demoCommand(): Command {
  return (
    new Command('demo')
      .description('Runs files of steps against a service, over HTTP as any client')
      // A running service may have a ramp with a market of its own, which nobody changes unasked.
      .argument('[files...]', `the steps: ${DEPOSIT_FILE}, and with a service of its own ${RAMP_FILE}`)
      .addOption(
        new Option('--url <url>', 'the Admin API of a running service; without it the demo starts one of its own').env(
          'ADMIN_URL'
        )
      )
      .addOption(
        new Option('--wallet <url>', 'with --url: a running wallet that the webhooks of the service go to').env(
          'WALLET_URL'
        )
      )
      .option(
        '--verify',
        'with --url: verify the ledger that this environment (DATABASE_URL or HAZINA_DATA_DIR) points to'
      )
      .addHelpText('after', helpText())
      .action(async (files: string[], options: DemoOptions) => {
        process.exitCode = await demo(files, options)
      })
  )
}

async function demo(files: readonly string[], options: DemoOptions): Promise<number> {
  const stopping = new AbortController()
  const interrupt = (): void => stopping.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const plans: Plan[] = []
    const wanted = files.length > 0 ? files : options.url === undefined ? [DEPOSIT_FILE, RAMP_FILE] : [DEPOSIT_FILE]
    for (const file of wanted) plans.push(planDemo(relative('', resolve(file)), await contentOf(file)))
    return await (options.url === undefined
      ? demoOnOwnService(plans, stopping.signal)
      : demoOnRunningService(plans, options.url, options, stopping.signal))
  } catch (error) {
    return stopping.signal.aborted ? DEMO_INTERRUPTED : exitCodeOf(error)
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}

async function demoOnOwnService(plans: readonly Plan[], signal: AbortSignal): Promise<number> {
  print('Starting a service for this demo; --url names a running one instead.\n')
  const place = plans.some(({ needsWallet }) => needsWallet) ? await chooseWalletPlace() : undefined
  const operatorToken = randomUUID()
  const walletSettings = place && serviceSettings(place)
  const settings = {
    ...walletSettings?.settings,
    // The agents of a demo live on this machine.
    ...(plans.some(({ needsRamp }) => needsRamp) && { OPERATOR_API_TOKEN: operatorToken, RAMP_TEST_MODE: 'true' })
  }
  const service = await OwnService.start(program(), signal, { settings, rates: walletSettings?.rates })
  const ramp = rampOf(service.url, operatorToken, signal)
  try {
    const isExpected = await sendWithOwnWallet(plans, service, place, ramp, signal)
    await ramp.close()
    await service.stop()
    const isClean = await verified(() => service.verify(print))
    return isExpected && isClean ? DEMO_OK : DEMO_UNEXPECTED
  } finally {
    await ramp.close()
    await service.remove()
  }
}

async function sendWithOwnWallet(
  plans: readonly Plan[],
  service: OwnService,
  place: WalletPlace | undefined,
  ramp: RampLink,
  signal: AbortSignal
): Promise<boolean> {
  if (!place) return send(plans, new Client(service.url, service.token, signal, undefined, ramp))
  const wallet = await OwnWallet.start(program(), place, service)
  try {
    return await send(plans, new Client(service.url, service.token, signal, new WalletLink(wallet.url, signal), ramp))
  } finally {
    await wallet.stop()
  }
}

async function demoOnRunningService(
  plans: readonly Plan[],
  url: string,
  options: DemoOptions,
  signal: AbortSignal
): Promise<number> {
  const wallet = options.wallet === undefined ? undefined : new WalletLink(options.wallet, signal)
  const ramp = rampOf(adminUrl(url), process.env['OPERATOR_API_TOKEN'], signal)
  const client = new Client(adminUrl(url), process.env['ADMIN_API_TOKEN'], signal, wallet, ramp)
  const isExpected = await send(plans, client).finally(() => ramp.close())
  if (!options.verify) {
    print('\nThe ledger was not verified: run `hazina verify` where its database is, or give --verify.')
    return isExpected ? DEMO_OK : DEMO_UNEXPECTED
  }
  const isClean = await verified(() => verifyWith(program(), process.env, print))
  return isExpected && isClean ? DEMO_OK : DEMO_UNEXPECTED
}

function rampOf(adminApi: string, operatorToken: string | undefined, stopping: AbortSignal): RampLink {
  return new RampLink({ url: new URL(adminApi).origin, operatorToken, program: program(), stopping })
}

/** Until the first answer that is not the expected one. */
async function send(plans: readonly Plan[], client: Client): Promise<boolean> {
  for (const [index, plan] of plans.entries()) {
    if (index > 0) print('')
    const isExpected = await runPlan(plan, client, print)
    await printBalances(plan, client, print)
    if (!isExpected) return false
  }
  return true
}

async function verified(verify: () => Promise<boolean>): Promise<boolean> {
  print('\nVerifying the ledger')
  return verify()
}

/** A URL without a path is that of the port. */
function adminUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw new Unreachable(url, 'is no http or https URL')
  return parsed.pathname === '/' ? new URL('/graphql', parsed).href : parsed.href
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new UnreadableFile(`${file} cannot be read: ${(error as Error).message}`)
  }
}

class UnreadableFile extends Error {}

function exitCodeOf(error: unknown): number {
  if (error instanceof WrongFile || error instanceof UnreadableFile) {
    complain(error.message)
    return DEMO_WRONG_FILE
  }
  if (error instanceof Unreachable || error instanceof ServiceFailed) {
    complain(error.message)
    if (error instanceof ServiceFailed) complain(error.log)
    return DEMO_NO_SERVICE
  }
  throw error
}

/** This very program, to start it again with other commands. */
function program(): Program {
  return { file: resolve(process.argv[1]!), nodeArguments: process.execArgv }
}

function helpText(): string {
  const kinds = [...STEP_KINDS.values()].map(({ name, summary, fields }) => {
    const rows = Object.entries(fields).map(
      ([field, { help, required }]) => `      ${`${field}${required ? '' : '?'}`.padEnd(22)} ${help}`
    )
    return `  ${name}: ${summary}\n${rows.join('\n')}`
  })
  return `
The file has a title and a list of steps. A step is its kind with its fields; \`as\` gives it a name that later steps
refer to, \`expect\` says what it must be answered instead of 200: code, error, message, or errors (part of the message
of a GraphQL error). Amounts are in units (12.50 USD) or whole numbers of the smallest unit. {run} in a text stands
for a few characters that differ from run to run.

${kinds.join('\n')}

Environment:
  ADMIN_API_TOKEN     shown to the service that --url names
  OPERATOR_API_TOKEN  the same for steps of a ramp

Exit codes:
  0  every answer was the expected one and the ledger is as it should be
  1  an answer was not the expected one, or verify found something
  2  the file is wrong; nothing was sent
  3  the service could not be reached or started
`
}
