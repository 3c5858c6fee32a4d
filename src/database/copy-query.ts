/**
 * COPY FROM STDIN as a statement of a sequence: it and all its data are sent at once, without waiting for the server to
 * ask for them. The protocol allows it: a server that refuses the statement reads and discards the data that follows.
 * The point of synchronisation has to be behind the data, as one in the middle of them goes unnoticed.
 */
import type { Connection } from 'pg'
import { NamedQuery } from './named-query'
import type { Statement } from './statement'

/** The parts of pg's connection that its published types leave out. */
interface CopyConnection extends Connection {
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

/** Done when the server has taken in all rows. */
export class CopyQuery extends NamedQuery<never> {
  constructor(statement: Statement, data: Buffer) {
    super(statement)
    const { submit } = this
    this.submit = (connection: Connection): void => {
      submit.call(this, connection)
      const copy = connection as CopyConnection
      copy.sendCopyFromChunk(data)
      copy.endCopyFrom()
    }
  }
}
