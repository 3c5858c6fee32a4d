/**
 * A service for one demo: its data in a temporary folder, on a free port, with a token that nobody else knows. It
 * is a process of its own, started as anybody starts it.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The service did not start, did not stop, or said no. */
export class ServiceFailed extends Error {
  constructor(
    message: string,
    /** What it wrote last. */
    readonly log: string
  ) {
    super(message)
    this.name = 'ServiceFailed'
  }
}

/** The program that all commands belong to, and how node was told to run it. */
export interface Program {
  readonly file: string
  readonly nodeArguments: readonly string[]
}

export interface OwnServiceOptions {
  /** Beyond those that every demo has. */
  readonly settings?: Readonly<Record<string, string>>
  /** What its exchange rates are, as a rates endpoint answers. */
  readonly rates?: object
}

/** Settings of the caller's service are not for this one: only what every process needs is handed down. */
const INHERITED =
  /^(PATH|HOME|USER|LOGNAME|TMPDIR|TEMP|TMP|LANG|LC_\w+|TZ|SystemRoot|NODE_(OPTIONS|PATH|EXTRA_CA_CERTS)|LD_LIBRARY_PATH)$/i

const READY_MILLISECONDS = 60_000
const LOG_CHARACTERS_MAX = 16_384

export class OwnService {
  private constructor(
    private readonly program: Program,
    /** Holds its data, and goes with it. */
    readonly folder: string,
    readonly token: string,
    private readonly settings: Readonly<Record<string, string>>
  ) {}

  private child: ChildProcess | undefined
  private ended: Promise<number | null> | undefined
  private log = ''
  /** Of the Admin API; known once it is ready. */
  url = ''

  /** Aborting stops it wherever it is in its start; later it is for `stop` and `remove`. */
  static async start(
    program: Program,
    stopping: AbortSignal,
    { settings, rates }: OwnServiceOptions = {}
  ): Promise<OwnService> {
    const folder = await mkdtemp(join(tmpdir(), 'hazina-demo-'))
    const file = join(folder, 'rates.json')
    const ratesSetting = rates && { EXCHANGE_RATES_FILE: file }
    const service = new OwnService(program, folder, randomUUID(), { ...settings, ...ratesSetting })
    try {
      if (rates) await writeFile(file, JSON.stringify(rates))
      await service.launch(stopping)
    } catch (error) {
      await service.remove()
      throw error
    }
    return service
  }

  /** Stops it as an operator would. Its data stays until `remove`. */
  async stop(): Promise<void> {
    this.child?.kill('SIGTERM')
    const code = await this.ended
    if (code !== 0) throw new ServiceFailed(`the service ended with ${code}`, this.log)
  }

  /** Runs `hazina verify` on the data of the stopped service; true when all is well. */
  async verify(print: (line: string) => void): Promise<boolean> {
    return verifyWith(this.program, this.environment(), print)
  }

  /** Leaves nothing behind, whatever state it is in. */
  async remove(): Promise<void> {
    if (this.child?.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGTERM')
      const late = setTimeout(() => this.child?.kill('SIGKILL'), 30_000)
      await this.ended
      clearTimeout(late)
    }
    await rm(this.folder, { recursive: true, force: true })
  }

  private async launch(stopping: AbortSignal): Promise<void> {
    stopping.throwIfAborted()
    const child = run(this.program, ['start'], this.environment(), ['-r', require.resolve('./follow-parent')])
    this.child = child
    this.ended = new Promise((resolve) => child.on('close', resolve))
    const stop = (): boolean => child.kill('SIGTERM')
    stopping.addEventListener('abort', stop)
    this.url = await this.listening(child)
    stopping.removeEventListener('abort', stop)
  }

  /** The service says in its log where it listens. */
  private listening(child: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => reject(new ServiceFailed(reason, this.log))
      const late = setTimeout(
        () => fail(`the service was not ready after ${READY_MILLISECONDS / 1_000} s`),
        READY_MILLISECONDS
      )
      const take = (data: Buffer): void => {
        this.log = (this.log + data.toString()).slice(-LOG_CHARACTERS_MAX)
        const url = adminUrlIn(this.log)
        if (!url) return
        clearTimeout(late)
        resolve(`${url}/graphql`)
      }
      child.stdout?.on('data', take)
      child.stderr?.on('data', take)
      child.on('error', (error) => fail(error.message))
      child.on('close', (code) => {
        clearTimeout(late)
        fail(`the service ended with ${code} before it was ready`)
      })
    })
  }

  private environment(): NodeJS.ProcessEnv {
    return {
      ...inherited(),
      HAZINA_DATA_DIR: this.folder,
      HOST: '127.0.0.1',
      ADMIN_PORT: '0',
      CONNECTOR_PORT: '0',
      OPEN_PAYMENTS_PORT: '0',
      AUTH_PORT: '0',
      ADMIN_API_TOKEN: this.token,
      LOG_LEVEL: 'info',
      ...this.settings
    }
  }
}

/** Runs `hazina verify` in an environment and prints what it says. */
export async function verifyWith(
  program: Program,
  env: NodeJS.ProcessEnv,
  print: (line: string) => void
): Promise<boolean> {
  const child = run(program, ['verify'], env, [])
  let said = ''
  let complained = ''
  child.stdout?.on('data', (data: Buffer) => (said += data.toString()))
  child.stderr?.on('data', (data: Buffer) => (complained += data.toString()))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  // Besides its verdict it tells of its progress, which matters only where there is no verdict.
  const shown = said.trim() === '' ? complained : said
  for (const line of shown.trimEnd().split('\n')) print(`  ${line}`)
  return code === 0
}

/** Starts a program in a group of its own, with a pipe to us that it can watch. */
export function run(
  program: Program,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  extra: readonly string[]
): ChildProcess {
  const nodeArguments = [...program.nodeArguments, ...extra, program.file, ...args]
  // A group of its own, so that an interrupt at the terminal reaches the demo alone, which then stops it in order.
  return spawn(process.execPath, nodeArguments, { env, stdio: ['pipe', 'pipe', 'pipe'], detached: true })
}

/** What every process of a demo needs of our environment. */
export function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => INHERITED.test(name)))
}

function adminUrlIn(log: string): string | undefined {
  for (const line of log.split('\n')) {
    try {
      const { listener, url, msg } = JSON.parse(line) as { listener?: string; url?: string; msg?: string }
      if (listener === 'admin' && msg === 'listening' && url) return url
    } catch {
      // Not every line is a whole one, nor the logger's.
    }
  }
  return undefined
}
