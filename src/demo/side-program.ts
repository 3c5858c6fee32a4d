/** A program beside the demo's service: an example that is started as a process of its own and says that it listens. */
import type { ChildProcess } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { inherited, run, ServiceFailed, type Program } from './own-service'

const READY_MILLISECONDS = 60_000
const LOG_CHARACTERS_MAX = 16_384

/** A port that was free a moment ago. */
export async function choosePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export interface SideProgramOptions {
  /** For people: `the wallet`. */
  readonly name: string
  readonly program: Program
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** What it writes once it can be called. */
  readonly sign: string
}

export class SideProgram {
  private log = ''

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
    private readonly ended: Promise<number | null>
  ) {}

  static async start({ name, program, args, env, sign }: SideProgramOptions): Promise<SideProgram> {
    const extra = ['-r', require.resolve('./follow-parent')]
    const child = run(program, args, { ...inherited(), ...env }, extra)
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    const side = new SideProgram(name, child, ended)
    try {
      await side.listening(sign)
    } catch (error) {
      await side.stop()
      throw error
    }
    return side
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM')
    const late = setTimeout(() => this.child.kill('SIGKILL'), READY_MILLISECONDS)
    await this.ended
    clearTimeout(late)
  }

  private listening(sign: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => reject(new ServiceFailed(reason, this.log))
      const late = setTimeout(() => fail(`${this.name} was not ready in time`), READY_MILLISECONDS)
      const take = (data: Buffer): void => {
        this.log = (this.log + data.toString()).slice(-LOG_CHARACTERS_MAX)
        if (!this.log.includes(sign)) return
        clearTimeout(late)
        resolve()
      }
      this.child.stdout?.on('data', take)
      this.child.stderr?.on('data', take)
      this.child.on('error', (error) => fail(error.message))
      void this.ended.then((code) => {
        clearTimeout(late)
        fail(`${this.name} ended with ${code} before it was ready`)
      })
    })
  }
}
