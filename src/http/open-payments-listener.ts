/** A port of Open Payments: everything but health is for one handler, and refusals are plain text. */
import type { OpenPaymentsHandler } from '../interledger/open-payments/open'
import type { RootLogger } from '../logging'
import { createRequestContext } from '../services/context'
import { addressOf } from './address'
import type { Exchange } from './exchange'
import { Failure } from './failure'
import { healthRoutes, type HealthCheck } from './health'
import { startListener, type ListenerLimits, type RunningListener } from './listener'

export interface OpenPaymentsListenerOptions {
  /** For the log. */
  readonly name: 'open payments' | 'authority'
  readonly host: string
  readonly port: number
  readonly handler: OpenPaymentsHandler
  readonly bodyBytesMax: number
  /** What `/readyz` asks, by name. */
  readonly checks: Readonly<Record<string, HealthCheck>>
  readonly logger: RootLogger
  readonly now: () => Date
  readonly limits?: Partial<ListenerLimits>
  /** Told of each finished exchange. */
  readonly observe?: (exchange: Exchange, status: number, milliseconds: number) => void
}

const TEXT_TYPE = 'text/plain; charset=utf-8'

export function startOpenPaymentsListener(options: OpenPaymentsListenerOptions): Promise<RunningListener> {
  const { name, host, port, checks, logger, limits, observe } = options
  return startListener({
    name,
    host,
    port,
    logger,
    limits,
    observe,
    routes: [...healthRoutes({ checks, logger }), { path: '/*', handle: (exchange) => answer(exchange, options) }]
  })
}

async function answer(exchange: Exchange, options: OpenPaymentsListenerOptions): Promise<void> {
  const { handler, bodyBytesMax, logger, now } = options
  const { request, requestId, path, search } = exchange
  try {
    const answer = await handler.handle({
      context: createRequestContext(requestId, logger, now, addressOf(request)),
      method: request.method ?? '',
      host: request.headers.host,
      path,
      search,
      headers: headersOf(exchange),
      readBody: () => exchange.readBody(bodyBytesMax)
    })
    exchange.operation = answer.route
    exchange.send(answer.status, answer.body, answer.contentType, answer.headers)
  } catch (error) {
    if (error instanceof Failure) return exchange.send(error.status, error.message, TEXT_TYPE)
    logger.error({ requestId, path, error }, 'a request failed unexpectedly')
    exchange.send(500, INTERNAL_ERROR, TEXT_TYPE)
  }
}

/** As servers of Open Payments call it. */
const INTERNAL_ERROR = 'Internal Server Error'

function headersOf({ request }: Exchange): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value])
  )
}
