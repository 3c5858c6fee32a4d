/**
 * The scalars of the Agent and the Merchant API (case 8 as far as they go).
 *
 * Goal: what each takes, as a variable and as a literal, and what it answers, digit by digit. Method: a schema
 * with nothing but an echo of each scalar; variables come through the reading of a request's body.
 */
import fc from 'fast-check'
import { graphql, GraphQLObjectType, GraphQLSchema, type GraphQLScalarType } from 'graphql'
import { Failure } from '../../src/http/failure'
import { keepDigits, parseGraphqlBody } from '../../src/http/graphql-request'
import { Decimal, ISO8601Date, ISO8601DateTime, JSON as AnyJson } from '../../src/resolvers/ramp/scalars'

function echo(scalar: GraphQLScalarType): object {
  return {
    type: scalar,
    args: { value: { type: scalar } },
    resolve: (_: unknown, { value }: { value?: unknown }) => value
  }
}

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: {
      decimal: echo(Decimal),
      date: echo(ISO8601Date),
      json: echo(AnyJson),
      moment: { type: ISO8601DateTime, resolve: () => new Date(Date.UTC(2025, 4, 2, 12, 43, 40, 914)) },
      broken: { type: Decimal, resolve: () => 1.5 }
    } as never
  })
})

const TYPES = { decimal: 'Decimal', date: 'ISO8601Date', json: 'JSON' } as const
type Field = keyof typeof TYPES

/** What comes back for a value as it is written in the body of a request; undefined where it is refused. */
async function viaVariable(field: Field, written: string): Promise<unknown> {
  const query = `query ($value: ${TYPES[field]}) { ${field}(value: $value) }`
  const body = Buffer.from(`{"query":${JSON.stringify(query)},"variables":{"value":${written}}}`)
  const { variables } = parseGraphqlBody(body, keepDigits)
  return answer(field, await graphql({ schema, source: query, variableValues: variables }))
}

async function viaLiteral(field: Field, written: string): Promise<unknown> {
  return answer(field, await graphql({ schema, source: `{ ${field}(value: ${written}) }` }))
}

function answer(field: string, { data, errors }: Awaited<ReturnType<typeof graphql>>): unknown {
  return errors ? undefined : (JSON.parse(JSON.stringify(data)) as Record<string, unknown>)[field]
}

describe('Decimal', () => {
  it.each(['1550', '1550.25', '0.01', '-5', '0', '12345678901234567890.123456', '0.0000001', '1550.1000000'])(
    'takes %s with its digits, as a number, as a string and as a literal',
    async (digits) => {
      const all = [
        await viaVariable('decimal', digits),
        await viaVariable('decimal', `"${digits}"`),
        await viaLiteral('decimal', digits),
        await viaLiteral('decimal', `"${digits}"`)
      ]
      expect(all).toEqual([digits, digits, digits, digits])
    }
  )

  it.each([
    '1e3',
    '1E3',
    '1.5e-7',
    '"1e3"',
    '"NaN"',
    '"Infinity"',
    '"-Infinity"',
    '""',
    '" 1"',
    '".5"',
    '"5."',
    '"+5"'
  ])('refuses %s', async (written) => {
    expect(await viaVariable('decimal', written)).toBeUndefined()
    expect(await viaLiteral('decimal', written)).toBeUndefined()
  })

  it.each(['true', '[1]', '{"text":"1"}', `"${'1'.repeat(65)}"`])('refuses %s', async (written) => {
    expect(await viaVariable('decimal', written)).toBeUndefined()
  })

  it('takes null for nothing', async () => {
    expect(await viaVariable('decimal', 'null')).toBeNull()
    expect(await viaLiteral('decimal', 'null')).toBeNull()
  })

  it('keeps the digits of whatever number a client writes', async () => {
    const digits = fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.stringMatching(/^(\.\d{1,20})?$/))
    await fc.assert(
      fc.asyncProperty(digits, async ([whole, fraction]) => {
        const answered = await viaVariable('decimal', `${whole}${fraction}`)
        expect([`${whole}${fraction}`, String(whole)]).toContain(answered)
        if (fraction !== '.0' && fraction !== '') expect(answered).toBe(`${whole}${fraction}`)
      })
    )
  })

  it.each([' ', '\n\t', '\r\n  '])('keeps them behind white space %j', async (space) => {
    expect(await viaVariable('decimal', `${space}1550.1000000`)).toBe('1550.1000000')
    expect(await viaVariable('decimal', `${space}-12345678901234567890.5`)).toBe('-12345678901234567890.5')
  })

  it('does not answer a binary fraction', async () => {
    expect((await graphql({ schema, source: '{ broken }' })).errors).toHaveLength(1)
  })
})

describe('ISO8601Date', () => {
  it.each(['2025-05-02', '2024-02-29', '0001-01-01'])('takes %s', async (day) => {
    expect(await viaVariable('date', `"${day}"`)).toBe(day)
    expect(await viaLiteral('date', `"${day}"`)).toBe(day)
  })

  it.each(['2025-02-29', '2025-13-01', '2025-1-1', '20250101', '2025-05-02T00:00:00Z', '0000-01-01', ''])(
    'refuses %s',
    async (text) => {
      expect(await viaVariable('date', `"${text}"`)).toBeUndefined()
      expect(await viaLiteral('date', `"${text}"`)).toBeUndefined()
    }
  )
})

it('ISO8601DateTime is answered in UTC with milliseconds', async () => {
  expect(answer('moment', await graphql({ schema, source: '{ moment }' }))).toBe('2025-05-02T12:43:40.914Z')
})

describe('JSON', () => {
  it('echoes what was sent', async () => {
    const written = '{"a":[1,1.10,-2e3,"1e5",null,true,{"b":9007199254740991,"__proto__":{"c":0.0000001}}]}'
    expect(await viaVariable('json', written)).toEqual(JSON.parse(written))
    expect(await viaLiteral('json', '{ a: [1, 1.10, "x", null, true, { b: 2.5 }] }')).toEqual({
      a: [1, 1.1, 'x', null, true, { b: 2.5 }]
    })
  })

  it('refuses a number that it could not echo', async () => {
    for (const number of ['12345678901234567890', '0.12345678901234567891', '1e400']) {
      for (const written of [`{"a":${number}}`, `[${number}]`, `["a", ${number}]`, number]) {
        expect(await viaVariable('json', written)).toBeUndefined()
      }
      expect(await viaLiteral('json', `{ a: ${number} }`)).toBeUndefined()
    }
  })
})

it('a body that is not JSON is refused, however its numbers look', () => {
  for (const text of ['{"query":"{a}","variables":{"a":1.}}', '{"query":"{a}","variables":{"a":01e1}}', '{"a":1e5']) {
    expect(() => parseGraphqlBody(Buffer.from(text), keepDigits)).toThrow(Failure)
  }
})
