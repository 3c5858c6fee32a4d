/** The processes that a benchmark runs beside its own: scripts of this folder. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { scripts } from '../../package.json'

export interface Launch {
  readonly args?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Of node. */
  readonly flags?: readonly string[]
  /** The folder that a profile of its CPU goes to. */
  readonly profile?: string | undefined
}

export interface Server {
  readonly process: ChildProcess
  readonly port: number
  /** The same as `port` where there is one port only. */
  readonly connectorPort: number
}

export function launch(file: string, { args = [], environment = {}, flags = [], profile }: Launch = {}): ChildProcess {
  return fork(join(__dirname, `${file}.ts`), args, {
    execArgv: [...process.execArgv, ...flags, ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [])],
    env: { ...process.env, NODE_ENV: 'production', ...environment },
    // The log is written, as in production, but nobody reads it.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc']
  })
}

/** What `npm start` gives to node. */
const START_FLAGS = scripts.start.split(' ').filter((word) => word.startsWith('--'))

/** A server, run as in production, that tells its ports when it listens. */
export async function launchServer(file: string, options?: Launch): Promise<Server> {
  const child = launch(file, { flags: START_FLAGS, ...options })
  const [{ port, connectorPort = port }] = (await once(child, 'message')) as [{ port: number; connectorPort?: number }]
  return { process: child, port, connectorPort }
}

/** CPU that it has used so far, in microseconds. It has to `answerCpuQuestions`. */
export async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu')
  const [{ cpu }] = (await once(child, 'message')) as [{ cpu: number }]
  return cpu
}

/** Lets it finish what it has begun. */
export async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
