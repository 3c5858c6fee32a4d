/**
 * Group commit for what needs no reading: rows that arrive while a group is being committed share the next one.
 *
 * One group is in flight at a time and there is no timer: an idle writer takes rows up at the end of the current
 * turn of the event loop. A group is one round trip and one durable commit, however many write. What one of them
 * may not write is found and refused alone; the others are stored.
 */
import { sendAttachments } from './attachments'
import type { Pipeline, Session } from './pipeline'
import { codeOf, Culprit, firstFailure, isConflict, isReadOnly, NotCommitted } from './refusals'
import { AttachmentRefused, OutcomeUnknown, RowLocked, WriterBusy } from './write-errors'
import type { Attachment, Statement } from './statement'

interface Waiting {
  readonly attachments: readonly Attachment[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Most that share one commit. */
const GROUP_MAX = 500
const QUEUE_MAX = 20_000
const ATTEMPTS_MAX = 4

const BEGIN: Statement = { name: 'begin', text: 'BEGIN', values: [] }
const COMMIT: Statement = { name: 'commit', text: 'COMMIT', values: [] }

/** Shapes of statements never change with the data, and nobody may hold a group up for long. */
export const GROUP_WRITER_SETTINGS: Readonly<Record<string, string>> = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  jit: 'off',
  lock_timeout: '2000',
  statement_timeout: '10000',
  idle_in_transaction_session_timeout: '5000'
}

export class GroupWriter {
  private readonly queue: Waiting[] = []
  private running: Promise<void> | undefined

  constructor(
    /** The writer's own: nobody else may use it. */
    private readonly pipeline: Pipeline
  ) {}

  /**
   * Resolves once everything is durable.
   *
   * @throws AttachmentRefused, WriterBusy (RowLocked among them), OutcomeUnknown
   */
  write(attachments: readonly Attachment[]): Promise<void> {
    if (this.queue.length >= QUEUE_MAX) return Promise.reject(new WriterBusy())
    return new Promise((resolve, reject) => {
      this.queue.push({ attachments, resolve, reject })
      this.running ??= this.run()
    })
  }

  /** Finishes what is queued and lets go of the database. */
  async close(): Promise<void> {
    while (this.running) await this.running
    await this.pipeline.close()
  }

  private async run(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (this.queue.length > 0) await this.commit(this.queue.splice(0, GROUP_MAX))
    this.running = undefined
  }

  private async commit(group: readonly Waiting[], isHurried = false): Promise<void> {
    if (group.length === 0) return
    try {
      await this.store(group, isHurried)
    } catch (error) {
      return this.isolate(group, error, isHurried)
    }
    for (const { resolve } of group) resolve()
  }

  /** Refuses the one whose fault it is; where that is not known, looks for it. */
  private async isolate(group: readonly Waiting[], error: unknown, isHurried: boolean): Promise<void> {
    if (error instanceof Culprit) {
      group[error.index]!.reject(error.refusal)
      const others = group.filter((_, index) => index !== error.index)
      return this.commit(others, isHurried || error.refusal instanceof RowLocked)
    }
    const isOnes = error instanceof AttachmentRefused || error instanceof RowLocked
    if (!isOnes || group.length === 1) {
      for (const { reject } of group) reject(error)
      return
    }
    // In halves, everybody would wait again and again for those who wait.
    if (error instanceof RowLocked) {
      for (const one of group) await this.commit([one], true)
      return
    }
    const half = Math.ceil(group.length / 2)
    await this.commit(group.slice(0, half), isHurried)
    await this.commit(group.slice(half), isHurried)
  }

  private async store(group: readonly Waiting[], isHurried: boolean): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(await this.pipeline.session(), group, isHurried)
      } catch (error) {
        if (!isConflict(error) || attempt >= ATTEMPTS_MAX) throw error
      }
    }
  }

  /** A refused group is over when COMMIT is answered, as that ends the transaction either way. */
  private async attempt(session: Session, group: readonly Waiting[], isHurried: boolean): Promise<void> {
    const owned = group.flatMap(({ attachments }, owner) => attachments.map((attachment) => ({ owner, attachment })))
    const sent: Promise<unknown>[] = [session.send(BEGIN), ...sendAttachments(session, owned, isHurried)]
    sent.push(
      session.send(COMMIT).then(({ command }) => {
        if (command !== 'COMMIT') throw new NotCommitted()
      })
    )
    const settled = await Promise.allSettled(sent)
    const commit = settled.at(-1)!
    if (commit.status === 'fulfilled') return
    // Without the database's own answer to COMMIT it may have been one or the other.
    if (!(commit.reason instanceof NotCommitted) && codeOf(commit.reason) === undefined) {
      this.pipeline.discard()
      throw new OutcomeUnknown(commit.reason)
    }
    const failure = firstFailure(settled)
    // Behind a new connection there may be a server that takes writes.
    if (isReadOnly(failure)) this.pipeline.discard()
    throw failure
  }
}
