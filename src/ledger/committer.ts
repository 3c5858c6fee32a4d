/**
 * Group commit: submissions that arrive while a batch is being committed share the next one.
 *
 * One batch is in flight at a time and there is no timer: an idle ledger takes a submission up at the end of
 * the current turn of the event loop, and a busy one makes the next batch of whatever has arrived meanwhile.
 */
import type { BatchOutcome, LedgerEngine } from './engine'
import { LedgerBusy, SUBMISSION_TRANSFERS_MAX, type Outcome, type Submission } from './types'

export interface CommitterOptions {
  /** Most submissions waiting. One more is refused with `LedgerBusy`. */
  readonly queueMax?: number
  /** A batch takes up submissions until it has this many commands. A larger submission travels alone. */
  readonly batchCommandsMax?: number
}

interface Waiting {
  readonly submission: Submission
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: unknown) => void
}

export class Committer {
  private queue: Waiting[] = []
  private running: Promise<void> | undefined
  private committed = { batches: 0, submissions: 0 }
  private readonly queueMax: number
  private readonly batchCommandsMax: number

  constructor(
    private readonly engine: LedgerEngine,
    options: CommitterOptions = {}
  ) {
    this.queueMax = options.queueMax ?? 20_000
    this.batchCommandsMax = options.batchCommandsMax ?? 4_096
  }

  /** Submissions waiting for a batch. */
  get waiting(): number {
    return this.queue.length
  }

  /** Batches that the engine took, and the submissions in them, since the start of the process. */
  get counts(): Readonly<{ batches: number; submissions: number }> {
    return this.committed
  }

  submit(submission: Submission): Promise<Outcome> {
    if (submission.commands.length > SUBMISSION_TRANSFERS_MAX) {
      return Promise.reject(new RangeError(`a submission takes at most ${SUBMISSION_TRANSFERS_MAX} commands`))
    }
    if (this.queue.length >= this.queueMax) return Promise.reject(new LedgerBusy())
    return new Promise((resolve, reject) => {
      this.queue.push({ submission, resolve, reject })
      this.running ??= this.run()
    })
  }

  /** Resolves when nothing is queued or under way. */
  async drain(): Promise<void> {
    while (this.running) await this.running
  }

  private async run(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (this.queue.length > 0) await this.commit(this.takeBatch())
    this.running = undefined
  }

  private takeBatch(): Waiting[] {
    let commands = 0
    let taken = 0
    for (const { submission } of this.queue) {
      commands += Math.max(1, submission.commands.length + (submission.accounts?.length ?? 0))
      if (taken > 0 && commands > this.batchCommandsMax) break
      taken++
    }
    return this.queue.splice(0, taken)
  }

  private async commit(batch: readonly Waiting[]): Promise<void> {
    let outcomes: BatchOutcome[]
    try {
      outcomes = await this.engine.execute(batch.map((waiting) => waiting.submission))
    } catch (error) {
      for (const waiting of batch) waiting.reject(error)
      return
    }
    this.committed.batches += 1
    this.committed.submissions += batch.length
    for (const [index, waiting] of batch.entries()) {
      const outcome = outcomes[index]!
      if ('refused' in outcome) waiting.reject(outcome.refused)
      else waiting.resolve(outcome)
    }
  }
}
