/**
 * Random GraphQL requests against a schema: well-formed ones with values of every kind, ones that were
 * damaged, and ones made to hurt. Whatever comes, an endpoint answers in its own words.
 */
import fc from 'fast-check'
import {
  getNamedType,
  getVariableValues,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  validate,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema
} from 'graphql'
import { valueOf } from './hostile-values'
import type { Answer } from './support'

export interface HostileRequest {
  readonly query: string
  readonly variables?: unknown
  readonly operationName?: unknown
}

export interface HostileOptions {
  /** Root fields to leave alone, by name. */
  readonly except?: readonly string[]
}

/** Requests of all three kinds. */
export function hostileDocuments(schema: GraphQLSchema, options: HostileOptions = {}): fc.Arbitrary<HostileRequest> {
  const sound = soundRequests(schema, options)
  return fc.oneof(
    { weight: 5, arbitrary: sound },
    { weight: 3, arbitrary: fc.tuple(sound, fc.array(damage, { minLength: 1, maxLength: 4 })).map(damaged) },
    { weight: 1, arbitrary: nastyRequests(schema) }
  )
}

/** Codes that an endpoint answers before it runs anything, with status 400. */
const REFUSALS = new Set([
  'BAD_REQUEST',
  'BATCHING_REFUSED',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
  'SUBSCRIPTION_NOT_SUPPORTED',
  'QUERY_TOO_LONG',
  'QUERY_TOO_DEEP',
  'QUERY_TOO_COMPLEX',
  'TOO_MANY_ALIASES',
  'TOO_MANY_ROOT_FIELDS'
])

/** What no client may read: the words of storage, of the language and of this machine. */
const LEAKS =
  /violates|relation "|syntax error at|duplicate key|invalid input syntax|TypeError|RangeError|undefined is not|Cannot read prop|node_modules|\.ts:\d|\bat [\w.]+ \(/

/**
 * Throws unless the answer is one that a client may get: 200 with data, or 400 with a code of the closed set
 * and no data; nothing unexpected behind a mask, and nobody's secrets in it.
 */
export function expectTame(request: HostileRequest, answer: Answer): void {
  const codes = (answer.body.errors ?? []).map(({ extensions }) => extensions?.code)
  const about = `${answer.status} ${answer.text.slice(0, 500)}\nfor ${JSON.stringify(request).slice(0, 1_500)}`
  const leak = LEAKS.exec((answer.body.errors ?? []).map(({ message }) => message).join('\n'))
  if (leak) throw new Error(`an error tells "${leak[0]}": ${about}`)
  if (codes.some((code) => typeof code !== 'string')) throw new Error(`an error without a code: ${about}`)
  if (answer.text.includes('Internal server error')) throw new Error(`something failed unexpectedly: ${about}`)
  if (answer.status === 200) {
    if (!('data' in answer.body)) throw new Error(`no data: ${about}`)
    return
  }
  if (answer.status !== 400) throw new Error(`an unexpected status: ${about}`)
  if ('data' in answer.body || codes.length === 0) throw new Error(`a refusal that is none: ${about}`)
  if (!codes.every((code) => REFUSALS.has(code))) throw new Error(`an unknown refusal: ${about}`)
}

/** Whether the answer says that nothing ran. */
export function isRefusal(answer: Answer): boolean {
  return answer.status === 400
}

interface Part {
  readonly text: string
  readonly definitions: readonly string[]
  readonly variables: Readonly<Record<string, unknown>>
}

const EMPTY: Part = { text: '', definitions: [], variables: {} }

function joined(parts: readonly Part[], separator: string): Part {
  return {
    text: parts
      .map(({ text }) => text)
      .filter((text) => text !== '')
      .join(separator),
    definitions: parts.flatMap(({ definitions }) => definitions),
    variables: Object.assign({}, ...parts.map(({ variables }) => variables)) as Record<string, unknown>
  }
}

interface Root {
  readonly kind: 'query' | 'mutation'
  readonly field: GraphQLField<unknown, unknown>
}

function rootsOf(schema: GraphQLSchema): Root[] {
  const queries = Object.values(schema.getQueryType()?.getFields() ?? {})
  const mutations = Object.values(schema.getMutationType()?.getFields() ?? {})
  return [
    ...queries.map((field): Root => ({ kind: 'query', field })),
    ...mutations.map((field): Root => ({ kind: 'mutation', field }))
  ]
}

function requestOf(kind: Root['kind'], parts: readonly Part[]): HostileRequest {
  const aliased = parts.map((part, index) => (index === 0 ? part : { ...part, text: `other: ${part.text}` }))
  const { text, definitions, variables } = joined(aliased, ' ')
  const head = definitions.length > 0 ? `${kind} Random(${definitions.join(', ')})` : kind
  return { query: `${head} { ${text} }`, variables }
}

function soundRequests(schema: GraphQLSchema, { except = [] }: HostileOptions): fc.Arbitrary<HostileRequest> {
  const roots = rootsOf(schema).filter(({ field }) => !except.includes(field.name))
  return fc
    .constantFrom(...roots)
    .chain(({ kind, field }) =>
      fc.array(fieldPart(schema, field), { minLength: 1, maxLength: 2 }).map((parts) => requestOf(kind, parts))
    )
}

const SAMPLES = 200

/** One request that fits the schema for each operation of it, under its name. */
export function everyOperation(schema: GraphQLSchema): (readonly [name: string, request: HostileRequest])[] {
  return rootsOf(schema).map(({ kind, field }) => {
    const samples = fc.sample(fieldPart(schema, field), { numRuns: SAMPLES, seed: 1 })
    const request = samples.map((part) => requestOf(kind, [part])).find((candidate) => isSound(schema, candidate))
    if (!request) throw new Error(`no request for ${field.name} fits the schema`)
    return [field.name, request]
  })
}

/** Whether nothing is wrong with the document, nor with its variables. */
function isSound(schema: GraphQLSchema, { query, variables }: HostileRequest): boolean {
  const document = parse(query)
  const [operation] = document.definitions
  if (operation?.kind !== Kind.OPERATION_DEFINITION || validate(schema, document).length > 0) return false
  const values = variables as Record<string, unknown>
  return getVariableValues(schema, operation.variableDefinitions ?? [], values).errors === undefined
}

let variableCount = 0

/** A field with its arguments, each a variable or written out, and some of what is below it. */
function fieldPart(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>, depth = 4): fc.Arbitrary<Part> {
  const given = field.args.map((argument) => {
    const isRequired = isNonNullType(argument.type)
    const value = fc
      .tuple(valueOf(argument.type, 3), fc.boolean(), fc.nat(9))
      .map(([given, isVariable, chance]): Part => {
        if (!isRequired && chance < 4) return EMPTY
        if (!isVariable) return { ...EMPTY, text: `${argument.name}: ${literal(given, argument.type)}` }
        const name = `v${(variableCount += 1)}`
        return {
          text: `${argument.name}: $${name}`,
          definitions: [`$${name}: ${argument.type}`],
          variables: { [name]: given }
        }
      })
    return value
  })
  return fc.tuple(fc.tuple(...given), below(schema, field, depth)).map(([parts, selection]) => {
    const list = joined(parts, ', ')
    const text = `${field.name}${list.text ? `(${list.text})` : ''}`
    return joined([{ ...list, text }, selection], ' ')
  })
}

function below(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>, depth: number): fc.Arbitrary<Part> {
  const type = getNamedType(field.type)
  if (!isCompositeType(type)) return fc.constant(EMPTY)
  if (!('getFields' in type)) return fc.constant({ ...EMPTY, text: '{ __typename }' })
  const fields = Object.values((type as GraphQLObjectType).getFields()).filter(
    (inner) => depth > 0 || (isLeafType(getNamedType(inner.type)) && inner.args.length === 0)
  )
  if (fields.length === 0) return fc.constant({ ...EMPTY, text: '{ __typename }' })
  const chosen = fc.uniqueArray(fc.constantFrom(...fields), { minLength: 1, maxLength: 5 })
  return chosen.chain((list) =>
    fc.tuple(...list.map((inner) => fieldPart(schema, inner, depth - 1)), spread(type)).map((parts) => {
      const selection = joined(parts, ' ')
      return { ...selection, text: `{ ${selection.text} }` }
    })
  )
}

function spread(type: unknown): fc.Arbitrary<Part> {
  const on = isObjectType(type) ? ` on ${type.name}` : ''
  return fc
    .constantFrom(
      '',
      '__typename',
      `... { __typename }`,
      `...${on} { __typename }`,
      '... @skip(if: true) { __typename }'
    )
    .map((text) => ({ ...EMPTY, text }))
}

/** A value written out in the document, enums as names. */
function literal(value: unknown, type: GraphQLInputType): string {
  const inner = isNonNullType(type) ? (type.ofType as GraphQLInputType) : type
  if (Array.isArray(value)) {
    const item = isListType(inner) ? (inner.ofType as GraphQLInputType) : inner
    return `[${value.map((one) => literal(one, item)).join(', ')}]`
  }
  if (typeof value === 'object' && value !== null) {
    const fields = isInputObjectType(inner) ? inner.getFields() : {}
    const entries = Object.entries(value).filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
    return `{ ${entries.map(([name, one]) => `${name}: ${literal(one, fields[name]?.type ?? inner)}`).join(', ')} }`
  }
  if (isEnumType(inner) && typeof value === 'string' && /^[A-Za-z_]\w*$/.test(value)) return value
  return JSON.stringify(value) ?? 'null'
}

type Damage = readonly [kind: 'delete' | 'insert' | 'double' | 'swap', at: number, length: number, text: string]

const damage: fc.Arbitrary<Damage> = fc.tuple(
  fc.constantFrom('delete', 'insert', 'double', 'swap'),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.nat(12),
  fc.oneof(
    fc.constantFrom(
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      '!',
      '$',
      '...',
      ':',
      '@',
      '"',
      '"""',
      '#',
      '|',
      '&',
      '=',
      'null',
      'on',
      'fragment',
      'query',
      'subscription'
    ),
    fc.constantFrom(
      '__schema{types{name}}',
      '@skip(if: $x)',
      '@include(if: "x")',
      '@deprecated',
      '\u0000',
      '\ufeff',
      '\ud83d\ude00',
      '-',
      '1e',
      '0x'
    ),
    fc.string({ maxLength: 3 })
  )
)

function damaged([request, damages]: [HostileRequest, Damage[]]): HostileRequest {
  const query = damages.reduce((text, [kind, at, length, piece]) => {
    const start = Math.floor(at * text.length)
    const cut = text.slice(start, start + length)
    if (kind === 'delete') return text.slice(0, start) + text.slice(start + length)
    if (kind === 'insert') return text.slice(0, start) + piece + text.slice(start)
    if (kind === 'double') return text.slice(0, start) + cut + cut + text.slice(start + length)
    return text.slice(start) + text.slice(0, start)
  }, request.query)
  return { ...request, query }
}

function nastyRequests(schema: GraphQLSchema): fc.Arbitrary<HostileRequest> {
  const type = schema.getQueryType()
  const leaf = '__typename'
  const name = Object.keys(type?.getFields() ?? {})[0] ?? leaf
  const repeat = (text: (index: number) => string, count: number): string =>
    Array.from({ length: count }, (_, index) => text(index)).join(' ')
  const size = fc.integer({ min: 1, max: 3_000 })
  return fc.oneof(
    size.map((count) => ({ query: `{ ${repeat((index) => `a${index}: ${leaf}`, count)} }` })),
    size.map((count) => ({ query: `{ ${repeat(() => leaf, count)} }` })),
    size.map((count) => ({ query: `{ ${`${name} { `.repeat(count)}${leaf}${' }'.repeat(count)} }` })),
    size.map((count) => ({ query: `{ ${'... { '.repeat(count)}${leaf}${' }'.repeat(count)} }` })),
    size.map((count) => ({
      query: `{ ${repeat((index) => `...F${index}`, count)} } ${repeat((index) => `fragment F${index} on Query { ${leaf} ...F${index + 1} }`, Math.min(count, 400))}`
    })),
    size.map((count) => ({
      query: `{ ...A } fragment A on Query { ...B ${leaf} } fragment B on Query { ${repeat(() => '...A', count)} }`
    })),
    size.map((count) => ({ query: `{ ${leaf} ${repeat((index) => `@d${index}`, count)} }` })),
    size.map((count) => ({ query: `{ ${leaf} ${repeat(() => '@skip(if: false)', count)} }` })),
    size.map((count) => ({ query: `query Q(${repeat((index) => `$v${index}: Int`, count)}) { ${leaf} }` })),
    size.map((count) => ({ query: `{ ${name}(id: ${'['.repeat(count)}${']'.repeat(count)}) { ${leaf} } }` })),
    size.map((count) => ({
      query: `{ ${leaf} }`,
      variables: JSON.parse(`${'{"a":'.repeat(count)}1${'}'.repeat(count)}`) as unknown
    })),
    size.map((count) => ({ query: repeat((index) => `query Q${index} { ${leaf} }`, count), operationName: 'Q0' })),
    size.map((count) => ({ query: `{ ${leaf} }#${'x'.repeat(count)}`, operationName: 'x'.repeat(count) })),
    fc.anything().map((value) => ({ query: `{ ${leaf} }`, variables: jsonOf(value), operationName: jsonOf(value) })),
    fc
      .constantFrom(
        'subscription { x }',
        'mutation',
        'query',
        '{}',
        '{',
        '}',
        '#',
        '"',
        '"""',
        'type A { b: C }',
        'extend schema @x',
        'fragment F on Query { __typename }',
        '{ __type(name: 5) { name } }',
        `{ ${leaf} } { ${leaf} }`
      )
      .map((query) => ({ query })),
    fc.string({ unit: 'binary', maxLength: 200 }).map((query) => ({ query }))
  )
}

function jsonOf(value: unknown): unknown {
  try {
    return JSON.parse(
      JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner))
    ) as unknown
  } catch {
    return null
  }
}
