/**
 * The service in a process of its own, as it runs in production: settings from the environment, credentials,
 * limits, figures, a log line a request. Started by `fork`.
 */
import 'reflect-metadata'
import { loadConfig } from '../../src/config'
import { createLogger } from '../../src/logging'
import { startService } from '../../src/main'
import { answerCpuQuestions } from './cpu'

async function main(): Promise<void> {
  const config = loadConfig(process.env)
  const logger = createLogger({ level: config.logLevel })
  const onFailure = (error: Error): void => {
    throw error
  }
  const service = await startService({ config, logger, onFailure })
  process.on('SIGTERM', () => void service.drain().then(() => process.exit(0)))
  const connectorPort = service.connector?.address.port
  process.send?.({ port: service.listener.address.port, connectorPort })
}

answerCpuQuestions()
void main()
