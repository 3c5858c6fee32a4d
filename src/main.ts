/** The service as a process: config, database, use cases, ports and workers, and their end. */
import 'reflect-metadata'
import { compose, type Composition } from './container'
import type { Config } from './config'
import { openDatabase, type Database } from './database/database'
import type { Authenticate } from './http/access'
import { startAdminListener } from './http/admin-listener'
import { startConnectorListener } from './http/connector-listener'
import { graphqlEndpoint } from './http/graphql-endpoint'
import { hostedPages } from './http/hosted/wiring'
import type { RunningListener } from './http/listener'
import { startOpenPaymentsListener } from './http/open-payments-listener'
import { operatorEndpoint } from './http/operator/endpoint'
import { OPERATIONS } from './http/operator/operations'
import { operatorServicesOf } from './http/operator/services'
import type { Route } from './http/routes'
import { rampEndpoints } from './http/ramp-endpoints'
import { withSession } from './http/session-access'
import type { RootLogger } from './logging'
import { V1Context } from './resolvers/admin-v1/context'
import { ENFORCED } from './resolvers/admin-v1/directives'
import { buildAdminV1Schema } from './resolvers/admin-v1/schema'
import { buildAdminV2Schema } from './resolvers/admin-v2/schema'
import { RampClock } from './services/ramp/operator/ramp-clock'
import { SessionService } from './services/sessions/session-service'

export interface Service {
  readonly listener: RunningListener
  /** Absent where packets are left to other instances. */
  readonly connector?: RunningListener
  /** Absent where Open Payments is left to other instances. */
  readonly openPayments?: RunningListener
  /** Absent too where another service is the authority. */
  readonly authority?: RunningListener
  readonly database: Database
  /** Finishes what is under way; resolves when nothing of the service is left. */
  drain(): Promise<void>
}

export interface ServiceOptions {
  readonly config: Config
  readonly logger: RootLogger
  /** Told that the service cannot go on. */
  readonly onFailure: (error: Error) => void
}

const now = (): Date => new Date()

/** Starts everything, or leaves nothing behind. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, logger } = options
  const database = await openDatabase({
    ...config,
    url: config.databaseUrl,
    waitMilliseconds: config.databaseWaitMilliseconds,
    access: 'write',
    onNotice: (notice) => logger.warn({}, notice),
    onFailure: options.onFailure
  })
  if (database.migrated.length > 0) logger.info({ migrations: database.migrated }, 'the schema was brought up to date')
  let composition: Composition | undefined
  const listeners: RunningListener[] = []
  let finished: Promise<void> | undefined
  const finish = (): Promise<void> => (finished ??= end(listeners, composition, database, config.drainMilliseconds))
  try {
    composition = await compose({ config, url: database.url, logger, now })
    const listener = await listen(composition, options)
    listeners.push(listener)
    const connector = config.roles.includes('connector') ? await listenToPeers(composition, options) : undefined
    if (connector) listeners.push(connector)
    const { openPayments, authority } = await listenToClients(composition, options, listeners)
    if (config.roles.includes('workers')) for (const worker of composition.workers) worker.start()
    return { listener, connector, openPayments, authority, database, drain: finish }
  } catch (error) {
    await finish()
    throw error
  }
}

/** Health and figures are there whatever the instance does; the APIs for operators where it is to serve them. */
function listen(composition: Composition, options: ServiceOptions): Promise<RunningListener> {
  const { signatures, checks, figures, families } = composition
  const { config, logger } = options
  return startAdminListener({
    host: config.host,
    port: config.adminPort,
    credentials: { token: config.adminApiToken, signatureSecret: config.adminSignatureSecret },
    signatures,
    checks,
    figures,
    families,
    logger,
    now,
    bodyBytesMax: config.bodyBytesMax,
    limits: { drainMilliseconds: config.drainMilliseconds },
    routes: (authenticate) => (config.roles.includes('admin') ? operatorRoutes(composition, options, authenticate) : [])
  })
}

function operatorRoutes(
  { container }: Composition,
  { config, logger }: ServiceOptions,
  authenticate: Authenticate
): Route[] {
  const { queryDepthMax, queryAliasesMax, queryRootFieldsMax, queryTokensMax, bodyBytesMax, hasGraphiql } = config
  const sessions = container.resolve(SessionService)
  const limits = {
    bodyBytesMax,
    depthMax: queryDepthMax,
    aliasesMax: queryAliasesMax,
    rootFieldsMax: queryRootFieldsMax,
    tokensMax: queryTokensMax
  }
  const endpoint = { logger, now, limits, hasGraphiql }
  return [
    graphqlEndpoint({
      ...endpoint,
      path: config.adminPath,
      schema: buildAdminV2Schema(container),
      authenticate,
      contextOf: ({ context }) => context
    }),
    graphqlEndpoint({
      ...endpoint,
      path: config.adminV1Path,
      schema: buildAdminV1Schema(container, config.enforcesV1Directives ? ENFORCED : {}),
      authenticate: withSession(authenticate),
      contextOf: ({ context, caller: { isAuthenticated: isAdmin, authorization, address } }) =>
        new V1Context(context, { isAdmin, authorization, address }, sessions)
    }),
    ...rampEndpoints(container, { ...config, logger, limits, hasGraphiql }),
    ...hostedPages(container, config, logger),
    operatorEndpoint({
      token: config.operatorApiToken,
      operations: OPERATIONS,
      services: operatorServicesOf(container),
      bodyBytesMax,
      logger,
      now: container.resolve(RampClock).now
    })
  ]
}

function listenToPeers(
  { checks, network: { connector } }: Composition,
  { config, logger }: ServiceOptions
): Promise<RunningListener> {
  return startConnectorListener({
    host: config.host,
    port: config.connectorPort,
    admission: connector.admission,
    peerOf: (token) => connector.neighbours.byToken(token),
    checks,
    logger,
    limits: { drainMilliseconds: config.drainMilliseconds }
  })
}

/** What was opened is in the list of listeners, whatever happens next. */
async function listenToClients(
  { checks, network: { openPayments } }: Composition,
  { config, logger }: ServiceOptions,
  listeners: RunningListener[]
): Promise<Pick<Service, 'openPayments' | 'authority'>> {
  if (!config.roles.includes('op')) return {}
  const { host, bodyBytesMax, drainMilliseconds } = config
  const common = { host, bodyBytesMax, checks, logger, now, limits: { drainMilliseconds } }
  const { resourceServer, authority } = openPayments
  const port = config.openPaymentsPort
  const resources = await startOpenPaymentsListener({ ...common, name: 'open payments', port, handler: resourceServer })
  listeners.push(resources)
  if (!authority) return { openPayments: resources }
  const grants = await startOpenPaymentsListener({
    ...common,
    name: 'authority',
    port: config.authPort,
    handler: authority
  })
  listeners.push(grants)
  return { openPayments: resources, authority: grants }
}

/** How long a packet of a payment may be under way. Whoever leaves before it is answered may lose its money. */
const PACKET_MILLISECONDS = 20_000

/** Takes nothing new from anybody, its own workers included; then finishes what is under way, and lets go. */
async function end(
  listeners: readonly RunningListener[],
  composition: Composition | undefined,
  database: Database,
  drainMilliseconds: number
): Promise<void> {
  const deadline = performance.now() + drainMilliseconds + PACKET_MILLISECONDS
  await Promise.all([...listeners.map((listener) => listener.drain()), composition?.stopWorkers()])
  await composition?.close(Math.max(0, deadline - performance.now()))
  await database.close()
}
