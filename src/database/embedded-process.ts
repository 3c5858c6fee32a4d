/**
 * The processes of the embedded PostgreSQL: making the cluster, the server, and its watcher.
 *
 * The server runs in a session of its own, so that Ctrl-C in a terminal reaches the service, which drains
 * before its database goes. Its end is tied to the services that use it by a named pipe that each holds open
 * for writing: the kernel closes it however a process ends, SIGKILL included, and when the last one is gone
 * the watcher reads the end of the pipe and stops the server.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, constants, existsSync, fchownSync, openSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { chown, mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Binaries } from './embedded-binaries'
import type { Home } from './embedded-home'
import { isAlive } from './embedded-lock'

/** The server's superuser, and the database that the service uses. */
export const ROLE = 'hazina'
export const DATABASE = 'hazina'

const LOG_BYTES_MAX = 10_485_760
const LOG_TAIL_CHARACTERS = 4_000

/** Makes the cluster if there is none. It appears whole or not at all, whoever else makes it at the same time. */
export async function createCluster(home: Home, binaries: Binaries, options: { sync: boolean }): Promise<void> {
  if (existsSync(join(home.cluster, 'PG_VERSION'))) return
  await removeAbandoned(home.cluster)
  const draft = `${home.cluster}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    await mkdir(draft, { mode: 0o700 })
    if (home.account) await chown(draft, home.account.uid, home.account.gid)
    await initialise(home, binaries, draft, options.sync)
    await rename(draft, home.cluster)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(join(home.cluster, 'PG_VERSION'))) throw error
  }
}

/**
 * Drafts of processes that were killed while they made a cluster. Their initdb may still be at it for a moment;
 * what it makes meanwhile is left to the next start.
 */
async function removeAbandoned(cluster: string): Promise<void> {
  const parent = join(cluster, '..')
  for (const name of readdirSync(parent)) {
    const pid = /^cluster\.(\d+)\./.exec(name)?.[1]
    if (!pid || isAlive(Number(pid))) continue
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined)
  }
}

/** The collation is the plain order of code points: the same on every platform and in every version. */
async function initialise(home: Home, binaries: Binaries, folder: string, sync: boolean): Promise<void> {
  const collation = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
  const access = ['--username', ROLE, '--auth-local=trust', '--auth-host=scram-sha-256']
  const child = spawn(binaries.initdb, ['-D', folder, ...collation, ...access, ...(sync ? [] : ['--no-sync'])], {
    ...home.account,
    cwd: folder,
    env: serverEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (code !== 0) throw new Error(`PostgreSQL could not make its data folder ${folder}:\n${output.trim()}`)
}

export interface ServerProcess {
  readonly child: ChildProcess
  readonly hasEnded: boolean
  /** What the server has logged since it was started, its last part. */
  logTail(): string
}

export async function spawnServer(
  home: Home,
  binaries: Binaries,
  settings: Readonly<Record<string, string>>
): Promise<ServerProcess> {
  await rotateLog(home.log)
  const log = openSync(home.log, 'a', 0o600)
  if (home.account) fchownSync(log, home.account.uid, home.account.gid)
  const offset = (await stat(home.log)).size
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(binaries.postgres, ['-D', home.cluster, '-k', home.socket, ...options], {
    ...home.account,
    cwd: home.cluster,
    env: serverEnvironment(),
    detached: true,
    stdio: ['ignore', log, log]
  })
  closeSync(log)
  const server = {
    child,
    hasEnded: false,
    logTail: (): string => readFileSync(home.log).subarray(offset).toString().slice(-LOG_TAIL_CHARACTERS).trim()
  }
  child.on('exit', () => (server.hasEnded = true))
  child.on('error', () => (server.hasEnded = true))
  child.unref()
  return server
}

async function rotateLog(log: string): Promise<void> {
  const size = await stat(log).then(
    (found) => found.size,
    () => 0
  )
  if (size > LOG_BYTES_MAX) renameSync(log, `${log}.old`)
}

/** Nothing of the caller's environment, where variables such as PGPORT or LC_ALL would change the server. */
function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }
}

/**
 * Joins those who keep the server alive; closing the descriptor leaves again. Undefined when nobody watches
 * the pipe, as after a kill of the watcher: the server would then outlive all its users.
 */
export function holdAlive(home: Home): number | undefined {
  try {
    return openSync(home.alive, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return undefined
    throw error
  }
}

/**
 * Its copy of the pipe (3) lets it open the reading end without waiting for a writer. At the end of the pipe the
 * lock file tells whether the server is still the one that it was made for; one that has just been started gets
 * time to write it.
 */
const WATCHER = `
exec 4<"$1" 3<&-
read nothing <&4
tries=100
until [ "$(head -n 1 "$2" 2>/dev/null)" = "$3" ]; do
  tries=$((tries - 1))
  [ $tries -gt 0 ] && kill -0 "$3" 2>/dev/null || exit 0
  sleep 0.1
done
kill -INT "$3"
`

/** Starts a watcher of the server and joins its users. */
export function watchServer(home: Home, pid: number): { watcher: ChildProcess; alive: number } {
  const both = openSync(home.alive, constants.O_RDWR | constants.O_NONBLOCK)
  const alive = openSync(home.alive, constants.O_WRONLY | constants.O_NONBLOCK)
  const lock = join(home.cluster, 'postmaster.pid')
  const watcher = spawn('/bin/sh', ['-c', WATCHER, 'sh', home.alive, lock, String(pid)], {
    ...home.account,
    cwd: '/',
    env: serverEnvironment(),
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', both]
  })
  closeSync(both)
  watcher.on('error', () => undefined)
  watcher.unref()
  return { watcher, alive }
}
