/** One thing that an operator can ask for: its route, its shapes and the use case behind it. */
import type { Answer } from '../../services/answer'
import type { RequestContext } from '../../services/context'
import type { OperatorFailure } from './failures'
import type { OperatorServices } from './services'
import type { Fields, ObjectOf, Shape, ValueOf } from './shape'

export type OperatorMethod = 'GET' | 'POST'

/** The parts of a path that are data: `id` in `/operator/agents/{id}`. */
type PathKey<Path extends string> = Path extends `${string}{${infer Key}}${infer Rest}` ? Key | PathKey<Rest> : never

export interface OperatorCall<Path extends string, Query extends Fields, Body extends Fields> {
  readonly services: OperatorServices
  readonly context: RequestContext
  readonly path: Readonly<Record<PathKey<Path>, string>>
  readonly query: ObjectOf<Query>
  readonly body: ObjectOf<Body>
}

export interface OperationSpec<
  Path extends string,
  Query extends Fields,
  Body extends Fields,
  Value extends Shape,
  Failure extends OperatorFailure
> {
  /** Its name in the document and in the log. */
  readonly id: string
  readonly method: OperatorMethod
  /** Below the prefix of all operator routes. */
  readonly path: Path
  readonly tag: string
  /** One sentence. */
  readonly summary: string
  readonly description?: string
  /** What the parts of the path are, by their names. */
  readonly parts?: Readonly<Record<PathKey<Path>, string>>
  readonly query?: Query
  /** Absent for what is only looked at. */
  readonly body?: Body
  readonly answer: Value
  /** Whether a success is answered with 201. */
  readonly isCreation?: boolean
  /** What the use case refuses. */
  readonly failures: readonly Failure[]
  readonly run: (call: OperatorCall<Path, Query, Body>) => Promise<Answer<ValueOf<Value>, Failure>>
}

/** An operation as the endpoint sees it: checked shapes, and no types of its own. */
export interface OperatorOperation {
  readonly id: string
  readonly method: OperatorMethod
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly parts: Readonly<Record<string, string>>
  readonly query?: Fields
  readonly body?: Fields
  readonly answer: Shape
  readonly isCreation: boolean
  readonly failures: readonly OperatorFailure[]
  readonly run: (call: OperatorCall<string, Fields, Fields>) => Promise<Answer<unknown, OperatorFailure>>
}

/** Lets the compiler compare the use case with the shapes; at run time they are what checks a request. */
export function operation<
  Path extends string,
  Value extends Shape,
  const Failure extends OperatorFailure,
  Query extends Fields = Record<never, Shape>,
  Body extends Fields = Record<never, Shape>
>(spec: OperationSpec<Path, Query, Body, Value, Failure>): OperatorOperation {
  const { parts = {}, isCreation = false, run, ...rest } = spec
  return { ...rest, parts, isCreation, run: (call) => run(call as OperatorCall<Path, Query, Body>) }
}
