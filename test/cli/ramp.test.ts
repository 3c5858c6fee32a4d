/**
 * Goal: every operator route has a command, and a command does what its route does.
 * Method: the commands in this process against a running service; one of them once as a process of its own.
 */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { rampCommand } from '../../src/cli/ramp'
import { OPERATIONS } from '../../src/http/operator/operations'
import { OperatedService, OPERATOR_TOKEN, type Fields } from '../operator/support'

const ROOT = join(__dirname, '../..')
const run = promisify(execFile)

let operated: OperatedService
let printed: string[]
let complained: string[]

beforeAll(async () => {
  operated = await OperatedService.open()
})

beforeEach(() => {
  printed = []
  complained = []
  jest.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line))
  jest.spyOn(console, 'error').mockImplementation((line: string) => void complained.push(line))
})

afterEach(() => {
  jest.restoreAllMocks()
  process.exitCode = undefined
})

afterAll(async () => {
  await operated.close()
})

/** Runs a command and gives what it printed. */
async function ramp(...args: string[]): Promise<Fields> {
  printed.length = 0
  await rampCommand().parseAsync(['--url', operated.url, '--token', OPERATOR_TOKEN, ...args], { from: 'user' })
  return JSON.parse(printed.join('\n') || '{}') as Fields
}

test('there is a command for every route, and its help names everything that it takes', () => {
  const commands = rampCommand().commands
  expect(commands).toHaveLength(OPERATIONS.length)
  for (const [index, { query = {}, body = {} }] of OPERATIONS.entries()) {
    const help = commands[index]!.helpInformation()
    for (const name of Object.keys({ ...query, ...body })) {
      expect(help).toContain(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} <`)
    }
  }
})

test('a merchant and an agent are set up and funded', async () => {
  const merchant = await ramp('create-merchant', '--name', 'Shop', '--email', `${randomUUID()}@example.com`)
  const key = await ramp('issue-merchant-key', merchant.id, '--webhook-url', 'https://example.com/hook')
  expect(key.key).toMatch(/^CSHRMP-SECK_/)
  expect(await ramp('set-merchant-webhook', merchant.id, '--webhook-url', 'null')).toMatchObject({ webhookUrl: null })
  const agent = await ramp('create-agent', '--email', `${randomUUID()}@example.com`, '--country', 'NG')
  expect(
    await ramp('update-agent', agent.id, '--verification-status', 'verified', '--is-suspended', 'true')
  ).toMatchObject({
    verificationStatus: 'verified',
    isSuspended: true
  })
  const fields = ['account_name=Ade', 'account_number=0123456789', 'bank_name=First = Best'].flatMap((pair) => [
    '--fields',
    pair
  ])
  const method = await ramp('add-payment-method', agent.id, '--rail', 'bank_transfer_ng', ...fields)
  expect(method).toMatchObject({ fields: { bank_name: 'First = Best' } })
  expect(await ramp('set-liquidity', agent.id, method.id, '--amount-local', '5000000')).toMatchObject({
    available: '5000000.0'
  })
  expect(await ramp('set-market-rate', '--currency', 'NGN', '--buy', '1540', '--sell', '1535')).toMatchObject({
    buy: '1540.0'
  })
  const arrival = [
    '--amount-usd',
    '500',
    '--symbol',
    'USDC',
    '--network',
    'CELO',
    '--transaction-hash',
    `0x${'a'.repeat(64)}`
  ]
  expect(await ramp('book-arrival', '--receiver', agent.id, ...arrival)).toMatchObject({ amountUsd: '500.0' })
  expect(await ramp('read-agent', agent.id)).toMatchObject({ balance: '500.0' })
  expect((await ramp('list-agents', '--limit', '1')).data).toHaveLength(1)
  expect(process.exitCode).toBe(0)
})

test('a refusal is told by its code and its reason, with exit code 1', async () => {
  await ramp('read-merchant', randomUUID())
  expect(complained).toEqual(['NOT_FOUND: There is no such object, or it belongs to somebody else.'])
  expect(process.exitCode).toBe(1)
})

test('a wrong token is refused, and a service that is not there told with exit code 3', async () => {
  await rampCommand().parseAsync(['--url', operated.url, '--token', 'wrong', 'read-clock'], { from: 'user' })
  expect(complained).toEqual(['UNAUTHENTICATED: Unauthorized'])
  await rampCommand().parseAsync(['--url', 'http://127.0.0.1:1', 'read-clock'], { from: 'user' })
  expect(complained[1]).toMatch('http://127.0.0.1:1 does not answer')
  expect(process.exitCode).toBe(3)
})

test('as a process, with its settings from the environment', async () => {
  const args = ['-r', join(ROOT, 'scripts/register.cjs'), join(ROOT, 'src/cli/hazina.ts'), 'ramp', 'read-clock']
  const env = { ...process.env, OPERATOR_URL: operated.url, OPERATOR_API_TOKEN: OPERATOR_TOKEN }
  const { stdout } = await run(process.execPath, args, { env })
  expect(JSON.parse(stdout)).toMatchObject({ offsetSeconds: 0 })
})
