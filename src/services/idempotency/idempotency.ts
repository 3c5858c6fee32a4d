/**
 * One key, one effect, one answer.
 *
 * The first request with a key is executed and its answer is written in the transaction of its effect. Who
 * comes later with the same operation and arguments gets that answer; with others, a refusal. Two at once are
 * told apart by the unique key in the database: the loser's whole effect is undone, and it reads the winner's
 * answer. That twins of the same process wait for each other in memory only saves them the wasted work.
 */
import type { RequestContext } from '../context'
import { isStorable } from '../text'
import { hashArguments } from './arguments-hash'
import { IdempotencyRefused } from './failures'
import { isKeyTaken, type IdempotencyRecords, type KeyedRequest } from './records'
import { WritingRecorder, type Recorder, type WritingWays } from './recorder'

/** What the input of a mutation that may be repeated has. An empty key is none. */
export interface Repeatable {
  readonly idempotencyKey?: string | null
}

export interface IdempotencyOptions {
  /** How long a request waits for another one with its key. */
  readonly lockMilliseconds: number
}

/** How often a request starts over because the record that it lost to was gone when it looked. */
const ATTEMPTS_MAX = 3

type Work<Answer> = (recorder: Recorder<Answer>) => Promise<Answer>

export class Idempotency {
  /** Keys under way in this process, each with the end of its request. */
  private readonly running = new Map<string, Promise<void>>()

  constructor(
    private readonly records: IdempotencyRecords,
    private readonly ways: WritingWays,
    private readonly options: IdempotencyOptions
  ) {}

  /**
   * Executes `work` unless the key has an answer. `operation` and everything in `input` are what a repetition
   * must match. The answer is plain data. What `work` throws is thrown and leaves no record.
   *
   * @throws IdempotencyRefused
   */
  async execute<Answer>(
    context: RequestContext,
    operation: string,
    input: Repeatable,
    work: Work<Answer>
  ): Promise<Answer> {
    const key = input.idempotencyKey
    if (!key) return work(new WritingRecorder(this.ways))
    if (!isStorable(key)) throw new IdempotencyRefused('key_invalid', key)
    const request = { key, operation, argumentsHash: hashArguments(input) }
    const deadline = performance.now() + this.options.lockMilliseconds
    for (;;) {
      const twin = this.running.get(key)
      // From here to the entry in the map nothing is awaited, so of all that wait only one goes ahead.
      if (!twin) return this.holding(key, () => this.first(context, request, work))
      if (!(await settlesBefore(twin, deadline))) throw new IdempotencyRefused('key_in_use', key)
      const earlier = await this.replay<Answer>(context, request)
      if (earlier) return earlier.answer
    }
  }

  private async holding<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    let release!: () => void
    this.running.set(key, new Promise((resolve) => (release = resolve)))
    try {
      return await work()
    } finally {
      this.running.delete(key)
      release()
    }
  }

  private async first<Answer>(context: RequestContext, request: KeyedRequest, work: Work<Answer>): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const earlier = await this.replay<Answer>(context, request)
      if (earlier) return earlier.answer
      try {
        return await this.executeAndRecord(context, request, work)
      } catch (error) {
        if (!isKeyTaken(error)) throw error
        if (attempt >= ATTEMPTS_MAX) throw new IdempotencyRefused('key_in_use', request.key, { cause: error })
      }
    }
  }

  private async executeAndRecord<Answer>(
    context: RequestContext,
    request: KeyedRequest,
    work: Work<Answer>
  ): Promise<Answer> {
    const { records } = this
    const recorder = new WritingRecorder<Answer>(this.ways, { context, records, request })
    const answer = await work(recorder)
    if (!recorder.hasRecorded(answer)) await this.recordAlone(context, request, answer)
    return answer
  }

  /** The answer had no effect, so a record that cannot be written is a loss but no danger. */
  private async recordAlone(context: RequestContext, request: KeyedRequest, answer: unknown): Promise<void> {
    try {
      await this.records.writeAlone(request, answer, context.now())
    } catch (error) {
      if (isKeyTaken(error) || error instanceof IdempotencyRefused) throw error
      context.logger.warn({ error, operation: request.operation }, 'An answer could not be recorded under its key')
    }
  }

  private async replay<Answer>(
    context: RequestContext,
    request: KeyedRequest
  ): Promise<{ answer: Answer } | undefined> {
    const earlier = await this.records.find(request.key, context.now())
    if (!earlier) return undefined
    const same = earlier.operation === request.operation && earlier.argumentsHash.equals(request.argumentsHash)
    if (!same) throw new IdempotencyRefused('key_reused', request.key)
    return { answer: earlier.answer as Answer }
  }
}

async function settlesBefore(promise: Promise<void>, deadline: number): Promise<boolean> {
  const remaining = deadline - performance.now()
  if (remaining <= 0) return false
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), remaining)))
  try {
    return await Promise.race([promise.then(() => true), timeout])
  } finally {
    clearTimeout(timer)
  }
}
