/**
 * The kinds of values that steps take.
 */
import { parseAmount, type AssetUnit } from './amount'
import type { Written } from './document'
import { Problem, type Place } from './problem'
import type { Scope, Thing, ThingKind } from './scope'

export interface Field<Value> {
  /** For the help. */
  readonly help: string
  readonly required: boolean
  /** Throws `Problem`. */
  read(written: Written, scope: Scope): Value
}

export type FieldTable = Readonly<Record<string, Field<unknown>>>
export type FieldValues<Fields extends FieldTable> = {
  readonly [Name in keyof Fields]: Fields[Name] extends Field<infer Value> ? Value : never
}

/** The same field, left out at will. */
export function optional<Value>(field: Field<Value>): Field<Value | undefined> {
  return { ...field, required: false }
}

/** A text. `{run}` in it stands for a few characters that differ from run to run. */
export function text(help: string): Field<string> {
  return {
    help,
    required: true,
    read({ value, place }, scope) {
      if (typeof value === 'bigint') return value.toString()
      if (typeof value !== 'string' || value === '') throw new Problem(place, 'must be a text')
      return scope.fill(value)
    }
  }
}

export function flag(help: string): Field<boolean> {
  return {
    help,
    required: true,
    read({ value, place }) {
      if (typeof value !== 'boolean') throw new Problem(place, 'must be true or false')
      return value
    }
  }
}

export function whole(help: string, min: bigint, max: bigint): Field<number> {
  return {
    help,
    required: true,
    read({ value, place }) {
      if (typeof value !== 'bigint' || value < min || value > max) {
        throw new Problem(place, `must be a whole number from ${min} to ${max}`)
      }
      return Number(value)
    }
  }
}

/** The name of an earlier step that made one of the kinds. */
export function reference(help: string, ...kinds: ThingKind[]): Field<Thing> {
  return { help, required: true, read: ({ value, place }, scope) => scope.thing(nameOf(value, place), kinds, place) }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The transfer of an earlier step, or the id of one that the file does not know. */
export function transfer(help: string): Field<{ readonly name: string; readonly id: string }> {
  return {
    help,
    required: true,
    read({ value, place }, scope) {
      const name = nameOf(value, place)
      return { name, id: UUID.test(name) ? name : scope.thing(name, ['withdraw', 'deposit'], place).id! }
    }
  }
}

/** An id for a new transfer: any text, or the name of an earlier transfer to use its id once more. */
export function transferId(help: string): Field<string> {
  return {
    help,
    required: true,
    read({ value, place }, scope) {
      const name = nameOf(value, place)
      return scope.has(name) ? scope.thing(name, ['withdraw', 'deposit'], place).id! : scope.fill(name)
    }
  }
}

/** An amount as written; what it is worth depends on the asset of the step. */
export interface WrittenAmount {
  in(asset: AssetUnit): bigint
}

export function amount(help: string): Field<WrittenAmount> {
  return {
    help,
    required: true,
    read({ value, place }) {
      if (typeof value !== 'string' && typeof value !== 'bigint') {
        throw new Problem(
          place,
          'must be an amount: units with the code (12.50 USD) or a whole number of the smallest unit'
        )
      }
      return { in: (asset) => exact(String(value), asset, place) }
    }
  }
}

function exact(text: string, asset: AssetUnit, place: Place): bigint {
  try {
    return parseAmount(text, asset)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new Problem(place, error.message)
  }
}

function nameOf(value: Written['value'], place: Place): string {
  if (typeof value !== 'string' || value === '') throw new Problem(place, 'must be a name')
  return value
}
