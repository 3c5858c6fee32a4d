/**
 * Goal: the demo that newcomers run works through the real process, tells the truth when something is not as
 * expected, and leaves neither a process nor a folder behind.
 * Method: run `npm run demo` as a newcomer does, with files of its own and the shipped one, and look at what it
 * prints, its exit code, the temporary folder and the processes.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { RecordingServer } from '../support/servers'
import { until } from '../support/wait'
import { Town } from '../wallet/support'

const ROOT = resolve(__dirname, '../..')
const MINUTES = 60_000

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hazina-demo-test-'))
  // Below a folder that the server's own account may not enter, root's data would go elsewhere and stay there.
  chmodSync(folder, 0o711)
})
afterEach(() => {
  expect(leftovers()).toEqual([])
  rmSync(folder, { recursive: true, force: true })
})

/** What demos would leave in their temporary folder. */
function leftovers(): string[] {
  return readdirSync(folder).filter((name) => name.startsWith('hazina-'))
}

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function start(...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const env = { ...process.env, TMPDIR: folder, HAZINA_DATA_DIR: join(folder, 'never-used') }
  const program = ['-r', './scripts/register.cjs', 'src/cli/hazina.ts', 'demo', ...args]
  const child = spawn(process.execPath, program, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (data: Buffer) => (out += data.toString()))
  child.stderr.on('data', (data: Buffer) => (err += data.toString()))
  return { child, ended: new Promise((done) => child.on('close', (code) => done({ code, out, err }))) }
}

function file(...lines: string[]): string {
  const path = join(folder, 'demo.yaml')
  writeFileSync(path, lines.join('\n'))
  return path
}

/** Ids of processes whose environment names this test's folder. */
function processesOfThisTest(): string[] {
  return readdirSync('/proc')
    .filter((id) => /^\d+$/.test(id) && id !== String(process.pid))
    .filter((id) => {
      try {
        return readFileSync(`/proc/${id}/environ`, 'utf8').includes(folder)
      } catch {
        return false
      }
    })
}

test(
  'the shipped files run to a clean verdict',
  async () => {
    const { out, err, code } = await start().ended
    expect({ err, code }).toEqual({ err: '', code: 0 })
    expect(out).toMatch(/^ {2}peer acme +40\.00 USD$/m)
    expect(out).toMatch(/^ {2}asset dollars +1010\.00 USD$/m)
    expect(out).toMatch(/reconcile .*\n +✓ 200 USD\/2: 1000 and 1000, KES\/2: -130000 and -130000/)
    expect(out).toMatch(/✓ refused: 403 InsufficientBalance Insufficient balance/)
    expect(out).toMatch(/reconcile the ramp .*\n +✓ 200 held 1500\.0 USD, owned 1500\.0 USD/)
    expect(out).toMatch(/✓ refused: 400 INSUFFICIENT_LIQUIDITY/)
    expect(out).not.toContain('✗')
    expect(out).toMatch(/Verifying the ledger\n {2}OK: \d+ transfers/)
  },
  2 * MINUTES
)

test(
  'an answer that is not the expected one is told with its line, and the ledger is verified all the same',
  async () => {
    const path = file(
      'steps:',
      '  - asset: { as: dollars, code: USD, scale: 2 }',
      '  - deposit: { to: dollars, amount: 5.00 USD }',
      '  - withdraw: { from: dollars, amount: 5.01 USD }',
      '  - deposit: { to: dollars, amount: 1.00 USD }'
    )
    const { out, code } = await start(path).ended
    expect(code).toBe(1)
    expect(out).toMatch(/✗ 403 InsufficientBalance Insufficient balance/)
    expect(out).toContain('line 4: expected code 200')
    expect(out).not.toContain('deposit 1.00 USD')
    expect(out).toMatch(/asset dollars +5\.00 USD/)
    expect(out).toMatch(/Verifying the ledger\n {2}OK: \d+ transfers/)
  },
  2 * MINUTES
)

test.each([
  ['an expectation that the service does not meet', "    expect: { code: '409' }", 'line 3: expected code 409'],
  ['another error', '    expect: { error: AmountZero }', 'line 3: expected error AmountZero'],
  ['a balance', '  - balance: { of: dollars, is: 4.99 USD }', 'line 4: expected 4.99 USD']
])(
  '%s fails the demo',
  async (_, line, complaint) => {
    const path = file(
      'steps:',
      '  - asset: { as: dollars, code: USD, scale: 2 }',
      '  - deposit: { to: dollars, amount: 5.00 USD }',
      line
    )
    const { out, code } = await start(path).ended
    expect(code).toBe(1)
    expect(out).toContain(complaint)
  },
  2 * MINUTES
)

const TWO_CUSTOMERS = [
  'steps:',
  '  - asset: { as: dollars, code: USD, scale: 2 }',
  "  - payment-pointer: { as: alice, asset: dollars, url: 'https://wallet.example/alice' }",
  "  - payment-pointer: { as: bob, asset: dollars, url: 'https://wallet.example/bob' }",
  '  - customer: { of: alice, name: alice, paysIn: 5.00 USD }',
  '  - incoming-payment: { as: bill, at: bob, amount: 5.00 USD }',
  '  - quote: { as: offer, from: alice, to: bill }',
  '  - outgoing-payment: { as: payment, from: alice, quote: offer }'
]

test.each([
  [
    'a payment that ends otherwise',
    ['  - wait: { for: payment, state: COMPLETED }', '  - wait: { for: bill, state: EXPIRED }'],
    'line 10: expected EXPIRED'
  ],
  ['a customer that the wallet refuses', ['  - customer: { of: alice, name: bob }'], 'line 9: expected code 200']
])(
  '%s fails the demo',
  async (_, lines, complaint) => {
    const { out, code } = await start(file(...TWO_CUSTOMERS, ...lines)).ended
    expect(out).toContain(complaint)
    expect(code).toBe(1)
    expect(out).toMatch(/Verifying the ledger\n.*OK/is)
  },
  2 * MINUTES
)

test(
  'with a running service, steps for a wallet are done if one is named, and said to be left out if not',
  async () => {
    const town = await Town.open()
    try {
      process.env['ADMIN_API_TOKEN'] = 'a-token'
      const { url } = town.service
      const without = await start('--url', url).ended
      expect(without).toMatchObject({ code: 0, err: '' })
      expect(without.out).toMatch(/line \d+: this step and what follows need a wallet: name it with --wallet/)
      expect(without.out).not.toContain('alice asks for')
      const end = ["  - wallet-balance: { of: alice, name: 'alice', is: 0 }", '  - reconcile: {}']
      const path = file(...TWO_CUSTOMERS.map((line) => line.replace('scale: 2', 'scale: 2, reuse: true')), ...end)
      const nobody = await start(path, '--url', url, '--wallet', url).ended
      expect(nobody.code).not.toBe(0)
      const fresh = file(readFileSync(path, 'utf8').replaceAll('wallet.example/', 'wallet.example/again-'))
      const named = await start(fresh, '--url', url, '--wallet', town.walletUrl).ended
      expect(named).toMatchObject({ code: 0, err: '' })
      expect(named.out).toMatch(/reconcile .*\n +✓ 200 USD\/2: /)
    } finally {
      delete process.env['ADMIN_API_TOKEN']
      await town.close()
    }
  },
  2 * MINUTES
)

test('a wrong file is refused with line and reason, before anything starts or is sent', async () => {
  const server = await stranger()
  const path = file(
    'steps:',
    '  - asset: { as: dollars, code: USD, scale: 2 }',
    '  - deposit: { to: dolars, amount: 5.00 USD }'
  )
  const ended = await start(path, '--url', server.url).ended
  await server.close()
  expect(ended).toMatchObject({ code: 2, out: '' })
  expect(ended.err).toMatch(/demo\.yaml:3:20: to: unknown reference dolars/)
  expect(server.requests).toEqual([])
})

test('a file that is not there is told', async () => {
  const { code, err } = await start(join(folder, 'none.yaml')).ended
  expect(code).toBe(2)
  expect(err).toMatch(/none\.yaml cannot be read: ENOENT/)
})

test('a service that is not there is told', async () => {
  const server = await stranger()
  await server.close()
  const { code, err } = await start('--url', server.url).ended
  expect(code).toBe(3)
  expect(err).toMatch(/\/graphql does not answer \(.*ECONNREFUSED/)
})

test('what is no Hazina is told, and gets the token and the whole path', async () => {
  const server = await stranger()
  const { code, err } = await start('--url', `${server.url}/somewhere`).ended
  await server.close()
  expect(code).toBe(3)
  expect(err).toContain('/somewhere answers 200 and no GraphQL')
  expect(server.requests).toMatchObject([{ method: 'POST', url: '/somewhere' }])
})

test('the help names every kind of step', async () => {
  const { code, out } = await start('--help').ended
  expect(code).toBe(0)
  const kinds = ['asset', 'peer', 'payment-pointer', 'deposit', 'withdraw', 'post', 'void', 'balance', 'repeat']
  for (const kind of [...kinds, 'incoming-payment', 'quote', 'outgoing-payment', 'wait', 'customer', 'reconcile']) {
    expect(out).toMatch(new RegExp(`^  ${kind}: `, 'm'))
  }
})

// Who else runs is read from /proc, which only Linux has.
const testOnLinux = process.platform === 'linux' ? test : test.skip

testOnLinux.each(['SIGINT', 'SIGTERM'] as const)(
  '%s stops everything that was started',
  async (signal) => {
    const { child, ended } = start()
    await until(() => processesOfThisTest().length > 1 && leftovers().length > 0)
    child.kill(signal)
    expect((await ended).code).toBe(130)
    expect(processesOfThisTest()).toEqual([])
  },
  2 * MINUTES
)

testOnLinux(
  'a demo that is killed takes its service with it',
  async () => {
    const { child, ended } = start()
    let out = ''
    child.stdout!.on('data', (data: Buffer) => (out += data.toString()))
    await until(() => out.includes('/graphql'))
    child.kill('SIGKILL')
    await ended
    await until(() => processesOfThisTest().length === 0)
    for (const name of leftovers()) rmSync(join(folder, name), { recursive: true, force: true })
  },
  2 * MINUTES
)

/** A server that is no Hazina: it answers everything with a text. */
function stranger(): Promise<RecordingServer> {
  return RecordingServer.open((_, response) => response.end('hello'))
}
