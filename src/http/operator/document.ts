/** The operator routes as an OpenAPI document. What it says is what requests are checked by. */
import { FAILURES } from '../failure'
import { EDGE_FAILURES, STATUS, type OperatorFailure } from './failures'
import type { OperatorOperation } from './operation'
import { components, list, named, object, text, type JsonSchema } from './shape'

export const OPERATOR_PREFIX = '/operator'
export const DOCUMENT_PATH = `${OPERATOR_PREFIX}/openapi.json`

const JSON_TYPE = 'application/json'

const REFUSAL = named(
  'Refusal',
  object(
    {
      errors: list(
        object({
          message: text('The code once more.'),
          extensions: object({ code: text('What to branch on.'), detail: text('What is wrong, for people.') })
        }),
        'One.'
      )
    },
    'Nothing was done.'
  )
)

export function openApiDocument(operations: readonly OperatorOperation[]): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {}
  for (const operation of operations) {
    const path = (paths[`${OPERATOR_PREFIX}${operation.path}`] ??= {})
    path[operation.method.toLowerCase()] = operationObject(operation)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Hazina operator routes',
      version: '1',
      description:
        'What the operator of a ramp does: merchants, agents and their keys, market rates, credit, money that ' +
        'came in or goes out on chain, disputes, webhooks and reports. Amounts and rates are decimals as text. ' +
        'Objects are named by their global ids, the same as in the Agent and the Merchant API; a bare UUID is ' +
        'taken as well. A request that repeats what is so already changes nothing.'
    },
    security: [{ operatorToken: [] }],
    paths,
    components: {
      schemas: components(),
      securitySchemes: {
        operatorToken: { type: 'http', scheme: 'bearer', description: 'OPERATOR_API_TOKEN of the service.' }
      }
    }
  }
}

/** As it is committed: readable, and the same for the same operations. */
export function documentText(operations: readonly OperatorOperation[]): string {
  return `${JSON.stringify(openApiDocument(operations), null, 2)}\n`
}

function operationObject(operation: OperatorOperation): JsonSchema {
  const { id, tag, summary, description, body, answer, isCreation } = operation
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    parameters: parametersOf(operation),
    ...(body ? { requestBody: { required: true, content: { [JSON_TYPE]: { schema: object(body).schema } } } } : {}),
    responses: {
      [isCreation ? '201' : '200']: {
        description: isCreation ? 'It was made.' : 'It is so.',
        content: { [JSON_TYPE]: { schema: answer.schema } }
      },
      ...refusalsOf(operation)
    }
  }
}

function parametersOf({ parts, query = {} }: OperatorOperation): JsonSchema[] {
  const inPath = Object.entries(parts).map(([name, description]) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string' }
  }))
  const inQuery = Object.entries(query).map(([name, shape]) => {
    const { description, ...schema } = shape.schema
    return { name, in: 'query', required: !('isOptional' in shape), description, schema }
  })
  return [...inPath, ...inQuery]
}

/** By status; the codes are told where a client reads what a status means. */
function refusalsOf({ failures, body, query }: OperatorOperation): Readonly<Record<string, JsonSchema>> {
  const codes = new Map<number, string[]>()
  const add = (status: number, code: string): void => {
    codes.set(status, [...(codes.get(status) ?? []), code])
  }
  for (const code of EDGE_FAILURES) {
    if (code !== 'BAD_USER_INPUT' || body || query) add(FAILURES[code], code)
  }
  for (const code of failures) add(STATUS[code as OperatorFailure], code)
  return Object.fromEntries(
    [...codes]
      .sort(([one], [other]) => one - other)
      .map(([status, ofStatus]) => [
        String(status),
        {
          description: `Refused: ${ofStatus.map((code) => `\`${code}\``).join(', ')}.`,
          content: { [JSON_TYPE]: { schema: REFUSAL.schema } }
        }
      ])
  )
}
