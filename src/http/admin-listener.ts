/** The port of the operator: GraphQL endpoints behind one access rule, with health and figures beside them. */
import type { RootLogger } from '../logging'
import { adminAccess, type AdminCredentials, type Authenticate } from './access'
import { GRAPHQL_LIMITS } from './graphql-endpoint'
import { healthRoutes, type HealthCheck } from './health'
import { startListener, type ListenerLimits, type RunningListener } from './listener'
import { isLoopbackAddress } from './loopback'
import { Metrics, type Family, type Figure } from './metrics'
import type { Route } from './routes'
import type { SignatureRegistry } from './signature-registry'

export interface AdminListenerOptions {
  readonly host: string
  readonly port: number
  readonly credentials: AdminCredentials
  readonly signatures: SignatureRegistry
  /** What is served: each endpoint is one entry. The rule is for those that are the operator's alone. */
  readonly routes: (authenticate: Authenticate) => readonly Route[]
  /** What `/readyz` asks, by name. */
  readonly checks: Readonly<Record<string, HealthCheck>>
  /** Milliseconds that each of them has to answer. */
  readonly checkTimeoutMilliseconds?: number
  /** What `/metrics` tells beside requests and the process. */
  readonly figures?: readonly Figure[]
  readonly families?: readonly Family[]
  readonly hasProcessFigures?: boolean
  readonly logger: RootLogger
  readonly now: () => Date
  readonly limits?: Partial<ListenerLimits>
  /** Bytes of a signed body. */
  readonly bodyBytesMax?: number
}

export async function startAdminListener(options: AdminListenerOptions): Promise<RunningListener> {
  const { host, port, credentials, signatures, logger, now, limits, checks, figures, hasProcessFigures } = options
  refuseOpenDoor(host, credentials)
  const bodyBytesMax = options.bodyBytesMax ?? GRAPHQL_LIMITS.bodyBytesMax
  const authenticate = adminAccess({ ...credentials, signatures, now, bodyBytesMax })
  const metrics = new Metrics({ figures, families: options.families, hasProcessFigures })
  const listener = await startListener({
    name: 'admin',
    host,
    port,
    logger,
    limits,
    observe: (exchange, status, milliseconds) => metrics.observe(exchange, status, milliseconds),
    routes: [
      ...options.routes(authenticate),
      ...healthRoutes({ checks, logger, timeoutMilliseconds: options.checkTimeoutMilliseconds }),
      metrics.route(authenticate)
    ]
  })
  metrics.add({
    name: 'hazina_http_requests_in_flight',
    help: 'Requests under way on the admin port',
    kind: 'gauge',
    read: () => listener.inFlight
  })
  return listener
}

/** Without credentials everybody who reaches the port is the operator, so nobody else may reach it. */
function refuseOpenDoor(host: string, { token, signatureSecret }: AdminCredentials): void {
  if (token || signatureSecret || host === 'localhost' || isLoopbackAddress(host)) return
  throw new Error(
    `The admin listener would be open to everybody who reaches ${host}: set ADMIN_API_TOKEN or ADMIN_SIGNATURE_SECRET, or listen on 127.0.0.1`
  )
}
