/** Work that is done again and again, with a pause between. A failure is logged and the next turn tries again. */
import type { Logger } from '../services/context'

export interface PeriodicTaskOptions {
  /** Names the task in the log. */
  readonly name: string
  /** Between the end of one turn and the begin of the next. */
  readonly intervalMilliseconds: number
  readonly work: () => Promise<unknown>
  readonly logger: Logger
}

export class PeriodicTask {
  private timer: NodeJS.Timeout | undefined
  private turn: Promise<void> | undefined
  private stopping = false

  constructor(private readonly options: PeriodicTaskOptions) {}

  start(): void {
    if (this.stopping || this.timer) return
    this.timer = setTimeout(() => {
      this.turn = this.take()
    }, this.options.intervalMilliseconds)
    this.timer.unref()
  }

  /** Resolves when the turn under way, if any, is over. There is none after it. */
  async stop(): Promise<void> {
    this.stopping = true
    clearTimeout(this.timer)
    await this.turn
  }

  private async take(): Promise<void> {
    try {
      await this.options.work()
    } catch (error) {
      this.options.logger.warn({ task: this.options.name, error }, 'a periodic task failed')
    }
    this.timer = undefined
    this.start()
  }
}
