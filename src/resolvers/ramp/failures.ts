/**
 * From a use case's answer to a field's value. A failure becomes an entry of `errors` whose message is the code,
 * as older clients see nothing but the message; what the code means stands beside it.
 */
import { GraphQLError } from 'graphql'
import { BUSY, BUSY_DETAIL, isBusy } from '../../services/ramp/busy'
import { RAMP_FAILURES, type RampAnswer, type RampFailure } from '../../services/ramp/failures'

/** Messages that are not the code, because clients were promised them. */
const MESSAGES: Partial<Record<RampFailure, string>> = { ACCOUNT_RESTRICTED: 'Your account has been restricted.' }

export function refusal(code: RampFailure): GraphQLError {
  return new GraphQLError(MESSAGES[code] ?? code, { extensions: { code, detail: RAMP_FAILURES[code] } })
}

/** The value of a use case that was done. @throws GraphQLError where it was refused */
export async function valueOf<Value>(work: Promise<RampAnswer<Value>>): Promise<Value> {
  const answer = await orBusy(work)
  if (answer.done) return answer.value
  throw refusal(answer.failure)
}

async function orBusy<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work
  } catch (error) {
    if (!isBusy(error)) throw error
    throw new GraphQLError(BUSY, { extensions: { code: BUSY, detail: BUSY_DETAIL } })
  }
}
