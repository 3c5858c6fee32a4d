/**
 * Hands changes to those who follow them.
 *
 * However many follow, the log is read once a change: the hub remembers the last few, and only who is further
 * behind reads for itself. A follower that does not keep up is in nobody's way, as nothing is kept for it.
 */
import type { Logger } from '../context'
import type { Change, ChangeLog } from './change-log'

/** A reason to look for changes, never the truth: what was missed is found by looking. */
export interface ChangeSignals {
  /** Calls `wake` when something may have changed. Returns the way to stop. */
  listen(channel: string, wake: () => void): () => void
}

export interface ChangeHubOptions {
  /** Most followers at a time. */
  readonly followersMax: number
  /** Longest time between two looks while somebody follows. */
  readonly idleMilliseconds: number
}

export class FollowingRefused extends Error {
  constructor(readonly reason: 'too_many' | 'unknown_position' | 'purged_position') {
    super(`changes cannot be followed: ${reason}`)
    this.name = 'FollowingRefused'
  }
}

export const CHANGE_CHANNEL = 'change'

/** What no change has as its position: who asks for what came after it wants all that is kept. */
const BEGINNING = 0n
const READ_MAX = 500
/** Changes that the hub remembers. */
const REMEMBERED_MAX = 2_000

export class ChangeHub {
  private followers = 0
  private closed = false
  /** Changes after `since`, without a gap. */
  private remembered: Change[] = []
  private since: bigint | undefined
  private readonly waiting = new Set<() => void>()
  private stopListening: () => void = () => undefined
  private timer: NodeJS.Timeout | undefined
  private looking = false
  private lookAgain = false

  constructor(
    private readonly log: ChangeLog,
    private readonly signals: ChangeSignals,
    private readonly logger: Logger,
    private readonly options: ChangeHubOptions
  ) {}

  /**
   * Every change after a position, each once and in order, without an end; from now on if there is no
   * position, and from the first that is kept after the beginning. Ends when the consumer returns or the hub is
   * closed.
   *
   * @throws FollowingRefused
   */
  async follow(after: bigint | undefined): Promise<AsyncIterableIterator<Change>> {
    if (this.closed || this.followers >= this.options.followersMax) throw new FollowingRefused('too_many')
    this.enter()
    try {
      await this.log.number()
      const head = await this.log.head()
      const start = after === BEGINNING ? head.purgedPosition : (after ?? head.position)
      if (start > head.position) throw new FollowingRefused('unknown_position')
      if (start < head.purgedPosition) throw new FollowingRefused('purged_position')
      return this.changesAfter(start)
    } catch (error) {
      this.leave()
      throw error
    }
  }

  /** Ends every following. */
  close(): void {
    this.closed = true
    this.stopListening()
    clearTimeout(this.timer)
    this.wakeAll()
  }

  /** An iterator by hand: a generator that waits could not be ended from outside. */
  private changesAfter(start: bigint): AsyncIterableIterator<Change> {
    let position = start
    let batch: Change[] = []
    let isOver = false
    let wake: (() => void) | undefined
    const end = (): void => {
      if (isOver) return
      isOver = true
      this.leave()
      wake?.()
    }
    const next = async (): Promise<IteratorResult<Change>> => {
      for (;;) {
        if (isOver || this.closed) {
          end()
          return { done: true, value: undefined }
        }
        const change = batch.shift()
        if (change) {
          position = change.position
          return { done: false, value: change }
        }
        batch = await this.batchAfter(position)
        if (batch.length === 0 && !isOver) await this.changed(position, (resolve) => (wake = resolve))
      }
    }
    return {
      next: () =>
        next().catch((error: unknown) => {
          end()
          throw error
        }),
      return: () => {
        end()
        return Promise.resolve({ done: true, value: undefined })
      },
      [Symbol.asyncIterator]() {
        return this
      }
    }
  }

  private async batchAfter(position: bigint): Promise<Change[]> {
    const { since, remembered } = this
    if (since === undefined || position < since) return this.readAfter(position)
    const first = remembered.findIndex((change) => change.position > position)
    return first < 0 ? [] : remembered.slice(first, first + READ_MAX)
  }

  /** A purge may have overtaken who was far behind. */
  private async readAfter(position: bigint): Promise<Change[]> {
    const changes = await this.log.read(position, READ_MAX)
    const { purgedPosition } = await this.log.head()
    if (position < purgedPosition) throw new FollowingRefused('purged_position')
    return changes
  }

  /** Resolves when there may be something after `position`. */
  private changed(position: bigint, keep: (wake: () => void) => void): Promise<void> {
    const last = this.remembered.at(-1)?.position ?? this.since
    if (this.closed || (last !== undefined && last > position)) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = (): void => {
        this.waiting.delete(wake)
        resolve()
      }
      this.waiting.add(wake)
      keep(wake)
    })
  }

  private enter(): void {
    if (this.followers++ > 0) return
    this.stopListening = this.signals.listen(CHANGE_CHANNEL, () => this.look())
    this.look()
  }

  /** The last one out forgets everything: who comes next begins anew. */
  private leave(): void {
    if (--this.followers > 0) return
    this.stopListening()
    clearTimeout(this.timer)
    this.remembered = []
    this.since = undefined
  }

  private look(): void {
    if (this.looking) this.lookAgain = true
    else void this.lookNow()
  }

  private async lookNow(): Promise<void> {
    this.looking = true
    clearTimeout(this.timer)
    do {
      this.lookAgain = false
      try {
        await this.log.number()
        while (await this.remember());
      } catch (error) {
        this.logger.warn({ error }, 'changes could not be read; those who follow them wait')
      }
    } while (this.lookAgain && !this.closed)
    this.looking = false
    if (this.followers === 0 || this.closed) return
    this.timer = setTimeout(() => this.look(), this.options.idleMilliseconds)
    this.timer.unref()
  }

  /** Reads on from the last that is remembered. Whether there may be more. */
  private async remember(): Promise<boolean> {
    const known = this.remembered.at(-1)?.position ?? this.since ?? (await this.log.head()).position
    const changes = await this.log.read(known, READ_MAX)
    if (this.followers === 0) return false
    if (this.since === undefined) this.since = known
    this.remembered.push(...changes)
    const surplus = this.remembered.splice(0, Math.max(this.remembered.length - REMEMBERED_MAX, 0))
    this.since = surplus.at(-1)?.position ?? this.since
    this.wakeAll()
    return changes.length === READ_MAX
  }

  private wakeAll(): void {
    for (const wake of [...this.waiting]) wake()
  }
}
