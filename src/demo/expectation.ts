/**
 * What a step is expected to be answered. Without a word about it: success.
 */
import type { Answer } from './client'
import type { Written, WrittenFields } from './document'
import { didYouMean, Problem, type Place } from './problem'

export interface Expectation {
  readonly code: string | undefined
  readonly error: string | undefined
  readonly message: string | undefined
  /** Part of the message of a GraphQL error, where no response is expected. */
  readonly errors: string | undefined
  /** Whether the service is expected to refuse. */
  readonly isRefusal: boolean
}

const SUCCESS = '200'
const KEYS = ['code', 'error', 'message', 'errors'] as const
const CODE = /^[1-5]\d\d$/

export function readExpectation(written: WrittenFields | undefined, place: Place): Expectation {
  const texts: Partial<Record<string, string>> = {}
  for (const [key, value] of written ?? []) {
    if (!KEYS.some((known) => known === key)) {
      throw new Problem(
        value.namePlace,
        `expect has no field ${key}${didYouMean(key, KEYS)}; it has ${KEYS.join(', ')}`
      )
    }
    texts[key] = textOf(value)
  }
  if (written?.size === 0) throw new Problem(place, `expect says nothing; it has ${KEYS.join(', ')}`)
  const { error, message, errors } = texts
  const code = texts['code'] ?? (error || errors || message ? undefined : SUCCESS)
  if (code !== undefined && !CODE.test(code)) {
    throw new Problem(written!.get('code')!.place, `code: ${code} is no code; codes are like 200 and 403`)
  }
  const isRefusal = error !== undefined || errors !== undefined || (code !== undefined && code !== SUCCESS)
  return { code, error, message, errors, isRefusal }
}

/** What differs from what was expected; undefined when nothing does. */
export function differenceOf(answer: Answer, expectation: Expectation): string | undefined {
  const { code, error, message, errors } = expectation
  if (answer.problem) return answer.problem
  if (errors !== undefined) {
    return answer.code === undefined && answer.message.includes(errors)
      ? undefined
      : `expected a GraphQL error with "${errors}"`
  }
  if (code !== undefined && answer.code !== code) return `expected code ${code}`
  if (error !== undefined && answer.error !== error) return `expected error ${error}`
  if (message !== undefined && answer.message !== message) return `expected the message "${message}"`
  return answer.code === undefined ? 'expected an answer' : undefined
}

function textOf({ value, place }: Written): string {
  if (typeof value === 'string' && value !== '') return value
  if (typeof value === 'bigint') return value.toString()
  throw new Problem(place, 'expect takes texts')
}
