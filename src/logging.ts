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

/** Facts of these names, in any case of letters, are never written: neither at the top of a line nor one level below. */
const SECRET_NAME =
  /^(authorization|cookie|set-cookie|headers|variables|body|signature|x-api-key|password|secret|token|api_?key|auth_?token|private_?key|session_?key)$/i
const REDACTED = '[redacted]'

/** Lines wait in memory until this many characters are together … */
const BATCH_CHARACTERS = 65_536
/** … or this long, whichever comes first. Warnings and worse do not wait. */
const BATCH_MILLISECONDS = 200

const WARN = pino.levels.values.warn ?? 40

export function createLogger({ level, destination = 1 }: LoggingOptions): RootLogger {
  const stream = typeof destination === 'number' ? new LineBatch(destination) : undefined
  const logger = pino(
    {
      level,
      base: undefined,
      timestamp: timeOfLine,
      formatters: { level: (label) => ({ level: label }), log: redact },
      serializers: { error: (error: unknown) => describeError(error) },
      hooks: {
        logMethod(line, method, severity) {
          method.apply(this, line)
          if (severity >= WARN) stream?.flush()
        }
      }
    },
    stream ?? (destination as LogStream)
  )
  return logger as unknown as RootLogger
}

/** Hands lines over many at a time: what a line costs is mostly the handing over. */
class LineBatch implements LogStream {
  private lines = ''
  private timer: NodeJS.Timeout | undefined
  private readonly file: ReturnType<typeof pino.destination>

  constructor(descriptor: number) {
    // Before the file's own listener, which writes the rest when the process ends.
    process.on('exit', () => this.flush())
    this.file = pino.destination({ dest: descriptor, sync: false, maxWrite: 2 * BATCH_CHARACTERS })
  }

  write(line: string): void {
    this.lines += line
    if (this.lines.length >= BATCH_CHARACTERS) this.flush()
    else this.timer ??= setTimeout(() => this.flush(), BATCH_MILLISECONDS).unref()
  }

  flush(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    if (this.lines === '') return
    this.file.write(this.lines)
    this.lines = ''
  }
}

let lastMilliseconds = NaN
let lastTime = ''

/** The time as ISO 8601 in UTC. Lines of the same millisecond share the text. */
function timeOfLine(): string {
  const milliseconds = Date.now()
  if (milliseconds !== lastMilliseconds) {
    lastMilliseconds = milliseconds
    lastTime = `,"time":"${new Date(milliseconds).toISOString()}"`
  }
  return lastTime
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
    const shown = isSecret(name) ? REDACTED : redactInside(value)
    if (shown === value) continue
    if (covered === facts) covered = { ...facts }
    covered[name] = shown
  }
  return covered
}

function redactInside(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Error) return value
  if (!Object.keys(value).some(isSecret)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, isSecret(name) ? REDACTED : inner]))
}

/** Names that were looked at, most of them over and over. */
const known = new Map<string, boolean>()
const KNOWN_MAX = 1_000

function isSecret(name: string): boolean {
  const before = known.get(name)
  if (before !== undefined) return before
  const secret = SECRET_NAME.test(name)
  if (known.size < KNOWN_MAX) known.set(name, secret)
  return secret
}
