import type { Answer } from '../../services/answer'
import type { RequestContext } from '../../services/context'
import type { LiquidityFailureLabel } from './liquidity-failures'
import type { LiquidityMutationResponse } from './liquidity-types'
import { failed, outcomeOf, succeeded, type Operation } from './mutation'

/** Runs a use case that moves money and has nothing to tell on success. */
export async function moveMoney<Failure extends string>(
  context: RequestContext,
  operation: Operation<Failure, LiquidityFailureLabel>,
  message: string,
  work: () => Promise<Answer<null, Failure>>
): Promise<LiquidityMutationResponse> {
  const outcome = await outcomeOf(context, operation, work)
  if (outcome.isDone) return { ...succeeded(message), error: null }
  return { ...failed(outcome.label), error: outcome.label.error }
}
