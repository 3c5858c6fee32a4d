/**
 * Statements with a single point of synchronisation, behind the last of them. The server answers all of them in one
 * piece, instead of waking this process for each. From the first that fails on it does none, COMMIT among them: a
 * transaction that the sequence was to end is left to be rolled back.
 */
import type { Connection, QueryResult, QueryResultRow } from 'pg'
import { CopyQuery } from './copy-query'
import { NamedQuery } from './named-query'
import type { Sender } from './pipeline'
import { SkippedStatement } from './refusals'
import { SettledQuery } from './settled-query'
import type { Statement } from './statement'

/** What the driver calls on a query while it is answered, and what it notes of it. Its published types leave it out. */
interface Answered {
  readonly name?: string
  readonly text: string
  handleRowDescription(message: unknown): void
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, connection: Connection): void
  handleReadyForQuery(connection: Connection): void
  handleError(error: Error, connection: Connection): void
}

interface DriverConnection extends Connection {
  /** Texts by the names of statements that were sent and are not known to be parsed. */
  readonly submittedNamedStatements: Record<string, string>
}

type Member = SettledQuery<QueryResultRow> & Answered

/** Done when the server has answered all that it will. What became of each statement, its own promise tells. */
export class Sequence extends SettledQuery<never> implements Sender {
  private readonly members: Member[] = []
  /** Of the statement whose answer comes next. */
  private next = 0

  constructor() {
    super('', [])
    this.submit = (connection: Connection): void => this.submitAll(connection)
  }

  send<Row extends QueryResultRow>(statement: Statement): Promise<QueryResult<Row>> {
    return this.add(new NamedQuery<Row>(statement))
  }

  /** `COPY … FROM STDIN` with all its data, in COPY's text form. */
  async copy(statement: Statement, data: Buffer): Promise<void> {
    await this.add(new CopyQuery(statement, data))
  }

  handleRowDescription(message: unknown): void {
    this.members[this.next]?.handleRowDescription(message)
  }

  handleDataRow(message: unknown): void {
    this.members[this.next]?.handleDataRow(message)
  }

  handleCopyInResponse(): void {
    // The data is already on its way.
  }

  handleCommandComplete(message: unknown, connection: Connection): void {
    const member = this.members[this.next]
    member?.handleCommandComplete(message, connection)
    member?.handleReadyForQuery(connection)
    this.expect(this.next + 1)
  }

  handleError(error: Error, connection: Connection): void {
    this.members[this.next]?.handleError(error, connection)
    this.end(this.next + 1, connection)
  }

  handleReadyForQuery(connection: Connection): void {
    this.end(this.next, connection)
  }

  private add<Row extends QueryResultRow>(query: SettledQuery<Row>): Promise<QueryResult<Row>> {
    this.members.push(query as unknown as Member)
    return query.done
  }

  private submitAll(connection: Connection): void {
    const unsynchronised = Object.create(connection, { sync: { value: () => undefined } }) as Connection
    for (const member of this.members) {
      member.submit(unsynchronised)
      // One that could not be put into words must not be missing among those that could.
      if (member.isSettled) break
    }
    connection.sync()
    this.expect(0)
  }

  /** The driver notes that a statement is parsed under the name that it finds here. */
  private expect(next: number): void {
    this.next = next
    const { name, text } = this.members[next] ?? {}
    Object.assign(this, { name, text })
  }

  /** Nothing from `skipped` on is answered any more. */
  private end(skipped: number, connection: Connection): void {
    const { submittedNamedStatements: submitted } = connection as DriverConnection
    for (const member of this.members.slice(skipped)) {
      // The server has not parsed it either.
      if (member.name !== undefined) Reflect.deleteProperty(submitted, member.name)
      member.handleError(new SkippedStatement(), connection)
    }
    this.expect(this.members.length)
    this.settle(null, undefined)
  }
}
