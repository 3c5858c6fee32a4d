/**
 * The process that a page starts, as the page starts it.
 */
import { spawn, type ChildProcess } from 'node:child_process'

/** A command left running by a shell of its own. */
export class Started {
  private readonly child: ChildProcess
  private output = ''
  private readonly ended: Promise<number | null>

  constructor(command: string, cwd: string, env: NodeJS.ProcessEnv) {
    // In a group of its own: npm and the shell between us and the service get the signal too.
    this.child = spawn('bash', ['-c', command], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    this.child.stdout?.on('data', (data: Buffer) => (this.output += data.toString()))
    this.child.stderr?.on('data', (data: Buffer) => (this.output += data.toString()))
    this.ended = new Promise((resolve) => this.child.on('close', resolve))
  }

  async ready(url: string): Promise<void> {
    for (;;) {
      if (this.child.exitCode !== null)
        throw new Error(`the service ended with ${this.child.exitCode}:\n${this.output}`)
      const response = await fetch(`${url}/readyz`).catch(() => undefined)
      if (response?.status === 200) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** What it wrote last. */
  get log(): string {
    return this.output.slice(-8_192)
  }

  /** Stops it as it says itself that it can be stopped. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode === null) {
      const told = /or kill (\d+)/.exec(this.output)?.[1]
      process.kill(told ? Number(told) : -this.child.pid!, 'SIGTERM')
    }
    return this.ended
  }
}
