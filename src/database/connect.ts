/** The first connection to a database that may not be up yet. */
import { Client } from 'pg'

/** The database cannot be reached, or does not let the service in. */
export class DatabaseUnavailable extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause })
    this.name = 'DatabaseUnavailable'
  }
}

export interface ConnectOptions {
  /** How long a server that does not answer yet is waited for. */
  readonly waitMilliseconds: number
  readonly onNotice: (notice: string) => void
}

/** What passes by itself: the network's codes, and a server that starts, stops or is full. */
const PASSING = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['57P03', '57P01', '57P02', '53300']
])
const PAUSE_MILLISECONDS_MIN = 100
const PAUSE_MILLISECONDS_MAX = 2_000

/**
 * Connects, trying again with growing pauses while the server is not up.
 *
 * @throws DatabaseUnavailable that names DATABASE_URL, without its password.
 */
export async function connectWhenUp(url: string, options: ConnectOptions): Promise<Client> {
  const deadline = Date.now() + options.waitMilliseconds
  for (let pause = PAUSE_MILLISECONDS_MIN; ; pause = Math.min(2 * pause, PAUSE_MILLISECONDS_MAX)) {
    let client: Client | undefined
    try {
      client = new Client({
        connectionString: url,
        application_name: 'hazina start',
        connectionTimeoutMillis: 10_000
      })
      client.on('error', () => undefined)
      await client.connect()
      return client
    } catch (error) {
      await client?.end().catch(() => undefined)
      const reason = reasonOf(error)
      if (!isPassing(error)) throw new DatabaseUnavailable(`DATABASE_URL (${shown(url)}): ${reason}`, error)
      if (Date.now() + pause > deadline) {
        const seconds = options.waitMilliseconds / 1_000
        throw new DatabaseUnavailable(
          `DATABASE_URL (${shown(url)}) did not answer within ${seconds} s (DATABASE_WAIT_MS): ${reason}`,
          error
        )
      }
      options.onNotice(`waiting for the database at ${shown(url)}: ${reason}`)
    }
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

function isPassing(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string }
  return (code !== undefined && PASSING.has(code)) || /timeout|terminated unexpectedly/i.test(message ?? '')
}

/** Several addresses of one host fail together, in an error without a message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}

/** The URL without its password. */
export function shown(url: string): string {
  return url.replace(/^(\w+:\/\/[^:/@]*):.*@/, '$1:…@').replace(/([?&]password=)[^&]*/, '$1…')
}
