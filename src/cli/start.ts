/** `hazina start`: runs the service until it is told to stop. */
import { Command } from 'commander'
import { loadConfig, warningsOf, type Config } from '../config'
import { createLogger, type RootLogger } from '../logging'
import { startService, type Service } from '../main'

/** A signal that comes as an echo of the first one: a terminal and npm both pass Ctrl-C on. */
const ECHO_MILLISECONDS = 1_000
const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const
type Signal = keyof typeof SIGNALS

export function startCommand(): Command {
  return new Command('start')
    .description('Runs the service. SIGTERM or Ctrl-C drains and exits with 0; a second one exits at once')
    .action(start)
}

async function start(): Promise<void> {
  const config = loadConfig(process.env)
  const logger = createLogger({ level: config.logLevel })
  for (const warning of warningsOf(config, process.env)) logger.warn({}, warning)
  const stopping = stopSignal()
  let hasStarted = false
  // Nothing has been promised to anybody before the ports are open, so a start may be broken off anywhere.
  void stopping.then(() => hasStarted || process.exit(0))
  const service = await startService({ config, logger, onFailure: (error) => giveUp(logger, error) })
  hasStarted = true
  console.error(greeting(service, config))
  const signal = await stopping
  logger.info({ signal }, 'draining')
  await service.drain()
  logger.flush()
  // The exit code is 0, whatever else might still hold the event loop.
  process.exit(0)
}

/** Resolves at the first signal. A second one ends the process, with the code that shells give to such an end. */
function stopSignal(): Promise<Signal> {
  return new Promise((resolve) => {
    let first = 0
    const onSignal = (signal: Signal): void => {
      if (first === 0) {
        first = Date.now()
        resolve(signal)
      } else if (Date.now() - first > ECHO_MILLISECONDS) {
        process.exit(128 + SIGNALS[signal])
      }
    }
    for (const signal of Object.keys(SIGNALS) as Signal[]) process.on(signal, onSignal)
  })
}

function giveUp(logger: RootLogger, error: Error): void {
  logger.fatal({ error }, 'the service cannot go on')
  logger.flush()
  console.error(error.message)
  process.exit(1)
}

/** For people, on standard error; the log on standard output stays for machines. */
function greeting({ listener, database }: Service, config: Config): string {
  const { embedded } = database
  const hasCredentials = config.adminApiToken ?? config.adminSignatureSecret
  const lines: (readonly [string, string])[] = [
    ['Admin API', `${listener.url}${config.adminPath}${config.hasGraphiql ? '  (GraphiQL in a browser)' : ''}`],
    ['Access', hasCredentials ? 'with credentials' : 'this machine only, without credentials'],
    ['Health', `${listener.url}/healthz  ${listener.url}/readyz`],
    ['Figures', `${listener.url}/metrics`],
    ['Database', embedded ? embeddedText(embedded.folder, embedded.isShared) : 'DATABASE_URL'],
    ...(embedded ? ([['SQL', embedded.psql]] as const) : []),
    ['Stop', `Ctrl-C, or kill ${process.pid}`]
  ]
  const width = Math.max(...lines.map(([name]) => name.length))
  return ['', 'Hazina is running.', ...lines.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`), ''].join('\n')
}

function embeddedText(folder: string, isShared: boolean): string {
  return `PostgreSQL in ${folder}, ${isShared ? 'shared with the process that started it' : 'kept between starts'}`
}
