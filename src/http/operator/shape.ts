/**
 * What JSON looks like on the operator routes. A shape is told once and serves three: the document that clients
 * read, the check of what they send, and the compiler.
 */
export type JsonSchema = Readonly<Record<string, unknown>>

export interface Shape<Value = unknown> {
  readonly schema: JsonSchema
  /** Only for the compiler: never set. */
  readonly value?: Value
}

/** A field that may be left out. */
export interface OptionalShape<Value = unknown> extends Shape<Value> {
  readonly isOptional: true
}

export type ValueOf<S> = S extends Shape<infer Value> ? Value : never

export type Fields = Readonly<Record<string, Shape>>
type OptionalKey<F extends Fields> = { [Key in keyof F]: F[Key] extends OptionalShape ? Key : never }[keyof F]

export type ObjectOf<F extends Fields> = {
  readonly [Key in Exclude<keyof F, OptionalKey<F>>]: ValueOf<F[Key]>
} & { readonly [Key in OptionalKey<F>]?: ValueOf<F[Key]> }

/** Longest text where nothing else is said, in characters. */
const TEXT_LENGTH_MAX = 2_048

export function text(description: string, more: JsonSchema = {}): Shape<string> {
  return { schema: { type: 'string', minLength: 1, maxLength: TEXT_LENGTH_MAX, description, ...more } }
}

/** An amount or a rate: digits with at most one point, as text, so that no digit is lost on the way. */
export function decimal(description: string): Shape<string> {
  return text(description, { maxLength: 60, pattern: '^-?[0-9]+([.][0-9]+)?$', examples: ['20.0'] })
}

export function moment(description: string): Shape<string> {
  return text(description, { format: 'date-time', maxLength: 40 })
}

export function choice<Value extends string>(description: string, values: readonly Value[]): Shape<Value> {
  return { schema: { type: 'string', enum: [...values], description } }
}

export function flag(description: string): Shape<boolean> {
  return { schema: { type: 'boolean', description } }
}

/** Ends included. */
export function integer(description: string, minimum: number, maximum: number): Shape<number> {
  return { schema: { type: 'integer', minimum, maximum, description } }
}

export function list<Item>(item: Shape<Item>, description: string, most?: number): Shape<readonly Item[]> {
  const bound = most === undefined ? {} : { maxItems: most }
  return { schema: { type: 'array', items: item.schema, description, ...bound } }
}

/** An object with exactly these fields. */
export function object<F extends Fields>(fields: F, description?: string): Shape<ObjectOf<F>> {
  const entries = Object.entries(fields)
  const required = entries.filter(([, shape]) => !('isOptional' in shape)).map(([key]) => key)
  return {
    schema: {
      type: 'object',
      ...(description === undefined ? {} : { description }),
      properties: Object.fromEntries(entries.map(([key, { schema }]) => [key, schema])),
      ...(required.length === 0 ? {} : { required }),
      additionalProperties: false
    }
  }
}

/** Names that are data, all with values of one shape. */
export function record<Value>(value: Shape<Value>, description: string): Shape<Readonly<Record<string, Value>>> {
  return { schema: { type: 'object', additionalProperties: value.schema, description } }
}

export function anything(description: string): Shape<unknown> {
  return { schema: { description } }
}

export function optional<Value>(shape: Shape<Value>): OptionalShape<Value> {
  return { ...shape, isOptional: true }
}

export function nullable<Value>({ schema }: Shape<Value>): Shape<Value | null> {
  const { description, ...rest } = schema
  return { schema: { ...(description === undefined ? {} : { description }), anyOf: [rest, { type: 'null' }] } }
}

const COMPONENTS = new Map<string, JsonSchema>()

/** A shape that stands in the document once, under a name. */
export function named<Value>(name: string, { schema }: Shape<Value>): Shape<Value> {
  if (COMPONENTS.has(name)) throw new Error(`two shapes have the name ${name}`)
  COMPONENTS.set(name, schema)
  return { schema: { $ref: `#/components/schemas/${name}` } }
}

/** All of them, in the order of their names. */
export function components(): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries([...COMPONENTS].sort(([one], [other]) => (one < other ? -1 : 1)))
}
