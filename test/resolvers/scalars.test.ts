/**
 * The scalars (cases 2 to 5).
 *
 * Goal: what each scalar takes, as a variable and as a literal, and what it answers. Method: a schema with
 * nothing but an echo of each scalar, so that coercion is the one of the GraphQL server.
 */
import fc from 'fast-check'
import { graphql, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, type GraphQLScalarType } from 'graphql'
import { JSONObject, UInt64, UInt8, UINT64_MAX } from '../../src/resolvers/shared/scalars'

let executed = 0

function echo(scalar: GraphQLScalarType): object {
  const args = { value: { type: new GraphQLNonNull(scalar) } }
  const resolve = (_: unknown, given: Record<string, unknown>): unknown => {
    executed++
    return given.value
  }
  return { type: scalar, args, resolve }
}

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: { uint64: echo(UInt64), uint8: echo(UInt8), json: echo(JSONObject) } as never
  })
})

const TYPES = { uint64: 'UInt64', uint8: 'UInt8', json: 'JSONObject' } as const

/** The answer as it goes over the wire; undefined for a refused request, in which nothing was executed. */
async function answerTo(field: keyof typeof TYPES, source: string, variableValues?: object): Promise<unknown> {
  const before = executed
  const result = await graphql({ schema, source, variableValues: variableValues as Record<string, unknown> })
  if (result.errors) {
    expect(result.data).toBeUndefined()
    expect(executed).toBe(before)
    return undefined
  }
  return (JSON.parse(JSON.stringify(result.data)) as Record<string, unknown>)[field]
}

function byVariable(field: keyof typeof TYPES, value: unknown): Promise<unknown> {
  return answerTo(field, `query ($value: ${TYPES[field]}!) { ${field}(value: $value) }`, { value })
}

function byLiteral(field: keyof typeof TYPES, literal: string): Promise<unknown> {
  return answerTo(field, `{ ${field}(value: ${literal}) }`)
}

describe('UInt64', () => {
  it.each([
    [0, '0'],
    [100, '100'],
    ['100', '100'],
    ['0', '0'],
    ['', '0'],
    ['007', '7'],
    ['-0', '0'],
    ['0xff', '255'],
    ['0XFFFFFFFFFFFFFFFF', '18446744073709551615'],
    ['18446744073709551615', '18446744073709551615'],
    ['9223372036854775808', '9223372036854775808'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991']
  ])('case 4, case 5: takes the variable %j as %s', async (value, answer) => {
    expect(await byVariable('uint64', value)).toBe(answer)
  })

  it.each([
    -1,
    '-1',
    1.5,
    '1.5',
    '1e3',
    'ten',
    ' 1',
    '1 ',
    '+1',
    '0x',
    '0xg',
    '0b1',
    true,
    false,
    null,
    [],
    [1],
    {},
    2 ** 53,
    1e300,
    '18446744073709551616',
    '0x10000000000000000',
    '9'.repeat(60),
    '9'.repeat(100_000)
  ])('case 2: refuses the variable %j (%#)', async (value) => {
    expect(await byVariable('uint64', value)).toBeUndefined()
  })

  it.each([
    ['100', '100'],
    ['"100"', '100'],
    ['""', '0'],
    ['"0x10"', '16'],
    ['18446744073709551615', '18446744073709551615']
  ])('takes the literal %s as %s', async (literal, answer) => {
    expect(await byLiteral('uint64', literal)).toBe(answer)
  })

  it.each(['-1', '"-1"', '1.0', '1e3', '"1.0"', 'true', 'null', '[]', '{}', 'FEE', '18446744073709551616'])(
    'refuses the literal %s',
    async (literal) => {
      expect(await byLiteral('uint64', literal)).toBeUndefined()
    }
  )

  it('says that a negative value must be unsigned', async () => {
    const result = await graphql({ schema, source: '{ uint64(value: -5) }' })
    expect(result.errors?.[0]?.message).toContain('must be unsigned')
  })

  it('gives back every value, however it was sent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.bigInt(0n, UINT64_MAX), async (value) => {
        expect(await byVariable('uint64', value.toString())).toBe(value.toString())
        expect(await byVariable('uint64', `0x${value.toString(16)}`)).toBe(value.toString())
        expect(await byLiteral('uint64', value.toString())).toBe(value.toString())
      })
    )
  })

  it('answers a sum of amounts, and nothing that is negative or not whole', () => {
    expect(UInt64.serialize(2n * UINT64_MAX)).toBe('36893488147419103230')
    for (const value of [-1n, 1.5, 'ten', null]) expect(() => UInt64.serialize(value)).toThrow('cannot represent')
  })

  it('refuses every value above', async () => {
    await fc.assert(
      fc.asyncProperty(fc.bigInt(UINT64_MAX + 1n, 2n ** 200n), async (value) => {
        expect(await byVariable('uint64', value.toString())).toBeUndefined()
        expect(await byLiteral('uint64', value.toString())).toBeUndefined()
      })
    )
  })
})

describe('UInt8', () => {
  it.each([
    [0, 0],
    [255, 255],
    ['7', 7],
    ['', 0],
    ['255', 255]
  ])('takes the variable %j as %j', async (value, answer) => {
    expect(await byVariable('uint8', value)).toBe(answer)
  })

  it.each([256, -1, '256', '-1', 1.5, '1.5', 'x', '0x10', true, false, null, [], {}, ' 7', '9'.repeat(100_000)])(
    'case 3: refuses the variable %j (%#)',
    async (value) => {
      expect(await byVariable('uint8', value)).toBeUndefined()
    }
  )

  it.each([
    ['255', 255],
    ['"7"', 7],
    ['""', 0]
  ])('takes the literal %s', async (literal, answer) => {
    expect(await byLiteral('uint8', literal)).toBe(answer)
  })

  it.each(['256', '-1', '1.0', 'true', 'null', '[]', '{}'])('refuses the literal %s', async (literal) => {
    expect(await byLiteral('uint8', literal)).toBeUndefined()
  })
})

describe('JSONObject', () => {
  it.each([{}, { a: { b: [1, 'x', null, true] } }])('takes the variable %j', async (value) => {
    expect(await byVariable('json', value)).toEqual(value)
  })

  it.each([[[]], ['x'], [1], [true], [null]])('refuses the variable %j', async (value) => {
    expect(await byVariable('json', value)).toBeUndefined()
  })

  it('takes a literal', async () => {
    expect(await byLiteral('json', '{ a: { b: [1, "x", null, true] } }')).toEqual({ a: { b: [1, 'x', null, true] } })
    for (const literal of ['[]', '"x"', '1', 'null']) expect(await byLiteral('json', literal)).toBeUndefined()
  })
})
