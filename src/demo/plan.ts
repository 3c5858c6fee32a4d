/**
 * A demo's file, checked as a whole: every step is known, has its fields, refers to what is there and states
 * amounts that can be. Whatever is wrong is found here, before anything is sent.
 */
import { randomUUID } from 'node:crypto'
import { readDemo, type Written, type WrittenFields, type WrittenStep } from './document'
import { readExpectation, type Expectation } from './expectation'
import type { FieldTable } from './fields'
import { didYouMean, FollowUp, Problem, WrongFile, type Place } from './problem'
import { Scope, type Thing } from './scope'
import type { Step, StepKind } from './step'
import { STEP_KINDS } from './steps'

export interface PlannedStep {
  readonly line: number
  readonly step: Step
  readonly expectation: Expectation
}

export interface Plan {
  readonly title: string
  readonly steps: readonly PlannedStep[]
  /** Whose balances are shown at the end. */
  readonly holders: readonly Thing[]
  readonly needsWallet: boolean
  readonly needsRamp: boolean
}

/** Throws `WrongFile` with everything that is wrong. */
export function planDemo(file: string, content: string, newId: () => string = randomUUID): Plan {
  const demo = readDemo(file, content)
  const scope = new Scope(newId().slice(0, 8), newId)
  const problems: Problem[] = []
  const steps = demo.steps.flatMap((written) => {
    const planned = new Planner(written, scope, problems).plan()
    return planned ? [planned] : []
  })
  if (problems.length > 0) throw new WrongFile(file, problems)
  const needsWallet = steps.some(({ step }) => step.needsWallet)
  const needsRamp = steps.some(({ step }) => step.needsRamp)
  return { title: demo.title, steps, holders: scope.holders, needsWallet, needsRamp }
}

/** Plans one step; what is wrong goes to the list, so that one run shows it all. */
class Planner {
  private isWrong = false

  constructor(
    private readonly written: WrittenStep,
    private readonly scope: Scope,
    private readonly problems: Problem[]
  ) {}

  plan(): PlannedStep | undefined {
    const planned = this.catching(() => this.planOrThrow())
    const name = this.written.fields.get('as')
    if (this.isWrong && typeof name?.value === 'string') this.scope.spoil(name.value, name.place)
    return planned
  }

  private planOrThrow(): PlannedStep | undefined {
    const { written, scope } = this
    const kind = kindOf(written)
    const expectation = this.catching(() => readExpectation(written.expect, written.place))
    const values = this.readValues(kind)
    if (!expectation || this.isWrong) return undefined
    const name = written.fields.get('as')
    const site = {
      place: written.place,
      name: name ? nameOf(name) : `${kind.name} of line ${written.place.line}`,
      placeOf: (field: string) => this.placeOf(field)
    }
    const step = kind.prepare(values, scope, site)
    if (name) scope.name(site.name, name.place, step, expectation.isRefusal)
    return { line: written.place.line, step, expectation }
  }

  private readValues(kind: StepKind): Record<string, unknown> {
    const { fields, place } = this.written
    this.checkNames(fields, kind.fields)
    const values: Record<string, unknown> = {}
    for (const [name, field] of Object.entries(kind.fields)) {
      const written = fields.get(name)
      if (written) values[name] = this.catching(() => field.read(written, this.scope), `${name}: `)
      else if (field.required) this.report(new Problem(place, `${kind.name} needs the field ${name}: ${field.help}`))
    }
    return values
  }

  private checkNames(fields: WrittenFields, table: FieldTable): void {
    const names = ['as', ...Object.keys(table)]
    for (const [name, { namePlace }] of fields) {
      if (names.includes(name)) continue
      this.report(new Problem(namePlace, `${this.written.kind} has no field ${name}${didYouMean(name, names)}`))
    }
  }

  private placeOf(field: string): Place {
    return this.written.fields.get(field)?.place ?? this.written.place
  }

  private catching<Value>(work: () => Value, prefix = ''): Value | undefined {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      this.report(error, prefix)
      return undefined
    }
  }

  private report(problem: Problem, prefix = ''): void {
    this.isWrong = true
    if (!(problem instanceof FollowUp)) this.problems.push(new Problem(problem.place, `${prefix}${problem.message}`))
  }
}

function kindOf({ kind, place }: WrittenStep): StepKind {
  const known = STEP_KINDS.get(kind)
  if (known) return known
  const names = [...STEP_KINDS.keys()]
  throw new Problem(place, `unknown step ${kind}${didYouMean(kind, names) || `; there are ${names.join(', ')}`}`)
}

function nameOf({ value, place }: Written): string {
  if (typeof value === 'string') return value
  throw new Problem(place, 'as: must be a name')
}
