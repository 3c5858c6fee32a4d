/**
 * One bash for all examples of a page, so that a variable set in one is there in the next.
 */
import { spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ShellResult {
  readonly output: string
  readonly code: number
}

export function hasCommands(...names: string[]): boolean {
  return names.every((name) => spawnSync('bash', ['-c', `command -v ${name}`]).status === 0)
}

export class Shell {
  private readonly bash
  private output = ''
  private wake: (() => void) | undefined
  private readonly ended: Promise<void>
  private readonly folder = mkdtempSync(join(tmpdir(), 'hazina-docs-'))

  constructor(cwd: string, env: NodeJS.ProcessEnv) {
    this.bash = spawn('bash', ['--noprofile', '--norc'], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] })
    const take = (data: Buffer): void => {
      this.output += data.toString()
      this.wake?.()
    }
    this.bash.stdout.on('data', take)
    this.bash.stderr.on('data', take)
    this.ended = new Promise((resolve) => this.bash.on('close', () => resolve(this.wake?.())))
  }

  /** Runs commands and waits for them. Their errors go where their output goes. */
  async run(command: string): Promise<ShellResult> {
    const mark = `end-${randomUUID()}`
    this.output = ''
    // A file of its own, so that no command reads the next one as its input.
    const file = join(this.folder, `${mark}.sh`)
    writeFileSync(file, `${command}\n`)
    this.bash.stdin.write(`. '${file}' 2>&1 < /dev/null; printf '\\n${mark} %s\\n' "$?"\n`)
    const pattern = new RegExp(`\\n${mark} (\\d+)\\n`)
    for (;;) {
      const match = pattern.exec(this.output)
      if (match) return { output: this.output.slice(0, match.index), code: Number(match[1]) }
      if (this.bash.exitCode !== null) return { output: this.output, code: this.bash.exitCode }
      await new Promise<void>((resolve) => (this.wake = resolve))
    }
  }

  async close(): Promise<void> {
    this.bash.stdin.end()
    await this.ended
    rmSync(this.folder, { recursive: true, force: true })
  }
}
