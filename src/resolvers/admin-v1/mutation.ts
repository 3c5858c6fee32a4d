/** From a use case's answer to a mutation's response. */
import { GraphQLError } from 'graphql'
import type { Answer } from '../../services/answer'
import type { RequestContext } from '../../services/context'
import { parseUuid } from '../../services/identifiers'
import { CATCH_ALL, type FailureLabel, type FailureTable } from './failures'
import type { MutationResponse } from './interfaces'

/** How one mutation answers. */
export interface Operation<Failure extends string, Label extends FailureLabel = FailureLabel> {
  /** What it answers to what has no name of its own, and to what nobody expected. */
  readonly catchAll: Label
  readonly failures: FailureTable<Failure, Label>
  /** Ids that the caller gave: what is not found under one that is no UUID has no name of its own. */
  readonly ids?: readonly string[]
}

export type Outcome<Value, Label> =
  { readonly isDone: true; readonly value: Value } | { readonly isDone: false; readonly label: Label }

export function succeeded(message: string): MutationResponse {
  return { code: '200', success: true, message }
}

export function failed({ code, message }: FailureLabel): MutationResponse {
  return { code, success: false, message }
}

/** Runs a use case and names its failures. The cause of an unexpected one goes to the log. */
export async function outcomeOf<Value, Failure extends string, Label extends FailureLabel>(
  context: RequestContext,
  { catchAll, failures, ids = [] }: Operation<Failure, Label>,
  work: () => Promise<Answer<Value, Failure>>
): Promise<Outcome<Value, Label>> {
  try {
    const answer = await work()
    if (answer.done) return { isDone: true, value: answer.value }
    const label = failures[answer.failure]
    if (label === CATCH_ALL) return { isDone: false, label: catchAll }
    const isNameless = label.code === NOT_FOUND && !ids.every(isUuid)
    return { isDone: false, label: isNameless ? catchAll : (label as Label) }
  } catch (error) {
    if (error instanceof GraphQLError) throw error
    context.logger.error({ error }, catchAll.message)
    return { isDone: false, label: catchAll }
  }
}

/** As `outcomeOf`, with the envelope and a payload around it. */
export async function respond<Value, Failure extends string, Payload>(
  context: RequestContext,
  operation: Operation<Failure>,
  message: string,
  payloadOf: (value: Value | undefined) => Payload,
  work: () => Promise<Answer<Value, Failure>>
): Promise<MutationResponse & Payload> {
  const outcome = await outcomeOf(context, operation, work)
  if (!outcome.isDone) return { ...failed(outcome.label), ...payloadOf(undefined) }
  return { ...succeeded(message), ...payloadOf(outcome.value) }
}

const NOT_FOUND = '404'

function isUuid(id: string): boolean {
  return parseUuid(id) !== undefined
}
