/**
 * How a use case writes: what it does and what it answers become durable together, or not at all.
 *
 * A use case writes at most once, through `submit` or `run`. What it answers without having written is
 * recorded by itself afterwards.
 */
import type { EntityManager } from 'typeorm'
import type { Attachment } from '../../database/statement'
import type { UnitOfWork } from '../../database/unit-of-work'
import type { Ledger } from '../../ledger/ledger'
import type { Command, NewAccount, Outcome } from '../../ledger/types'
import type { RequestContext } from '../context'
import type { IdempotencyRecords, KeyedRequest } from './records'

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
  /** Runs `work` in a transaction of its own. Throws what `UnitOfWork.run` throws. */
  run<Given extends Answer>(work: (manager: EntityManager) => Promise<Given>): Promise<Given>
}

export class WritingRecorder<Answer> implements Recorder<Answer> {
  private answered: { readonly answer: Answer } | undefined

  constructor(
    private readonly ledger: Ledger,
    private readonly unitOfWork: UnitOfWork,
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
    const outcome = await this.ledger.submit({
      accounts,
      commands,
      attach: (outcome) => [...(attach?.(outcome) ?? []), ...this.attachments(answer(outcome))]
    })
    return this.remember(answer(outcome))
  }

  async run<Given extends Answer>(work: (manager: EntityManager) => Promise<Given>): Promise<Given> {
    const answer = await this.unitOfWork.run(async (manager) => {
      const answer = await work(manager)
      if (this.record) {
        const { context, records, request } = this.record
        await records.write(manager, request, answer, context.now())
      }
      return answer
    })
    return this.remember(answer)
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
