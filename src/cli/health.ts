/** Asks the service of this container whether it lives; exits with 0 when it does. */
import { loadConfig } from '../config'

const TIMEOUT_MILLISECONDS = 2_000

async function health(): Promise<void> {
  const { host, adminPort } = loadConfig(process.env)
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  const response = await fetch(`http://${reachable}:${adminPort}/healthz`, {
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS)
  })
  if (!response.ok) throw new Error(`/healthz answers ${response.status}`)
}

health().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
