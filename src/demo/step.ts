/**
 * What a kind of step is made of. The table of all kinds is in `steps/index.ts`.
 */
import type { Answer, Client } from './client'
import type { Field, FieldValues, FieldTable } from './fields'
import type { Scope, Thing } from './scope'
import type { Place } from './problem'

/** A step, checked and ready to be sent. */
export interface Step {
  /** What it does, in words. */
  readonly title: string
  /** What exists under the step's name afterwards. */
  readonly makes?: Thing
  /** Whether nothing comes of it without a wallet. */
  readonly needsWallet?: boolean
  /** Whether it is for a ramp, which an operator opens. */
  readonly needsRamp?: boolean
  /** Sends it. Sending it again sends the very same request. */
  run(client: Client): Promise<Answer>
}

export interface StepKind<Fields extends FieldTable = FieldTable> {
  readonly name: string
  /** For the help, one line. */
  readonly summary: string
  readonly fields: Fields
  /** Checks what single fields cannot tell and prepares the request. Throws `Problem`. */
  prepare(values: FieldValues<Fields>, scope: Scope, site: Site): Step
}

export interface Site {
  readonly place: Place
  /** The name that the step gives, or a made-up one. */
  readonly name: string
  /** Where a field stands, for problems that concern it. */
  placeOf(field: string): Place
}

/** Keeps the types of the fields together with the function that uses them. */
export function stepKind<Fields extends Record<string, Field<unknown>>>(kind: StepKind<Fields>): StepKind {
  return kind as unknown as StepKind
}
