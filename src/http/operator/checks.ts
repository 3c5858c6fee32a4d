/** Checks requests by what the document says of them. */
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020'
import { isStorable } from '../../services/text'
import { Failure } from '../failure'
import type { OperatorOperation } from './operation'
import { components, object, type Fields, type JsonSchema } from './shape'

export interface RequestChecks {
  /** @throws Failure */
  query(search: string): Readonly<Record<string, unknown>>
  /** @throws Failure */
  body(bytes: Buffer): Readonly<Record<string, unknown>>
}

/** Compiles what an operation takes, once. */
export function checksOf(operations: readonly OperatorOperation[]): ReadonlyMap<OperatorOperation, RequestChecks> {
  const bodies = new Ajv2020({ strict: false, validateFormats: false })
  const queries = new Ajv2020({ strict: false, validateFormats: false, coerceTypes: true })
  const known = components()
  const compile = (ajv: Ajv2020, fields: Fields): ValidateFunction<Record<string, unknown>> => {
    const schema: JsonSchema = { ...object(fields).schema, components: { schemas: known } }
    return ajv.compile<Record<string, unknown>>(schema)
  }
  return new Map(
    operations.map((operation) => {
      const ofQuery = compile(queries, operation.query ?? {})
      const ofBody = compile(bodies, operation.body ?? {})
      return [
        operation,
        {
          query: (search) => checked(ofQuery, parametersOf(search), 'query'),
          body: (bytes) => checked(ofBody, parsed(bytes), 'body')
        }
      ]
    })
  )
}

function checked(
  check: ValidateFunction<Record<string, unknown>>,
  value: unknown,
  place: string
): Record<string, unknown> {
  if (check(value)) return value
  const [error] = check.errors ?? []
  const property: unknown = error?.params.additionalProperty
  const name = typeof property === 'string' ? ` (${property.slice(0, 64)})` : ''
  throw new Failure('BAD_USER_INPUT', `${place}${error?.instancePath ?? ''} ${error?.message ?? 'is wrong'}${name}`)
}

const UNSTORABLE = new Failure('BAD_USER_INPUT', 'A string contains U+0000 or half a surrogate pair')

/** No column stores such a string, whichever use case it is for. */
function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'), (_, value: unknown) => {
      if (typeof value === 'string' && !isStorable(value, Infinity)) throw UNSTORABLE
      return value
    })
  } catch (error) {
    if (error === UNSTORABLE) throw error
    throw new Failure('BAD_REQUEST', 'The body is not JSON', { cause: error })
  }
}

function parametersOf(search: string): Record<string, unknown> {
  const parameters = new URLSearchParams(search)
  if (new Set(parameters.keys()).size !== parameters.size) {
    throw new Failure('BAD_USER_INPUT', 'A parameter of the query string is given twice')
  }
  return Object.fromEntries(parameters)
}
