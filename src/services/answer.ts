/** What a use case answers: its value, or one of a closed set of expected failures. Both are plain data. */
export type Answer<Value, Failure extends string> = Done<Value> | Refused<Failure>

export interface Done<Value> {
  readonly done: true
  readonly value: Value
}

export interface Refused<Failure extends string> {
  readonly done: false
  readonly failure: Failure
}

export function done<Value>(value: Value): Done<Value> {
  return { done: true, value }
}

export function refused<Failure extends string>(failure: Failure): Refused<Failure> {
  return { done: false, failure }
}
