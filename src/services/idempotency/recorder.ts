/**
 * How a use case writes: what it does and what it answers become durable together, or not at all.
 *
 * A use case writes at most once, through `submit`, `write` or `run`. What it answers without having written is
 * recorded by itself afterwards.
 */
import type { EntityManager } from 'typeorm'
import type { GroupWriter } from '../../database/group-writer'
import type { Attachment } from '../../database/statement'
import type { UnitOfWork } from '../../database/unit-of-work'
import type { Ledger } from '../../ledger/ledger'
import type { Command, NewAccount, Outcome } from '../../ledger/types'
import type { RequestContext } from '../context'
import { IdempotencyRefused } from './failures'
import { isKeyHeld, type IdempotencyRecords, type KeyedRequest } from './records'

/** A submission to the ledger whose outcome decides the answer. */
export interface AnsweredSubmission<Answer> {
  readonly accounts?: readonly NewAccount[]
  readonly commands?: readonly Command[]
  /** Pure: called again with the same outcome it gives the same answer. */
  readonly answer: (outcome: Outcome) => Answer
  /** What else is written in the same transaction, other than the record. */
  readonly attach?: (outcome: Outcome) => readonly Attachment[]
}

export interface Recorder<Answer> {
  /** Submits to the ledger. Throws what `Ledger.submit` throws. */
  submit<Given extends Answer>(submission: AnsweredSubmission<Given>): Promise<Given>
  /** Writes rows that need no reading, in a commit shared with others. Throws what `GroupWriter.write` throws. */
  write<Given extends Answer>(attachments: readonly Attachment[], answer: Given): Promise<Given>
  /** Runs `work` in a transaction of its own. Throws what `UnitOfWork.run` throws. */
  run<Given extends Answer>(work: (manager: EntityManager) => Promise<Given>): Promise<Given>
}

/** Where a use case can write. */
export interface WritingWays {
  readonly ledger: Ledger
  readonly groupWriter: GroupWriter
  readonly unitOfWork: UnitOfWork
}

export class WritingRecorder<Answer> implements Recorder<Answer> {
  private answered: { readonly answer: Answer } | undefined

  constructor(
    private readonly ways: WritingWays,
    /** Absent for a request without a key, which leaves no record. */
    private readonly record?: {
      readonly context: RequestContext
      readonly records: IdempotencyRecords
      readonly request: KeyedRequest
    }
  ) {}

  /** Whether this answer became durable together with its effects. */
  hasRecorded(answer: Answer): boolean {
    return this.answered?.answer === answer
  }

  async submit<Given extends Answer>(submission: AnsweredSubmission<Given>): Promise<Given> {
    const { accounts, commands = [], answer, attach } = submission
    const submitted = this.ways.ledger.submit({
      accounts,
      commands,
      attach: (outcome) => [...(attach?.(outcome) ?? []), ...this.attachments(answer(outcome))]
    })
    const outcome = await this.orKeyInUse(submitted)
    return this.remember(answer(outcome))
  }

  async write<Given extends Answer>(attachments: readonly Attachment[], answer: Given): Promise<Given> {
    await this.orKeyInUse(this.ways.groupWriter.write([...attachments, ...this.attachments(answer)]))
    return this.remember(answer)
  }

  async run<Given extends Answer>(work: (manager: EntityManager) => Promise<Given>): Promise<Given> {
    const answer = await this.ways.unitOfWork.run(async (manager) => {
      const answer = await work(manager)
      if (this.record) {
        const { context, records, request } = this.record
        await records.write(manager, request, answer, context.now())
      }
      return answer
    })
    return this.remember(answer)
  }

  /** What else a write can wait for has nothing to do with the key. */
  private async orKeyInUse<Result>(written: Promise<Result>): Promise<Result> {
    try {
      return await written
    } catch (error) {
      if (!this.record || !isKeyHeld(error)) throw error
      throw new IdempotencyRefused('key_in_use', this.record.request.key, { cause: error })
    }
  }

  private attachments(answer: Answer): Attachment[] {
    if (!this.record) return []
    const { context, records, request } = this.record
    return [records.attachment(request, answer, context.now())]
  }

  private remember<Given extends Answer>(answer: Given): Given {
    this.answered = { answer }
    return answer
  }
}
