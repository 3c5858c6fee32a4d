/**
 * The service behind its admin port, in a process of its own, as it runs in production: credentials, limits,
 * figures, a log line a request. Started by `fork` with the database's URL and the token.
 */
import 'reflect-metadata'
import { container } from 'tsyringe'
import { randomUUID } from 'node:crypto'
import { DataSource } from 'typeorm'
import { MIGRATIONS } from '../../src/database/migrations'
import { loadConfig } from '../../src/config'
import { Pipeline } from '../../src/database/pipeline'
import { Reader } from '../../src/database/reader'
import { ENTITIES } from '../../src/entities'
import { startAdminListener } from '../../src/http/admin-listener'
import { graphqlEndpoint } from '../../src/http/graphql-endpoint'
import { PostgresSignatureRegistry } from '../../src/http/signature-registry'
import { Committer } from '../../src/ledger/committer'
import { Ledger } from '../../src/ledger/ledger'
import { PostgresLedgerEngine } from '../../src/ledger/postgres/engine'
import { WRITER_SETTINGS } from '../../src/ledger/postgres/settings'
import { createLogger } from '../../src/logging'
import { buildAdminV2Schema } from '../../src/resolvers/admin-v2/schema'
import { registerServices } from '../../src/services/register'
import { answerCpuQuestions } from './cpu'

async function main(url: string, token: string): Promise<void> {
  const logger = createLogger({ level: 'info' })
  const now = (): Date => new Date()
  const onError = (error: Error): void => logger.error({ error }, 'a connection failed')
  const dataSource = await new DataSource({
    type: 'postgres',
    url,
    entities: ENTITIES,
    migrations: MIGRATIONS
  }).initialize()
  await dataSource.runMigrations()
  const reader = new Reader({ url, onError })
  const writer = new Pipeline({ url, name: 'hazina ledger', settings: WRITER_SETTINGS, onError })
  const engine = new PostgresLedgerEngine({ writer, reader, now: () => BigInt(Date.now()) * 1_000n, newId: randomUUID })
  const ledger = new Ledger(engine, new Committer(engine))
  container.registerInstance(DataSource, dataSource)
  container.registerInstance(Reader, reader)
  container.registerInstance(Ledger, ledger)
  registerServices(container, loadConfig({}))
  const signatures = new PostgresSignatureRegistry(
    new Pipeline({ url, name: 'hazina signatures', onError }),
    now,
    onError as (error: unknown) => void
  )
  const listener = await startAdminListener({
    host: '127.0.0.1',
    port: 0,
    credentials: { token },
    signatures,
    checks: { database: () => dataSource.query('SELECT 1') },
    logger,
    now,
    routes: (authenticate) => [
      graphqlEndpoint({
        path: '/graphql',
        schema: buildAdminV2Schema(container),
        authenticate,
        contextOf: ({ context }) => context,
        logger,
        now
      })
    ]
  })
  process.on('SIGTERM', () => {
    void (async () => {
      await listener.drain()
      await ledger.close()
      await reader.close()
      await dataSource.destroy()
      process.exit(0)
    })()
  })
  process.send?.({ port: listener.address.port })
}

answerCpuQuestions()
const [url = '', token = ''] = process.argv.slice(2)
void main(url, token)
