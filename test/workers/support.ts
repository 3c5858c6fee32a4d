/** A logger that remembers what it was told. */
import type { Logger, LogFacts } from '../../src/services/context'

export interface LogLine {
  readonly level: keyof Logger
  readonly facts: LogFacts
  readonly message: string
}

export function recordingLogger(): { readonly logger: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const line =
    (level: keyof Logger) =>
    (facts: LogFacts, message: string): void => {
      lines.push({ level, facts, message })
    }
  return { logger: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }, lines }
}
