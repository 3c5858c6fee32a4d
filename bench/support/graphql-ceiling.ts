/**
 * The floor under a GraphQL request: bare node:http, each document parsed and validated once, graphql-js's
 * `execute` on the service's own schema with resolvers that answer constants. Nothing is checked, counted,
 * logged or stored. Started by `fork`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import { answerCpuQuestions } from './cpu'
import { buildSchema, execute, parse, validate, type DocumentNode, type ExecutionResult } from 'graphql'

/** Which schema of `schema/` it serves: the first argument. */
const [name = 'admin-v2'] = process.argv.slice(2)
const schema = buildSchema(readFileSync(`schema/${name}.graphql`, 'utf8'))

const ASSET = {
  id: '0190a5a0-0000-7000-8000-000000000000',
  code: 'USD',
  scale: 2,
  withdrawalThreshold: null,
  liquidity: '1000000',
  createdAt: '2026-01-01T00:00:00.000Z'
}
const ADDED = { code: '200', success: true, message: 'Added asset liquidity', error: null }

const CONSTANTS: Readonly<Record<string, unknown>> = {
  asset: ASSET,
  addAssetLiquidity: ADDED,
  updateRates: true,
  acceptWithdrawal: true
}
for (const root of [schema.getQueryType(), schema.getMutationType()]) {
  for (const field of Object.values(root?.getFields() ?? {})) field.resolve = () => CONSTANTS[field.name]
}

const documents = new Map<string, DocumentNode>()

function documentOf(query: string): DocumentNode {
  const known = documents.get(query)
  if (known) return known
  const document = parse(query)
  const [error] = validate(schema, document)
  if (error) throw error
  documents.set(query, document)
  return document
}

function answer(response: ServerResponse, result: ExecutionResult): void {
  const body = JSON.stringify(result)
  response.writeHead(200, ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body))])
  response.end(body)
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as { query: string; variables: object }
    const result = execute({
      schema,
      document: documentOf(query),
      variableValues: variables as Record<string, unknown>
    })
    if (result instanceof Promise) void result.then((settled) => answer(response, settled))
    else answer(response, result)
  })
}

answerCpuQuestions()
const server = createServer({ keepAliveTimeout: 65_000 }, serve)
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
