/** The composition root: the one place where implementations are chosen. */
import { randomUUID } from 'node:crypto'
import { container as root, type DependencyContainer } from 'tsyringe'
import { DataSource } from 'typeorm'
import { dataSourceOptions } from '../ormconfig'
import type { Config } from './config'
import { checkClock } from './database/clock'
import { GROUP_WRITER_SETTINGS, GroupWriter } from './database/group-writer'
import { Pipeline } from './database/pipeline'
import { EntityReader } from './database/entity-reader'
import { HOT_READ_SETTINGS, Reader } from './database/reader'
import { GRACE_MILLISECONDS } from './database/silence'
import type { Family, Figure } from './http/metrics'
import { PostgresSignatureRegistry, type SignatureRegistry } from './http/signature-registry'
import { openNetwork, type Network } from './interledger/network'
import { Committer } from './ledger/committer'
import { Ledger } from './ledger/ledger'
import { PostgresLedgerEngine } from './ledger/postgres/engine'
import { Reads } from './ledger/postgres/reads'
import { WRITER_SETTINGS, WRITER_SILENCE_MILLISECONDS } from './ledger/postgres/settings'
import type { RootLogger } from './logging'
import { ChangeHub } from './services/changes/change-hub'
import { ChangeLog } from './services/changes/change-log'
import { IdempotencyRecords } from './services/idempotency/records'
import { purgeExpiredRecords } from './services/idempotency/purge'
import { registerServices, statementMilliseconds } from './services/register'
import { PaymentPointerEvents } from './services/payment-pointers/events'
import { IncomingPaymentDeadlines } from './services/payments/incoming/deadlines'
import { IncomingPaymentProcessor } from './services/payments/incoming/processor'
import { PAYMENT_LEASE_MILLISECONDS } from './services/payments/outgoing/lease'
import { OutgoingPaymentSender } from './services/payments/outgoing/outgoing-payment-sender'
import { CLOCK_CHANNEL, ClockKeeper } from './services/ramp/operator/clock-keeper'
import { CustomerDays } from './services/ramp/operator/customer-days'
import { LedgerReport } from './services/ramp/operator/ledger-report'
import { RampClock } from './services/ramp/operator/ramp-clock'
import { OrderClock } from './services/ramp/orders/order-clock'
import { RAMP_WEBHOOKS, webhookFigures } from './services/webhooks/figures'
import type { WebhookTables } from './services/webhooks/ask-again'
import { WebhookPurge } from './services/webhooks/purge'
import { IncomingWorkers } from './workers/incoming-workers'
import { NotificationListener, type Notifications } from './workers/notification-listener'
import { OutgoingPaymentWorker } from './workers/outgoing-payment-worker'
import { rampOrderWorkerOf } from './workers/ramp-order-worker'
import { rampWebhookWorkersOf } from './workers/ramp-webhook-workers'
import { webhookWorkersOf } from './workers/webhook-workers'
import { MarketFeed } from './services/ramp/rates/market-feed'
import { purgeExpiredSessions } from './services/sessions/purge'
import { SessionService } from './services/sessions/session-service'
import { PeriodicTask } from './workers/periodic-task'

/** What goes on by itself, from its start until its stop resolves. */
export interface Background {
  start(): void
  stop(): Promise<void>
}

/** What a process is made of, on an opened database. */
export interface Composition {
  /** Hands out the services. */
  readonly container: DependencyContainer
  readonly signatures: SignatureRegistry
  readonly workers: readonly Background[]
  /** Has them begin nothing more; resolves when what they have under way is done. */
  stopWorkers(): Promise<void>
  /** What `/readyz` asks. */
  readonly checks: Readonly<Record<string, () => Promise<unknown>>>
  /** What `/metrics` tells. */
  readonly figures: readonly Figure[]
  readonly families: readonly Family[]
  /** What speaks Interledger. */
  readonly network: Network
  /** Finishes what is under way, packets in so many milliseconds at most, then lets go of the database. */
  close(packetMilliseconds: number): Promise<void>
}

export interface CompositionOptions {
  readonly config: Config
  readonly url: string
  readonly logger: RootLogger
  readonly now: () => Date
}

const SWEEP_MILLISECONDS = 1_000
const PURGE_MILLISECONDS = 60_000
const OLD_ROWS_MILLISECONDS = 600_000
const REPORT_STATEMENT_MILLISECONDS = 60_000
const LIQUIDITY_MILLISECONDS = 10_000
const CLOCK_MILLISECONDS = 60_000

export async function compose(options: CompositionOptions): Promise<Composition> {
  const { config, url, logger, now } = options
  const onError = (error: Error): void => logger.warn({ error }, 'a database connection was lost')
  const silenceMilliseconds = statementMilliseconds(config) + GRACE_MILLISECONDS
  const poolMax = config.databasePoolMax
  const dataSource = new DataSource(dataSourceOptions({ url, poolMax, silenceMilliseconds, onError }))
  await dataSource.initialize()
  const reader = new Reader({ url, onError })
  const signing = new Pipeline({ url, name: 'hazina signatures', settings: { statement_timeout: '10000' }, onError })
  const compareClocks = (): Promise<void> => checkClock(reader, now)
  await compareClocks().catch((error: unknown) => logger.warn({ error }, 'the clocks do not go together'))
  const { ledger, committer } = openLedger(options, reader, onError)
  const rows = new Pipeline({ url, name: 'hazina rows', settings: GROUP_WRITER_SETTINGS, onError })
  const groupWriter = new GroupWriter(rows)
  const container = root.createChildContainer()
  container.registerInstance(DataSource, dataSource)
  container.registerInstance(Reader, reader)
  container.registerInstance(GroupWriter, groupWriter)
  container.registerInstance(Ledger, ledger)
  registerServices(container, config)
  const reporting = openReport(container, options, onError)
  const notifications = new NotificationListener({ url, logger })
  const changes = openChanges(container, options, notifications, onError)
  await openRampClock(container, notifications, logger)
  const network = await openNetwork({ container, reader, settings: config, logger, now })
  network.connector.neighbours.follow(notifications)
  const workers = [
    ...tasks(container, options),
    ...removals(container, options),
    ...networkTasks(network, logger),
    ...wokenWorkers(container, options, notifications),
    new PeriodicTask({ name: 'compare clocks', intervalMilliseconds: CLOCK_MILLISECONDS, work: compareClocks, logger }),
    changes.purge
  ]
  const stopWorkers = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.stop()))
  }
  return {
    container,
    workers,
    stopWorkers,
    network,
    signatures: new PostgresSignatureRegistry(signing, now, (error) =>
      logger.warn({ error }, 'used signatures could not be tidied up')
    ),
    checks: { database: () => reader.rows({ name: 'ready', text: 'SELECT 1', values: [] }), clock: compareClocks },
    figures: [
      ...ledgerFigures(committer),
      ...webhookFigures(reader),
      ...webhookFigures(reader, RAMP_WEBHOOKS),
      ...network.figures
    ],
    families: network.families,
    close: async (packetMilliseconds) => {
      changes.hub.close()
      await network.connector.close(packetMilliseconds)
      await Promise.all([network.openPayments.close(), network.remotePayments.close()])
      await Promise.all([notifications.close(), changes.writer.close()])
      await Promise.all([ledger.close(), groupWriter.close()])
      await Promise.all([reader.close(), reporting.close(), signing.close(), dataSource.destroy()])
    }
  }
}

function ledgerFigures(committer: Committer): Figure[] {
  return [
    {
      name: 'hazina_ledger_submissions_waiting',
      help: 'Submissions that wait for a batch of the ledger',
      kind: 'gauge',
      read: () => committer.waiting
    },
    {
      name: 'hazina_ledger_batches_total',
      help: 'Batches that the ledger committed',
      kind: 'counter',
      read: () => committer.counts.batches
    },
    {
      name: 'hazina_ledger_submissions_total',
      help: 'Submissions in those batches',
      kind: 'counter',
      read: () => committer.counts.submissions
    }
  ]
}

/** In test mode every instance goes by the clock that the operator set. */
async function openRampClock(
  container: DependencyContainer,
  notifications: Notifications,
  logger: RootLogger
): Promise<void> {
  const keeper = container.resolve(ClockKeeper)
  if (!keeper.isTestMode) return
  notifications.listen(CLOCK_CHANNEL, () => {
    keeper.load().catch((error: unknown) => logger.warn({ error }, "the ramp's clock could not be read"))
  })
  await keeper.load()
}

/** What subscriptions follow. */
function openChanges(
  container: DependencyContainer,
  { config, url, logger, now }: CompositionOptions,
  notifications: Notifications,
  onError: (error: Error) => void
): { hub: ChangeHub; writer: Pipeline; purge: Background } {
  const writer = new Pipeline({ url, name: 'hazina changes', settings: HOT_READ_SETTINGS, onError })
  const log = new ChangeLog(container.resolve(Reader), writer)
  const hub = new ChangeHub(log, notifications, logger, {
    followersMax: config.subscriptionsMax,
    idleMilliseconds: config.subscriptionIdleMilliseconds
  })
  container.registerInstance(ChangeHub, hub)
  const purge = new PeriodicTask({
    name: 'remove old changes',
    intervalMilliseconds: PURGE_MILLISECONDS,
    work: () => log.tidy(new Date(now().getTime() - config.changeLifetimeMilliseconds)),
    logger
  })
  return { hub, writer, purge }
}

/** The operator's report reads beside what serves the APIs, on a connection of its own. */
function openReport(
  container: DependencyContainer,
  { url, now }: CompositionOptions,
  onError: (error: Error) => void
): Reader {
  const settings = { statement_timeout: String(REPORT_STATEMENT_MILLISECONDS) }
  const reader = new Reader({ url, connections: 1, settings, onError })
  const reads = new Reads(reader, () => BigInt(now().getTime()) * 1_000n)
  container.registerInstance(LedgerReport, new LedgerReport(reader, reads, container.resolve(RampClock).now))
  return reader
}

function openLedger(
  { config, url, logger, now }: CompositionOptions,
  reader: Reader,
  onError: (error: Error) => void
): { ledger: Ledger; committer: Committer } {
  const engine = new PostgresLedgerEngine({
    writer: new Pipeline({
      url,
      name: 'hazina ledger',
      settings: WRITER_SETTINGS,
      silenceMilliseconds: WRITER_SILENCE_MILLISECONDS,
      onError
    }),
    reader,
    now: () => BigInt(now().getTime()) * 1_000n,
    newId: randomUUID,
    onRetry: (error) => logger.warn({ error }, 'a batch of the ledger is sent again')
  })
  const committer = new Committer(engine, { queueMax: config.ledgerQueueMax })
  return { ledger: new Ledger(engine, committer), committer }
}

/** What has to happen although nobody asks for it. Every instance does it; doing it twice does no harm. */
function tasks(container: DependencyContainer, { config, logger, now }: CompositionOptions): Background[] {
  const ledger = container.resolve(Ledger)
  const records = container.resolve(IdempotencyRecords)
  const sessions = container.resolve(SessionService)
  return [
    new PeriodicTask({
      name: 'release expired holds',
      intervalMilliseconds: SWEEP_MILLISECONDS,
      work: () => ledger.sweep(),
      logger
    }),
    new PeriodicTask({
      name: 'remove expired idempotency records',
      intervalMilliseconds: PURGE_MILLISECONDS,
      work: () => purgeExpiredRecords(records, now()),
      logger
    }),
    new PeriodicTask({
      name: 'follow the market',
      intervalMilliseconds: Math.max(config.exchangeRatesLifetimeMilliseconds, SWEEP_MILLISECONDS),
      work: () => container.resolve(MarketFeed).follow({ logger, now }),
      logger
    }),
    new PeriodicTask({
      name: 'remove old quotes of the ramp',
      intervalMilliseconds: PURGE_MILLISECONDS,
      work: () => container.resolve(OrderClock).removeOldQuotes(now()),
      logger
    }),
    new PeriodicTask({
      name: 'remove expired sessions',
      intervalMilliseconds: PURGE_MILLISECONDS,
      work: () => purgeExpiredSessions(sessions, now()),
      logger
    }),
    new IncomingWorkers(
      container.resolve(IncomingPaymentProcessor),
      container.resolve(IncomingPaymentDeadlines),
      container.resolve(PaymentPointerEvents),
      { ...config, logger, now }
    )
  ]
}

/** What is over and done with, and would only grow. */
function removals(container: DependencyContainer, { config, logger, now }: CompositionOptions): Background[] {
  const purge = container.resolve(WebhookPurge)
  // Changes tell of events by their ids.
  const kept = Math.max(config.webhookLifetimeMilliseconds, config.changeLifetimeMilliseconds)
  const webhooks = (name: WebhookTables) => () => purge.purge(name, new Date(now().getTime() - kept))
  const rampNow = container.resolve(RampClock).now
  return [
    { name: 'remove old webhooks', work: webhooks('webhook') },
    { name: 'remove old webhooks to agents and merchants', work: webhooks('ramp_webhook') },
    { name: 'remove old days of customers', work: () => container.resolve(CustomerDays).purge(rampNow()) }
  ].map((task) => new PeriodicTask({ ...task, intervalMilliseconds: OLD_ROWS_MILLISECONDS, logger }))
}

/** What the network needs done from time to time. */
function networkTasks({ connector, stream, openPayments }: Network, logger: RootLogger): Background[] {
  const purging = { name: 'remove expired grants', intervalMilliseconds: PURGE_MILLISECONDS, work: openPayments.tidy }
  const tidying = { name: 'forget totals of receipts', intervalMilliseconds: PURGE_MILLISECONDS, work: stream.tidy }
  const watching = {
    name: 'watch the liquidity of peers',
    intervalMilliseconds: LIQUIDITY_MILLISECONDS,
    work: () => connector.liquidity.look()
  }
  return [tidying, purging, watching].map((task) => new PeriodicTask({ ...task, logger }))
}

/** What the database wakes: payments are sent as soon as they are funded, events as soon as they happen. */
function wokenWorkers(
  container: DependencyContainer,
  { config, url, logger, now }: CompositionOptions,
  notifications: Notifications
): Background[] {
  const surroundings = { databaseUrl: url, notifications, logger, now }
  const rampOrders = rampOrderWorkerOf(container.resolve(OrderClock), config, {
    logger,
    now: container.resolve(RampClock).now
  })
  const asked = [webhookWorkersOf(config, surroundings), rampWebhookWorkersOf(config, surroundings), rampOrders]
  const others = asked.filter((workers) => workers !== undefined)
  if (config.outgoingPaymentWorkers === 0) return others
  const payments = new OutgoingPaymentWorker(
    container.resolve(EntityReader),
    container.resolve(OutgoingPaymentSender),
    {
      ...surroundings,
      concurrency: config.outgoingPaymentWorkers,
      idleMilliseconds: config.outgoingPaymentWorkerIdleMilliseconds,
      leaseMilliseconds: PAYMENT_LEASE_MILLISECONDS
    }
  )
  return [payments, ...others]
}
