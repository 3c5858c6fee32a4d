/** From a use case's answer to a mutation's response. */
import { GraphQLError } from 'graphql'
import { OutcomeUnknown, WriterBusy } from '../../database/write-errors'
import type { Answer } from '../../services/answer'
import type { RequestContext } from '../../services/context'
import { IdempotencyRefused } from '../../services/idempotency/failures'
import { idempotencyError } from '../shared/errors'
import type { FailureLabel } from './failures'
import type { MutationResponse } from './interfaces'

/** What an operation answers to a failure that nobody expected. The cause goes to the log, never to the caller. */
export interface CatchAll extends FailureLabel {
  readonly code: '400' | '500'
}

export function succeeded(message: string): MutationResponse {
  return { code: '200', success: true, message }
}

export function failed({ code, message }: FailureLabel): MutationResponse {
  return { code, success: false, message }
}

/**
 * Runs a use case. Its value becomes the payload of a success, its failure the label of a table, and what it
 * throws the operation's catch-all.
 *
 * @throws GraphQLError for an idempotency key that is in use or was used for something else
 */
export async function respond<Value, Failure extends string, Payload>(
  context: RequestContext,
  catchAll: CatchAll,
  failures: Readonly<Record<Failure, FailureLabel>>,
  message: string,
  payloadOf: (value: Value | undefined) => Payload,
  work: () => Promise<Answer<Value, Failure>>
): Promise<MutationResponse & Payload> {
  const answer = await orCatchAll(context, catchAll, work)
  if (answer instanceof Unexpected) return { ...failed(answer.label), ...payloadOf(undefined) }
  if (answer.done) return { ...succeeded(message), ...payloadOf(answer.value) }
  return { ...failed(failures[answer.failure]), ...payloadOf(undefined) }
}

/** The label of a failure that nobody expected. */
export class Unexpected {
  constructor(readonly label: FailureLabel) {}
}

export async function orCatchAll<Result>(
  context: RequestContext,
  catchAll: CatchAll,
  work: () => Promise<Result>
): Promise<Result | Unexpected> {
  try {
    return await orIdempotencyError(work)
  } catch (error) {
    if (error instanceof GraphQLError) throw error
    context.logger.error({ error }, catchAll.message)
    return new Unexpected({ code: catchAll.code, message: catchAll.message + adviceFor(error) })
  }
}

function adviceFor(error: unknown): string {
  if (error instanceof OutcomeUnknown) return ': it may have been done; repeat it with the same idempotency key'
  return error instanceof WriterBusy ? ': too busy, nothing was done; try again later' : ''
}

/** Runs a use case whose unexpected failures are left to be masked. @throws GraphQLError */
export async function orIdempotencyError<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof IdempotencyRefused ? idempotencyError(error) : error
  }
}
