/**
 * PostgreSQL's lock file of a cluster: who runs it, and since when it answers.
 *
 * The server itself recovers a lock file whose process is gone. It does not when the number of that process
 * went to another one, which is the rule rather than the exception in a container; so that is found out here.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type ServerStatus = 'starting' | 'ready' | 'stopping'

export interface RunningServer {
  readonly pid: number
  readonly status: ServerStatus
  /** Part of the socket's name, also when the server listens on no TCP port. */
  readonly port: number
}

/** Positions in the lock file. */
const PORT_LINE = 3
const STATUS_LINE = 7

/** The server that runs on the cluster now, if any. */
export function runningServer(cluster: string): RunningServer | undefined {
  const lines = linesOf(lockFile(cluster))
  const pid = Number(lines?.[0])
  if (!lines || !pid || !isServerOf(pid, cluster)) return undefined
  const word = lines[STATUS_LINE]?.trim()
  // A standby answers as well; whether it is good enough is for those who ask.
  const isReady = word === 'ready' || word === 'standby'
  const status = isReady ? 'ready' : word === 'stopping' ? word : 'starting'
  return { pid, status, port: Number(lines[PORT_LINE]) }
}

/**
 * Lets a new server take over lock files whose process is gone, also when its number went to another process.
 * The first line gets the number of this process, which a server that it starts takes for stale. The other
 * lines stay: by them the server still finds out whether children of the old one are at work on the data.
 */
export function disownStaleLocks(cluster: string, socketFolder: string): void {
  const sockets = readdirSync(socketFolder).filter((name) => name.endsWith('.lock'))
  for (const file of [lockFile(cluster), ...sockets.map((name) => join(socketFolder, name))]) {
    const lines = linesOf(file)
    const pid = Number(lines?.[0])
    if (lines && isAlive(pid) && pid !== process.pid && !isServerOf(pid, cluster)) {
      writeFileSync(file, [process.pid, ...lines.slice(1)].join('\n'))
    }
  }
}

function lockFile(cluster: string): string {
  return join(cluster, 'postmaster.pid')
}

function linesOf(file: string): string[] | undefined {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Whether there is a process of this number, of whatever account. */
export function isAlive(pid: number): boolean {
  try {
    return Number.isInteger(pid) && pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether a process is a server on the cluster. One that is at its very end, or waits to be reaped, is none. */
export function isServerOf(pid: number, cluster: string): boolean {
  if (!isAlive(pid)) return false
  const words = commandOf(pid)
  return /\bpostgres\b/.test(words[0] ?? '') && words.includes(cluster)
}

/** The words of a process's command, none when there is no such process. */
function commandOf(pid: number): string[] {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    const command = execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
    return command.trim().split(/ -D | -k /)
  } catch {
    return []
  }
}
