/** What every use case is told about the request it serves, whatever brought the request in. */
export interface RequestContext {
  /** Names the request in answers and in the log. */
  readonly requestId: string
  /** Where the request came from, for limits; absent for what the service does of its own accord. */
  readonly address?: string
  /**
   * There for a request whose caller is only presumed, on whose behalf nothing may be changed before this is true. Use
   * cases that are not made for it are called afterwards.
   */
  readonly isConfirmed?: Promise<boolean>
  /** Writes lines that carry the request's id. */
  readonly logger: Logger
  /** The service's clock. */
  now(): Date
}

/** Facts first, then a sentence. Facts are plain values; credentials and request bodies never belong in them. */
export interface Logger {
  debug(facts: LogFacts, message: string): void
  info(facts: LogFacts, message: string): void
  warn(facts: LogFacts, message: string): void
  error(facts: LogFacts, message: string): void
}

export type LogFacts = Readonly<Record<string, unknown>>

/** A context whose logger is made on its first use, as most requests write no line of their own. */
export function createRequestContext(
  requestId: string,
  logger: { child(facts: LogFacts): Logger },
  now: () => Date,
  address?: string
): RequestContext {
  return new LazyRequestContext(requestId, logger, now, address)
}

class LazyRequestContext implements RequestContext {
  private child: Logger | undefined

  constructor(
    readonly requestId: string,
    private readonly parent: { child(facts: LogFacts): Logger },
    private readonly clock: () => Date,
    readonly address?: string
  ) {}

  get logger(): Logger {
    return (this.child ??= this.parent.child({ requestId: this.requestId }))
  }

  now(): Date {
    return this.clock()
  }
}
