/**
 * Goal: every command in the documentation works as it stands, and prints what the page shows.
 * Method: each page is executed from top to bottom in one bash, against a service that is started as the page
 * starts it, or as everybody does where the page leaves it out. Ports, ids and times are exchanged for those of
 * the test; nothing else is.
 */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FAILURES } from '../../src/http/failure'
import { RETRYABLE } from '../../src/services/payments/methods/payment-error'
import { BUSY, BUSY_DETAIL } from '../../src/services/ramp/busy'
import { RAMP_FAILURES } from '../../src/services/ramp/failures'
import { createTestDatabase } from '../support/database'
import { comparable, readPage, ROOT, type Example, type Page } from './support/page'
import { freePort } from '../support/ports'
import { Started } from './support/service'
import { hasCommands, Shell } from './support/shell'

const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .sort()
    .map((name) => `docs/${name}`)
]
/** The documented ports; each run has its own in their place. */
const PORTS = ['3001', '3002', '3003', '3006', '3011', '3012', '3013', '3016', '4001', '4002']
/** The settings that name those of the network, and what they are where nobody sets them. */
const NETWORK_PORTS = { CONNECTOR_PORT: '3002', OPEN_PAYMENTS_PORT: '3003', AUTH_PORT: '3006' }
/** What pages write, which goes to the folder of the run. */
const OWN_FILES = /\b(answer\.json|asset\.json|wallet\.jsonl|till\.jsonl|agent-key\.txt|verdict\.txt|hazina-berlin)\b/g
const DOCUMENTED_DATABASE = 'postgres://hazina@localhost:5432/hazina'
/** What runs every test and cannot run in one, and the installation that came before. */
const NOT_RUN_HERE = /^npm ci && npm (start|test)\n$/

const testWithShell = hasCommands('curl') ? test : test.skip

describe.each(PAGES)('%s', (path) => {
  const page = readPage(path)

  test('every shell block is run, but for the installation', () => {
    expect(page.unmarked.filter(({ command }) => !NOT_RUN_HERE.test(command))).toEqual([])
  })

  test('every link within the project leads somewhere', () => {
    expect(brokenLinks(page)).toEqual([])
  })

  if (page.examples.length > 0) {
    testWithShell(
      'what it shows is what happens',
      async () => {
        const run = new PageRun(page)
        try {
          await run.prepare()
          for (const example of run.examples) await run.execute(example)
        } catch (error) {
          throw run.withLogs(error)
        } finally {
          await run.close()
        }
        expect(run.exitCodes).toEqual(run.exitCodes.map(() => 0))
      },
      300_000
    )
  }
})

test('the scripts that the README names exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['start', 'test', 'demo']))
})

/** The rows of the table that comments of this name stand around, without the spaces that align them. */
function tableRows(path: string, name: string): string[][] {
  const { text } = readPage(path)
  const table = text.slice(text.indexOf(`<!-- ${name}:begin -->`), text.indexOf(`<!-- ${name}:end -->`))
  const rows = table.split('\n').filter((line) => line.startsWith('| `'))
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('`', '').trim())
  )
}

test('the list of refusals is that of the code', () => {
  const rows = tableRows('docs/errors.md', 'failures')
  expect(Object.fromEntries(rows.map(([code, status]) => [code, Number(status)]))).toEqual(FAILURES)
  expect(rows.filter(([, , when]) => !when)).toEqual([])
})

test('the list of errors of payments is that of the code', () => {
  const rows = tableRows('docs/errors.md', 'payment-errors')
  expect(Object.fromEntries(rows.map(([name, , then]) => [name, then]))).toEqual(
    Object.fromEntries(Object.entries(RETRYABLE).map(([name, again]) => [name, again ? 'tried again' : 'final']))
  )
  expect(rows.filter(([, when]) => !when)).toEqual([])
})

test("the list of the ramp's codes is that of the code", () => {
  const rows = tableRows('docs/ramp-merchants.md', 'ramp-failures')
  expect(Object.fromEntries(rows)).toEqual({ ...RAMP_FAILURES, [BUSY]: BUSY_DETAIL })
})

class PageRun {
  readonly exitCodes: (number | null)[] = []
  private readonly folder = mkdtempSync(join(tmpdir(), 'hazina-page-'))
  private readonly started: Started[] = []
  private readonly ports = new Map<string, number>()
  private readonly env: NodeJS.ProcessEnv = { ...inherited(), HAZINA_DATA_DIR: join(this.folder, 'data') }
  private shell: Shell | undefined
  private database: { url: string; drop(): Promise<void> } | undefined

  constructor(private readonly page: Page) {}

  /** A page that talks to a service and does not start one is about the one that everybody has running. */
  get examples(): readonly Example[] {
    const { examples, text } = this.page
    const own = examples.some(({ kind }) => kind === 'start')
    if (own || !text.includes('http://127.0.0.1:3001')) return examples
    return [{ kind: 'start', line: 0, command: 'npm start', output: undefined }, ...examples]
  }

  async prepare(): Promise<void> {
    // Below a folder that the server's own account may not enter, root's data would go elsewhere and stay there.
    chmodSync(this.folder, 0o711)
    for (const port of PORTS) this.ports.set(port, await freePort())
    this.env['ADMIN_PORT'] = String(this.ports.get('3001'))
    for (const [name, port] of Object.entries(NETWORK_PORTS)) this.env[name] = String(this.ports.get(port))
    this.env['OPEN_PAYMENTS_URL'] = `http://127.0.0.1:${this.ports.get('3003')}`
    if (this.page.text.includes(DOCUMENTED_DATABASE)) this.database = await createTestDatabase()
    this.shell = new Shell(ROOT, this.env)
    await this.shell.run(`cd '${ROOT}'`)
  }

  async execute(example: Example): Promise<void> {
    const command = this.adapted(example.command)
    if (example.kind === 'start') return this.start(command)
    const { output, code } = await this.shell!.run(command)
    const where = `${this.page.name}:${example.line}`
    if (code !== 0) throw new Error(`${where} ended with ${code}:\n${output}`)
    if (example.output !== undefined) {
      expect({ where, output: comparable(this.documented(output)) }).toEqual({
        where,
        output: comparable(example.output)
      })
    }
  }

  /** A failure together with what the services said, which is where its cause is. */
  withLogs(error: unknown): Error {
    const { message } = error as Error
    return new Error(`${message}\n\n${this.started.map(({ log }) => log).join('\n')}`, { cause: error })
  }

  async close(): Promise<void> {
    await this.shell?.close()
    for (const started of this.started.reverse()) this.exitCodes.push(await started.stop())
    await this.database?.drop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  private async start(command: string): Promise<void> {
    const { output } = await this.shell!.run('printf %s "$DATABASE_URL"')
    const env = output ? { ...this.env, DATABASE_URL: output } : this.env
    const port = /(?:ADMIN_PORT=|--port )(\d+)/.exec(command)?.[1] ?? this.env['ADMIN_PORT']
    const started = new Started(command, ROOT, env)
    this.started.push(started)
    await started.ready(`http://127.0.0.1:${port}`)
  }

  private adapted(command: string): string {
    let adapted = command.replaceAll(DOCUMENTED_DATABASE, this.database?.url ?? '')
    for (const [documented, port] of this.ports) {
      adapted = adapted.replaceAll(new RegExp(`(:|_PORT=|--port )${documented}\\b`, 'g'), `$1${port}`)
    }
    return adapted.replaceAll(OWN_FILES, join(this.folder, '$1'))
  }

  private documented(output: string): string {
    let documented = output
    for (const [port, actual] of this.ports) documented = documented.replaceAll(`:${actual}`, `:${port}`)
    return documented
  }
}

/** What the tests' own environment must not lend to the pages. */
function inherited(): NodeJS.ProcessEnv {
  const { DATABASE_URL: _url, ADMIN_API_TOKEN: _token, NODE_ENV: _env, ...env } = process.env
  return { ...env, PGCONNECT_TIMEOUT: '5' }
}

function brokenLinks(page: Page): string[] {
  const base = join(ROOT, page.name, '..')
  return [...page.text.matchAll(/\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)/g)].flatMap(
    ([link, target = '', anchor = '']) => {
      try {
        const text = readFileSync(target ? join(base, target) : join(ROOT, page.name), 'utf8')
        return anchor && !anchorsOf(text).includes(anchor.slice(1)) ? [link] : []
      } catch {
        return [link]
      }
    }
  )
}

/** Headings as the anchors that a browser jumps to. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-')
  )
}
