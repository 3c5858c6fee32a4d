/**
 * One PostgreSQL connection whose statements are sent without waiting for the answers of those before them.
 *
 * Statements run in the order they were sent. Named statements are parsed and planned once a connection.
 * A lost connection fails what is on it; the next statement opens a new one.
 */
import { isNativeError } from 'node:util/types'
import { Client, type ClientConfig, type QueryResult, type QueryResultRow } from 'pg'
import { CopyQuery } from './copy-query'
import { NamedQuery } from './named-query'
import type { Statement } from './statement'

export interface PipelineOptions {
  readonly url: string
  /** Shown in pg_stat_activity. */
  readonly name: string
  /** Server settings of this connection, such as lock_timeout. */
  readonly settings?: Readonly<Record<string, string>>
  readonly onError?: (error: Error) => void
}

/** pg knows the option since 8.23; its published types do not yet. */
type PipelineClientConfig = ClientConfig & { pipeline: true }

/**
 * One open connection. What is sent on it goes to this connection or fails: a transaction begun on it can
 * never go on elsewhere. Statements are on the wire when the method returns, in the order of the calls.
 */
export class Session {
  constructor(private readonly client: Client) {}

  send<Row extends QueryResultRow>(statement: Statement): Promise<QueryResult<Row>> {
    return send(this.client, statement)
  }

  async query<Row extends QueryResultRow>(statement: Statement): Promise<Row[]> {
    return (await this.send<Row>(statement)).rows
  }

  /** `COPY … FROM STDIN` with all its data, in COPY's text form. */
  copy(statement: string, data: Buffer): Promise<void> {
    const copy = new CopyQuery(statement, data)
    gather(this.client)
    this.client.query(copy)
    return copy.done
  }
}

async function send<Row extends QueryResultRow>(client: Client, statement: Statement): Promise<QueryResult<Row>> {
  const query = new NamedQuery<Row>(statement)
  gather(client)
  client.query(query)
  try {
    return await query.done
  } catch (error) {
    // Its stack leads to the socket; this one leads to whoever asked.
    if (isNativeError(error)) Error.captureStackTrace(error)
    throw error
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
  private client: Client | undefined
  private connecting: Promise<Client> | undefined
  private closed = false

  constructor(private readonly options: PipelineOptions) {}

  /** Sends one statement; resolves with its result. */
  async execute<Row extends QueryResultRow>(statement: Statement): Promise<QueryResult<Row>> {
    return send(this.client ?? (await this.connect()), statement)
  }

  async query<Row extends QueryResultRow>(statement: Statement): Promise<Row[]> {
    return (await this.execute<Row>(statement)).rows
  }

  /** The open connection, for a caller that owns the pipeline and runs transactions on it. */
  async session(): Promise<Session> {
    return new Session(this.client ?? (await this.connect()))
  }

  private connect(): Promise<Client> {
    if (this.closed) return Promise.reject(new Error(`${this.options.name}: the connection was closed`))
    if (this.client) return Promise.resolve(this.client)
    this.connecting ??= this.open().finally(() => {
      this.connecting = undefined
    })
    return this.connecting
  }

  /** Cuts the connection at once, whatever is under way on it. */
  discard(): void {
    const client = this.client
    this.client = undefined
    client?.connection.stream.destroy()
  }

  async close(): Promise<void> {
    this.closed = true
    await this.connecting?.catch(() => undefined)
    const client = this.client
    this.client = undefined
    await client?.end()
  }

  private async open(): Promise<Client> {
    const settings = Object.entries({ timezone: 'UTC', ...this.options.settings })
    const config: PipelineClientConfig = {
      connectionString: this.options.url,
      application_name: this.options.name,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      pipeline: true,
      options: settings.map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`).join(' ')
    }
    const client = new Client(config)
    const forget = (): void => {
      if (this.client === client) this.client = undefined
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
    this.client = client
    return client
  }
}
