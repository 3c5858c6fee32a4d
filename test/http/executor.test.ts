/**
 * Goal: compiling an operation changes nothing but its speed.
 * Method: random operations over a schema of objects and leaves, whose every field may answer at once or
 * later, with a value, null, a wrong value or an error of either kind; the compiled operation and graphql-js
 * must give the same answer to the letter. And shapes that are not compiled are named one by one.
 */
import fc from 'fast-check'
import {
  buildSchema,
  GraphQLError,
  Kind,
  parse,
  responsePathAsArray,
  validate,
  type ExecutionResult,
  type GraphQLFormattedError,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type OperationDefinitionNode
} from 'graphql'
import { OperationCompiler, type Variables } from '../../src/http/graphql-executor'
import { formatResult, type FormattedResult } from '../../src/http/graphql-masking'
import { createTestSchema } from './schema'

type Outcome = 'value' | 'null' | 'wrong' | 'expected' | 'unexpected'
interface Behaviour {
  readonly outcome: Outcome
  readonly isLate: boolean
}

/** Fields by kind, nullable and not, at any depth; each is resolved by the next behaviour of the script. */
const FLAT = buildSchema(`
  scalar Amount
  enum Colour { RED GREEN }
  input Point { x: Int!, y: Int = 7, label: String }
  type Thing {
    text: String
    textRequired: String!
    count: Int
    countRequired: Int!
    amount: Amount
    amountRequired: Amount!
    colour: Colour
    thing: Thing
    thingRequired: Thing!
    given(text: String, count: Int = 3, point: Point, amount: Amount, colour: Colour): String
  }
  type Query { thing: Thing thingRequired: Thing! given(text: String, count: Int = 3, point: Point, amount: Amount, colour: Colour): String }
  type Mutation { thing: Thing thingRequired: Thing! given(text: String, count: Int = 3, point: Point, amount: Amount, colour: Colour): String }
`)

/** Operations of each property; many more in the long form. */
const RUNS = process.env.HAZINA_TEST_LONG === '1' ? 20_000 : 600

const LEAVES = ['text', 'textRequired', 'count', 'countRequired', 'amount', 'amountRequired', 'colour']
const OBJECTS = ['thing', 'thingRequired']
const VARIABLES =
  '$text: String, $count: Int, $point: Point, $amount: Amount, $colour: Colour, $textDefault: String = "d", $pointDefault: Point = { x: 1 }'

const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  outcome: fc.oneof(
    { weight: 6, arbitrary: fc.constant<Outcome>('value') },
    { weight: 1, arbitrary: fc.constantFrom<Outcome>('null', 'wrong', 'expected', 'unexpected') }
  ),
  isLate: fc.boolean()
})

const prefix = fc.constantFrom('', '', '', 'one_', 'two_')

/** A field under its own name or another one, which no other field has: what has the same name can be merged. */
function named(field: string): fc.Arbitrary<string> {
  return prefix.map((text) => (text === '' ? field : `${text}${field}: ${field}`))
}

function given(): fc.Arbitrary<string> {
  const argument = fc.constantFrom(
    'text: $text',
    'text: $textDefault',
    'count: $count',
    'point: $point',
    'point: $pointDefault',
    'amount: $amount',
    'colour: $colour'
  )
  const list = fc.uniqueArray(argument, { selector: (text) => text.split(':')[0], maxLength: 4 })
  return fc.tuple(prefix, list).map(([text, given]) => {
    const variables = given.map((one) => one.split('$')[1]).sort()
    return `${text}given_${variables.join('_')}: given${given.length > 0 ? `(${given.join(', ')})` : ''}`
  })
}

const selections: fc.Arbitrary<string> = fc.letrec<{ set: string; field: string; object: string }>((tie) => ({
  set: fc.array(tie('field'), { minLength: 1, maxLength: 5 }).map((fields) => `{ ${fields.join(' ')} }`),
  object: fc
    .tuple(fc.constantFrom(...OBJECTS).chain(named), tie('set'), fc.boolean())
    .map(([field, set, isSpread]) => (isSpread ? `... { ${field} ${set} }` : `${field} ${set}`)),
  field: fc.oneof({ depthSize: 'small' }, fc.constantFrom(...LEAVES, '__typename').chain(named), given(), tie('object'))
})).set

const GIVEN = 'given(text: $text, count: $count, point: $point, amount: $amount, colour: $colour)'
const GIVEN_DEFAULTS = 'other: given(text: $textDefault, point: $pointDefault)'

const root = fc.tuple(fc.constantFrom(...OBJECTS).chain(named), selections).map((parts) => parts.join(' '))

/** Every variable is used, as validation demands. */
const operation: fc.Arbitrary<string> = fc.oneof(
  fc
    .array(root, { minLength: 1, maxLength: 3 })
    .map((roots) => `query Test(${VARIABLES}) { ${roots.join(' ')} ${GIVEN} ${GIVEN_DEFAULTS} }`),
  selections.map((set) => `mutation Test(${VARIABLES}) { thing { ${GIVEN} ${GIVEN_DEFAULTS} ${set.slice(1)} }`),
  selections.map((set) => `mutation Test(${VARIABLES}) { thingRequired { ${GIVEN} ${GIVEN_DEFAULTS} ${set.slice(1)} }`)
)

const scalar = fc.constantFrom<unknown>('a', '', '7', 7, -1, 1.5, 2 ** 31, true, null, [], {}, 'RED', 'BLUE', [['x']])
const variables: fc.Arbitrary<Variables> = fc.record(
  {
    text: fc.oneof(fc.string(), scalar),
    count: fc.oneof(fc.integer(), scalar),
    point: fc.oneof(
      fc.record({ x: fc.oneof(fc.integer(), scalar), y: scalar, label: scalar, z: scalar }, { requiredKeys: ['x'] }),
      scalar
    ),
    amount: fc.oneof(fc.nat().map(String), scalar),
    colour: fc.constantFrom<unknown>('RED', 'GREEN', 'BLUE', 1, null),
    textDefault: fc.oneof(fc.string(), scalar),
    pointDefault: scalar,
    unknown: scalar
  },
  { requiredKeys: [] }
)

/** Mostly right values, so that most operations run. */
const tameVariables: fc.Arbitrary<Variables> = fc.record(
  {
    text: fc.option(fc.string()),
    count: fc.option(fc.integer({ min: -100, max: 100 })),
    point: fc.option(
      fc.record(
        { x: fc.integer({ min: 0, max: 9 }), y: fc.option(fc.nat(9)), label: fc.string() },
        { requiredKeys: ['x'] }
      )
    ),
    amount: fc.option(fc.nat().map(String)),
    colour: fc.option(fc.constantFrom('RED', 'GREEN')),
    textDefault: fc.option(fc.string()),
    pointDefault: fc.option(fc.record({ x: fc.nat(9) }))
  },
  { requiredKeys: [] }
)

/** What the fields do at present, and what they were asked. */
let script: readonly Behaviour[] = []
let log: string[] = []

/** A field's behaviour depends on where it stands in the answer, so both executors meet the same one. */
function resolve(_: unknown, args: object, __: unknown, { path: place, fieldName }: GraphQLResolveInfo): unknown {
  const path = responsePathAsArray(place).join('.')
  log.push(`${path} ${written(args)}`)
  const { outcome, isLate } = script[hash(path) % script.length] ?? { outcome: 'value', isLate: false }
  const act = (): unknown => perform(outcome, fieldName, args)
  return isLate ? new Promise((resolve) => setImmediate(resolve)).then(act) : act()
}

for (const type of [FLAT.getType('Thing'), FLAT.getQueryType(), FLAT.getMutationType()]) {
  for (const field of Object.values((type as GraphQLObjectType).getFields())) field.resolve = resolve
}

/** Arguments as text, whatever the order of their names. */
function written(args: object): string {
  const sorted = Object.fromEntries(Object.entries(args).sort(([one], [other]) => one.localeCompare(other)))
  return JSON.stringify(sorted, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}

function hash(text: string): number {
  let sum = 7
  for (const character of text) sum = (sum * 31 + character.charCodeAt(0)) % 1_000_003
  return sum
}

/** A value that no leaf can be made of. */
const UNREADABLE = {
  valueOf(): never {
    throw new TypeError('not to be read')
  }
}

function perform(outcome: Outcome, field: string, args: object): unknown {
  if (outcome === 'null') return null
  if (outcome === 'expected') throw new GraphQLError(`${field} says no`, { extensions: { code: 'NO' } })
  if (outcome === 'unexpected') throw new Error(`${field} broke`)
  if (field.startsWith('thing')) return {}
  if (outcome === 'wrong' && field !== 'colour') return UNREADABLE
  if (field.startsWith('count')) return 3
  if (field.startsWith('amount')) return 18446744073709551615n
  if (field === 'colour') return 'GREEN'
  if (field === 'given') return Object.keys(args).sort().join()
  return 'text'
}

Object.assign(FLAT.getType('Amount') ?? {}, {
  serialize: (value: unknown) => {
    if (typeof value !== 'bigint') throw new TypeError('not a bigint')
    return String(value)
  },
  parseValue: (value: unknown) => BigInt(value as string),
  parseLiteral: () => 1n
})

function operationOf(document: ReturnType<typeof parse>): OperationDefinitionNode {
  const node = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  if (!node) throw new Error('no operation')
  return node as OperationDefinitionNode
}

function shown(result: ExecutionResult): FormattedResult {
  return JSON.parse(JSON.stringify(formatResult(result, 'the request', () => undefined))) as FormattedResult
}

/**
 * The errors whose place is there to be seen, by that place. Of several errors inside something that one of
 * them made null, and of fields side by side, which are told and in what order is left to the executor.
 */
function errorsOf({ data, errors = [] }: FormattedResult): GraphQLFormattedError[] {
  return errors
    .filter(({ path }) => !isInsideNull(data, path ?? []))
    .sort((one, other) => String(one.path).localeCompare(String(other.path)))
}

function isInsideNull(data: unknown, path: readonly (string | number)[]): boolean {
  let at = data
  for (const key of path.slice(0, -1)) {
    if (at === null) return true
    at = (at as Record<string, unknown>)[key]
  }
  return at === null
}

const isRoot = (line: string): boolean => !line.split(' ')[0]?.includes('.')

describe('a compiled operation', () => {
  const compiler = new OperationCompiler(FLAT)

  /** Whether the operation ran: its variables were not refused. */
  async function compare(source: string, given: Variables, behaviours: readonly Behaviour[]): Promise<boolean> {
    const document = parse(source)
    expect(validate(FLAT, document)).toEqual([])
    const compiled = compiler.compile(document, operationOf(document))
    if (!compiled) throw new Error(`not compiled: ${source}`)
    script = behaviours
    const asked: string[] = (log = [])
    const expected = await compiler.interpret(document, 'Test')({}, given)
    const askedCompiled: string[] = (log = [])
    const actual = await compiled({}, given)
    expect('data' in actual).toBe('data' in expected)
    if (!('data' in expected)) {
      expect(actual.errors?.map(String)).toEqual(expected.errors?.map(String))
      expect(askedCompiled).toEqual([])
      return false
    }
    const [one, other] = [shown(expected), shown(actual)]
    expect(other.data).toEqual(one.data)
    expect(errorsOf(other)).toEqual(errorsOf(one))
    expect(other.errors === undefined).toBe(one.errors === undefined)
    expect(askedCompiled).toEqual(expect.arrayContaining(asked))
    if (source.startsWith('mutation')) expect(askedCompiled.filter(isRoot)).toEqual(asked.filter(isRoot))
    return true
  }

  test('gives the answer of graphql-js', async () => {
    await fc.assert(
      fc.asyncProperty(
        operation,
        tameVariables,
        fc.array(behaviour, { minLength: 1, maxLength: 12 }),
        async (source, given, behaviours) => {
          expect(await compare(source, given, behaviours)).toBe(true)
        }
      ),
      { numRuns: RUNS }
    )
  })

  test('refuses the variables that graphql-js refuses, with its words and before anything runs', async () => {
    await fc.assert(
      fc.asyncProperty(
        operation,
        variables,
        fc.array(behaviour, { minLength: 1, maxLength: 3 }),
        async (source, given, behaviours) => {
          await compare(source, given, behaviours)
        }
      ),
      { numRuns: RUNS }
    )
  })
})

describe('what is not compiled', () => {
  const { schema } = createTestSchema()
  const compiler = new OperationCompiler(schema)

  test.each([
    ['a list', '{ items { edges { cursor } } }'],
    ['an interface', '{ node(id: "1") { id } }'],
    ['introspection', '{ __schema { queryType { name } } }'],
    ['@skip on a field', 'query Q($s: Boolean!) { echo @skip(if: $s) }'],
    ['@include on a fragment', 'query Q($s: Boolean!) { ... @include(if: $s) { echo } }'],
    ['a literal', '{ echo(number: 5) }'],
    [
      'an input object with a variable inside',
      'mutation M($id: String!) { add(input: { id: $id, amount: 1 }) { code } }'
    ],
    ['several mutations', 'mutation M($a: String!, $b: String!) { append(text: $a) more: append(text: $b) }'],
    ['a mutation in a fragment', 'mutation M($a: String!) { ... { append(text: $a) } }'],
    ['an optional variable for a required argument', 'query Q($id: ID = "1") { item(id: $id) { id } }']
  ])('%s', (_, source) => {
    const document = parse(source)
    expect(validate(schema, document)).toEqual([])
    expect(compiler.compile(document, operationOf(document))).toBeUndefined()
  })

  test('while objects and leaves with variables are', () => {
    const document = parse(
      'query Q($id: ID!) { item(id: $id) { ...F parent { id } } } fragment F on Item { name amount }'
    )
    expect(compiler.compile(document, operationOf(document))).toBeDefined()
  })
})
