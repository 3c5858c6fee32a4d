/** The results of a subscription on their way to the client. */
import { GraphQLError, type ExecutionResult } from 'graphql'
import type { Exchange } from './exchange'
import type { FormattedResult } from './graphql-masking'

export type FormatResult = (result: ExecutionResult) => FormattedResult

/**
 * Ends with the client's connection and when the listener drains. What the source fails with is the last
 * result.
 */
export async function* formattedResults(
  results: AsyncIterable<ExecutionResult>,
  exchange: Exchange,
  format: FormatResult
): AsyncGenerator<FormattedResult> {
  const iterator = results[Symbol.asyncIterator]()
  // The source itself is ended: a generator that waits for it would hear of nothing before its next result.
  exchange.onEnd(() => void iterator.return?.())
  try {
    for (;;) {
      const { done, value } = await iterator.next()
      if (done) return
      yield format(value)
    }
  } catch (error) {
    yield format({ errors: [failureOf(error)] })
  } finally {
    await iterator.return?.()
  }
}

/** As the executor puts it when a resolver fails. */
function failureOf(error: unknown): GraphQLError {
  const original = error instanceof Error ? error : new Error(String(error))
  return new GraphQLError(original.message, { originalError: original })
}
