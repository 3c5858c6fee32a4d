/**
 * A GraphQL endpoint: one schema at one path, behind one access rule and one set of limits.
 *
 * There are two doors to one pipeline. A JSON POST, which is every call that matters for speed, is read and
 * answered on node:http directly, and so is a GET. GraphiQL and server-sent events go through yoga's own
 * handler, which hands the request to the same pipeline and shapes the answer.
 *
 * Of a JSON POST the work begins also for a caller that is only presumed, while that is being confirmed. Every other
 * request waits until it is known who is calling.
 */
import type { ExecutionResult, GraphQLSchema } from 'graphql'
import type { RootLogger } from '../logging'
import { createRequestContext, type RequestContext } from '../services/context'
import { mayIntrospect, type Authenticate, type Caller } from './access'
import { JSON_TYPE, type Exchange } from './exchange'
import { Failure } from './failure'
import { STANDARD, type GraphqlDialect } from './graphql-dialect'
import { DocumentCache, DocumentRefused, type DocumentCacheLimits, type PreparedOperation } from './graphql-document'
import { QUERY_LIMITS, type QueryLimits } from './graphql-limits'
import { formatResult, type FormattedResult, type ReportHidden } from './graphql-masking'
import { parseGraphqlBody, parseGraphqlSearch, type GraphqlRequest } from './graphql-request'
import { formattedResults } from './graphql-subscription'
import { createYogaDoor } from './graphql-yoga'
import type { Route } from './routes'

export interface GraphqlLimits extends QueryLimits {
  readonly bodyBytesMax: number
}

export const GRAPHQL_LIMITS: GraphqlLimits = { ...QUERY_LIMITS, bodyBytesMax: 262_144 }

export interface GraphqlEndpointOptions<C extends Caller = Caller> {
  readonly path: string
  readonly schema: GraphQLSchema
  readonly authenticate: Authenticate<C>
  /** What resolvers get as their context. Called once for each operation that runs. */
  readonly contextOf: (request: { readonly context: RequestContext; readonly caller: C }) => unknown
  readonly logger: RootLogger
  readonly now: () => Date
  readonly limits?: Partial<GraphqlLimits>
  readonly cacheLimits?: DocumentCacheLimits
  /** Whether a browser gets the GraphiQL page. It does by default. */
  readonly hasGraphiql?: boolean
  /** How the API differs from others; by default not at all. */
  readonly dialect?: GraphqlDialect
}

export interface GraphqlAnswer {
  readonly status: number
  readonly body: FormattedResult
}

/** The results of a subscription, as they come. */
export interface GraphqlStream {
  readonly results: AsyncIterable<FormattedResult>
}

export function graphqlEndpoint<C extends Caller>(options: GraphqlEndpointOptions<C>): Route {
  const endpoint = new GraphqlEndpoint(options)
  return { path: options.path, handle: (exchange) => endpoint.handle(exchange) }
}

const METHOD_NOT_ALLOWED = new Failure('METHOD_NOT_ALLOWED', 'Use POST, or GET for queries')
const POST_ONLY = new Failure('METHOD_NOT_ALLOWED', 'Use POST')
const NO_MUTATION_BY_GET = new Failure('METHOD_NOT_ALLOWED', 'A mutation needs POST')
const NOT_JSON = new Failure('UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json in UTF-8')
const NO_STREAM = new Failure('SUBSCRIPTION_NOT_SUPPORTED', `A subscription needs the header accept: text/event-stream`)
const NO_INTROSPECTION = new Failure('INTROSPECTION_DISABLED', 'Introspection needs credentials')

const JSON_BODY = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i
const GRAPHQL_RESPONSE = 'application/graphql-response+json'
const GRAPHQL_RESPONSE_TYPE = `${GRAPHQL_RESPONSE}; charset=utf-8`
const EVENT_STREAM = 'text/event-stream'
const LOGGED_NAME_MAX = 64

class GraphqlEndpoint<C extends Caller> {
  private readonly limits: GraphqlLimits
  private readonly hasGraphiql: boolean
  private readonly documents: DocumentCache
  private readonly yoga: ReturnType<typeof createYogaDoor<C>>
  private readonly dialect: GraphqlDialect

  constructor(private readonly options: GraphqlEndpointOptions<C>) {
    const { schema, path, logger, cacheLimits } = options
    this.dialect = options.dialect ?? STANDARD
    this.hasGraphiql = options.hasGraphiql ?? true
    this.limits = { ...GRAPHQL_LIMITS, ...options.limits }
    this.yoga = createYogaDoor<C>({
      schema,
      path,
      logger,
      hasGraphiql: this.hasGraphiql,
      answer: (exchange, caller, read) => this.answer(exchange, caller, read),
      stream: (exchange, caller, read) => this.stream(exchange, caller, read)
    })
    const { adapt } = this.dialect
    this.documents = new DocumentCache(schema, () => this.yoga.documentTools(), this.limits, cacheLimits, adapt)
  }

  handle(exchange: Exchange): void | Promise<void> {
    if (this.dialect.isPostOnly && exchange.request.method !== 'POST' && !this.wantsPage(exchange)) {
      return exchange.fail(POST_ONLY, ['allow', 'POST'])
    }
    const caller = this.options.authenticate(exchange, mayBegin)
    if (caller instanceof Promise) return caller.then((known) => this.admit(exchange, known))
    return caller?.isConfirmed ? this.begin(exchange, caller, caller.isConfirmed) : this.admit(exchange, caller)
  }

  /**
   * Works on what a presumed caller asks for. Nothing of it is seen before the presumption is confirmed; if it is wrong,
   * the request is served anew for whoever it really comes from.
   */
  private async begin(exchange: Exchange, caller: C, isConfirmed: Promise<boolean>): Promise<void> {
    let isWrong = false
    const answering = exchange.readBody(this.limits.bodyBytesMax).then((body) => {
      // A body that comes so late says nothing in the name of whoever was presumed.
      return isWrong ? this.nobodysAnswer() : this.answer(exchange, caller, () => this.parse(body))
    })
    // What becomes of work in vain is of no interest.
    answering.catch(() => undefined)
    if (await isConfirmed) return this.send(exchange, await answering)
    isWrong = true
    exchange.operation = exchange.operationName = undefined
    return this.admit(exchange, await this.options.authenticate(exchange))
  }

  private admit(exchange: Exchange, caller: C | undefined): void | Promise<void> {
    if (!caller) return exchange.fail(this.dialect.unauthenticated, ['www-authenticate', 'Bearer'])
    const { method } = exchange.request
    if (method === 'GET') return this.reply(exchange, caller, () => parseGraphqlSearch(exchange.search))
    if (method !== 'POST') return exchange.fail(METHOD_NOT_ALLOWED, ['allow', 'GET, POST'])
    if (!isPlainJson(exchange)) return exchange.fail(NOT_JSON)
    return exchange
      .readBody(this.limits.bodyBytesMax)
      .then((body) => this.reply(exchange, caller, () => this.parse(body)))
  }

  /** @throws Failure */
  private parse(body: Buffer): GraphqlRequest {
    return parseGraphqlBody(body, this.dialect.readJson)
  }

  /** Whether a browser asks for GraphiQL. */
  private wantsPage(exchange: Exchange): boolean {
    const accept = exchange.header('accept') ?? ''
    return this.hasGraphiql && exchange.request.method === 'GET' && accept.includes('text/html')
  }

  private async reply(exchange: Exchange, caller: C, read: () => GraphqlRequest): Promise<void> {
    const accept = exchange.header('accept') ?? ''
    if (this.wantsPage(exchange) || accept.includes(EVENT_STREAM)) return this.yoga.handle(exchange, caller, read)
    this.send(exchange, await this.answer(exchange, caller, read))
  }

  private send(exchange: Exchange, { status, body }: GraphqlAnswer): void {
    const accept = exchange.header('accept') ?? ''
    const type = accept.includes(GRAPHQL_RESPONSE) ? GRAPHQL_RESPONSE_TYPE : JSON_TYPE
    exchange.send(status, JSON.stringify(body), type)
  }

  /** Runs a request, or says why not. Rejects only with what nobody expected. */
  private async answer(exchange: Exchange, caller: C, read: () => GraphqlRequest): Promise<GraphqlAnswer> {
    try {
      const { operation, variables } = this.prepare(exchange, caller, read)
      if (operation.isSubscription) throw NO_STREAM
      return await this.run(exchange, caller, operation, variables)
    } catch (error) {
      return this.refusal(exchange, error)
    }
  }

  /** The same for a client that takes a stream, and so may subscribe. */
  private async stream(
    exchange: Exchange,
    caller: C,
    read: () => GraphqlRequest
  ): Promise<GraphqlAnswer | GraphqlStream> {
    try {
      const { operation, variables } = this.prepare(exchange, caller, read)
      if (!operation.isSubscription) return await this.run(exchange, caller, operation, variables)
      const result = await operation.subscribe(this.contextFor(exchange, caller), variables)
      const format = (each: ExecutionResult): FormattedResult => this.format(exchange, each)
      if (Symbol.asyncIterator in result) return { results: formattedResults(result, exchange, format) }
      // A wrong variable stands nowhere in the answer; what a resolver refused stands at its field.
      const isAboutVariables = result.errors?.every(({ path }) => path === undefined)
      if (isAboutVariables) return this.dialect.refuseErrors(result.errors ?? [], 'BAD_USER_INPUT')
      return { status: 200, body: format(result) }
    } catch (error) {
      return this.refusal(exchange, error)
    }
  }

  /** @throws Failure, DocumentRefused */
  private prepare(
    exchange: Exchange,
    caller: C,
    read: () => GraphqlRequest
  ): { operation: PreparedOperation; variables: GraphqlRequest['variables'] } {
    const request = read()
    const isShown = mayIntrospect(caller, exchange)
    const operation = this.documents.prepare(request.query, isShown).operation(request.operationName)
    exchange.operation = operation.label
    exchange.operationName = operation.name?.slice(0, LOGGED_NAME_MAX)
    if (operation.isIntrospection && !isShown) throw NO_INTROSPECTION
    if (operation.isMutation && exchange.request.method === 'GET') throw NO_MUTATION_BY_GET
    return { operation, variables: request.variables }
  }

  private async run(
    exchange: Exchange,
    caller: C,
    operation: PreparedOperation,
    variables: GraphqlRequest['variables']
  ): Promise<GraphqlAnswer> {
    const running = operation.execute(this.contextFor(exchange, caller), variables)
    const result = running instanceof Promise ? await running : running
    // Also the log hears nothing of what was done for nobody.
    if (caller.isConfirmed && !(await caller.isConfirmed)) return this.nobodysAnswer()
    if (!('data' in result)) return this.dialect.refuseErrors(result.errors ?? [], 'BAD_USER_INPUT')
    return { status: 200, body: this.format(exchange, result) }
  }

  private format(exchange: Exchange, result: ExecutionResult): FormattedResult {
    return formatResult(result, exchange.requestId, this.reporter(exchange), this.dialect.internal)
  }

  private refusal(exchange: Exchange, error: unknown): GraphqlAnswer {
    exchange.operation ??= REFUSED
    if (error instanceof Failure) return this.dialect.refuse(error)
    if (error instanceof DocumentRefused) return this.dialect.refuseErrors(error.errors, error.code)
    throw error
  }

  /** Of a caller that was presumed wrongly. It is not sent. */
  private nobodysAnswer(): GraphqlAnswer {
    return this.dialect.refuse(this.dialect.unauthenticated)
  }

  private contextFor(exchange: Exchange, caller: C): unknown {
    const { contextOf, logger, now } = this.options
    return contextOf({ context: createRequestContext(exchange.requestId, logger, now), caller })
  }

  private reporter(exchange: Exchange): ReportHidden {
    const { requestId, operation } = exchange
    return (error, path) =>
      this.options.logger.error(
        { requestId, operation, path: path?.join('.'), error },
        'a resolver failed unexpectedly'
      )
  }
}

/** Label of requests that were refused before an operation was known. */
const REFUSED = 'refused'

/**
 * Whether work on a request may begin for a caller that is still to be confirmed: nothing leaves before its end, neither
 * a stream of results nor the word that the body may come.
 */
function mayBegin(exchange: Exchange): boolean {
  const { request } = exchange
  if (request.method !== 'POST' || request.headers.expect !== undefined) return false
  return isPlainJson(exchange) && !exchange.header('accept')?.includes(EVENT_STREAM)
}

/**
 * JSON is the only type of body. A browser sends it to another site only after asking, and no answer here
 * says yes, so a page from elsewhere cannot make a visitor's browser act.
 */
function isPlainJson(exchange: Exchange): boolean {
  const encoding = exchange.header('content-encoding')
  if (encoding !== undefined && encoding !== 'identity') return false
  return JSON_BODY.test(exchange.header('content-type') ?? '')
}
