/**
 * What the steps of a demo have named so far, so that later steps can refer to it.
 */
import type { AssetUnit } from './amount'
import type { Step } from './step'
import { didYouMean, FollowUp, Problem, type Place } from './problem'

export type ThingKind =
  | 'asset'
  | 'peer'
  | 'payment-pointer'
  | 'deposit'
  | 'withdraw'
  | 'incoming-payment'
  | 'quote'
  | 'outgoing-payment'
  | 'merchant'
  | 'agent'
  | 'buyer'
  | 'ramp-order'

export interface Thing {
  readonly kind: ThingKind
  readonly name: string
  readonly place: Place
  /** The asset whose amounts it deals in. */
  readonly asset: AssetUnit
  /** Known from the start where the client chooses it, otherwise from the answer on. */
  id: string | undefined
  /** Of what has one; known from the answer on. */
  url?: string
}

const NAME = /^[A-Za-z][\w-]*$/
const PLACEHOLDER = /\{run\}/g

export class Scope {
  private readonly things = new Map<string, Thing>()
  private readonly steps = new Map<string, Step>()
  /** Names of steps that are expected to be refused, so nothing will exist by that name. */
  private readonly refused = new Set<string>()
  private readonly places = new Map<string, Place>()

  constructor(
    /** Stands for `{run}` in texts, so that a file can be run many times against one service. */
    readonly run: string,
    readonly newId: () => string
  ) {}

  /** Every asset and peer that holds liquidity, in order of appearance. */
  get holders(): Thing[] {
    return [...this.things.values()].filter(({ kind }) => kind === 'asset' || kind === 'peer')
  }

  fill(text: string): string {
    return text.replace(PLACEHOLDER, this.run)
  }

  name(name: string, place: Place, step: Step, isRefused: boolean): void {
    if (!NAME.test(name))
      throw new Problem(place, `${JSON.stringify(name)} is no name: a letter, then letters, digits, - and _`)
    const earlier = this.places.get(name)
    if (earlier) throw new Problem(place, `the name ${name} is taken by line ${earlier.line}`)
    this.places.set(name, place)
    this.steps.set(name, step)
    if (step.makes) this.things.set(name, step.makes)
    if (isRefused) this.refused.add(name)
  }

  /** A step that could not be planned keeps its name, so that references to it are not called unknown. */
  spoil(name: string, place: Place): void {
    if (!this.places.has(name)) this.places.set(name, place)
  }

  has(name: string): boolean {
    return this.places.has(name)
  }

  thing(name: string, kinds: readonly ThingKind[], place: Place): Thing {
    const thing = this.things.get(name)
    if (this.isSpoilt(name)) throw new FollowUp(place, `${name} is wrong itself`)
    if (!thing && !this.places.has(name)) throw this.unknown(name, place, [...this.things.keys()])
    if (!thing || !kinds.includes(thing.kind)) {
      throw new Problem(
        place,
        `${name} (line ${this.places.get(name)!.line}) is ${article(thing?.kind ?? 'step')}, this takes ${kinds.map(article).join(' or ')}`
      )
    }
    if (this.refused.has(name) && thing.id === undefined) {
      throw new Problem(place, `${name} will not exist: its step on line ${thing.place.line} expects to be refused`)
    }
    return thing
  }

  step(name: string, place: Place): Step {
    const step = this.steps.get(name)
    if (this.isSpoilt(name)) throw new FollowUp(place, `${name} is wrong itself`)
    if (!step) throw this.unknown(name, place, [...this.steps.keys()])
    return step
  }

  private isSpoilt(name: string): boolean {
    return this.places.has(name) && !this.steps.has(name)
  }

  private unknown(name: string, place: Place, known: readonly string[]): Problem {
    return new Problem(place, `unknown reference ${name}: no earlier step has that name${didYouMean(name, known)}`)
  }
}

function article(word: string): string {
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`
}
