/**
 * A loop that takes work in hand and does it, a bounded number of tasks at a time.
 *
 * What is due is claimed with a lease in the database, so several processes share the work and what a dead
 * process had in hand comes back when its lease ends. A notification wakes the loop at once; the idle pause is
 * only the longest time it sleeps without one. Nothing that fails makes it spin: after an unexpected error it
 * pauses, longer each time, and the failed task waits for the end of its lease.
 */
import type { Logger } from '../services/context'
import { backoffMilliseconds } from '../services/backoff'
import type { Notifications } from './notification-listener'

export interface WorkerOptions<Task> {
  /** Names the loop in the log. */
  readonly name: string
  /** Most tasks under way at a time. */
  readonly concurrency: number
  /** Longest sleep while nothing is due, in milliseconds. */
  readonly idleMilliseconds: number
  /**
   * Takes at most `limit` due tasks in hand. Fewer than `limit` say that nothing more is due at present. A
   * task must not be claimed again before its lease ends, whatever becomes of it.
   */
  readonly claim: (limit: number) => Promise<readonly Task[]>
  /** Does one task. Rejects only with what nobody expected. */
  readonly work: (task: Task) => Promise<unknown>
  /** Notifications on this channel end the sleep. */
  readonly wakeChannel?: string
  readonly notifications?: Notifications
  readonly logger: Logger
}

/** Pauses after unexpected errors, in a row without a success. */
const PAUSE_MILLISECONDS_MIN = 100
const PAUSE_MILLISECONDS_MAX = 30_000

export class Worker<Task> {
  private readonly running = new Set<Promise<void>>()
  private loop: Promise<void> | undefined
  private stopping = false
  /** Set by whatever may have made something due, taken back when the loop looks. */
  private isWoken = false
  /** Rounds with an unexpected error since the last success. */
  private failures = 0
  /** Tasks that were claimed together often fail together: they count once. */
  private hasFailed = false
  /** Looks again whether the loop still has to wait. */
  private reconsider: () => void = () => undefined
  private stopListening: () => void = () => undefined

  constructor(private readonly options: WorkerOptions<Task>) {
    if (options.concurrency < 1) throw new RangeError(`${options.name}: concurrency must be at least 1`)
  }

  /** Starts the loop. A worker runs once. */
  start(): void {
    if (this.loop) throw new Error(`${this.options.name}: the worker was started before`)
    const { wakeChannel, notifications } = this.options
    if (wakeChannel !== undefined && notifications) {
      this.stopListening = notifications.listen(wakeChannel, () => this.wake())
    }
    this.loop = this.run()
  }

  /** Says that something may be due. Not lost when it comes while the loop is looking. */
  wake(): void {
    this.isWoken = true
    this.reconsider()
  }

  /** Claims nothing more; resolves when what is under way is done. */
  async stop(): Promise<void> {
    this.stopping = true
    this.stopListening()
    this.reconsider()
    await this.loop
    await Promise.all(this.running)
  }

  private async run(): Promise<void> {
    const { concurrency, idleMilliseconds } = this.options
    while (!this.stopping) {
      if (this.failures > 0) await this.pause()
      await this.until(() => this.running.size < concurrency)
      if (this.stopping) return
      if ((await this.look()) === 'idle') await this.until(() => this.isWoken, idleMilliseconds)
    }
  }

  /** Claims what fits and starts it. */
  private async look(): Promise<'idle' | 'again'> {
    const limit = this.options.concurrency - this.running.size
    this.isWoken = false
    this.hasFailed = false
    try {
      const tasks = await this.options.claim(limit)
      for (const task of tasks) this.begin(task)
      if (tasks.length === 0) this.failures = 0
      return tasks.length < limit ? 'idle' : 'again'
    } catch (error) {
      this.failed(error, 'a worker could not look for work')
      return 'again'
    }
  }

  private begin(task: Task): void {
    const done = this.perform(task).then(() => {
      this.running.delete(done)
      this.reconsider()
    })
    this.running.add(done)
  }

  private async perform(task: Task): Promise<void> {
    try {
      await this.options.work(task)
      this.failures = 0
    } catch (error) {
      this.failed(error, 'a worker failed at a task, which waits for the end of its lease')
    }
  }

  private failed(error: unknown, message: string): void {
    if (!this.hasFailed) this.failures++
    this.hasFailed = true
    this.options.logger.error({ worker: this.options.name, failures: this.failures, error }, message)
  }

  /** Only the stop ends it early: notifications may come by the thousand. */
  private pause(): Promise<void> {
    const pause = backoffMilliseconds(this.failures, PAUSE_MILLISECONDS_MIN, PAUSE_MILLISECONDS_MAX)
    return this.until(() => false, pause)
  }

  /** Waits until `isOver`, until the time is up, or until the stop. */
  private until(isOver: () => boolean, milliseconds?: number): Promise<void> {
    if (this.stopping || isOver()) return Promise.resolve()
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        this.reconsider = () => undefined
        resolve()
      }
      const timer = milliseconds === undefined ? undefined : setTimeout(end, milliseconds)
      this.reconsider = () => {
        if (this.stopping || isOver()) end()
      }
    })
  }
}
