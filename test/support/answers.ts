import type { Answer } from '../../src/services/answer'

/** The value of a use case that must have been done; a refusal fails the test. */
export function valueOf<Value>(answer: Answer<Value, string>): Value {
  if (!answer.done) throw new Error(`refused: ${answer.failure}`)
  return answer.value
}
