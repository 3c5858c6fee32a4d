/**
 * One PostgreSQL connection whose statements are sent without waiting for the answers of those before them.
 *
 * Statements run in the order they were sent. Named statements are parsed and planned once a connection.
 * A lost connection fails what is on it; the next statement opens a new one. One whose server has fallen silent is
 * given up.
 */
import { isNativeError } from 'node:util/types'
import { Client, type ClientConfig, type QueryResult, type QueryResultRow } from 'pg'
import { NamedQuery } from './named-query'
import type { Sequence } from './sequence'
import type { SettledQuery } from './settled-query'
import { GRACE_MILLISECONDS, KEEP_ALIVE_MILLISECONDS, silenceOf, watchForSilence, type Progress } from './silence'
import type { Statement } from './statement'

export interface PipelineOptions {
  readonly url: string
  /** Shown in pg_stat_activity. */
  readonly name: string
  /** Server settings of this connection, such as lock_timeout. */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * The longest wait for an answer while some statement has none: by default a little more than `statement_timeout`, and
   * without one, for ever.
   */
  readonly silenceMilliseconds?: number
  readonly onError?: (error: Error) => void
}

/** pg knows the option since 8.23; its published types do not yet. */
type PipelineClientConfig = ClientConfig & { pipeline: true }

/** Takes statements that run in the order in which they come: a connection, or a sequence on its way to one. */
export interface Sender {
  send<Row extends QueryResultRow>(statement: Statement): Promise<QueryResult<Row>>
}

/**
 * One open connection. What is sent on it goes to this connection or fails: a transaction begun on it can
 * never go on elsewhere. Statements are on the wire when the method returns, in the order of the calls.
 */
export class Session implements Sender, Progress {
  sent = 0
  answered = 0

  constructor(private readonly client: Client) {}

  send<Row extends QueryResultRow>(statement: Statement): Promise<QueryResult<Row>> {
    return this.put(new NamedQuery<Row>(statement))
  }

  async query<Row extends QueryResultRow>(statement: Statement): Promise<Row[]> {
    return (await this.send<Row>(statement)).rows
  }

  /** Sends the statements of a sequence. Resolves when they are answered, whatever the answers are. */
  async run(sequence: Sequence): Promise<void> {
    await this.put(sequence)
  }

  /** Cuts the connection at once. What is under way on it fails with the error. */
  cut(error?: Error): void {
    this.client.connection.stream.destroy(error)
  }

  /** The farewell waits for an answer like a statement. */
  async end(): Promise<void> {
    this.sent++
    await this.client.end()
  }

  private async put<Row extends QueryResultRow>(query: SettledQuery<Row>): Promise<QueryResult<Row>> {
    this.sent++
    gather(this.client)
    this.client.query(query)
    try {
      return await query.done
    } catch (error) {
      // Its stack leads to the socket; this one leads to whoever asked.
      if (isNativeError(error)) Error.captureStackTrace(error)
      throw error
    } finally {
      this.answered++
    }
  }
}

/**
 * What is sent within one turn of the event loop goes out in one piece: a system call a statement would cost more
 * than the statement.
 */
function gather({ connection }: Client): void {
  const { stream } = connection
  if (stream.writableCorked > 0) return
  stream.cork()
  process.nextTick(() => stream.uncork())
}

export class Pipeline {
  private current: Session | undefined
  private connecting: Promise<Session> | undefined
  private closed = false

  constructor(private readonly options: PipelineOptions) {}

  /** Sends one statement; resolves with its result. */
  async execute<Row extends QueryResultRow>(statement: Statement): Promise<QueryResult<Row>> {
    return (this.current ?? (await this.connect())).send(statement)
  }

  async query<Row extends QueryResultRow>(statement: Statement): Promise<Row[]> {
    return (await this.execute<Row>(statement)).rows
  }

  /** The open connection, for a caller that owns the pipeline and runs transactions on it. */
  async session(): Promise<Session> {
    return this.current ?? (await this.connect())
  }

  private connect(): Promise<Session> {
    if (this.closed) return Promise.reject(new Error(`${this.options.name}: the connection was closed`))
    if (this.current) return Promise.resolve(this.current)
    this.connecting ??= this.open().finally(() => {
      this.connecting = undefined
    })
    return this.connecting
  }

  /** Cuts the connection at once, whatever is under way on it. */
  discard(): void {
    const session = this.current
    this.current = undefined
    session?.cut()
  }

  async close(): Promise<void> {
    this.closed = true
    await this.connecting?.catch(() => undefined)
    const session = this.current
    this.current = undefined
    await session?.end()
  }

  private async open(): Promise<Session> {
    const settings = Object.entries({ timezone: 'UTC', ...this.options.settings })
    const config: PipelineClientConfig = {
      connectionString: this.options.url,
      application_name: this.options.name,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MILLISECONDS,
      pipeline: true,
      options: settings.map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`).join(' ')
    }
    const client = new Client(config)
    const session = new Session(client)
    const forget = (): void => {
      if (this.current === session) this.current = undefined
    }
    client.on('error', (error: Error) => {
      forget()
      this.options.onError?.(error)
    })
    client.on('end', forget)
    await client.connect()
    if (this.closed) {
      await client.end()
      throw new Error(`${this.options.name}: the connection was closed`)
    }
    client.once('end', this.watch(session))
    this.current = session
    return session
  }

  /** Gives the connection up when its server falls silent. Returns what ends the watch. */
  private watch(session: Session): () => void {
    const { name, settings = {}, silenceMilliseconds } = this.options
    const statementMilliseconds = Number(settings.statement_timeout ?? 0)
    const milliseconds = silenceMilliseconds ?? (statementMilliseconds && statementMilliseconds + GRACE_MILLISECONDS)
    if (!milliseconds) return () => undefined
    return watchForSilence(session, milliseconds, () => session.cut(silenceOf(name)))
  }
}
