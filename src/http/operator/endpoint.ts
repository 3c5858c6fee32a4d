/** Serves the operator routes: everything below their prefix is one route of the listener. */
import type { RootLogger } from '../../logging'
import { createRequestContext } from '../../services/context'
import { BUSY, BUSY_DETAIL, isBusy } from '../../services/ramp/busy'
import type { Exchange } from '../exchange'
import { Failure, FAILURES, type FailureCode } from '../failure'
import type { Route } from '../routes'
import { operatorAccess } from './access'
import { checksOf, type RequestChecks } from './checks'
import { DOCUMENT_PATH, openApiDocument, OPERATOR_PREFIX } from './document'
import { detailOf, STATUS } from './failures'
import type { OperatorOperation } from './operation'
import type { OperatorServices } from './services'

export interface OperatorEndpointOptions {
  /** Opens the routes. Unset: they are there for this machine alone. */
  readonly token?: string
  readonly operations: readonly OperatorOperation[]
  readonly services: OperatorServices
  readonly bodyBytesMax: number
  readonly logger: RootLogger
  readonly now: () => Date
}

/** A path with what answers it, by method. */
interface Place {
  readonly pattern: RegExp
  readonly byMethod: Map<string, OperatorOperation>
}

export function operatorEndpoint(options: OperatorEndpointOptions): Route {
  const endpoint = new OperatorEndpoint(options)
  return { path: `${OPERATOR_PREFIX}/*`, handle: (exchange) => endpoint.handle(exchange) }
}

const NOT_FOUND = new Failure('NOT_FOUND', 'Nothing is served at this path')
const METHOD_NOT_ALLOWED = new Failure('METHOD_NOT_ALLOWED', 'The path answers other methods')
const NOT_JSON = new Failure('UNSUPPORTED_MEDIA_TYPE', 'The body has to be application/json')

class OperatorEndpoint {
  private readonly places: readonly Place[]
  private readonly checks: ReadonlyMap<OperatorOperation, RequestChecks>
  private readonly enter: (exchange: Exchange) => void
  private readonly document: string

  constructor(private readonly options: OperatorEndpointOptions) {
    const { token, operations } = options
    this.enter = operatorAccess(token)
    this.places = placesOf(operations)
    this.checks = checksOf(operations)
    this.document = JSON.stringify(openApiDocument(operations))
  }

  async handle(exchange: Exchange): Promise<void> {
    try {
      this.enter(exchange)
      if (exchange.path === DOCUMENT_PATH) return this.tell(exchange)
      await this.answer(exchange)
    } catch (error) {
      if (isBusy(error)) return refuse(exchange, FAILURES[BUSY], BUSY, BUSY_DETAIL, ['retry-after', '1'])
      if (!(error instanceof Failure)) throw error
      refuse(exchange, error.status, error.code, error.message)
    }
  }

  private tell(exchange: Exchange): void {
    if (exchange.request.method !== 'GET') throw METHOD_NOT_ALLOWED
    exchange.send(200, this.document)
  }

  private async answer(exchange: Exchange): Promise<void> {
    const { operation, path } = this.find(exchange)
    exchange.operation = operation.id
    const checks = this.checks.get(operation)!
    const query = checks.query(exchange.search)
    const body = operation.body ? checks.body(await this.receive(exchange)) : {}
    const { services, logger, now } = this.options
    const context = createRequestContext(exchange.requestId, logger, now)
    const answer = await operation.run({ services, context, path, query, body })
    if (answer.done) exchange.send(operation.isCreation ? 201 : 200, JSON.stringify(answer.value))
    else refuse(exchange, STATUS[answer.failure], answer.failure, detailOf(answer.failure))
  }

  /** The type makes a browser ask before it sends anything here for a page from elsewhere. */
  private receive(exchange: Exchange): Promise<Buffer> {
    const type = exchange.header('content-type')?.split(';')[0]?.trim().toLowerCase()
    if (type !== 'application/json') throw NOT_JSON
    return exchange.readBody(this.options.bodyBytesMax)
  }

  private find({ path, request }: Exchange): { operation: OperatorOperation; path: Record<string, string> } {
    for (const { pattern, byMethod } of this.places) {
      const match = pattern.exec(path)
      if (!match) continue
      const operation = byMethod.get(request.method ?? '')
      if (!operation) throw METHOD_NOT_ALLOWED
      return { operation, path: decoded(match.groups ?? {}) }
    }
    throw NOT_FOUND
  }
}

function placesOf(operations: readonly OperatorOperation[]): Place[] {
  const places = new Map<string, Place>()
  for (const operation of operations) {
    const source = operation.path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')
    const place = places.get(source) ?? { pattern: new RegExp(`^${OPERATOR_PREFIX}${source}$`), byMethod: new Map() }
    if (place.byMethod.has(operation.method)) throw new Error(`${operation.method} ${operation.path} is there twice`)
    place.byMethod.set(operation.method, operation)
    places.set(source, place)
  }
  // Paths without data answer before those with it.
  return [...places]
    .sort(([one], [other]) => one.split('(?<').length - other.split('(?<').length)
    .map(([, place]) => place)
}

function decoded(parts: Readonly<Record<string, string>>): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, decodeURIComponent(value)]))
  } catch {
    throw NOT_FOUND
  }
}

/** In the form that the Agent and the Merchant API have: the message is the code, the sentence stands beside it. */
function refuse(
  exchange: Exchange,
  status: number,
  code: FailureCode | string,
  detail: string,
  headers?: readonly string[]
): void {
  const body = JSON.stringify({ errors: [{ message: code, extensions: { code, detail } }] })
  exchange.send(status, body, undefined, headers)
}
