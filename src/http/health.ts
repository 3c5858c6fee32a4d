/** Whether the service lives, and whether it can work. */
import type { Logger } from '../services/context'
import type { Exchange } from './exchange'
import { READING, type Route } from './routes'

/** Resolves when the dependency answers, rejects when it does not. */
export type HealthCheck = () => Promise<unknown>

export interface HealthOptions {
  /** By the dependency's name. */
  readonly checks: Readonly<Record<string, HealthCheck>>
  readonly logger: Logger
  /** Milliseconds that a dependency has to answer. */
  readonly timeoutMilliseconds?: number
}

const TIMEOUT_MILLISECONDS = 2_000

type State = 'ok' | 'down'

/** `/healthz` answers while the process does. `/readyz` names each dependency, with 503 when one is down. */
export function healthRoutes(options: HealthOptions): Route[] {
  const readiness = new Readiness(options)
  return [
    { path: '/healthz', methods: READING, handle: (exchange) => exchange.send(200, '{"status":"ok"}') },
    { path: '/readyz', methods: READING, handle: (exchange) => readiness.handle(exchange) }
  ]
}

class Readiness {
  /** One look at a time, however many ask: a probe must not become a load of its own. */
  private looking: Promise<Record<string, State>> | undefined

  constructor(private readonly options: HealthOptions) {}

  async handle(exchange: Exchange): Promise<void> {
    this.looking ??= this.look().finally(() => (this.looking = undefined))
    const checks = await this.looking
    const isReady = Object.values(checks).every((state) => state === 'ok')
    const status: State = isReady ? 'ok' : 'down'
    exchange.send(isReady ? 200 : 503, JSON.stringify({ status, checks }))
  }

  private async look(): Promise<Record<string, State>> {
    const states = Object.entries(this.options.checks).map(async ([name, check]): Promise<[string, State]> => {
      try {
        await withinTime(check(), this.options.timeoutMilliseconds ?? TIMEOUT_MILLISECONDS)
        return [name, 'ok']
      } catch (error) {
        this.options.logger.warn({ dependency: name, error }, 'a dependency does not answer as it should')
        return [name, 'down']
      }
    })
    return Object.fromEntries(await Promise.all(states))
  }
}

async function withinTime(work: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds)
  })
  await Promise.race([work, late]).finally(() => clearTimeout(timer))
}
