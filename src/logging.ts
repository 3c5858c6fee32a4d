/**
 * The service's log: one JSON object a line.
 *
 * Credentials have no place in it. Nothing in the service logs headers, variables or bodies; the redaction
 * below is the second line of defence, for a fact that carries one of these names by accident.
 */
import pino from 'pino'
import type { Logger, LogFacts } from './services/context'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** The process's logger. Its children carry facts of their own, such as a request's id. */
export interface RootLogger extends Logger {
  fatal(facts: LogFacts, message: string): void
  child(facts: LogFacts): Logger
  /** Whether lines of this level are written, for callers that want to save the work of making one. */
  isLevelEnabled(level: LogLevel): boolean
  /** Writes what still waits in memory. */
  flush(): void
}

export interface LoggingOptions {
  readonly level: LogLevel
  /** Where lines go: a file descriptor, standard output by default, or a stream. */
  readonly destination?: number | LogStream
}

export interface LogStream {
  write(line: string): unknown
}

/** Facts of these names are never written, neither at the top of a line nor one level below. */
const SECRET_NAMES = new Set(
  ['authorization', 'cookie', 'set-cookie', 'headers', 'variables', 'body', 'signature', 'x-api-key', 'password']
    .concat(['secret', 'token', 'apiKey', 'authToken', 'privateKey', 'sessionKey'])
    .map((name) => name.toLowerCase())
)
const REDACTED = '[redacted]'

/** Lines wait in memory until this many bytes are together … */
const BUFFER_BYTES = 8_192
/** … or this long, whichever comes first. Warnings and worse do not wait. */
const FLUSH_INTERVAL_MILLISECONDS = 200

const WARN = pino.levels.values.warn ?? 40

export function createLogger(options: LoggingOptions): RootLogger {
  const { destination = 1 } = options
  const buffer =
    typeof destination === 'number'
      ? pino.destination({
          dest: destination,
          sync: false,
          minLength: BUFFER_BYTES,
          periodicFlush: FLUSH_INTERVAL_MILLISECONDS
        })
      : undefined
  const logger = pino(
    {
      level: options.level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redact },
      serializers: { error: (error: unknown) => describeError(error) },
      hooks: {
        logMethod(line, method, level) {
          method.apply(this, line)
          if (level >= WARN) buffer?.flush()
        }
      }
    },
    buffer ?? (destination as LogStream)
  )
  return logger as unknown as RootLogger
}

/** Deepest chain of causes that a line tells. */
const CAUSES_MAX = 4

/**
 * What the log keeps of an error. Other properties stay out: database drivers hang the statement's
 * parameters on their errors, and those are what callers sent.
 */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { message: String(error) }
  const { code, constraint, table } = error as Error & { code?: unknown; constraint?: unknown; table?: unknown }
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(constraint === undefined ? {} : { constraint }),
    ...(table === undefined ? {} : { table }),
    stack: error.stack,
    ...(error.cause === undefined || depth >= CAUSES_MAX ? {} : { cause: describeError(error.cause, depth + 1) })
  }
}

/** The facts with secrets covered; the facts themselves when there are none, which is always but by accident. */
function redact(facts: Record<string, unknown>): Record<string, unknown> {
  let covered = facts
  for (const name in facts) {
    const value = facts[name]
    const shown = SECRET_NAMES.has(name.toLowerCase()) ? REDACTED : redactInside(value)
    if (shown === value) continue
    if (covered === facts) covered = { ...facts }
    covered[name] = shown
  }
  return covered
}

function redactInside(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Error) return value
  const hasSecret = Object.keys(value).some((name) => SECRET_NAMES.has(name.toLowerCase()))
  if (!hasSecret) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, SECRET_NAMES.has(name.toLowerCase()) ? REDACTED : inner])
  )
}
