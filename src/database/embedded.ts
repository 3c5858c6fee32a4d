/**
 * A PostgreSQL of the service's own, from the programs that npm installed: no server to set up, the data in
 * one folder, kept between starts.
 *
 * Several processes may use one data folder: the first starts the server, later ones share it, and it stops
 * when the last of them ends, in whatever way. What a kill leaves behind (a stale lock, a server without
 * anybody who watches it, a half-made cluster) is recovered at the next start; a server that dies under a
 * running service is started again.
 */
import { closeSync } from 'node:fs'
import { Client } from 'pg'
import { findBinaries, type Binaries } from './embedded-binaries'
import { openHome, type Home } from './embedded-home'
import { disownStaleLocks, isAlive, isServerOf, runningServer } from './embedded-lock'
import { createCluster, DATABASE, holdAlive, ROLE, spawnServer, watchServer } from './embedded-process'
import { ensurePassword } from './embedded-password'
import { serverSettings } from './embedded-settings'
import { addUser, removeUser } from './embedded-users'

export interface EmbeddedOptions {
  /** HAZINA_DATA_DIR. */
  readonly dataFolder: string
  /** Listens on this port of the loopback interface too, with a password. Only a server started here obeys. */
  readonly port?: number
  /** Where root puts what the server's account could not reach below the data folder. */
  readonly sharedFolder?: string
  /** The npm package with the programs, when it is not the one installed for this platform. */
  readonly packageFolder?: string
  /** Server settings that replace the usual ones. */
  readonly settings?: Readonly<Record<string, string>>
  /** False makes a new cluster without waiting for the disk. For data that nobody will miss. */
  readonly sync?: boolean
  /** Told what happens to the server, in sentences. */
  readonly onNotice?: (notice: string) => void
  /** Told that the server is gone and does not come back. */
  readonly onFailure?: (error: Error) => void
}

const DEFAULT_PORT = 5432
const SHARED_FOLDER = '/var/lib/hazina'
/** How long a server may take to answer: after a crash it first repeats what its log holds. */
const START_MILLISECONDS_MAX = 120_000
const STOP_MILLISECONDS_MAX = 60_000
const POLL_MILLISECONDS = 10
const SUPERVISION_MILLISECONDS = 250
const RESTARTS_MAX = 5
const RESTARTS_WINDOW_MILLISECONDS = 60_000

/** What the log says when another server holds the cluster, or children of a killed one are still at work. */
const HELD = /lock file ".*" already exists|pre-existing shared memory block/

export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const home = await openHome(options.dataFolder, options.sharedFolder ?? SHARED_FOLDER)
  const binaries = await findBinaries(home.account, home.copies, options.packageFolder)
  await createCluster(home, binaries, { sync: options.sync ?? true })
  const server = new EmbeddedPostgres(home, binaries, options)
  await server.run()
  return server
}

export class EmbeddedPostgres {
  /** Whether another process had started the server. */
  isShared = false
  private pid = 0
  private port = DEFAULT_PORT
  private alive: number | undefined
  private supervision: NodeJS.Timeout | undefined
  private restarts: number[] = []
  private isRegistered = false
  private ended = false

  constructor(
    private readonly home: Home,
    private readonly binaries: Binaries,
    private readonly options: EmbeddedOptions
  ) {}

  get url(): string {
    return this.urlOf(DATABASE)
  }

  /** A command that opens a session, for people. */
  get psql(): string {
    const port = this.port === DEFAULT_PORT ? '' : ` -p ${this.port}`
    return `psql -h ${this.home.socket}${port} -U ${ROLE} ${DATABASE}`
  }

  /** The folder of the cluster, the socket and the log. */
  get folder(): string {
    return this.home.root
  }

  get serverPid(): number {
    return this.pid
  }

  urlOf(database: string): string {
    return `postgres://${ROLE}@localhost:${this.port}/${database}?host=${encodeURIComponent(this.home.socket)}`
  }

  async run(): Promise<void> {
    try {
      await this.ensureRunning()
      addUser(this.home.users)
      this.isRegistered = true
      await this.ensureDatabase()
    } catch (error) {
      await this.stop()
      throw error
    }
    this.supervision = setInterval(() => this.supervise(), SUPERVISION_MILLISECONDS).unref()
  }

  /** Leaves the server; resolves when it has stopped, or at once when others still use it. */
  async stop(): Promise<void> {
    this.ended = true
    clearInterval(this.supervision)
    this.leave()
    if (!this.isRegistered || !removeUser(this.home.users)) return
    await until(() => !isServerOf(this.pid, this.home.cluster), STOP_MILLISECONDS_MAX)
  }

  private leave(): void {
    if (this.alive !== undefined) closeSync(this.alive)
    this.alive = undefined
  }

  /** Joins the server that runs on the cluster, or starts one. */
  private async ensureRunning(): Promise<void> {
    const deadline = Date.now() + START_MILLISECONDS_MAX
    while (Date.now() < deadline) {
      const server = runningServer(this.home.cluster)
      if (!server) {
        if (await this.start(deadline)) return
      } else if (server.status === 'ready' && (await this.join(server.pid))) {
        return
      }
      await pause(POLL_MILLISECONDS)
    }
    throw new Error(`PostgreSQL did not answer within ${START_MILLISECONDS_MAX / 1_000} s. Its log: ${this.home.log}`)
  }

  /** False when it turned out that another server holds the cluster. */
  private async start(deadline: number): Promise<boolean> {
    const { home, binaries, options } = this
    disownStaleLocks(home.cluster, home.socket)
    const server = await spawnServer(home, binaries, { ...serverSettings(options.port), ...options.settings })
    const pid = server.child.pid
    if (pid === undefined) throw new Error(`PostgreSQL did not start: ${binaries.postgres} could not be run.`)
    this.leave()
    const { watcher, alive } = watchServer(home, pid)
    this.alive = alive
    const isUp = (): boolean => runningServer(home.cluster)?.pid === pid && isReady(home)
    await until(() => server.hasEnded || isUp(), deadline - Date.now())
    if (server.hasEnded) {
      watcher.kill()
      this.leave()
      if (HELD.test(server.logTail())) return false
      throw new Error(`PostgreSQL did not start. Its log, ${home.log}, ends with:\n${server.logTail()}`)
    }
    this.pid = pid
    this.port = this.options.port ?? DEFAULT_PORT
    this.isShared = false
    server.child.once('exit', () => {
      watcher.kill()
      this.supervise()
    })
    return true
  }

  /** False when the server was about to stop, as the last of its users had just left. */
  private async join(pid: number): Promise<boolean> {
    this.leave()
    this.alive = holdAlive(this.home)
    if (this.alive === undefined) {
      this.options.onNotice?.(`took over the PostgreSQL that a killed process had left running (process ${pid})`)
      this.alive = watchServer(this.home, pid).alive
    }
    await pause(5 * POLL_MILLISECONDS)
    const server = runningServer(this.home.cluster)
    if (server?.pid !== pid || server.status !== 'ready') return false
    this.pid = pid
    this.port = server.port
    this.isShared = true
    return true
  }

  private supervise(): void {
    if (this.ended || isAlive(this.pid)) return
    this.ended = true
    void this.restart().then(
      () => (this.ended = false),
      (error: Error) => this.options.onFailure?.(error)
    )
  }

  private async restart(): Promise<void> {
    const now = Date.now()
    this.restarts = [...this.restarts.filter((at) => at > now - RESTARTS_WINDOW_MILLISECONDS), now]
    if (this.restarts.length > RESTARTS_MAX) {
      throw new Error(`PostgreSQL ended ${this.restarts.length} times within a minute. Its log: ${this.home.log}`)
    }
    this.options.onNotice?.(`PostgreSQL (process ${this.pid}) has ended; starting it again`)
    await this.ensureRunning()
    this.options.onNotice?.(`PostgreSQL runs again (process ${this.pid})`)
  }

  private async ensureDatabase(): Promise<void> {
    const client = new Client({ connectionString: this.urlOf('postgres'), connectionTimeoutMillis: 10_000 })
    await client.connect()
    try {
      const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE])
      if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`).catch(ignoreExisting)
      if (this.options.port !== undefined) await ensurePassword(client, this.options.dataFolder)
    } finally {
      await client.end()
    }
  }
}

function isReady(home: Home): boolean {
  return runningServer(home.cluster)?.status === 'ready'
}

/** Two processes that start at once may both make the database. */
function ignoreExisting(error: Error & { code?: string }): void {
  if (error.code !== '42P04' && error.code !== '23505') throw error
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

async function until(condition: () => boolean, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds
  while (!condition()) {
    if (Date.now() >= deadline) return false
    await pause(POLL_MILLISECONDS)
  }
  return true
}
