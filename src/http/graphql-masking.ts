/**
 * What an answer says about errors. A GraphQLError that a resolver threw was written for the client and
 * passes; everything else is told to the log and hidden behind one sentence and the request's id.
 */
import { GraphQLError, type ExecutionResult, type GraphQLFormattedError } from 'graphql'
import { INTERNAL_MESSAGE, type FailureCode } from './failure'

const INTERNAL_CODE: FailureCode = 'INTERNAL_SERVER_ERROR'

/** Told of each error that is hidden, and where in the answer it stood. */
export type ReportHidden = (error: unknown, path: readonly (string | number)[] | undefined) => void

export interface FormattedResult {
  readonly errors?: readonly GraphQLFormattedError[]
  readonly data?: ExecutionResult['data']
}

/** What is said in place of an error that is hidden, beside its code and the request's id. */
export interface Mask {
  readonly message: string
  readonly extensions?: Readonly<Record<string, string>>
}

const MASK: Mask = { message: INTERNAL_MESSAGE }

export function formatResult(
  result: ExecutionResult,
  requestId: string,
  report: ReportHidden,
  mask = MASK
): FormattedResult {
  const { errors, data } = result
  if (!errors?.length) return { data }
  return { errors: errors.map((error) => formatError(error, requestId, report, mask)), data }
}

function formatError(error: GraphQLError, requestId: string, report: ReportHidden, mask: Mask): GraphQLFormattedError {
  const { locations, path } = error
  if (!isMeantForClient(error)) {
    report(error.originalError ?? error, path)
    const extensions = { code: INTERNAL_CODE, ...mask.extensions, requestId }
    return { message: mask.message, locations, path, extensions }
  }
  return { message: error.message, locations, path, extensions: { code: INTERNAL_CODE, ...error.extensions } }
}

/** An error that the executor wrapped says what it wrapped; one without an original is the executor's own. */
function isMeantForClient(error: GraphQLError): boolean {
  const { originalError } = error
  if (!(originalError instanceof GraphQLError)) return false
  return originalError.originalError === undefined || isMeantForClient(originalError)
}

/** Errors of a request that was refused before anything ran. */
export function formatRefusal(errors: readonly GraphQLError[], code: FailureCode): FormattedResult {
  return { errors: errors.map(({ message, locations, path }) => ({ message, locations, path, extensions: { code } })) }
}
