/**
 * Yoga's part of an endpoint: its plugin pipeline parses and validates documents, and its own HTTP handler
 * serves GraphiQL and server-sent events. Operations run in the endpoint's pipeline in any case.
 */
import type { GraphQLSchema } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import type { RootLogger } from '../logging'
import type { Caller } from './access'
import type { Exchange } from './exchange'
import { INTERNAL_MESSAGE } from './failure'
import type { DocumentTools } from './graphql-document'
import type { GraphqlAnswer, GraphqlStream } from './graphql-endpoint'
import type { GraphqlRequest } from './graphql-request'

export interface YogaDoorOptions<C extends Caller> {
  readonly schema: GraphQLSchema
  readonly path: string
  readonly logger: RootLogger
  readonly hasGraphiql: boolean
  readonly answer: (exchange: Exchange, caller: C, read: () => GraphqlRequest) => Promise<GraphqlAnswer>
  /** The same for a client that takes server-sent events. */
  readonly stream: (exchange: Exchange, caller: C, read: () => GraphqlRequest) => Promise<GraphqlAnswer | GraphqlStream>
}

interface ServerContext<C extends Caller> {
  readonly exchange: Exchange
  readonly caller: C
  readonly read: () => GraphqlRequest
}

/** The page may be framed by nobody and talk to nobody but this service and where its scripts come from. */
const PAGE_POLICY =
  "connect-src 'self' https://unpkg.com; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'"

export function createYogaDoor<C extends Caller>(options: YogaDoorOptions<C>) {
  const { schema, path, logger, hasGraphiql } = options
  const yoga = createYoga<ServerContext<C>>({
    schema,
    graphqlEndpoint: path,
    graphiql: hasGraphiql ? { title: path } : false,
    landingPage: false,
    cors: false,
    multipart: false,
    // Bodies were read, within their limit, before they come here.
    maxRequestBodySize: false,
    parserAndValidationCache: false,
    maskedErrors: { errorMessage: INTERNAL_MESSAGE, isDev: false },
    logging: {
      debug: () => undefined,
      info: () => undefined,
      warn: (...facts: unknown[]) => logger.warn({ facts }, 'yoga'),
      error: (error: unknown) => logger.error({ error }, 'yoga failed unexpectedly')
    },
    plugins: [ownPipeline(options)]
  })

  return {
    /** Yoga's parse and validate, with its plugins' say. */
    documentTools(): DocumentTools {
      const enveloped = yoga.getEnveloped({})
      return enveloped as unknown as DocumentTools
    },

    async handle(exchange: Exchange, caller: C, read: () => GraphqlRequest): Promise<void> {
      const { request } = exchange
      const url = new URL(request.url ?? path, 'http://localhost')
      const headers = { accept: request.headers.accept ?? '*/*', 'content-type': 'application/json' }
      // Yoga wants a request that looks right; what is asked comes from `read`.
      const body = request.method === 'POST' ? '{"query":"{__typename}"}' : undefined
      const answer = await yoga.fetch(url.href, { method: request.method, headers, body }, { exchange, caller, read })
      const contentType = answer.headers.get('content-type') ?? 'application/json; charset=utf-8'
      const policy = contentType.startsWith('text/html') ? ['content-security-policy', PAGE_POLICY] : []
      await exchange.stream(answer.status, ['content-type', contentType, ...policy], piecesOf(answer))
    }
  }
}

/** Takes the parsed request out of yoga's hands and gives it the answer instead. */
function ownPipeline<C extends Caller>({ answer, stream }: YogaDoorOptions<C>): Plugin<ServerContext<C>> {
  return {
    async onParams({ context, setResult }) {
      const { exchange, caller, read } = context as unknown as ServerContext<C>
      const takesEvents = exchange.header('accept')?.includes('text/event-stream') ?? false
      const answered = await (takesEvents ? stream : answer)(exchange, caller, read)
      if ('results' in answered) return setResult(answered.results as never)
      setResult({ ...answered.body, extensions: { http: { status: answered.status } } } as never)
    }
  }
}

async function* piecesOf({ body }: Response): AsyncIterable<Uint8Array> {
  for await (const piece of body ?? []) yield piece as Uint8Array
}
